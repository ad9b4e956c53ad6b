//! The stream that a client gets, in the order that the SDK's accumulator requires: `message_start`
//! first, blocks one after the other, `message_delta` with the end's reason and usage, `message_stop`.

use serde_json::{Value, json};

use super::REDACTED;
use super::error::write_error;
use super::response::{head, stop_reason};
use super::usage::{last, whole};
use crate::chat::{Counted, Delta, Finish, Fresh, ToolCall};
use crate::frame::sse::Event;

/// Bytes of arguments that wait for the call before them to be complete. What comes after is left out.
const MOST_WAITING: usize = 16 << 20;

/// Writes a stream.
#[derive(Debug)]
pub struct Writer {
    fresh: Fresh,
    id: Option<String>,
    model: Option<String>,
    service_tier: Option<String>,
    counted: Counted,
    finish: Option<Finish>,
    has_started: bool,
    has_refused: bool,
    has_ended: bool,
    /// The next block's index.
    next: u64,
    open: Option<Open>,
    /// Calls that began before the open one was complete: blocks do not mix.
    waiting: Vec<Call>,
    waiting_bytes: usize,
}

/// The block that has not ended.
#[derive(Debug)]
enum Open {
    Text,
    Thinking,
    Tool(Call),
}

#[derive(Debug)]
struct Call {
    number: u32,
    /// With its arguments so far.
    begin: ToolCall,
}

impl Call {
    /// Whether its arguments are whole. Without any they may still come.
    fn is_complete(&self) -> bool {
        serde_json::from_str::<serde::de::IgnoredAny>(&self.begin.arguments).is_ok()
    }
}

impl Writer {
    /// A stream, called so where its provider does not say.
    #[must_use]
    pub fn new(fresh: Fresh) -> Self {
        Self {
            fresh,
            id: None,
            model: None,
            service_tier: None,
            counted: Counted::default(),
            finish: None,
            has_started: false,
            has_refused: false,
            has_ended: false,
            next: 0,
            open: None,
            waiting: Vec::new(),
            waiting_bytes: 0,
        }
    }

    /// What a piece of an answer is to the client. This protocol has one answer: pieces of others are
    /// left out. Nothing comes after an error or the end.
    pub fn write(&mut self, delta: &Delta) -> Vec<Event> {
        let mut events = Vec::new();
        if self.has_ended {
            return events;
        }
        let to = &mut events;
        match delta {
            // The beginning is written with the first piece: by then usage and names are known.
            Delta::Start { id, model, service_tier, .. } => {
                self.id = id.clone().or(self.id.take());
                self.model = model.clone().or(self.model.take());
                self.service_tier = service_tier.clone().or(self.service_tier.take());
            }
            Delta::Counted(counted) => self.counted.usage.replace(&counted.usage),
            Delta::Text { choice: 0, text } => self.text(text, to),
            Delta::Refusal { choice: 0, text } => {
                self.has_refused = true;
                self.text(text, to);
            }
            Delta::Reasoning { choice: 0, text, sealed } => {
                self.reasoning(text, sealed.as_deref().unwrap_or_default(), to);
            }
            Delta::ToolCall { choice: 0, call, begin } => {
                let call = Call { number: *call, begin: begin.clone() };
                self.tool(call, to);
            }
            Delta::Arguments { choice: 0, call, text } => self.arguments(*call, text, to),
            Delta::Finish { choice: 0, reason } => self.finish = Some(reason.clone()),
            Delta::Failed(error) => {
                self.has_ended = true;
                to.push(Event::named("error", write_error(error).to_string()));
            }
            Delta::End => self.end(to),
            Delta::Text { .. }
            | Delta::Refusal { .. }
            | Delta::Reasoning { .. }
            | Delta::ToolCall { .. }
            | Delta::Arguments { .. }
            | Delta::Finish { .. } => {}
        }
        events
    }

    fn text(&mut self, text: &str, to: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        if !matches!(self.open, Some(Open::Text)) {
            self.close_all(to);
            self.start_block(json!({"type": "text", "text": ""}), Open::Text, to);
        }
        self.piece(json!({"type": "text_delta", "text": text}), to);
    }

    fn reasoning(&mut self, text: &str, sealed: &str, to: &mut Vec<Event>) {
        if let Some(data) = sealed.strip_prefix(REDACTED) {
            self.close_all(to);
            let block = json!({"type": "redacted_thinking", "data": data});
            self.start_block(block, Open::Thinking, to);
            self.close(to);
            return;
        }
        if text.is_empty() && sealed.is_empty() {
            return;
        }
        if !matches!(self.open, Some(Open::Thinking)) {
            self.close_all(to);
            let block = json!({"type": "thinking", "thinking": "", "signature": ""});
            self.start_block(block, Open::Thinking, to);
        }
        if !text.is_empty() {
            self.piece(json!({"type": "thinking_delta", "thinking": text}), to);
        }
        if !sealed.is_empty() {
            self.piece(json!({"type": "signature_delta", "signature": sealed}), to);
            self.close(to);
        }
    }

