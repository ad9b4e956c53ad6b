//! The client's stream.

use serde_json::{Map, Value, json};

use super::super::error::write_error;
use super::super::message::finish_word;
use super::super::response::{reasoning_detail, service_tier, write_call};
use super::super::usage;
use super::{MOST_CALLS, MOST_CHOICES};
use crate::chat::{Counted, Delta, Finish, Fresh, ToolCall};
use crate::frame::sse::Event;

/// Whether a client asked for usage at the end of its stream (`stream_options.include_usage`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamUsage {
    /// It did: every chunk says `usage`, the last one what it is.
    Asked,
    /// It did not, and gets none.
    NotAsked,
}

/// Writes a client's stream: chunks of one id, an answer's first chunk with its role, then its
/// pieces, then its reason to end; usage in a chunk without choices; `[DONE]`.
#[derive(Debug)]
pub struct Writer {
    usage: StreamUsage,
    id: String,
    created: i64,
    model: String,
    service_tier: Option<&'static str>,
    choices: Vec<OpenChoice>,
    counted: Option<Counted>,
    /// A chunk was written, so that id and model stay what they are.
    has_begun: bool,
    has_failed: bool,
    has_ended: bool,
}

/// An answer that was begun.
#[derive(Debug, Default)]
struct OpenChoice {
    /// The neutral numbers of its calls, in the order in which the client counts them.
    calls: Vec<u32>,
    /// Parts of thoughts that are over.
    thoughts: usize,
    /// A part of thoughts goes on.
    is_thinking: bool,
    has_finished: bool,
}

impl Writer {
    /// A stream that nothing was written of yet.
    #[must_use]
    pub fn new(fresh: Fresh, usage: StreamUsage) -> Self {
        Self {
            usage,
            id: format!("chatcmpl-{}", fresh.id),
            created: fresh.created,
            model: fresh.model,
            service_tier: None,
            choices: Vec::new(),
            counted: None,
            has_begun: false,
            has_failed: false,
            has_ended: false,
        }
    }

    /// The events that say a piece. Nothing comes after [`Delta::End`].
    pub fn write(&mut self, delta: &Delta) -> Vec<Event> {
        let mut events = Vec::new();
        if self.has_ended {
            return events;
        }
        match delta {
            Delta::Start { id, model, created, service_tier: tier } => {
                self.service_tier = tier.as_deref().and_then(service_tier).or(self.service_tier);
                if !self.has_begun {
                    replace(&mut self.id, id);
                    replace(&mut self.model, model);
                    replace(&mut self.created, created);
                }
            }
            Delta::Text { choice, text } => {
                self.say(*choice, json!({"content": text}), &mut events);
            }
            Delta::Refusal { choice, text } => {
                self.say(*choice, json!({"refusal": text}), &mut events);
            }
            Delta::Reasoning { choice, text, sealed } => {
                self.think(*choice, text, sealed.as_deref(), &mut events);
            }
            Delta::ToolCall { choice, call, begin } => {
                self.begin_call(*choice, *call, begin, &mut events);
            }
            Delta::Arguments { choice, call, text } => {
                let calls = self.open(*choice).map(|open| &open.calls);
                let index = calls.and_then(|calls| calls.iter().position(|known| known == call));
                if let Some(index) = index {
                    let piece = json!({"index": index, "function": {"arguments": text}});
                    self.say(*choice, json!({"tool_calls": [piece]}), &mut events);
                }
            }
            Delta::Finish { choice, reason } => self.finish(*choice, reason, &mut events),
            Delta::Counted(counted) => self.count(counted),
            Delta::Failed(error) => {
                self.has_failed = true;
                events.push(Event::message(write_error(error).to_string()));
            }
            Delta::End => self.end(&mut events),
        }
        events
    }

    /// A piece of anything but thoughts, which ends the thoughts before it.
    fn say(&mut self, choice: u32, delta: Value, events: &mut Vec<Event>) {
        self.begin(choice, "".into(), events);
        let Some(open) = self.open(choice) else { return };
        open.thoughts += usize::from(std::mem::take(&mut open.is_thinking));
        events.push(self.piece(choice, delta));
    }

