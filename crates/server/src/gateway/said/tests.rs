#![allow(clippy::unwrap_used)]

use tracekeep_llm::chat::{ErrorKind, ToolCall};

use super::*;

fn response(parts: Vec<Part>) -> Response {
    Response { choices: vec![Choice { parts, finish: None }], ..Response::default() }
}

fn shown(response: &Response) -> Option<Text> {
    progress(response, None, Micros(1)).output
}

#[test]
fn one_text_is_shown_as_it_is() {
    let parts = vec![Part::Text("Hel".into()), Part::Text("lo".into())];
    assert_eq!(shown(&response(parts)).as_deref(), Some("Hello"));
    assert_eq!(shown(&response(Vec::new())), None);
    assert_eq!(shown(&Response::default()), None);
}

#[test]
fn everything_else_is_a_message() {
    let call = ToolCall {
        id: "c1".into(),
        name: "look_up".into(),
        arguments: "{\"a\":1}".into(),
        sealed: None,
    };
    let reasoning = Part::Reasoning { text: "Hm.".into(), sealed: Some("x".into()) };
    let response =
        response(vec![reasoning, Part::Text("Let me see.".into()), Part::ToolCall(call)]);
    let value: Value = serde_json::from_str(&shown(&response).unwrap()).unwrap();
    let calls = json!([{
        "id": "c1", "type": "function",
        "function": {"name": "look_up", "arguments": "{\"a\":1}"},
    }]);
    let expected = json!({
        "role": "assistant", "content": "Let me see.", "reasoning": "Hm.", "tool_calls": calls,
    });
    assert_eq!(value, expected);
    let stated = progress(&response, None, Micros(1)).tool_calls.unwrap();
    assert_eq!(serde_json::from_str::<Value>(&stated).unwrap(), calls);
}

#[test]
fn several_answers_are_an_array() {
    let choice = |text: &str| Choice { parts: vec![Part::Text(text.into())], finish: None };
    let response = Response { choices: vec![choice("a"), choice("b")], ..Response::default() };
    let value: Value = serde_json::from_str(&shown(&response).unwrap()).unwrap();
    assert_eq!(value[1]["content"], "b");
}

#[test]
fn a_failure_without_a_code_shows_the_status() {
    let error = ApiError::new(ErrorKind::RateLimited, "slow down");
    assert_eq!(failure(&error).code.as_deref(), Some("429"));
}

#[test]
fn half_an_address_is_not_written() {
    let call = ToolCall {
        id: "c".into(),
        name: "mail".into(),
        arguments: "{\"to\":\"ann@exa".into(),
        sealed: None,
    };
    let so_far = response(vec![Part::Text("Write to ann@exam".into()), Part::ToolCall(call)]);
    let on = Redactor::new(tracekeep_redact::Masking::On);
    let parts = &settled(&so_far, &on).choices[0].parts;
    assert_eq!(parts[0], Part::Text("Write to ".into()));
    let Part::ToolCall(call) = &parts[1] else { panic!("{parts:?}") };
    assert!(!call.arguments.contains("ann"), "{}", call.arguments);
    let off = Redactor::new(tracekeep_redact::Masking::Off);
    assert_eq!(settled(&so_far, &off).choices[0].parts, so_far.choices[0].parts);
}
