//! Writes a streamed answer for the client.
//!
//! The order of events is OpenAI's, and what its SDK's accumulator
//! (`lib/streaming/responses/_responses.py` in 3.54.0) needs: an item is added before anything is
//! said of it, a message's content is added before its text, all is told whole when it is done, and
//! the last event has the whole answer. So the answer is kept.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{
    error,
    output::{self, Ending, FAILED, Said},
    response::Head,
};
use crate::{
    chat::{ApiError, Counted, Delta, ErrorKind, Finish, Fresh, ToolCall},
    frame::sse::Event,
};

/// Bytes of an answer that are kept. A longer one fails: at its end it is written several times.
const MOST_BYTES: usize = 16 << 20;
/// What a part takes besides its text, about.
const PART_BYTES: usize = 512;

/// The client's stream as far as it has come.
#[derive(Debug)]
pub struct Writer {
    head: Head,
    is_begun: bool,
    is_over: bool,
    /// The number of the next event.
    sequence: u64,
    /// The items that are done, by index. What is open comes after them.
    done: Vec<Value>,
    open: Option<Open>,
    /// The ids of calls.
    call_ids: HashSet<String>,
    finish: Option<Finish>,
    counted: Option<Counted>,
    bytes: usize,
    /// Events that are not sent on yet.
    events: Vec<Event>,
}

/// What is being said. Calls may alternate, so all that follow each other are open together.
#[derive(Debug)]
enum Open {
    Message { id: String, content: Vec<Value>, kind: Said, text: String },
    Reasoning { id: String, text: String },
    Calls(Vec<Call>),
}

#[derive(Debug)]
struct Call {
    /// As the provider counts it.
    number: u32,
    id: String,
    call: ToolCall,
}

impl Writer {
    /// A stream that has not begun.
    #[must_use]
    pub fn new(fresh: Fresh) -> Self {
        Self {
            head: Head::new(fresh),
            is_begun: false,
            is_over: false,
            sequence: 0,
            done: Vec::new(),
            open: None,
            call_ids: HashSet::new(),
            finish: None,
            counted: None,
            bytes: 0,
            events: Vec::new(),
        }
    }

    /// The events that say a piece. There is one answer in this protocol: pieces of others are left
    /// out. After [`Delta::End`] and [`Delta::Failed`] nothing more is said.
    pub fn write(&mut self, delta: &Delta) -> Vec<Event> {
        if self.is_over {
            return Vec::new();
        }
        if let Delta::Start { id, model, created, service_tier } = delta {
            if self.is_begun {
                // The id and time that were told stay.
                self.head.learn(&None, model, None, service_tier);
            } else {
                self.head.learn(id, model, *created, service_tier);
            }
        }
        self.begin();
        match delta {
            Delta::Text { choice: 0, text } => self.say(Said::Text, text),
            Delta::Refusal { choice: 0, text } => self.say(Said::Refusal, text),
            Delta::Reasoning { choice: 0, text, sealed } => self.think(text, sealed.as_deref()),
            Delta::ToolCall { choice: 0, call, begin } => self.call(*call, begin),
            Delta::Arguments { choice: 0, call, text } => self.arguments(*call, text),
            Delta::Finish { choice: 0, reason } => self.finish = Some(reason.clone()),
            Delta::Counted(counted) => self.count(counted),
            Delta::Failed(error) => self.fail(error),
            Delta::End => self.end(Ending::of(self.finish.as_ref())),
            _ => {}
        }
        std::mem::take(&mut self.events)
    }

    fn emit(&mut self, kind: &str, fields: Value) {
        let mut data = Map::new();
        data.insert("type".to_owned(), kind.into());
        data.insert("sequence_number".to_owned(), self.sequence.into());
        if let Value::Object(fields) = fields {
            data.extend(fields);
        }
        self.sequence += 1;
        self.events.push(Event::named(kind, Value::Object(data).to_string()));
    }

    fn begin(&mut self) {
        if std::mem::replace(&mut self.is_begun, true) {
            return;
        }
        let ending = Ending { status: "in_progress", reason: None, error: None };
        let response = self.head.write(Vec::new(), &ending, None);
        self.emit("response.created", json!({"response": response}));
        self.emit("response.in_progress", json!({"response": response}));
    }

