#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::{
    chat::{Assembly, Finish, ToolCall},
    responses::{
        read_response,
        tests::{events, fixture},
    },
};

/// What each event says.
fn read(path: &str) -> Vec<Vec<Delta>> {
    let mut reader = Reader::default();
    events(path).iter().map(|event| reader.read(event).unwrap()).collect()
}

fn read_values(values: &[Value]) -> Vec<Delta> {
    let mut reader = Reader::default();
    let events = values.iter().map(|value| sse::Event::message(value.to_string()));
    events.flat_map(|event| reader.read(&event).unwrap()).collect()
}

fn start() -> Delta {
    Delta::Start {
        id: Some("resp_68a1".into()),
        model: Some("gpt-5.1-2025-11-13".into()),
        created: Some(1_750_000_000),
        service_tier: Some("auto".into()),
    }
}

fn text(text: &str) -> Delta {
    Delta::Text { choice: 0, text: text.into() }
}

fn thought(text: &str, sealed: Option<&str>) -> Delta {
    Delta::Reasoning { choice: 0, text: text.into(), sealed: sealed.map(Into::into) }
}

fn begin(call: u32, id: &str, name: &str) -> Delta {
    let begin = ToolCall { id: id.into(), name: name.into(), ..ToolCall::default() };
    Delta::ToolCall { choice: 0, call, begin }
}

fn arguments(call: u32, text: &str) -> Delta {
    Delta::Arguments { choice: 0, call, text: text.into() }
}

fn finish(reason: Finish) -> Delta {
    Delta::Finish { choice: 0, reason }
}

#[test]
fn every_event_of_a_text() {
    let mut said = read("streams/text.sse");
    let mut last = said.pop().unwrap();
    let none = Vec::new;
    let expected = vec![
        vec![start()],
        none(),
        none(),
        none(),
        vec![text("Hel")],
        vec![text("lo, ")],
        vec![text("wörld")],
        none(),
        none(),
        none(),
    ];
    assert_eq!(said, expected);
    assert_eq!(last.pop(), Some(Delta::End));
    assert_eq!(last.pop(), Some(finish(Finish::Stop)));
    let Some(Delta::Counted(counted)) = last.pop() else { panic!("counts") };
    assert_eq!(counted.usage.input, Some(76));
    assert_eq!(counted.stated["input_tokens"], 1200);
    let service_tier = Some("default".to_owned());
    assert_eq!(last, [Delta::Start { id: None, model: None, created: None, service_tier }]);
}

#[test]
fn every_event_of_thoughts_and_calls() {
    let said: Vec<_> = read("streams/tools.sse").into_iter().flatten().collect();
    let (counted, rest): (Vec<_>, Vec<_>) =
        said.into_iter().partition(|delta| matches!(delta, Delta::Counted(_)));
    assert_eq!(counted.len(), 1);
    let expected = [
        start(),
        thought("I need ", None),
        thought("the weather.", None),
        thought("\n\nAnd the time.", None),
        thought("", Some("gAAAAABo")),
        text("Let me look."),
        begin(0, "call_w", "get_weather"),
        arguments(0, "{\"city\":"),
        arguments(0, "\"Bonn\"}"),
        begin(1, "call_t", "get_time"),
        arguments(1, "{}"),
        finish(Finish::ToolCalls),
        Delta::End,
    ];
    assert_eq!(rest, expected);
}

#[test]
fn a_stream_says_what_the_whole_answer_says() {
    let mut assembly = Assembly::default();
    read("streams/tools.sse").iter().flatten().for_each(|delta| assembly.add(delta));
    assert!(assembly.has_ended());
    let whole = read_response(fixture("responses/tools.json").as_bytes()).unwrap();
    let streamed = assembly.response();
    assert_eq!(streamed.choices, whole.choices);
    assert_eq!(streamed.counted, whole.counted);
    assert_eq!((&streamed.id, &streamed.model), (&whole.id, &whole.model));
}

#[test]
fn a_refusal_that_was_cut_off() {
    let said: Vec<_> = read("streams/refusal.sse").into_iter().flatten().collect();
    let refusal = |text: &str| Delta::Refusal { choice: 0, text: text.into() };
    assert_eq!(said[..4], [start(), text("Well. "), refusal("I can"), refusal("not.")]);
    assert_eq!(said[5..], [finish(Finish::ContentFilter), Delta::End]);
}

#[test]
fn failures_midway() {
    let said: Vec<_> = read("streams/failed.sse").into_iter().flatten().collect();
    let [_, hal, Delta::Failed(failure), Delta::End] = said.as_slice() else {
        panic!("a text, a failure and the end: {said:?}");
    };
    assert_eq!(*hal, text("Hal"));
    assert_eq!((failure.status, failure.kind), (429, ErrorKind::RateLimited));
    assert_eq!(failure.message, "Too many tokens a minute.");
    assert_eq!(failure.code.as_deref(), Some("rate_limit_exceeded"));

    let said: Vec<_> = read("streams/error.sse").into_iter().flatten().collect();
    let [_, Delta::Failed(failure), Delta::End] = said.as_slice() else {
        panic!("a failure and the end: {said:?}");
    };
    assert_eq!((failure.status, failure.kind), (500, ErrorKind::Provider));
    assert_eq!(failure.message, "The server had an error.");
}

