//! Google's stream as neutral pieces.

use serde_json::Value;

use super::error::read_status;
use super::field::{Object, get, is_true, many, object, text};
use super::part::{self, Calls};
use super::partial_args::PartialCall;
use super::response::{MOST_CANDIDATES, created, declined, index, read_finish, service_tier};
use super::usage;
use crate::chat::{Delta, Part, Unreadable};
use crate::frame::sse;

/// Reads a stream, whichever way it is framed: its events are whole answers that each go on where
/// the one before ended.
///
/// Google sends no event for the end of a stream. It is taken to be where every candidate has its
/// `finishReason`, which comes in the last event.
#[derive(Debug, Default)]
pub struct Reader {
    /// What the last `Start` said.
    start: Option<Start>,
    candidates: Vec<Candidate>,
    /// The usage that was last told.
    counted: Option<Value>,
    has_ended: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Start {
    id: Option<String>,
    model: Option<String>,
    created: Option<i64>,
    service_tier: Option<String>,
}

/// A candidate as far as it has come.
#[derive(Debug, Default)]
struct Candidate {
    calls: Calls,
    /// How many calls were told.
    told: u32,
    /// A call whose arguments are still coming.
    partial: Option<PartialCall>,
    /// Whether anything was heard of it.
    is_known: bool,
    is_finished: bool,
}

impl Reader {
    /// The pieces in an event.
    ///
    /// # Errors
    /// Its data is not a JSON object.
    pub fn read(&mut self, event: &sse::Event) -> Result<Vec<Delta>, Unreadable> {
        let data = event.data.trim();
        // Not Google's, but its imitators' end.
        if data.is_empty() || data == "[DONE]" {
            return Ok(Vec::new());
        }
        let event: Value = serde_json::from_str(data)
            .map_err(|error| Unreadable::new("data", format!("is not JSON: {error}")))?;
        let mut deltas = Vec::new();
        for answer in many(Some(&event)) {
            let Some(answer) = answer.as_object() else {
                return Err(Unreadable::new("data", "is not a JSON object"));
            };
            // Code Assist and its like put each answer into an envelope.
            self.read_answer(object(answer, "response").unwrap_or(answer), &mut deltas);
        }
        Ok(deltas)
    }

    fn read_answer(&mut self, answer: &Object, deltas: &mut Vec<Delta>) {
        if let Some(error) = object(answer, "error") {
            deltas.push(Delta::Failed(read_status(0, error)));
            return;
        }
        self.read_start(answer, deltas);
        for (at, candidate) in many(get(answer, "candidates")).iter().enumerate() {
            let Some(candidate) = candidate.as_object() else { continue };
            let index = index(candidate, at);
            if index >= MOST_CANDIDATES {
                continue;
            }
            if self.candidates.len() <= index {
                self.candidates.resize_with(index + 1, Candidate::default);
            }
            // The bound above is far below what fits.
            self.candidates[index].read(candidate, index as u32, deltas);
        }
        if self.candidates.is_empty()
            && let Some(declined) = declined(answer)
        {
            let texts = declined.parts.into_iter().filter_map(|part| delta_of(part, 0));
            deltas.extend(texts);
            let finish = declined.finish.into_iter();
            deltas.extend(finish.map(|reason| Delta::Finish { choice: 0, reason }));
            self.candidates.push(Candidate {
                is_known: true,
                is_finished: true,
                ..Candidate::default()
            });
        }
        if let Some(stated) = get(answer, "usageMetadata")
            && self.counted.as_ref() != Some(stated)
        {
            self.counted = Some(stated.clone());
            deltas.push(Delta::Counted(usage::count(stated)));
        }
        let mut known = self.candidates.iter().filter(|candidate| candidate.is_known).peekable();
        if !self.has_ended && known.peek().is_some() && known.all(|known| known.is_finished) {
            self.has_ended = true;
            deltas.push(Delta::End);
        }
    }

    fn read_start(&mut self, answer: &Object, deltas: &mut Vec<Delta>) {
        let said = Start {
            id: text(answer, "responseId").map(str::to_owned),
            model: text(answer, "modelVersion").map(str::to_owned),
            created: created(answer),
            service_tier: service_tier(answer),
        };
        let before = self.start.take();
        let known = before.clone().unwrap_or_default();
        let start = Start {
            id: said.id.or(known.id),
            model: said.model.or(known.model),
            created: said.created.or(known.created),
            service_tier: said.service_tier.or(known.service_tier),
        };
        if before.as_ref() != Some(&start) {
            let Start { id, model, created, service_tier } = start.clone();
            deltas.push(Delta::Start { id, model, created, service_tier });
        }
        self.start = Some(start);
    }
}

impl Candidate {
    fn read(&mut self, candidate: &Object, choice: u32, deltas: &mut Vec<Delta>) {
        self.is_known = true;
        let content = object(candidate, "content");
        let parts = content.map(|content| many(get(content, "parts"))).unwrap_or_default();
        for part in parts.iter().filter_map(Value::as_object) {
            self.read_part(part, choice, deltas);
        }
        let Some(reason) = text(candidate, "finishReason") else { return };
        self.end_partial(choice, deltas);
        let Some(reason) = read_finish(reason, self.told > 0) else { return };
        if !std::mem::replace(&mut self.is_finished, true) {
            deltas.push(Delta::Finish { choice, reason });
        }
    }

    fn read_part(&mut self, part: &Object, choice: u32, deltas: &mut Vec<Delta>) {
        if let Some(call) = object(part, "functionCall") {
            let will_continue = is_true(call, "willContinue");
            let is_piece = will_continue || get(call, "partialArgs").is_some();
            let is_more = self.partial.is_some() && text(call, "name").is_none();
            if is_more || is_piece {
                self.read_piece(call, text(part, "thoughtSignature"), choice, deltas);
                if !will_continue {
                    self.end_partial(choice, deltas);
                }
                return;
            }
        }
        self.end_partial(choice, deltas);
        let mut parts = Vec::new();
        part::read(part, &mut self.calls, &mut parts);
        for part in parts {
            match part {
                Part::ToolCall(begin) => {
                    deltas.push(Delta::ToolCall { choice, call: self.told, begin });
                    self.told += 1;
                }
                part => deltas.extend(delta_of(part, choice)),
            }
        }
    }

    fn read_piece(
        &mut self,
        call: &Object,
        sealed: Option<&str>,
        choice: u32,
        deltas: &mut Vec<Delta>,
    ) {
        match &mut self.partial {
            Some(partial) if text(call, "name").is_none() => partial.add(call),
            _ => {
                self.end_partial(choice, deltas);
                self.partial = PartialCall::begin(call, sealed);
            }
        }
    }

    /// Tells the call whose arguments were coming: they are whole now.
    fn end_partial(&mut self, choice: u32, deltas: &mut Vec<Delta>) {
        if let Some(partial) = self.partial.take() {
            let begin = partial.finish(&mut self.calls);
            deltas.push(Delta::ToolCall { choice, call: self.told, begin });
            self.told += 1;
        }
    }
}

/// A part as a piece. Media are left out: a stream's pieces have no word for them.
fn delta_of(part: Part, choice: u32) -> Option<Delta> {
    match part {
        Part::Text(text) => (!text.is_empty()).then_some(Delta::Text { choice, text }),
        Part::Refusal(text) => (!text.is_empty()).then_some(Delta::Refusal { choice, text }),
        Part::Reasoning { text, sealed } => (!text.is_empty() || sealed.is_some())
            .then_some(Delta::Reasoning { choice, text, sealed }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
