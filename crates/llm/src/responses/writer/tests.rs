#![allow(clippy::unwrap_used)]

use tracekeep_model::Usage;

use super::*;
use crate::{
    chat::Assembly,
    responses::{Reader, tests::events, write_response},
};

fn fresh() -> Fresh {
    Fresh { id: "f1".into(), created: 1_700_000_000, model: "asked".into() }
}

fn text(text: &str) -> Delta {
    Delta::Text { choice: 0, text: text.into() }
}

fn refusal(text: &str) -> Delta {
    Delta::Refusal { choice: 0, text: text.into() }
}

fn thought(text: &str, sealed: Option<&str>) -> Delta {
    Delta::Reasoning { choice: 0, text: text.into(), sealed: sealed.map(Into::into) }
}

fn begin(call: u32, id: &str, name: &str, arguments: &str) -> Delta {
    let begin =
        ToolCall { id: id.into(), name: name.into(), arguments: arguments.into(), sealed: None };
    Delta::ToolCall { choice: 0, call, begin }
}

fn arguments(call: u32, text: &str) -> Delta {
    Delta::Arguments { choice: 0, call, text: text.into() }
}

fn finish(reason: Finish) -> Delta {
    Delta::Finish { choice: 0, reason }
}

fn everything() -> Vec<Delta> {
    let usage = Usage {
        input: Some(57),
        input_cache_read: Some(40),
        input_cache_write: Some(3),
        output: Some(10),
        output_reasoning: Some(5),
        ..Usage::default()
    };
    vec![
        Delta::Start {
            id: Some("chatcmpl-1".into()),
            model: Some("gpt-x".into()),
            created: Some(1_750_000_000),
            service_tier: Some("flex".into()),
        },
        thought("Let me ", None),
        thought("think.", None),
        thought("", Some("gAAA")),
        text("Hel"),
        text("lo"),
        begin(0, "call_a", "get_weather", ""),
        arguments(0, "{\"city\":"),
        begin(1, "call_a", "get_time", "{}"),
        arguments(0, "\"Bonn\"}"),
        finish(Finish::ToolCalls),
        Delta::Counted(Counted { usage, stated: Value::Null }),
        Delta::End,
    ]
}

fn written(deltas: &[Delta]) -> Vec<Event> {
    let mut writer = Writer::new(fresh());
    deltas.iter().flat_map(|delta| writer.write(delta)).collect()
}

fn data(event: &Event) -> Value {
    serde_json::from_str(&event.data).unwrap()
}

/// Every event is the one that the SDK was shown.
#[track_caller]
fn check(deltas: &[Delta], path: &str) {
    let (written, expected) = (written(deltas), events(path));
    for (written, expected) in written.iter().zip(&expected) {
        assert_eq!(written.event, expected.event);
        assert_eq!(data(written), data(expected), "{path}");
    }
    assert_eq!(written.len(), expected.len(), "{path}");
}

#[test]
fn thoughts_text_and_calls_that_alternate() {
    check(&everything(), "written/everything.sse");
}

#[test]
fn a_refusal_is_more_content_of_the_message() {
    let deltas =
        [text("I "), refusal("No"), refusal("."), finish(Finish::ContentFilter), Delta::End];
    check(&deltas, "written/refusal.sse");
}

#[test]
fn a_failure_ends_the_stream() {
    let failure = ApiError::new(ErrorKind::RateLimited, "slow down");
    let deltas = [text("Hal"), Delta::Failed(failure), text("after"), Delta::End];
    check(&deltas, "written/failed.sse");
}

#[test]
fn an_answer_that_says_nothing_begins_and_ends() {
    check(&[Delta::End, Delta::End], "written/empty.sse");
    check(&[text(""), thought("", None), Delta::End], "written/empty.sse");
    let others = Delta::Text { choice: 1, text: "of another answer".into() };
    check(&[others, Delta::End], "written/empty.sse");
}

