//! Whole answers.

use serde_json::{Map, Value};

use super::usage::count;
use crate::chat::{Choice, Finish, Part, Response, ToolCall, Unreadable};

/// Reads an answer. The plan that a model makes before it calls tools (`tool_plan`) is its
/// thoughts; citations are left out.
///
/// # Errors
/// The body is not a JSON object.
pub fn read_response(bytes: &[u8]) -> Result<Response, Unreadable> {
    let body: Map<String, Value> = serde_json::from_slice(bytes)
        .map_err(|error| Unreadable::new("body", format!("is not a JSON object: {error}")))?;
    let finish = body.get("finish_reason").and_then(Value::as_str).map(read_finish);
    let mut choice = Choice { parts: Vec::new(), finish };
    if let Some(message) = body.get("message").and_then(Value::as_object) {
        if let Some(plan) = text(message, "tool_plan").filter(|plan| !plan.is_empty()) {
            choice.parts.push(Part::Reasoning { text: plan, sealed: None });
        }
        match message.get("content") {
            Some(Value::String(text)) => choice.parts.push(Part::Text(text.clone())),
            Some(Value::Array(pieces)) => {
                choice.parts.extend(pieces.iter().filter_map(Value::as_object).filter_map(piece));
            }
            _ => {}
        }
        let calls = message.get("tool_calls").and_then(Value::as_array);
        let calls = calls.into_iter().flatten().filter_map(Value::as_object);
        choice.parts.extend(calls.map(|call| Part::ToolCall(read_call(call))));
    }
    Ok(Response {
        id: text(&body, "id"),
        choices: vec![choice],
        counted: body.get("usage").filter(|usage| usage.is_object()).map(count),
        ..Response::default()
    })
}

fn piece(piece: &Map<String, Value>) -> Option<Part> {
    if let Some(text) = text(piece, "text") {
        return Some(Part::Text(text));
    }
    text(piece, "thinking").map(|text| Part::Reasoning { text, sealed: None })
}

/// A call, or what a stream says of it as it begins.
pub(super) fn read_call(call: &Map<String, Value>) -> ToolCall {
    let function = call.get("function").and_then(Value::as_object);
    let of = |name: &str| function.and_then(|function| text(function, name)).unwrap_or_default();
    ToolCall {
        id: text(call, "id").unwrap_or_default(),
        name: of("name"),
        arguments: of("arguments"),
        sealed: None,
    }
}

/// Why an answer ended.
pub(super) fn read_finish(reason: &str) -> Finish {
    match reason {
        "COMPLETE" | "STOP_SEQUENCE" => Finish::Stop,
        "MAX_TOKENS" | "ERROR_LIMIT" => Finish::Length,
        "TOOL_CALL" => Finish::ToolCalls,
        "ERROR_TOXIC" => Finish::ContentFilter,
        other => Finish::Other(other.to_owned()),
    }
}

pub(super) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::fixtures;
    use super::*;

    fn read(name: &str) -> Response {
        read_response(fixtures::text(&format!("responses/{name}.json")).as_bytes()).unwrap()
    }

    #[test]
    fn thoughts_and_text() {
        let response = read("plain");
        assert_eq!(response.id.as_deref(), Some("c14c80c3-18eb-4519-9460-6c92edd8cfb4"));
        let parts = vec![
            Part::Reasoning { text: "They ask about light.".to_owned(), sealed: None },
            Part::Text("Because of Rayleigh scattering.".to_owned()),
        ];
        assert_eq!(response.choices, [Choice { parts, finish: Some(Finish::Stop) }]);
        let counted = response.counted.unwrap();
        assert_eq!(counted.usage.input, Some(55));
        assert_eq!(counted.usage.input_cache_read, Some(16));
        assert_eq!(counted.usage.output, Some(420));
        assert_eq!(counted.stated["billed_units"]["output_tokens"], 418.0);
    }

    #[test]
    fn a_plan_and_its_calls() {
        let response = read("calls");
        let call = |id: &str, name: &str, arguments: &str| {
            Part::ToolCall(ToolCall {
                id: id.to_owned(),
                name: name.to_owned(),
                arguments: arguments.to_owned(),
                sealed: None,
            })
        };
        let parts = vec![
            Part::Reasoning { text: "I will ask for both.".to_owned(), sealed: None },
            call("get_weather_m3kd", "get_weather", "{\"city\":\"Rome\"}"),
            call("get_time_x1", "get_time", "{}"),
        ];
        assert_eq!(response.choices, [Choice { parts, finish: Some(Finish::ToolCalls) }]);
    }

    #[test]
    fn odd_answers_are_read_as_far_as_they_go() {
        for body in [
            r#"{}"#,
            r#"{"message": 5, "finish_reason": 7, "usage": "x"}"#,
            r#"{"message": {"content": [1, {"type": "x"}], "tool_calls": {}, "tool_plan": ""}}"#,
        ] {
            let response = read_response(body.as_bytes()).unwrap();
            assert_eq!(response.choices, [Choice::default()], "{body}");
        }
        let body = br#"{"message": {"content": "a"}, "finish_reason": "TIMEOUT"}"#;
        let choice = Choice {
            parts: vec![Part::Text("a".to_owned())],
            finish: Some(Finish::Other("TIMEOUT".to_owned())),
        };
        assert_eq!(read_response(body).unwrap().choices, [choice]);
        assert_eq!(read_response(b"[]").unwrap_err().field, "body");
    }
}
