//! Neutral pieces as Google's stream.

use serde_json::{Value, json};

use super::part::write_call;
use super::response::{write_candidate, write_time};
use super::{error, seal, usage};
use crate::chat::{Counted, Delta, Finish, Fresh, ToolCall};
use crate::frame::sse::Event;

/// Answers of one stream that are told apart; pieces of further ones are dropped.
const MOST_CHOICES: usize = 128;
/// Bytes of arguments that are held back; what comes after is dropped.
const MOST_BYTES: usize = 64 << 20;

/// Writes a stream of whole answers that each go on where the one before ended. Google's stream has
/// only whole calls of tools, so a call is held back until it is complete; and its last answer says
/// both why it ended and what was counted, so these are held back until the end.
#[derive(Debug)]
pub struct Writer {
    fresh: Fresh,
    created: Option<i64>,
    choices: Vec<Held>,
    counted: Option<Counted>,
    bytes: usize,
}

/// What is held back of an answer.
#[derive(Debug, Default)]
struct Held {
    calls: Vec<(u32, ToolCall)>,
    finish: Option<Finish>,
    /// Whether thoughts were said last, so that a seal belongs to them.
    is_thinking: bool,
}

impl Writer {
    /// A stream whose id and model are these where its provider says none.
    #[must_use]
    pub fn new(fresh: Fresh) -> Self {
        Self { fresh, created: None, choices: Vec::new(), counted: None, bytes: 0 }
    }

    /// The events that a piece completes.
    pub fn write(&mut self, delta: &Delta) -> Vec<Event> {
        match delta {
            Delta::Start { id, model, created, .. } => {
                let known = [(id, &mut self.fresh.id), (model, &mut self.fresh.model)];
                for (said, known) in known {
                    if let Some(said) = said {
                        known.clone_from(said);
                    }
                }
                self.created = created.or(self.created);
                Vec::new()
            }
            Delta::Text { choice, text } | Delta::Refusal { choice, text } => {
                self.say(*choice, json!({"text": text}), false)
            }
            Delta::Reasoning { choice, text, sealed } => self.think(*choice, text, sealed),
            Delta::ToolCall { choice, call, begin } => {
                self.hold(*choice, *call, begin);
                Vec::new()
            }
            Delta::Arguments { choice, call, text } => {
                self.hold_more(*choice, *call, text);
                Vec::new()
            }
            Delta::Finish { choice, reason } => {
                if let Some(held) = self.held(*choice) {
                    held.finish = Some(reason.clone());
                }
                Vec::new()
            }
            Delta::Counted(counted) => {
                match &mut self.counted {
                    Some(known) => {
                        known.usage.replace(&counted.usage);
                        known.stated = counted.stated.clone();
                    }
                    None => self.counted = Some(counted.clone()),
                }
                Vec::new()
            }
            Delta::Failed(failed) => vec![Event::message(error::write_error(failed).to_string())],
            Delta::End => self.end(),
        }
    }

    fn held(&mut self, choice: u32) -> Option<&mut Held> {
        let at = usize::try_from(choice).ok().filter(|at| *at < MOST_CHOICES)?;
        if self.choices.len() <= at {
            self.choices.resize_with(at + 1, Held::default);
        }
        self.choices.get_mut(at)
    }

    /// Says a part, after the calls that came before it.
    fn say(&mut self, choice: u32, part: Value, is_thinking: bool) -> Vec<Event> {
        let Some(held) = self.held(choice) else { return Vec::new() };
        held.is_thinking = is_thinking;
        let mut parts = held.release();
        parts.push(part);
        vec![self.answer(vec![write_candidate(choice as usize, parts, None)])]
    }

    fn think(&mut self, choice: u32, text: &str, sealed: &Option<String>) -> Vec<Event> {
        let Some(held) = self.held(choice) else { return Vec::new() };
        let is_thinking = !text.is_empty() || held.is_thinking;
        let mut part = json!({"text": text});
        if is_thinking {
            part["thought"] = true.into();
        }
        if let Some(sealed) = sealed {
            part["thoughtSignature"] = seal::written(sealed).into();
        }
        self.say(choice, part, is_thinking && sealed.is_none())
    }

    fn hold(&mut self, choice: u32, call: u32, begin: &ToolCall) {
        if self.has_room(begin.name.len() + begin.arguments.len())
            && let Some(held) = self.held(choice)
        {
            held.calls.push((call, begin.clone()));
        }
    }

    fn hold_more(&mut self, choice: u32, call: u32, text: &str) {
        if !self.has_room(text.len()) {
            return;
        }
        let Some(held) = self.held(choice) else { return };
        if let Some((_, so_far)) = held.calls.iter_mut().rev().find(|(number, _)| *number == call) {
            so_far.arguments.push_str(text);
        }
    }

    fn has_room(&mut self, bytes: usize) -> bool {
        // A call takes memory besides its texts.
        self.bytes = self.bytes.saturating_add(bytes + 64);
        self.bytes <= MOST_BYTES
    }

    /// The calls that are still held back, and then the last answer.
    fn end(&mut self) -> Vec<Event> {
        let mut candidates = Vec::new();
        let mut last = Vec::new();
        for (at, held) in self.choices.iter_mut().enumerate() {
            let calls = held.release();
            if !calls.is_empty() {
                candidates.push(write_candidate(at, calls, None));
            }
            if let Some(finish) = held.finish.take() {
                last.push(write_candidate(at, vec![json!({"text": ""})], Some(&finish)));
            }
        }
        let mut events = Vec::new();
        if !candidates.is_empty() {
            events.push(self.answer(candidates));
        }
        if !last.is_empty() || self.counted.is_some() {
            let usage = self.usage();
            events.push(self.answer_with(last, usage));
        }
        events
    }

    fn usage(&self) -> Option<Value> {
        Some(usage::write(self.counted.as_ref()?))
    }

    fn answer(&self, candidates: Vec<Value>) -> Event {
        self.answer_with(candidates, None)
    }

    fn answer_with(&self, candidates: Vec<Value>, usage: Option<Value>) -> Event {
        let mut answer = json!({});
        if !candidates.is_empty() {
            answer["candidates"] = candidates.into();
        }
        if let Some(usage) = usage {
            answer["usageMetadata"] = usage;
        }
        answer["modelVersion"] = self.fresh.model.as_str().into();
        if let Some(time) = self.created.and_then(write_time) {
            answer["createTime"] = time.into();
        }
        answer["responseId"] = self.fresh.id.as_str().into();
        Event::message(answer.to_string())
    }
}

impl Held {
    /// The calls, which are complete now, as parts.
    fn release(&mut self) -> Vec<Value> {
        self.calls.drain(..).map(|(_, call)| write_call(&call)).collect()
    }
}

#[cfg(test)]
mod tests;