#[test]
fn json_comes_through() {
    let deltas =
        [text("{\"city\":\"Bonn\","), text("\"celsius\":21.5}"), finish(Finish::Stop), Delta::End];
    check(&deltas, "written/json.sse");
}

#[test]
fn the_last_event_has_what_the_whole_answer_would_be() {
    let mut assembly = Assembly::default();
    everything().iter().for_each(|delta| assembly.add(delta));
    let last = data(written(&everything()).last().unwrap());
    assert_eq!(last["response"], write_response(assembly.response(), &fresh()));
}

#[test]
fn what_was_written_is_read_again() {
    let mut reader = Reader::default();
    let (mut said, mut again) = (Assembly::default(), Assembly::default());
    everything().iter().for_each(|delta| said.add(delta));
    for event in written(&everything()) {
        reader.read(&event).unwrap().iter().for_each(|delta| again.add(delta));
    }
    assert!(again.has_ended());
    let (said, again) = (said.response(), again.response());
    assert_eq!(again.id, said.id);
    assert_eq!(again.choices[0].finish, said.choices[0].finish);
    // But for the id that was there twice.
    assert_eq!(again.choices[0].parts[..3], said.choices[0].parts[..3]);
    let usage = |response: &crate::chat::Response| response.counted.clone().unwrap().usage;
    assert_eq!(usage(again).types().collect::<Vec<_>>(), usage(said).types().collect::<Vec<_>>());
}

#[test]
fn the_id_that_was_told_stays() {
    let start = |id: &str, model: &str| Delta::Start {
        id: Some(id.into()),
        model: Some(model.into()),
        created: Some(5),
        service_tier: Some(model.into()),
    };
    let events = written(&[start("resp_1", "a"), start("resp_2", "b"), text("x"), Delta::End]);
    let (first, last) = (data(&events[0]), data(events.last().unwrap()));
    assert_eq!(first["response"]["id"], "resp_1");
    assert_eq!(first["response"]["model"], "a");
    assert_eq!(last["response"]["id"], "resp_1");
    assert_eq!(last["response"]["model"], "b");
    assert_eq!(last["response"]["service_tier"], "b");
    assert_eq!(last["response"]["output"][0]["id"], "msg_1_0");
}

#[test]
fn a_part_that_comes_back_is_another_item() {
    let deltas = [text("a"), thought("b", None), text("c"), begin(0, "", "f", ""), Delta::End];
    let last = data(written(&deltas).last().unwrap());
    let output = last["response"]["output"].as_array().unwrap();
    let kinds: Vec<_> = output.iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["message", "reasoning", "message", "function_call"]);
    assert_eq!(output[3]["call_id"], "call_f1_3");
    assert_eq!(output[3]["arguments"], "");
}

#[test]
fn the_last_thing_said_is_what_was_cut_off() {
    let deltas =
        [begin(0, "a", "f", "{}"), begin(1, "b", "g", "{"), finish(Finish::Length), Delta::End];
    let events = written(&deltas);
    let last = events.last().unwrap();
    assert_eq!(last.event, "response.incomplete");
    let response = &data(last)["response"];
    assert_eq!(response["incomplete_details"]["reason"], "max_output_tokens");
    assert_eq!(response["output"][0]["status"], "completed");
    assert_eq!(response["output"][1]["status"], "incomplete");
}

#[test]
fn an_answer_without_end_fails() {
    let mut writer = Writer::new(fresh());
    writer.bytes = MOST_BYTES - PART_BYTES - 10;
    let events = writer.write(&text("12345"));
    assert_eq!(events.last().unwrap().event, "response.output_text.delta");
    let events = writer.write(&text("123456"));
    let last = events.last().unwrap();
    assert_eq!(last.event, "response.failed");
    let response = &data(last)["response"];
    assert_eq!(response["error"]["message"], "the answer is longer than 16 MiB");
    assert_eq!(response["output"][0]["content"][0]["text"], "12345");
    assert!(writer.write(&Delta::End).is_empty());
}
