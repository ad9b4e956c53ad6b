use serde_json::{Value, json};
use tracekeep_model::Usage;

use super::{events, fixture};
use crate::chat::{ApiError, Counted, Delta, ErrorKind, Finish, Fresh, ToolCall};
use crate::frame::sse::Event;
use crate::messages::{Reader, Writer};

fn written(deltas: &[Delta]) -> Vec<(String, Value)> {
    let fresh = Fresh { id: "fresh".into(), created: 0, model: "asked".into() };
    let mut writer = Writer::new(fresh);
    parsed(&deltas.iter().flat_map(|delta| writer.write(delta)).collect::<Vec<_>>())
}

fn parsed(events: &[Event]) -> Vec<(String, Value)> {
    let parsed = events
        .iter()
        .map(|event| (event.event.clone(), serde_json::from_str(&event.data).unwrap()));
    parsed.collect()
}

fn start() -> Delta {
    Delta::Start {
        id: Some("chatcmpl-1".into()),
        model: Some("gpt-5".into()),
        created: Some(1),
        service_tier: None,
    }
}

fn text(choice: u32, text: &str) -> Delta {
    Delta::Text { choice, text: text.into() }
}

fn begin(call: u32, name: &str, arguments: &str) -> Delta {
    let begin = ToolCall {
        id: format!("call_{name}"),
        name: name.into(),
        arguments: arguments.into(),
        sealed: None,
    };
    Delta::ToolCall { choice: 0, call, begin }
}

fn arguments(call: u32, text: &str) -> Delta {
    Delta::Arguments { choice: 0, call, text: text.into() }
}

fn thought(text: &str, sealed: Option<&str>) -> Delta {
    Delta::Reasoning { choice: 0, text: text.into(), sealed: sealed.map(Into::into) }
}

fn finish(reason: Finish) -> Delta {
    Delta::Finish { choice: 0, reason }
}

fn counted(usage: Usage) -> Delta {
    Delta::Counted(Counted { usage, stated: Value::Null })
}

#[test]
fn a_stream_of_chat_completions_is_one_of_this_protocol() {
    let usage = Usage {
        input: Some(9),
        input_cache_read: Some(4),
        output: Some(5),
        output_reasoning: Some(2),
        ..Usage::default()
    };
    // Usage comes after the end's reason; another answer's pieces have no place.
    let deltas = [
        start(),
        text(0, "Hel"),
        text(1, "Sa"),
        text(0, ""),
        text(0, "lo"),
        finish(Finish::Stop),
        counted(usage),
        Delta::End,
        text(0, "after the end"),
        Delta::End,
    ];
    assert_eq!(written(&deltas), parsed(&events(fixture!("written/stream_text.sse"))));
}

#[test]
fn calls_that_come_mixed_are_written_one_after_the_other() {
    let deltas = [
        thought("Hm.", None),
        begin(0, "a", ""),
        arguments(0, "{\"x\":"),
        begin(1, "b", ""),
        arguments(1, "{\"y\""),
        arguments(1, ":2}"),
        arguments(9, "of no call"),
        arguments(0, "1}"),
        begin(2, "c", "{\"z\":3}"),
        text(0, "Done."),
        finish(Finish::ToolCalls),
        Delta::End,
    ];
    assert_eq!(written(&deltas), parsed(&events(fixture!("written/stream_calls.sse"))));
}

#[test]
fn calls_that_wait_are_written_at_the_end_at_the_latest() {
    let deltas = [begin(0, "a", ""), begin(1, "b", "{}"), arguments(1, " "), Delta::End];
    let written = written(&deltas);
    let names: Vec<_> = written.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "message_start",
        "content_block_start",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(names, expected);
    assert_eq!(written[4].1["delta"]["partial_json"], "{} ");
}

#[test]
fn usage_known_at_the_beginning_is_in_the_beginning_and_seals_stay() {
    let usage = |output| Usage { input: Some(21), output: Some(output), ..Usage::default() };
    let start = Delta::Start {
        id: Some("msg_01".into()),
        model: Some("claude-sonnet-4-5-20250929".into()),
        created: None,
        service_tier: Some("default".into()),
    };
    let deltas = [
        start,
        counted(usage(2)),
        thought("Hm.", None),
        thought("", Some("c2ln")),
        thought("", Some("redacted_thinking:aGlkZGVu")),
        text(0, "Yes."),
        finish(Finish::Stop),
        counted(usage(9)),
        Delta::End,
    ];
    assert_eq!(written(&deltas), parsed(&events(fixture!("written/stream_sealed.sse"))));
}

#[test]
fn a_failure_is_the_last_event() {
    let error = ApiError::new(ErrorKind::Overloaded, "busy");
    let deltas = [text(0, "Hal"), Delta::Failed(error), text(0, "lo"), Delta::End];
    assert_eq!(written(&deltas), parsed(&events(fixture!("written/stream_error.sse"))));
}

#[test]
fn a_refusal_is_text_that_ends_so() {
    let refusal = Delta::Refusal { choice: 0, text: "I cannot.".into() };
    let written = written(&[start(), refusal, finish(Finish::Stop), Delta::End]);
    assert_eq!(written[2].1["delta"], json!({"type": "text_delta", "text": "I cannot."}));
    assert_eq!(written[4].1["delta"]["stop_reason"], "refusal");
}

#[test]
fn an_empty_stream_has_a_beginning_and_an_end() {
    let names: Vec<_> = written(&[Delta::End]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["message_start", "message_delta", "message_stop"]);
}

#[test]
fn what_is_read_and_written_is_the_same_stream() {
    for stream in [fixture!("streams/text.sse"), fixture!("streams/tools.sse")] {
        let read = |events: &[Event]| {
            let mut reader = Reader::default();
            let deltas = events.iter().flat_map(|event| reader.read(event).unwrap());
            deltas.filter(|delta| !matches!(delta, Delta::Counted(_))).collect::<Vec<_>>()
        };
        let mut reader = Reader::default();
        let mut writer = Writer::new(Fresh::default());
        let mut again = Vec::new();
        for event in &events(stream) {
            for delta in reader.read(event).unwrap() {
                again.extend(writer.write(&delta));
            }
        }
        assert_eq!(read(&again), read(&events(stream)));
    }
}