    /// Whether there is room for that much more. Where there is not, the answer fails.
    fn has_room(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MOST_BYTES {
            self.fail(&ApiError::new(ErrorKind::Provider, "the answer is longer than 16 MiB"));
        }
        self.bytes <= MOST_BYTES
    }

    fn say(&mut self, said: Said, piece: &str) {
        if piece.is_empty() || !self.has_room(piece.len()) {
            return;
        }
        let is_same = matches!(&self.open, Some(Open::Message { kind, .. }) if *kind == said);
        if !is_same && !self.begin_content(said) {
            return;
        }
        let index = self.done.len();
        let Some(Open::Message { id, content, text, .. }) = &mut self.open else { return };
        text.push_str(piece);
        let mut fields = json!({
            "item_id": id,
            "output_index": index,
            "content_index": content.len(),
            "delta": piece,
        });
        if said == Said::Text {
            fields["logprobs"] = json!([]);
        }
        self.emit(event_of(said, "delta"), fields);
    }

    /// Begins a message, or another part of the one that has begun.
    fn begin_content(&mut self, said: Said) -> bool {
        if !self.has_room(PART_BYTES) {
            return false;
        }
        if matches!(self.open, Some(Open::Message { .. })) {
            self.end_content();
        } else {
            self.close("completed");
            let index = self.done.len();
            let id = self.head.item_id("msg", index);
            let item = output::message(&id, "in_progress", Vec::new());
            self.emit("response.output_item.added", json!({"output_index": index, "item": item}));
            let (content, text) = (Vec::new(), String::new());
            self.open = Some(Open::Message { id, content, kind: said, text });
        }
        let index = self.done.len();
        let Some(Open::Message { id, content, kind, .. }) = &mut self.open else { return false };
        *kind = said;
        let fields = json!({
            "item_id": id,
            "output_index": index,
            "content_index": content.len(),
            "part": output::content(said, ""),
        });
        self.emit("response.content_part.added", fields);
        true
    }

    fn end_content(&mut self) {
        let index = self.done.len();
        let Some(Open::Message { id, content, kind, text }) = &mut self.open else { return };
        let (said, text) = (*kind, std::mem::take(text));
        let place = json!({"item_id": id, "output_index": index, "content_index": content.len()});
        let part = output::content(said, &text);
        content.push(part.clone());
        let whole = match said {
            Said::Text => json!({"text": text, "logprobs": []}),
            Said::Refusal => json!({"refusal": text}),
        };
        self.emit(event_of(said, "done"), joined(&place, whole));
        self.emit("response.content_part.done", joined(&place, json!({"part": part})));
    }

    fn think(&mut self, piece: &str, sealed: Option<&str>) {
        let bytes = piece.len() + sealed.map_or(0, str::len);
        if bytes == 0 || !self.has_room(bytes) {
            return;
        }
        if !matches!(self.open, Some(Open::Reasoning { .. })) {
            self.close("completed");
            if !self.has_room(PART_BYTES) {
                return;
            }
            let index = self.done.len();
            let id = self.head.item_id("rs", index);
            let item = output::reasoning(&id, "", None);
            self.emit("response.output_item.added", json!({"output_index": index, "item": item}));
            self.open = Some(Open::Reasoning { id, text: String::new() });
        }
        if !piece.is_empty() {
            self.summarise(piece);
        }
        if sealed.is_some() {
            self.close_reasoning(sealed);
        }
    }

    fn summarise(&mut self, piece: &str) {
        let index = self.done.len();
        let Some(Open::Reasoning { id, text }) = &mut self.open else { return };
        let place = json!({"item_id": id, "output_index": index, "summary_index": 0});
        let is_first = text.is_empty();
        text.push_str(piece);
        if is_first {
            let fields = joined(&place, json!({"part": output::summary("")}));
            self.emit("response.reasoning_summary_part.added", fields);
        }
        let fields = joined(&place, json!({"delta": piece}));
        self.emit("response.reasoning_summary_text.delta", fields);
    }

    fn close_reasoning(&mut self, sealed: Option<&str>) {
        let Some(Open::Reasoning { id, text }) = self.open.take() else { return };
        let index = self.done.len();
        if !text.is_empty() {
            let place = json!({"item_id": id, "output_index": index, "summary_index": 0});
            let fields = joined(&place, json!({"text": text}));
            self.emit("response.reasoning_summary_text.done", fields);
            let fields = joined(&place, json!({"part": output::summary(&text)}));
            self.emit("response.reasoning_summary_part.done", fields);
        }
        self.finish_item(output::reasoning(&id, &text, sealed));
    }

