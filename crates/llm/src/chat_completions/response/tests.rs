#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;
use crate::chat::{Media, MediaSource};

fn read(name: &str) -> Response {
    read_response(&fixtures::bytes(&format!("responses/{name}.json"))).unwrap()
}

fn parts(name: &str) -> Vec<Part> {
    read(name).choices.remove(0).parts
}

fn reasoning(text: &str, sealed: Option<&str>) -> Part {
    Part::Reasoning { text: text.to_owned(), sealed: sealed.map(str::to_owned) }
}

fn call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: id.into(), name: name.into(), arguments: arguments.into(), sealed: None }
}

fn calls() -> [Part; 2] {
    [
        Part::ToolCall(call("call_a1", "weather", "{\"city\":\"Paris\"}")),
        Part::ToolCall(call("call_b2", "weather", "{\"city\": \"Rome\"}")),
    ]
}

fn fresh() -> Fresh {
    Fresh { id: "f1".into(), created: 1_700_000_000, model: "asked".into() }
}

#[test]
fn an_answer_of_openai_is_read() {
    let answer = read("plain");
    assert_eq!(answer.id.as_deref(), Some("chatcmpl-abc"));
    assert_eq!(answer.model.as_deref(), Some("gpt-4o-mini-2024-07-18"));
    assert_eq!(answer.created, Some(1_760_000_000));
    assert_eq!(answer.service_tier.as_deref(), Some("default"));
    let choice = Choice { parts: vec![Part::Text("Hi!".into())], finish: Some(Finish::Stop) };
    assert_eq!(answer.choices, [choice]);
    assert_eq!(answer.counted.unwrap().usage.total(), Some(170));

    let answer = read("tools");
    let choice = Choice { parts: calls().to_vec(), finish: Some(Finish::ToolCalls) };
    assert_eq!(answer.choices, [choice]);

    let source = MediaSource::Base64("UklGRg==".into());
    let sound = Part::Audio(Media { source, mime: None, name: None, detail: None });
    assert_eq!(parts("audio"), [sound, Part::Text("Hello.".into())]);
    assert_eq!(read("audio").counted, None);
}

#[test]
fn thoughts_are_found_wherever_a_provider_puts_them() {
    let text = |text: &str| Part::Text(text.to_owned());
    assert_eq!(parts("deepseek"), [reasoning("2 + 2 is 4.", None), text("4")]);
    let thought = reasoning("The capital of France is asked.", None);
    assert_eq!(parts("mistral"), [thought, text("Paris"), text(".")]);
    assert_eq!(read("mistral").choices[0].finish, Some(Finish::Length));
    let expected = [
        reasoning("I see a cat.", Some("c2ln")),
        reasoning("", Some("c2VjcmV0")),
        text("A cat."),
        Part::Image(Media::from_url("data:image/png;base64,iVBORw0KGgo=")),
    ];
    assert_eq!(parts("openrouter"), expected);
}

#[test]
fn what_is_missing_is_made_up_or_left_out() {
    let answer = read("loose");
    assert_eq!((answer.id, answer.created), (None, Some(1_760_000_001)));
    let expected = [
        Part::ToolCall(call("call_0", "weather", "{\"city\":\"Rome\"}")),
        Part::ToolCall(call("call_1", "now", "")),
    ];
    assert_eq!(answer.choices[0].parts, expected);
    assert_eq!(answer.choices[0].finish, Some(Finish::ToolCalls), "it said stop");

    assert_eq!(read_response(b"{}").unwrap(), Response::default());
    let odd = br#"{"id":7,"model":null,"choices":[{"message":{"content":5,"tool_calls":"x"},
        "finish_reason":"weird"},{}],"usage":[]}"#;
    let answer = read_response(odd).unwrap();
    assert!(answer.choices[0].parts.is_empty());
    assert_eq!(answer.choices[0].finish, Some(Finish::Other("weird".into())));
    assert_eq!(answer.choices[1], Choice::default());
    assert_eq!((answer.id, answer.counted), (None, None));
}

#[test]
fn the_old_forms_are_read_too() {
    let legacy = br#"{"choices":[{"message":{"content":null,
        "function_call":{"name":"now","arguments":"{}"}},"finish_reason":"function_call"},
        {"text":"completed","finish_reason":"eos"}]}"#;
    let answer = read_response(legacy).unwrap();
    let called = vec![Part::ToolCall(call("call_0", "now", "{}"))];
    let expected = [
        Choice { parts: called, finish: Some(Finish::ToolCalls) },
        Choice { parts: vec![Part::Text("completed".into())], finish: Some(Finish::Stop) },
    ];
    assert_eq!(answer.choices, expected);
}

#[test]
fn what_is_no_answer_is_an_error() {
    for body in ["", "null", "7", "{\"choices\":{}}", "{\"choices\":[1]}", "{\"choices\":[{}]"] {
        let error = read_response(body.as_bytes()).unwrap_err();
        assert_eq!(error.field, "body", "{body}");
    }
}

#[test]
fn an_answer_is_written_as_the_sdk_reads_it() {
    let usage = fixtures::json("written/response.json")["usage"].clone();
    let mut first = vec![reasoning("Two calls.", Some("c2VhbA==")), Part::Text("Look: ".into())];
    first.extend(calls());
    let response = Response {
        choices: vec![
            Choice { parts: first, finish: Some(Finish::ToolCalls) },
            Choice { parts: vec![Part::Refusal("No.".into())], finish: None },
        ],
        counted: Some(usage::count(&usage)),
        service_tier: Some("standard".into()),
        ..Response::default()
    };
    let written = write_response(&response, &fresh()).to_string();
    assert_eq!(written, fixtures::text("written/response.json"));

    let again = read_response(written.as_bytes()).unwrap();
    assert_eq!(again.choices[0], response.choices[0]);
    assert_eq!(again.choices[1].parts, response.choices[1].parts);
    assert_eq!(again.counted, response.counted);
    assert_eq!(again.id.as_deref(), Some("chatcmpl-f1"));
}

#[test]
fn what_was_read_and_written_is_read_the_same() {
    for name in ["plain", "tools", "deepseek", "xai", "openrouter", "loose"] {
        let before = read(name);
        let after =
            read_response(write_response(&before, &fresh()).to_string().as_bytes()).unwrap();
        assert_eq!(after.choices, before.choices, "{name}");
        assert_eq!(after.model, before.model, "{name}");
        assert_eq!(after.created, before.created, "{name}");
    }
}
