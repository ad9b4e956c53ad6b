//! Puts a streamed answer together.

use super::{ApiError, Choice, Counted, Delta, Part, Response};

/// Answers of one stream that are told apart; pieces of further ones are dropped.
const MOST_CHOICES: u32 = 128;
/// Bytes of text that are kept of a stream. What comes after is not, so that a stream without end
/// takes no memory without end.
const MOST_BYTES: usize = 64 << 20;

/// A streamed answer as far as it has come.
#[derive(Debug, Default)]
pub struct Assembly {
    response: Response,
    /// The call that each answer's last part is, if it is one.
    calls: Vec<Vec<(u32, usize)>>,
    failed: Option<ApiError>,
    ended: bool,
    bytes: usize,
}

impl Assembly {
    /// Adds a piece.
    pub fn add(&mut self, delta: &Delta) {
        match delta {
            Delta::Start { id, model, created, service_tier } => {
                let response = &mut self.response;
                replace(&mut response.id, id);
                replace(&mut response.model, model);
                replace(&mut response.created, created);
                replace(&mut response.service_tier, service_tier);
            }
            Delta::Text { choice, text } => self.text(
                *choice,
                text,
                |part| match part {
                    Part::Text(so_far) => Some(so_far),
                    _ => None,
                },
                Part::Text,
            ),
            Delta::Refusal { choice, text } => self.text(
                *choice,
                text,
                |part| match part {
                    Part::Refusal(so_far) => Some(so_far),
                    _ => None,
                },
                Part::Refusal,
            ),
            Delta::Reasoning { choice, text, sealed } => self.reasoning(*choice, text, sealed),
            Delta::ToolCall { choice, call, begin } => {
                if !self.has_room(begin.name.len() + begin.arguments.len()) {
                    return;
                }
                if let Some(at) = self.choice(*choice) {
                    let parts = &mut self.response.choices[at].parts;
                    self.calls[at].push((*call, parts.len()));
                    parts.push(Part::ToolCall(begin.clone()));
                }
            }
            Delta::Arguments { choice, call, text } => self.arguments(*choice, *call, text),
            Delta::Finish { choice, reason } => {
                if let Some(at) = self.choice(*choice) {
                    self.response.choices[at].finish = Some(reason.clone());
                }
            }
            Delta::Counted(counted) => self.counted(counted),
            Delta::Failed(error) => self.failed = Some(error.clone()),
            Delta::End => self.ended = true,
        }
    }

    /// The answer so far.
    #[must_use]
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// The answer, and the failure that cut it off.
    #[must_use]
    pub fn finish(self) -> (Response, Option<ApiError>) {
        (self.response, self.failed)
    }

    /// The failure that cut the stream off.
    #[must_use]
    pub fn failed(&self) -> Option<&ApiError> {
        self.failed.as_ref()
    }

    /// Whether the provider said that nothing more comes.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    fn choice(&mut self, choice: u32) -> Option<usize> {
        if choice >= MOST_CHOICES {
            return None;
        }
        let at = choice as usize;
        if self.response.choices.len() <= at {
            self.response.choices.resize_with(at + 1, Choice::default);
            self.calls.resize_with(at + 1, Vec::new);
        }
        Some(at)
    }

    fn has_room(&mut self, bytes: usize) -> bool {
        // A part takes memory besides its text.
        self.bytes = self.bytes.saturating_add(bytes + 16);
        self.bytes <= MOST_BYTES
    }

    fn text(
        &mut self,
        choice: u32,
        text: &str,
        same: fn(&mut Part) -> Option<&mut String>,
        new: fn(String) -> Part,
    ) {
        if !self.has_room(text.len()) {
            return;
        }
        let Some(at) = self.choice(choice) else { return };
        let parts = &mut self.response.choices[at].parts;
        match parts.last_mut().and_then(same) {
            Some(so_far) => so_far.push_str(text),
            None => parts.push(new(text.to_owned())),
        }
    }

    fn reasoning(&mut self, choice: u32, text: &str, sealed: &Option<String>) {
        let sealed_bytes = sealed.as_ref().map_or(0, String::len);
        if !self.has_room(text.len() + sealed_bytes) {
            return;
        }
        let Some(at) = self.choice(choice) else { return };
        let parts = &mut self.response.choices[at].parts;
        match parts.last_mut() {
            // Once it is sealed, a part of thoughts is over.
            Some(Part::Reasoning { text: so_far, sealed: seal @ None }) => {
                so_far.push_str(text);
                seal.clone_from(sealed);
            }
            _ => parts.push(Part::Reasoning { text: text.to_owned(), sealed: sealed.clone() }),
        }
    }

    fn arguments(&mut self, choice: u32, call: u32, text: &str) {
        if !self.has_room(text.len()) {
            return;
        }
        let Some(at) = self.choice(choice) else { return };
        let known = self.calls[at].iter().rev().find(|(number, _)| *number == call);
        let part = known.and_then(|(_, part)| self.response.choices[at].parts.get_mut(*part));
        if let Some(Part::ToolCall(so_far)) = part {
            so_far.arguments.push_str(text);
        }
    }

    fn counted(&mut self, later: &Counted) {
        let Some(counted) = &mut self.response.counted else {
            self.response.counted = Some(later.clone());
            return;
        };
        counted.usage.replace(&later.usage);
        match (&mut counted.stated, &later.stated) {
            (serde_json::Value::Object(before), serde_json::Value::Object(after)) => {
                before.extend(after.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            (before, after) => *before = after.clone(),
        }
    }
}

fn replace<T: Clone>(known: &mut Option<T>, said: &Option<T>) {
    if said.is_some() {
        known.clone_from(said);
    }
}

#[cfg(test)]
mod tests;