    fn tool(&mut self, call: Call, to: &mut Vec<Event>) {
        if matches!(&self.open, Some(Open::Tool(open)) if !open.is_complete()) {
            if self.has_room(call.begin.name.len() + call.begin.arguments.len() + 64) {
                self.waiting.push(call);
            }
            return;
        }
        self.close_all(to);
        self.start_tool(call, to);
    }

    fn start_tool(&mut self, call: Call, to: &mut Vec<Event>) {
        let ToolCall { id, name, arguments, .. } = &call.begin;
        let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
        let piece = json!({"type": "input_json_delta", "partial_json": arguments});
        let is_empty = arguments.is_empty();
        self.start_block(block, Open::Tool(call), to);
        if !is_empty {
            self.piece(piece, to);
        }
    }

    fn arguments(&mut self, number: u32, text: &str, to: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        if let Some(Open::Tool(open)) = &mut self.open
            && open.number == number
        {
            // Without them nobody could tell when the call is complete.
            if open.begin.arguments.len() + text.len() <= MOST_WAITING {
                open.begin.arguments.push_str(text);
            }
            self.piece(json!({"type": "input_json_delta", "partial_json": text}), to);
            if text.trim_end().ends_with('}') {
                self.next_waiting(to);
            }
            return;
        }
        if self.has_room(text.len())
            && let Some(call) = self.waiting.iter_mut().find(|call| call.number == number)
        {
            call.begin.arguments.push_str(text);
        }
    }

    /// Calls that waited begin, as long as the one before is complete.
    fn next_waiting(&mut self, to: &mut Vec<Event>) {
        while !self.waiting.is_empty()
            && matches!(&self.open, Some(Open::Tool(open)) if open.is_complete())
        {
            self.close(to);
            let call = self.waiting.remove(0);
            self.start_tool(call, to);
        }
    }

    fn has_room(&mut self, bytes: usize) -> bool {
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        self.waiting_bytes <= MOST_WAITING
    }

    fn start_block(&mut self, block: Value, open: Open, to: &mut Vec<Event>) {
        self.start(to);
        let start =
            json!({"type": "content_block_start", "index": self.next, "content_block": block});
        to.push(named(&start));
        self.next += 1;
        self.open = Some(open);
    }

    fn piece(&self, delta: Value, to: &mut Vec<Event>) {
        let index = self.next.saturating_sub(1);
        to.push(named(&json!({"type": "content_block_delta", "index": index, "delta": delta})));
    }

    /// Ends the open block.
    fn close(&mut self, to: &mut Vec<Event>) {
        if self.open.take().is_some() {
            let index = self.next.saturating_sub(1);
            to.push(named(&json!({"type": "content_block_stop", "index": index})));
        }
    }

    /// Ends the open block, and writes the calls that waited for its end.
    fn close_all(&mut self, to: &mut Vec<Event>) {
        self.close(to);
        for call in std::mem::take(&mut self.waiting) {
            self.start_tool(call, to);
            self.close(to);
        }
    }

    fn start(&mut self, to: &mut Vec<Event>) {
        if std::mem::replace(&mut self.has_started, true) {
            return;
        }
        let mut message = head(self.id.as_deref(), self.model.as_deref(), &self.fresh);
        message.insert("content".to_owned(), json!([]));
        message.insert("stop_reason".to_owned(), Value::Null);
        message.insert("stop_sequence".to_owned(), Value::Null);
        let usage = whole(Some(&self.counted), self.service_tier.as_deref());
        message.insert("usage".to_owned(), usage);
        to.push(named(&json!({"type": "message_start", "message": message})));
    }

    fn end(&mut self, to: &mut Vec<Event>) {
        self.has_ended = true;
        self.start(to);
        self.close_all(to);
        let reason = stop_reason(self.finish.as_ref(), self.has_refused);
        to.push(named(&json!({
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": null},
            "usage": last(&self.counted),
        })));
        to.push(named(&json!({"type": "message_stop"})));
    }
}

/// An event called as its type: the SDK reads none without a name.
fn named(data: &Value) -> Event {
    let name = data.get("type").and_then(Value::as_str).unwrap_or_default();
    Event::named(name, data.to_string())
}
