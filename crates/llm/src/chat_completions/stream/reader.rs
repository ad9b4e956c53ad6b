//! A provider's stream.

use serde::Deserialize;
use serde_json::Value;

use super::super::error::read_streamed;
use super::super::message::{Loose, Said, SaidCall, finish, text};
use super::super::response::created;
use super::super::usage::count;
use super::{MOST_CALLS, MOST_CHOICES};
use crate::chat::{Delta, Finish, Part, ToolCall, Unreadable};
use crate::frame::sse::Event;

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    id: Option<Loose<'a>>,
    #[serde(borrow)]
    model: Option<Loose<'a>>,
    created: Option<Value>,
    #[serde(borrow)]
    service_tier: Option<Loose<'a>>,
    #[serde(borrow)]
    choices: Option<Vec<Piece<'a>>>,
    usage: Option<Value>,
    /// Groq: `usage` is in here unless it was asked for.
    x_groq: Option<Value>,
    error: Option<Value>,
    /// `error` where Mistral and vLLM send an error that is not wrapped.
    #[serde(borrow)]
    object: Option<Loose<'a>>,
}

#[derive(Deserialize)]
struct Piece<'a> {
    index: Option<Value>,
    #[serde(borrow)]
    delta: Option<Said<'a>>,
    /// The whole answer in one piece, as some send what did not come from a stream.
    #[serde(borrow)]
    message: Option<Said<'a>>,
    /// The piece of `POST /v1/completions`.
    #[serde(borrow)]
    text: Option<Loose<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Loose<'a>>,
}

/// Reads a provider's stream, event by event.
#[derive(Debug, Default)]
pub struct Reader {
    has_started: bool,
    has_id: bool,
    has_model: bool,
    has_created: bool,
    has_service_tier: bool,
    has_ended: bool,
    choices: Vec<OpenChoice>,
}

/// An answer that is coming.
#[derive(Debug, Default)]
struct OpenChoice {
    calls: Vec<OpenCall>,
    has_finished: bool,
}

/// A call of a tool. Its number is its place among the calls of its answer.
#[derive(Debug, Default)]
struct OpenCall {
    index: Option<i64>,
    id: String,
    /// Its beginning was sent on. It waits for the tool's name.
    has_begun: bool,
}

impl Reader {
    /// What an event says. Nothing is read after the end.
    ///
    /// # Errors
    /// Its data is not a JSON object, or its `choices` are not an array of objects. Later events can
    /// still be read.
    pub fn read(&mut self, event: &Event) -> Result<Vec<Delta>, Unreadable> {
        let data = event.data.trim();
        if self.has_ended || data.is_empty() {
            return Ok(Vec::new());
        }
        if data.starts_with("[DONE]") {
            self.has_ended = true;
            return Ok(vec![Delta::End]);
        }
        let chunk: Chunk<'_> = serde_json::from_str(data).map_err(|error| {
            Unreadable::new("data", format!("is not a chunk of chat completions: {error}"))
        })?;
        let mut deltas = Vec::new();
        self.start(&chunk, &mut deltas);
        for (place, piece) in chunk.choices.iter().flatten().enumerate() {
            self.piece(place, piece, &mut deltas);
        }
        let of_groq = chunk.x_groq.as_ref().and_then(|groq| groq.get("usage"));
        let usage = chunk.usage.as_ref().filter(|usage| usage.is_object()).or(of_groq);
        if let Some(usage) = usage.filter(|usage| usage.is_object()) {
            deltas.push(Delta::Counted(count(usage)));
        }
        let is_error = event.event == "error" || text(&chunk.object) == Some("error");
        if is_error || chunk.error.is_some() {
            let whole: Value = serde_json::from_str(data).unwrap_or_default();
            deltas.push(Delta::Failed(read_streamed(&whole)));
        }
        Ok(deltas)
    }

    /// Says what is new of the answer as a whole. Azure's first chunk has neither id nor model.
    fn start(&mut self, chunk: &Chunk<'_>, deltas: &mut Vec<Delta>) {
        let id = text(&chunk.id).filter(|_| !self.has_id).map(str::to_owned);
        let model = text(&chunk.model).filter(|_| !self.has_model).map(str::to_owned);
        let created = chunk.created.as_ref().filter(|_| !self.has_created).and_then(created);
        let tier = text(&chunk.service_tier).filter(|_| !self.has_service_tier).map(str::to_owned);
        let has_choices = chunk.choices.as_ref().is_some_and(|choices| !choices.is_empty());
        let is_new = id.is_some() || model.is_some() || created.is_some() || tier.is_some();
        if !is_new && (self.has_started || !has_choices) {
            return;
        }
        self.has_started = true;
        self.has_id |= id.is_some();
        self.has_model |= model.is_some();
        self.has_created |= created.is_some();
        self.has_service_tier |= tier.is_some();
        deltas.push(Delta::Start { id, model, created, service_tier: tier });
    }

    fn piece(&mut self, place: usize, piece: &Piece<'_>, deltas: &mut Vec<Delta>) {
        let index = piece.index.as_ref().and_then(Value::as_u64).unwrap_or(place as u64);
        let Some(choice) = u32::try_from(index).ok().filter(|choice| *choice < MOST_CHOICES) else {
            return;
        };
        let at = choice as usize;
        if self.choices.len() <= at {
            self.choices.resize_with(at + 1, OpenChoice::default);
        }
        let open = &mut self.choices[at];
        // Whoever sends both sends the whole again at the end.
        if let Some(said) = piece.delta.as_ref().or(piece.message.as_ref()) {
            open.say(choice, said, deltas);
        }
        if let Some(text) = text(&piece.text) {
            deltas.push(Delta::Text { choice, text: text.to_owned() });
        }
        let Some(reason) = finish(text(&piece.finish_reason)) else { return };
        if std::mem::replace(&mut open.has_finished, true) {
            return;
        }
        open.begin_all(choice, deltas);
        let reason = match reason {
            // A tool that was asked for by name ends with `stop`, and some providers always say it.
            Finish::Stop if !open.calls.is_empty() => Finish::ToolCalls,
            reason => reason,
        };
        deltas.push(Delta::Finish { choice, reason });
    }
}