    /// A piece of thoughts: as DeepSeek writes it, which most clients read, and as OpenRouter does,
    /// which has a place for seals.
    fn think(&mut self, choice: u32, text: &str, sealed: Option<&str>, events: &mut Vec<Event>) {
        if text.is_empty() && sealed.is_none() {
            return;
        }
        self.begin(choice, Value::Null, events);
        let Some(open) = self.open(choice) else { return };
        let index = open.thoughts;
        let was_thinking = std::mem::replace(&mut open.is_thinking, sealed.is_none());
        // A seal ends its part.
        open.thoughts += usize::from(sealed.is_some());
        let mut delta = Map::new();
        if !text.is_empty() {
            delta.insert("reasoning_content".to_owned(), text.into());
        }
        let detail = match sealed {
            // The text came before: this is no part of its own.
            Some(signature) if text.is_empty() && was_thinking => {
                json!({"type": "reasoning.text", "index": index, "signature": signature})
            }
            sealed => reasoning_detail(index, text, sealed),
        };
        delta.insert("reasoning_details".to_owned(), json!([detail]));
        events.push(self.piece(choice, delta.into()));
    }

    fn begin_call(&mut self, choice: u32, call: u32, begin: &ToolCall, events: &mut Vec<Event>) {
        // Beside calls alone, or thoughts, content is null, not empty.
        self.begin(choice, Value::Null, events);
        let Some(open) = self.open(choice) else { return };
        if open.calls.len() >= MOST_CALLS || open.calls.contains(&call) {
            return;
        }
        let mut written = Map::new();
        written.insert("index".to_owned(), open.calls.len().into());
        open.calls.push(call);
        if let Value::Object(call) = write_call(begin) {
            written.extend(call);
        }
        self.say(choice, json!({"tool_calls": [written]}), events);
    }

    fn finish(&mut self, choice: u32, reason: &Finish, events: &mut Vec<Event>) {
        self.begin(choice, "".into(), events);
        let Some(open) = self.open(choice) else { return };
        if std::mem::replace(&mut open.has_finished, true) {
            return;
        }
        let reason = finish_word(reason);
        let finished =
            json!({"index": choice, "delta": {}, "logprobs": null, "finish_reason": reason});
        events.push(self.chunk(json!([finished]), Value::Null));
    }

    fn count(&mut self, later: &Counted) {
        match &mut self.counted {
            None => self.counted = Some(later.clone()),
            Some(counted) => counted.usage.replace(&later.usage),
        }
    }

    fn end(&mut self, events: &mut Vec<Event>) {
        self.has_ended = true;
        // Clients cannot put an answer together of no chunk.
        if self.choices.is_empty() && !self.has_failed {
            self.finish(0, &Finish::Stop, events);
        }
        if let (StreamUsage::Asked, Some(counted)) = (self.usage, &self.counted) {
            let usage = usage::write(counted);
            events.push(self.chunk(json!([]), usage));
        }
        events.push(Event::message("[DONE]"));
    }

    fn open(&mut self, choice: u32) -> Option<&mut OpenChoice> {
        self.choices.get_mut(choice as usize)
    }

    /// Begins an answer, and those before it: clients count on meeting them in order.
    fn begin(&mut self, choice: u32, content: Value, events: &mut Vec<Event>) {
        if choice >= MOST_CHOICES {
            return;
        }
        for index in self.choices.len() as u32..=choice {
            self.choices.push(OpenChoice::default());
            let delta = json!({"role": "assistant", "content": content, "refusal": null});
            events.push(self.piece(index, delta));
        }
    }

    fn piece(&mut self, choice: u32, delta: Value) -> Event {
        let piece =
            json!({"index": choice, "delta": delta, "logprobs": null, "finish_reason": null});
        self.chunk(json!([piece]), Value::Null)
    }

    fn chunk(&mut self, choices: Value, usage: Value) -> Event {
        self.has_begun = true;
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        });
        if let Some(tier) = self.service_tier {
            chunk["service_tier"] = tier.into();
        }
        if self.usage == StreamUsage::Asked {
            chunk["usage"] = usage;
        }
        Event::message(chunk.to_string())
    }
}

fn replace<T: Clone>(known: &mut T, said: &Option<T>) {
    if let Some(said) = said {
        known.clone_from(said);
    }
}

#[cfg(test)]
mod tests;
