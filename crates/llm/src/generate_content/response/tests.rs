#![allow(clippy::unwrap_used)]

use tracekeep_model::Usage;

use super::super::fixtures;
use super::*;
use crate::chat::{Counted, MediaSource, ToolCall};

fn read(name: &str) -> Response {
    read_response(fixtures::text(&format!("responses/{name}.json")).as_bytes()).unwrap()
}

fn fresh() -> Fresh {
    Fresh { id: "fresh".to_owned(), created: 1_700_000_000, model: "model-x".to_owned() }
}

#[test]
fn what_was_read_is_written_and_read_again() {
    for name in ["plain", "calls", "thoughts_and_image", "blocked", "candidates"] {
        let response = read(name);
        let again = write_response(&response, &fresh()).to_string();
        assert_eq!(read_response(again.as_bytes()).unwrap(), response, "{name}");
    }
}

#[test]
fn a_plain_answer() {
    let response = read("plain");
    assert_eq!(response.id.as_deref(), Some("zSoHaNfAKaGzvdIP5ZyD8Ak"));
    assert_eq!(response.model.as_deref(), Some("gemini-2.5-flash"));
    let text = Part::Text("Because of Rayleigh scattering.".to_owned());
    let choice = Choice { parts: vec![text], finish: Some(Finish::Stop) };
    assert_eq!(response.choices, [choice]);
    let usage = response.counted.unwrap().usage;
    assert_eq!(usage.input, Some(250));
    assert_eq!(usage.input_cache_read, Some(600));
    assert_eq!(usage.total(), Some(1205));
}

#[test]
fn calls_end_an_answer_for_their_results() {
    let response = read("calls");
    let first = ToolCall {
        id: "call_0".to_owned(),
        name: "get_weather".to_owned(),
        arguments: r#"{"city":"Rome","days":2}"#.to_owned(),
        sealed: Some("++++//8AAQ==".to_owned()),
    };
    let second = ToolCall {
        id: "t1".to_owned(),
        name: "get_time".to_owned(),
        arguments: "{}".to_owned(),
        sealed: None,
    };
    assert_eq!(response.choices[0].parts, [Part::ToolCall(first), Part::ToolCall(second)]);
    assert_eq!(response.choices[0].finish, Some(Finish::ToolCalls));
    assert_eq!(response.service_tier.as_deref(), Some("standard"));
}

#[test]
fn thoughts_pictures_and_code() {
    let response = read("thoughts_and_image");
    let parts = &response.choices[0].parts;
    let thought = Part::Reasoning { text: "They want a picture.".to_owned(), sealed: None };
    assert_eq!(parts[0], thought);
    assert_eq!(parts[1], Part::Text("Here it is.".to_owned()));
    let Part::Image(image) = &parts[2] else { panic!("the third is a picture") };
    assert!(matches!(&image.source, MediaSource::Base64(data) if data.starts_with("iVBORw0KGgo")));
    let seal = Part::Reasoning { text: String::new(), sealed: Some("++++//8AAQ==".to_owned()) };
    assert_eq!(parts[3], seal);
    assert_eq!(parts.len(), 6);
    assert_eq!(response.created, Some(1_748_779_200));
    let written = write_response(&response, &fresh());
    assert_eq!(written["createTime"], "2025-06-01T12:00:00Z");
    let picture = &written["candidates"][0]["content"]["parts"][2];
    assert_eq!(picture["thoughtSignature"], "++++//8AAQ==");
}

#[test]
fn a_prompt_that_was_declined_is_an_answer_that_was() {
    let response = read("blocked");
    let choice = Choice { parts: vec![], finish: Some(Finish::ContentFilter) };
    assert_eq!(response.choices, [choice]);
    let body = r#"{"prompt_feedback": {"block_reason": "OTHER", "block_reason_message": "no"}}"#;
    let response = read_response(body.as_bytes()).unwrap();
    assert_eq!(response.choices[0].parts, [Part::Refusal("no".to_owned())]);
}

#[test]
fn candidates_are_told_apart_by_their_index() {
    let ends: Vec<_> = read("candidates").choices.into_iter().map(|one| one.finish).collect();
    assert_eq!(ends, [Some(Finish::Length), Some(Finish::ContentFilter)]);
    let body = r#"{"candidates": [{"index": 1, "finishReason": "STOP"},
        {"index": 4000000, "finishReason": "STOP"}]}"#;
    let response = read_response(body.as_bytes()).unwrap();
    let ends: Vec<_> = response.choices.into_iter().map(|one| one.finish).collect();
    assert_eq!(ends, [None, Some(Finish::Stop)]);
}

#[test]
fn why_an_answer_ended() {
    let other = |name: &str| Some(Finish::Other(name.to_owned()));
    for (reason, finish) in [
        ("RECITATION", Some(Finish::ContentFilter)),
        ("MALFORMED_FUNCTION_CALL", other("MALFORMED_FUNCTION_CALL")),
        ("SOMETHING_NEW", other("SOMETHING_NEW")),
        ("FINISH_REASON_UNSPECIFIED", None),
    ] {
        assert_eq!(read_finish(reason, false), finish, "{reason}");
    }
    assert_eq!(write_finish(&Finish::Other("MALFORMED_RESPONSE".into())), "MALFORMED_RESPONSE");
    assert_eq!(write_finish(&Finish::Other("pause_turn".into())), "OTHER");
    assert_eq!(write_finish(&Finish::ToolCalls), "STOP");
}

#[test]
fn another_providers_answer_is_said_as_the_sdk_reads_it() {
    let call = ToolCall {
        id: "toolu_1".to_owned(),
        name: "get_weather".to_owned(),
        arguments: "{\"city\": \"Rome\"}".to_owned(),
        sealed: None,
    };
    let parts = vec![
        Part::Reasoning { text: "Think".to_owned(), sealed: Some("c2VhbA==".to_owned()) },
        Part::Text("Hello!".to_owned()),
        Part::ToolCall(call),
    ];
    let usage = Usage {
        input: Some(8),
        input_cache_read: Some(4),
        output: Some(5),
        output_reasoning: Some(3),
        ..Usage::default()
    };
    let response = Response {
        choices: vec![Choice { parts, finish: Some(Finish::ToolCalls) }],
        counted: Some(Counted { usage, stated: json!({"input_tokens": 8}) }),
        ..Response::default()
    };
    assert_eq!(write_response(&response, &fresh()), fixtures::json("written/answer.json"));
}

#[test]
fn odd_answers_are_read_as_far_as_they_go() {
    for body in [
        "{}",
        r#"{"candidates": null}"#,
        r#"{"candidates": [1, {"content": 5, "finishReason": 7}], "usageMetadata": []}"#,
        r#"{"candidates": [{"content": {"parts": [{"hologram": {}}, 3]}}], "createTime": "x"}"#,
    ] {
        let response = read_response(body.as_bytes()).unwrap();
        assert!(response.choices.iter().all(|choice| *choice == Choice::default()), "{body}");
    }
    let enveloped = r#"{"response": {"candidates": [{"finishReason": "STOP"}]}}"#;
    let response = read_response(enveloped.as_bytes()).unwrap();
    assert_eq!(response.choices[0].finish, Some(Finish::Stop));
    assert_eq!(read_response(b"[]").unwrap_err().field, "body");
}