#[test]
fn an_error_in_an_object_is_read_too_and_nothing_comes_after() {
    let error = json!({"type": "error", "error": {
        "type": "invalid_request_error",
        "code": "context_length_exceeded",
        "message": "Too long.",
        "param": "input",
    }});
    let said = read_values(&[error, json!({"type": "response.completed", "response": {}})]);
    let [Delta::Failed(failure), Delta::End] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((failure.status, failure.param.as_deref()), (400, Some("input")));
    assert_eq!(failure.r#type.as_deref(), Some("invalid_request_error"));
}

#[test]
fn a_failure_without_a_reason_is_one() {
    let said = read_values(&[json!({"type": "response.failed", "response": {"error": null}})]);
    let [_, Delta::Failed(failure), Delta::End] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(failure.kind, ErrorKind::Provider);
    assert!(!failure.message.is_empty());
}

#[test]
fn what_did_not_come_in_pieces_comes_whole() {
    let message = json!({"type": "message", "content": [
        {"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "b"},
    ]});
    let call = json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"});
    let begun = json!({"type": "function_call", "call_id": "d", "name": "g", "arguments": ""});
    let whole = json!({"type": "function_call", "call_id": "d", "name": "g", "arguments": "[]"});
    let thoughts =
        json!({"type": "reasoning", "summary": [{"text": "hm"}], "encrypted_content": "s"});
    let done = |index: u32, item: &Value| json!({"type": "response.output_item.done", "output_index": index, "item": item});
    let said = read_values(&[
        done(0, &thoughts),
        done(1, &message),
        done(2, &call),
        json!({"type": "response.output_item.added", "output_index": 3, "item": begun}),
        done(3, &whole),
        json!({"type": "response.output_text.done", "output_index": 4, "content_index": 0, "text": "x"}),
        json!({"type": "response.output_text.done", "output_index": 4, "content_index": 0, "text": "x"}),
    ]);
    let whole_call =
        ToolCall { id: "c".into(), name: "f".into(), arguments: "{}".into(), sealed: None };
    let expected = [
        thought("hm", Some("s")),
        text("a"),
        Delta::Refusal { choice: 0, text: "b".into() },
        Delta::ToolCall { choice: 0, call: 0, begin: whole_call },
        begin(1, "d", "g"),
        arguments(1, "[]"),
        text("x"),
    ];
    assert_eq!(said, expected);
}

#[test]
fn an_answer_that_comes_at_the_end_only_is_read_from_there() {
    let response: Value = serde_json::from_str(&fixture("responses/tools.json")).unwrap();
    let said = read_values(&[json!({"type": "response.completed", "response": response})]);
    let mut assembly = Assembly::default();
    said.iter().for_each(|delta| assembly.add(delta));
    let whole = read_response(fixture("responses/tools.json").as_bytes()).unwrap();
    assert_eq!(assembly.response().choices, whole.choices);
    assert!(assembly.has_ended());
}

#[test]
fn thoughts_of_two_kinds_are_heard_once() {
    let delta = |kind: &str| json!({"type": format!("response.{kind}.delta"), "output_index": 0, "delta": kind});
    let said = read_values(&[delta("reasoning_text"), delta("reasoning_summary_text")]);
    assert_eq!(said, [thought("reasoning_text", None)]);
}

#[test]
fn input_of_a_custom_tool_is_its_arguments() {
    let item = json!({"type": "custom_tool_call", "call_id": "c", "name": "run", "input": ""});
    let said = read_values(&[
        json!({"type": "response.output_item.added", "output_index": 7, "item": item}),
        json!({"type": "response.custom_tool_call_input.delta", "output_index": 7, "delta": "ls"}),
        json!({"type": "response.custom_tool_call_input.delta", "output_index": 8, "delta": "of none"}),
    ]);
    assert_eq!(said, [begin(0, "c", "run"), arguments(0, "ls")]);
}

#[test]
fn events_that_are_not_known_say_nothing() {
    let mut reader = Reader::default();
    let unknown = [
        sse::Event::named("response.web_search_call.searching", "{\"output_index\":0}"),
        sse::Event::named("keepalive", ""),
        sse::Event::message("[DONE]"),
        sse::Event::message("7"),
        sse::Event::message("{\"type\":\"response.output_text.delta\",\"delta\":7}"),
    ];
    for event in unknown {
        assert!(reader.read(&event).unwrap().is_empty(), "{event:?}");
    }
}

#[test]
fn what_is_not_json_is_an_error() {
    let error = Reader::default().read(&sse::Event::message("{")).unwrap_err();
    assert_eq!(error.field, "data");
}

#[test]
fn items_are_bounded() {
    let mut reader = Reader::default();
    let delta = |index: usize| {
        let data =
            json!({"type": "response.output_text.delta", "output_index": index, "delta": "x"});
        sse::Event::message(data.to_string())
    };
    for index in 0..MOST_ITEMS {
        assert_eq!(reader.read(&delta(index)).unwrap(), [text("x")]);
    }
    assert!(reader.read(&delta(MOST_ITEMS)).unwrap().is_empty());
    assert_eq!(reader.read(&delta(0)).unwrap(), [text("x")]);
    assert_eq!(reader.items.len(), MOST_ITEMS);
}