impl OpenChoice {
    fn say(&mut self, choice: u32, said: &Said<'_>, deltas: &mut Vec<Delta>) {
        for part in said.thoughts().into_iter().chain(said.content()) {
            deltas.extend(match part {
                Part::Reasoning { text, sealed } => Some(Delta::Reasoning { choice, text, sealed }),
                Part::Text(text) => Some(Delta::Text { choice, text }),
                Part::Refusal(text) => Some(Delta::Refusal { choice, text }),
                // Nothing in a stream says a picture.
                _ => None,
            });
        }
        if let Some(text) = text(&said.refusal) {
            deltas.push(Delta::Refusal { choice, text: text.to_owned() });
        }
        if let Some(text) = said.transcript() {
            deltas.push(Delta::Text { choice, text: text.to_owned() });
        }
        for call in said.calls() {
            self.call(choice, call, deltas);
        }
    }

    fn call(&mut self, choice: u32, said: SaidCall, deltas: &mut Vec<Delta>) {
        let SaidCall { index, call } = said;
        let number = match self.known(index, &call) {
            Some(number) => number,
            None if self.calls.len() < MOST_CALLS => {
                self.calls.push(OpenCall { index, ..OpenCall::default() });
                self.calls.len() - 1
            }
            None => return,
        };
        let open = &mut self.calls[number];
        if open.id.is_empty() {
            open.id.clone_from(&call.id);
        }
        let number = number as u32;
        if open.has_begun {
            if !call.arguments.is_empty() {
                deltas.push(Delta::Arguments { choice, call: number, text: call.arguments });
            }
        } else if !(call.name.is_empty() && call.arguments.is_empty()) {
            open.begin(choice, number, call, deltas);
        }
    }

    /// Which call a piece goes on with; `None` where it begins one. OpenAI numbers them. Others leave
    /// out the number, or number every call 0 and send each whole, with an id of its own.
    fn known(&self, index: Option<i64>, said: &ToolCall) -> Option<usize> {
        let number = match index {
            Some(_) => self.calls.iter().rposition(|open| open.index == index),
            None => self.calls.len().checked_sub(1),
        }?;
        let open = &self.calls[number];
        let has_new_id = !said.id.is_empty() && !open.id.is_empty() && said.id != open.id;
        let has_new_name = index.is_none() && said.id.is_empty() && !said.name.is_empty();
        let begins = (has_new_id || has_new_name) && !said.name.is_empty() && open.has_begun;
        (!begins).then_some(number)
    }

    /// Begins the calls that never got a name.
    fn begin_all(&mut self, choice: u32, deltas: &mut Vec<Delta>) {
        for (number, open) in self.calls.iter_mut().enumerate().filter(|(_, open)| !open.has_begun)
        {
            open.begin(choice, number as u32, ToolCall::default(), deltas);
        }
    }
}

impl OpenCall {
    fn begin(&mut self, choice: u32, number: u32, call: ToolCall, deltas: &mut Vec<Delta>) {
        self.has_begun = true;
        if self.id.is_empty() {
            self.id = format!("call_{number}");
        }
        let begin = ToolCall { id: self.id.clone(), ..call };
        deltas.push(Delta::ToolCall { choice, call: number, begin });
    }
}

#[cfg(test)]
mod tests;