    fn call(&mut self, number: u32, begin: &ToolCall) {
        let bytes = begin.id.len() + begin.name.len() + begin.arguments.len();
        if !self.has_room(bytes + PART_BYTES) {
            return;
        }
        if !matches!(self.open, Some(Open::Calls(_))) {
            self.close("completed");
            self.open = Some(Open::Calls(Vec::new()));
        }
        let Some(Open::Calls(calls)) = &self.open else { return };
        let index = self.done.len() + calls.len();
        let other = self.head.item_id("call", index);
        let call = ToolCall {
            id: output::unique_id(&mut self.call_ids, &begin.id, other),
            name: begin.name.clone(),
            ..ToolCall::default()
        };
        let id = self.head.item_id("fc", index);
        let item = output::function_call(&id, "in_progress", &call);
        self.emit("response.output_item.added", json!({"output_index": index, "item": item}));
        if let Some(Open::Calls(calls)) = &mut self.open {
            calls.push(Call { number, id, call });
        }
        self.argue(number, &begin.arguments);
    }

    fn arguments(&mut self, number: u32, piece: &str) {
        if self.has_room(piece.len()) {
            self.argue(number, piece);
        }
    }

    fn argue(&mut self, number: u32, piece: &str) {
        let first = self.done.len();
        let Some(Open::Calls(calls)) = &mut self.open else { return };
        let Some(at) = calls.iter().rposition(|call| call.number == number) else { return };
        if piece.is_empty() {
            return;
        }
        let call = &mut calls[at];
        call.call.arguments.push_str(piece);
        let fields = json!({"item_id": call.id, "output_index": first + at, "delta": piece});
        self.emit("response.function_call_arguments.delta", fields);
    }

    /// Tells what is open whole.
    fn close(&mut self, status: &str) {
        match &mut self.open {
            None => {}
            Some(Open::Reasoning { .. }) => self.close_reasoning(None),
            Some(Open::Message { .. }) => {
                self.end_content();
                if let Some(Open::Message { id, content, .. }) = self.open.take() {
                    self.finish_item(output::message(&id, status, content));
                }
            }
            Some(Open::Calls(calls)) => {
                let calls = std::mem::take(calls);
                self.open = None;
                let last = calls.len().saturating_sub(1);
                for (at, Call { id, call, .. }) in calls.into_iter().enumerate() {
                    let fields = json!({
                        "item_id": id,
                        "output_index": self.done.len(),
                        "arguments": call.arguments,
                    });
                    self.emit("response.function_call_arguments.done", fields);
                    let status = if at == last { status } else { "completed" };
                    self.finish_item(output::function_call(&id, status, &call));
                }
            }
        }
    }

    fn finish_item(&mut self, item: Value) {
        let fields = json!({"output_index": self.done.len(), "item": item});
        self.emit("response.output_item.done", fields);
        self.done.push(item);
    }

    fn count(&mut self, later: &Counted) {
        match &mut self.counted {
            Some(counted) => counted.usage.replace(&later.usage),
            None => self.counted = Some(later.clone()),
        }
    }

    fn fail(&mut self, error: &ApiError) {
        let error = Some(error::write_midway(error));
        self.end(Ending { status: FAILED, reason: None, error });
    }

    fn end(&mut self, ending: Ending) {
        let is_completed = ending.status == "completed";
        self.close(if is_completed { "completed" } else { "incomplete" });
        let output = std::mem::take(&mut self.done);
        let response = self.head.write(output, &ending, self.counted.as_ref());
        self.emit(&format!("response.{}", ending.status), json!({"response": response}));
        self.is_over = true;
    }
}

/// The event of that kind of content.
fn event_of(said: Said, event: &str) -> &'static str {
    match (said, event) {
        (Said::Text, "delta") => "response.output_text.delta",
        (Said::Text, _) => "response.output_text.done",
        (Said::Refusal, "delta") => "response.refusal.delta",
        (Said::Refusal, _) => "response.refusal.done",
    }
}

/// The fields of both objects.
fn joined(place: &Value, fields: Value) -> Value {
    let mut all = place.clone();
    if let (Value::Object(all), Value::Object(fields)) = (&mut all, fields) {
        all.extend(fields);
    }
    all
}

#[cfg(test)]
mod tests;
