//! Cohere's stream as neutral pieces.

use serde_json::{Map, Value};

use super::response::{read_call, read_finish, text};
use super::usage::count;
use crate::chat::{ApiError, Delta, ErrorKind, Unreadable};
use crate::frame::sse;

/// Reads a stream: named events, whose data say their `type` too. Citations and log probabilities
/// are left out.
#[derive(Debug, Default)]
pub struct Reader {
    has_ended: bool,
}

impl Reader {
    /// The pieces in an event.
    ///
    /// # Errors
    /// Its data is not a JSON object.
    pub fn read(&mut self, event: &sse::Event) -> Result<Vec<Delta>, Unreadable> {
        let data = event.data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(Vec::new());
        }
        let fields: Map<String, Value> = serde_json::from_str(data)
            .map_err(|error| Unreadable::new("data", format!("is not a JSON object: {error}")))?;
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or(&event.event);
        let message = object(&fields, "delta").and_then(|delta| object(delta, "message"));
        Ok(match kind {
            "message-start" => vec![Delta::Start {
                id: text(&fields, "id"),
                model: None,
                created: None,
                service_tier: None,
            }],
            "content-start" | "content-delta" => content(message),
            "tool-plan-delta" => {
                let plan = message.and_then(|message| text(message, "tool_plan"));
                thoughts(plan).into_iter().collect()
            }
            "tool-call-start" => {
                let call = message.and_then(first_call);
                let call = call.map(|begin| Delta::ToolCall {
                    choice: 0,
                    call: index(&fields),
                    begin: read_call(begin),
                });
                call.into_iter().collect()
            }
            "tool-call-delta" => {
                let function = message.and_then(first_call).and_then(|it| object(it, "function"));
                let more = function.and_then(|function| text(function, "arguments"));
                let more = more.filter(|more| !more.is_empty());
                let call = index(&fields);
                more.map(|text| Delta::Arguments { choice: 0, call, text }).into_iter().collect()
            }
            "message-end" => self.end(&fields),
            _ => Vec::new(),
        })
    }

    fn end(&mut self, fields: &Map<String, Value>) -> Vec<Delta> {
        let mut deltas = Vec::new();
        let Some(delta) = object(fields, "delta") else { return deltas };
        if let Some(usage) = delta.get("usage").filter(|usage| usage.is_object()) {
            deltas.push(Delta::Counted(count(usage)));
        }
        if let Some(error) = text(delta, "error") {
            deltas.push(Delta::Failed(ApiError::new(ErrorKind::Provider, error)));
            return deltas;
        }
        if let Some(reason) = delta.get("finish_reason").and_then(Value::as_str) {
            deltas.insert(0, Delta::Finish { choice: 0, reason: read_finish(reason) });
        }
        if !std::mem::replace(&mut self.has_ended, true) {
            deltas.push(Delta::End);
        }
        deltas
    }
}

fn content(message: Option<&Map<String, Value>>) -> Vec<Delta> {
    let Some(piece) = message.and_then(|message| object(message, "content")) else {
        return Vec::new();
    };
    let said = text(piece, "text").filter(|text| !text.is_empty());
    let said = said.map(|text| Delta::Text { choice: 0, text });
    thoughts(text(piece, "thinking")).into_iter().chain(said).collect()
}

fn thoughts(text: Option<String>) -> Option<Delta> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(Delta::Reasoning { choice: 0, text, sealed: None })
}

/// The call of an event: `tool_calls` is one call here, and was a list of one.
fn first_call(message: &Map<String, Value>) -> Option<&Map<String, Value>> {
    match message.get("tool_calls")? {
        Value::Array(calls) => calls.first()?.as_object(),
        call => call.as_object(),
    }
}

/// Which call it is.
fn index(fields: &Map<String, Value>) -> u32 {
    let index = fields.get("index").and_then(Value::as_u64).unwrap_or(0);
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn object<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    object.get(name).and_then(Value::as_object)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{fixtures, read_response};
    use super::*;
    use crate::chat::{Assembly, Finish};
    use crate::frame::sse::Event;

    fn read(name: &str) -> Vec<Delta> {
        let mut reader = Reader::default();
        let events = fixtures::events(&format!("streams/{name}.sse"));
        events.iter().flat_map(|event| reader.read(event).unwrap()).collect()
    }

    fn text(text: &str) -> Delta {
        Delta::Text { choice: 0, text: text.to_owned() }
    }

    fn think(text: &str) -> Delta {
        Delta::Reasoning { choice: 0, text: text.to_owned(), sealed: None }
    }

    fn start(id: &str) -> Delta {
        Delta::Start { id: Some(id.to_owned()), model: None, created: None, service_tier: None }
    }

    #[test]
    fn thoughts_and_text_piece_by_piece() {
        let deltas = read("plain");
        let said = [
            start("29f14a5a"),
            think("They ask "),
            think("about light."),
            text("Because of "),
            text("Rayleigh scattering."),
            Delta::Finish { choice: 0, reason: Finish::Stop },
        ];
        assert_eq!(deltas[..6], said);
        let Delta::Counted(counted) = &deltas[6] else { panic!("the counts come at the end") };
        assert_eq!(counted.usage.total(), Some(491));
        assert_eq!(deltas[7..], [Delta::End]);
    }

    #[test]
    fn what_is_put_together_is_the_whole_answer() {
        for name in ["plain", "calls"] {
            let mut assembly = Assembly::default();
            read(name).iter().for_each(|delta| assembly.add(delta));
            assert!(assembly.has_ended());
            let whole = fixtures::text(&format!("responses/{name}.json"));
            let whole = read_response(whole.as_bytes()).unwrap();
            assert_eq!(assembly.finish().0.choices, whole.choices, "{name}");
        }
    }

    #[test]
    fn a_failure_has_no_end() {
        let deltas = read("error");
        let Some(Delta::Failed(error)) = deltas.last() else { panic!("the last tells it") };
        assert_eq!(error.message, "generation failed");
        assert_eq!(deltas[1], text("Be"));
    }

    #[test]
    fn the_name_of_an_event_stands_where_its_data_say_no_type() {
        let event = Event::named("message-end", r#"{"delta": {"finish_reason": "MAX_TOKENS"}}"#);
        let expected = [Delta::Finish { choice: 0, reason: Finish::Length }, Delta::End];
        let mut reader = Reader::default();
        assert_eq!(reader.read(&event).unwrap(), expected);
        // The end is told once.
        assert_eq!(reader.read(&event).unwrap(), expected[..1]);
    }

    #[test]
    fn odd_events_are_passed_over_and_broken_ones_are_errors() {
        let mut reader = Reader::default();
        for data in [
            "",
            "[DONE]",
            "{}",
            r#"{"type": "citation-start", "index": 0, "delta": {"message": {"citations": {}}}}"#,
            r#"{"type": "content-delta", "delta": {"message": {"content": [5]}}}"#,
            r#"{"type": "tool-call-start", "index": -1, "delta": {"message": {"tool_calls": []}}}"#,
            r#"{"type": "tool-call-delta", "delta": 5}"#,
            r#"{"type": "debug", "prompt": "x"}"#,
        ] {
            assert_eq!(reader.read(&Event::message(data)).unwrap(), [], "{data}");
        }
        for data in ["{", "1", "[1]"] {
            assert_eq!(reader.read(&Event::message(data)).unwrap_err().field, "data", "{data}");
        }
    }
}
