//! A provider's stream: `messageStart`, for each block `contentBlockStart` (of calls only),
//! `contentBlockDelta` and `contentBlockStop`, then `messageStop` and `metadata`; an exception anywhere.

use serde_json::Value;

use super::error::exception;
use super::response::{finish, service_tier};
use super::usage::count;
use crate::chat::{Delta, ToolCall, Unreadable};
use crate::frame::aws::{Kind, Message};
use crate::messages::REDACTED;

/// Calls whose arguments may come at once; the protocol sends one after the other.
const MOST_OPEN: usize = 128;
/// Protocol without a second answer.
const CHOICE: u32 = 0;

/// Reads a stream.
#[derive(Debug, Default)]
pub struct Reader {
    /// Calls whose blocks have not ended.
    open: Vec<Open>,
    calls: u32,
    has_stopped: bool,
    has_counted: bool,
    has_ended: bool,
}

#[derive(Debug)]
struct Open {
    index: u64,
    call: u32,
    has_pieces: bool,
}

impl Reader {
    /// What a message adds to the answer. The end is where both its reason and the usage were said;
    /// after an exception comes none.
    ///
    /// # Errors
    /// The message is an event, but its payload is no JSON.
    pub fn read(&mut self, frame: &Message) -> Result<Vec<Delta>, Unreadable> {
        // Nothing comes after the end.
        if self.has_ended {
            return Ok(Vec::new());
        }
        if let Some(error) = exception(frame) {
            return Ok(vec![Delta::Failed(error)]);
        }
        let Kind::Event(name) = &frame.kind else { return Ok(Vec::new()) };
        let said: Value = serde_json::from_slice(&frame.payload)
            .map_err(|error| Unreadable::new(name.as_str(), format!("is no JSON: {error}")))?;
        let index = said.get("contentBlockIndex").and_then(Value::as_u64).unwrap_or(0);
        let mut deltas = Vec::new();
        match name.as_str() {
            "messageStart" => deltas.push(start(None)),
            "contentBlockStart" => deltas.extend(self.block_start(index, &said)),
            "contentBlockDelta" => deltas.extend(self.block_delta(index, &said)),
            "contentBlockStop" => deltas.extend(self.block_stop(index)),
            "messageStop" => {
                self.has_stopped = true;
                let reason = said.get("stopReason").and_then(Value::as_str).unwrap_or("end_turn");
                deltas.push(Delta::Finish { choice: CHOICE, reason: finish(reason) });
            }
            "metadata" => {
                self.has_counted = true;
                if let Some(tier) = service_tier(said.get("serviceTier")) {
                    deltas.push(start(Some(tier)));
                }
                deltas.extend(said.get("usage").map(|usage| Delta::Counted(count(usage))));
            }
            _ => {}
        }
        if self.has_stopped && self.has_counted {
            self.has_ended = true;
            deltas.push(Delta::End);
        }
        Ok(deltas)
    }

    fn block_start(&mut self, index: u64, said: &Value) -> Option<Delta> {
        let tool = said.pointer("/start/toolUse")?;
        if tool.get("type").is_some_and(|kind| !kind.is_null()) {
            return None;
        }
        let text =
            |field: &str| tool.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let call = self.calls;
        self.calls = self.calls.saturating_add(1);
        if self.open.len() < MOST_OPEN {
            self.open.push(Open { index, call, has_pieces: false });
        }
        let begin = ToolCall { id: text("toolUseId"), name: text("name"), ..ToolCall::default() };
        Some(Delta::ToolCall { choice: CHOICE, call, begin })
    }

    fn block_delta(&mut self, index: u64, said: &Value) -> Option<Delta> {
        let text = |path: &str| {
            let text = said.pointer(path).and_then(Value::as_str).map(str::to_owned);
            text.filter(|text| !text.is_empty())
        };
        if let Some(text) = text("/delta/text") {
            return Some(Delta::Text { choice: CHOICE, text });
        }
        if let Some(text) = text("/delta/toolUse/input") {
            let open = self.open.iter_mut().find(|open| open.index == index)?;
            open.has_pieces = true;
            return Some(Delta::Arguments { choice: CHOICE, call: open.call, text });
        }
        if let Some(text) = text("/delta/reasoningContent/text") {
            return Some(Delta::Reasoning { choice: CHOICE, text, sealed: None });
        }
        let redacted = text("/delta/reasoningContent/redactedContent");
        let sealed = redacted.map(|data| format!("{REDACTED}{data}"));
        let sealed = sealed.or_else(|| text("/delta/reasoningContent/signature"))?;
        Some(Delta::Reasoning { choice: CHOICE, text: String::new(), sealed: Some(sealed) })
    }

    /// A call without arguments has no piece of them.
    fn block_stop(&mut self, index: u64) -> Option<Delta> {
        let at = self.open.iter().position(|open| open.index == index)?;
        let Open { call, has_pieces, .. } = self.open.remove(at);
        let text = "{}".to_owned();
        (!has_pieces).then_some(Delta::Arguments { choice: CHOICE, call, text })
    }
}

fn start(service_tier: Option<String>) -> Delta {
    Delta::Start { id: None, model: None, created: None, service_tier }
}
