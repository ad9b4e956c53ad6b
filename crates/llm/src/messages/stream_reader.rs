//! A provider's stream: `message_start`, for each block `content_block_start`, `…_delta` and
//! `…_stop`, `message_delta`, `message_stop`; `ping` and `error` anywhere.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::block::Block;
use super::error::of_body;
use super::response::{explanation, finish, service_tier};
use super::usage::count;
use crate::chat::{Delta, Part, ToolCall, Unreadable};
use crate::frame::sse::Event;

/// Calls whose arguments may come at once; the protocol sends one after the other.
const MOST_OPEN: usize = 128;
/// Protocol without a second answer.
const CHOICE: u32 = 0;

/// Reads a stream.
#[derive(Debug, Default)]
pub struct Reader {
    /// All that was counted: later events say a part of it.
    usage: Map<String, Value>,
    open: Vec<Open>,
    calls: u32,
    has_ended: bool,
}

/// A call whose block has not ended.
#[derive(Debug)]
struct Open {
    index: u64,
    call: u32,
    /// The arguments that its beginning said. Anthropic says `{}` there and then sends them in pieces;
    /// some others say all there and send no piece.
    input: String,
    has_pieces: bool,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(rename = "type")]
    kind: String,
    index: Option<Value>,
    message: Option<Value>,
    #[serde(borrow)]
    content_block: Option<&'a RawValue>,
    delta: Option<Value>,
    usage: Option<Value>,
}

impl Reader {
    /// What an event adds to the answer. `message_stop` gives [`Delta::End`]; after `error` comes no end.
    ///
    /// # Errors
    /// The event's data is no JSON object with a type.
    pub fn read(&mut self, event: &Event) -> Result<Vec<Delta>, Unreadable> {
        // Nothing comes after the end.
        if self.has_ended {
            return Ok(Vec::new());
        }
        if event.event == "ping" || event.data.trim().is_empty() || event.data.trim() == "[DONE]" {
            return Ok(Vec::new());
        }
        let said: Said<'_> = serde_json::from_str(&event.data).map_err(|error| {
            Unreadable::new("event", format!("is no event of Anthropic's stream: {error}"))
        })?;
        let mut deltas = Vec::new();
        let index = said.index.as_ref().and_then(Value::as_u64).unwrap_or(0);
        match said.kind.as_str() {
            "message_start" => self.message_start(said.message.as_ref(), &mut deltas),
            "content_block_start" => {
                let block = said.content_block.map(RawValue::get).unwrap_or_default();
                if let Ok(block) = serde_json::from_str::<Block<'_>>(block) {
                    self.block_start(index, &block, &mut deltas);
                }
            }
            "content_block_delta" => {
                if let Some(delta) = &said.delta {
                    self.block_delta(index, delta, &mut deltas);
                }
            }
            "content_block_stop" => self.block_stop(index, &mut deltas),
            "message_delta" => self.message_delta(&said, &mut deltas),
            "message_stop" => {
                self.has_ended = true;
                deltas.push(Delta::End);
            }
            "error" => {
                let body = serde_json::from_str(&event.data).unwrap_or_default();
                deltas.push(Delta::Failed(of_body(None, &body)));
            }
            // Others that may come: the protocol's versioning allows new ones at any time.
            _ => {}
        }
        Ok(deltas)
    }

    fn message_start(&mut self, message: Option<&Value>, deltas: &mut Vec<Delta>) {
        let text = |field: &str| message?.get(field)?.as_str().map(str::to_owned);
        let usage = message.and_then(|message| message.get("usage"));
        deltas.push(Delta::Start {
            id: text("id"),
            model: text("model"),
            created: None,
            service_tier: usage.and_then(service_tier),
        });
        self.count(usage, deltas);
    }

    fn block_start(&mut self, index: u64, block: &Block<'_>, deltas: &mut Vec<Delta>) {
        match block.said() {
            Some(Part::Text(text)) => deltas.push(Delta::Text { choice: CHOICE, text }),
            Some(Part::Reasoning { text, sealed }) => {
                deltas.push(Delta::Reasoning { choice: CHOICE, text, sealed });
            }
            Some(Part::ToolCall(ToolCall { id, name, arguments, .. })) => {
                let call = self.calls;
                self.calls = self.calls.saturating_add(1);
                if self.open.len() < MOST_OPEN {
                    self.open.push(Open { index, call, input: arguments, has_pieces: false });
                }
                let begin = ToolCall { id, name, ..ToolCall::default() };
                deltas.push(Delta::ToolCall { choice: CHOICE, call, begin });
            }
            _ => {}
        }
    }

    fn block_delta(&mut self, index: u64, delta: &Value, deltas: &mut Vec<Delta>) {
        let text = |field: &str| {
            let text = delta.get(field).and_then(Value::as_str).map(str::to_owned);
            text.filter(|text| !text.is_empty())
        };
        let piece = match delta.get("type").and_then(Value::as_str) {
            Some("text_delta") => text("text").map(|text| Delta::Text { choice: CHOICE, text }),
            Some("thinking_delta") => {
                text("thinking").map(|text| Delta::Reasoning { choice: CHOICE, text, sealed: None })
            }
            Some("signature_delta") => text("signature").map(|sealed| Delta::Reasoning {
                choice: CHOICE,
                text: String::new(),
                sealed: Some(sealed),
            }),
            Some("input_json_delta") => text("partial_json").and_then(|text| {
                // Pieces for the provider's own tools are for no call that is known here.
                let open = self.open.iter_mut().find(|open| open.index == index)?;
                open.has_pieces = true;
                Some(Delta::Arguments { choice: CHOICE, call: open.call, text })
            }),
            _ => None,
        };
        deltas.extend(piece);
    }

    fn block_stop(&mut self, index: u64, deltas: &mut Vec<Delta>) {
        let Some(at) = self.open.iter().position(|open| open.index == index) else { return };
        let Open { call, input, has_pieces, .. } = self.open.remove(at);
        if !has_pieces {
            deltas.push(Delta::Arguments { choice: CHOICE, call, text: input });
        }
    }

    fn message_delta(&mut self, said: &Said<'_>, deltas: &mut Vec<Delta>) {
        let delta = |field: &str| said.delta.as_ref().and_then(|delta| delta.get(field));
        if let Some(text) = explanation(delta("stop_details")) {
            deltas.push(Delta::Refusal { choice: CHOICE, text });
        }
        if let Some(reason) = delta("stop_reason").and_then(Value::as_str) {
            deltas.push(Delta::Finish { choice: CHOICE, reason: finish(reason) });
        }
        self.count(said.usage.as_ref(), deltas);
    }

    /// "The token counts shown in the usage field of the message_delta event are cumulative": each
    /// replaces what was said before, and what it leaves out stays.
    fn count(&mut self, usage: Option<&Value>, deltas: &mut Vec<Delta>) {
        let Some(Value::Object(usage)) = usage else { return };
        for (name, value) in usage.iter().filter(|(_, value)| !value.is_null()) {
            self.usage.insert(name.clone(), value.clone());
        }
        deltas.push(Delta::Counted(count(&Value::Object(self.usage.clone()))));
    }
}
