#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::super::{fixtures, read_response};
use super::*;
use crate::chat::{Assembly, ErrorKind, Finish, MediaSource, ToolCall};
use crate::frame::array;
use crate::frame::sse::Event;

/// The pieces of each event.
fn read(events: &[Event]) -> Vec<Vec<Delta>> {
    let mut reader = Reader::default();
    events.iter().map(|event| reader.read(event).unwrap()).collect()
}

/// The pieces of answers, without the `Start` and the counts, which others look at.
fn said(answers: &[Value]) -> Vec<Delta> {
    let events: Vec<Event> =
        answers.iter().map(|answer| Event::message(answer.to_string())).collect();
    let is_said = |delta: &Delta| !matches!(delta, Delta::Start { .. } | Delta::Counted(_));
    read(&events).into_iter().flatten().filter(is_said).collect()
}

fn text(text: &str) -> Delta {
    Delta::Text { choice: 0, text: text.to_owned() }
}

fn finish(reason: Finish) -> Delta {
    Delta::Finish { choice: 0, reason }
}

fn counted(stated: &Value) -> Delta {
    Delta::Counted(usage::count(stated))
}

#[test]
fn a_plain_stream_event_by_event() {
    let events = fixtures::events("streams/plain.sse");
    let stated: Vec<Value> = events
        .iter()
        .map(|event| {
            let answer: Value = serde_json::from_str(&event.data).unwrap();
            answer["usageMetadata"].clone()
        })
        .collect();
    let start = Delta::Start {
        id: Some("s1".to_owned()),
        model: Some("gemini-2.5-flash".to_owned()),
        created: None,
        service_tier: None,
    };
    let think = |text: &str, sealed: Option<&str>| Delta::Reasoning {
        choice: 0,
        text: text.to_owned(),
        sealed: sealed.map(str::to_owned),
    };
    let expected = [
        vec![start, think("The user asks about light.", None), counted(&stated[0])],
        vec![text("Because of "), counted(&stated[1])],
        vec![text("Rayleigh scattering."), counted(&stated[2])],
        vec![
            think("", Some("++++//8AAQ==")),
            finish(Finish::Stop),
            counted(&stated[3]),
            Delta::End,
        ],
    ];
    assert_eq!(read(&events), expected);
}

#[test]
fn both_framings_give_the_same() {
    let stream = fixtures::text("streams/plain.json");
    let mut parser = array::Parser::default();
    let events: Vec<Event> =
        stream.as_bytes().chunks(7).flat_map(|piece| parser.push(piece).unwrap()).collect();
    assert_eq!(read(&events), read(&fixtures::events("streams/plain.sse")));
}

#[test]
fn calls_are_numbered_and_end_the_answer() {
    let deltas = read(&fixtures::events("streams/calls.sse")).concat();
    let calls: Vec<_> = deltas
        .iter()
        .filter_map(|delta| match delta {
            Delta::ToolCall { choice: 0, call, begin } => {
                Some((*call, begin.id.as_str(), begin.name.as_str(), begin.arguments.as_str()))
            }
            _ => None,
        })
        .collect();
    let expected =
        [(0, "call_0", "get_weather", r#"{"city":"Rome","days":2}"#), (1, "t1", "get_time", "{}")];
    assert_eq!(calls, expected);
    assert!(deltas.contains(&finish(Finish::ToolCalls)));
    assert_eq!(deltas.last(), Some(&Delta::End));
}

#[test]
fn what_is_put_together_is_the_whole_answer() {
    let mut assembly = Assembly::default();
    let deltas = read(&fixtures::events("streams/calls.sse")).concat();
    deltas.iter().for_each(|delta| assembly.add(delta));
    assert!(assembly.has_ended());
    let (streamed, _) = assembly.finish();
    let whole = fixtures::text("responses/calls.json");
    let whole = read_response(whole.as_bytes()).unwrap();
    assert_eq!(streamed.choices, whole.choices);
    assert_eq!(streamed.counted.unwrap().usage.total(), Some(117));
}

#[test]
fn an_error_midway_is_a_failure_without_end() {
    let deltas = read(&fixtures::events("streams/error.sse")).concat();
    let Some(Delta::Failed(error)) = deltas.last() else { panic!("the last tells the error") };
    assert_eq!((error.status, error.kind), (503, ErrorKind::Overloaded));
    assert!(error.message.starts_with("The model is overloaded."));
    assert!(deltas.contains(&text("Be")));
    assert!(!deltas.contains(&Delta::End));
}

#[test]
fn arguments_in_pieces_are_one_call() {
    let deltas = read(&fixtures::events("streams/partial_args.sse")).concat();
    let begin = ToolCall {
        id: "p1".to_owned(),
        name: "get_weather".to_owned(),
        arguments: r#"{"city":"New Delhi","days":2}"#.to_owned(),
        sealed: None,
    };
    assert!(deltas.contains(&Delta::ToolCall { choice: 0, call: 0, begin }));
    assert!(deltas.contains(&finish(Finish::ToolCalls)));
    assert_eq!(deltas.last(), Some(&Delta::End));
}

#[test]
fn a_prompt_that_was_declined_ends_at_once() {
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"}});
    assert_eq!(said(&[blocked]), [finish(Finish::ContentFilter), Delta::End]);
}

#[test]
fn the_end_is_that_of_all_candidates_and_comes_once() {
    let candidate = |index: u32, reason: Option<&str>| {
        let content = json!({"parts": [{"text": "a"}]});
        json!({"index": index, "content": content, "finishReason": reason})
    };
    let both = json!({"candidates": [candidate(0, None), candidate(1, Some("MAX_TOKENS"))]});
    let first = json!({"candidates": [candidate(0, Some("STOP"))]});
    let second = |text: &str| Delta::Text { choice: 1, text: text.to_owned() };
    let expected = [
        text("a"),
        second("a"),
        Delta::Finish { choice: 1, reason: Finish::Length },
        text("a"),
        finish(Finish::Stop),
        Delta::End,
        // Older models say `STOP` in every event.
        text("a"),
    ];
    assert_eq!(said(&[both, first.clone(), first]), expected);
}

#[test]
fn counts_that_did_not_change_are_not_told_again() {
    let answer = json!({"usageMetadata": {"promptTokenCount": 3}, "responseId": "r"});
    let event = Event::message(answer.to_string());
    let deltas = read(&[event.clone(), event]);
    assert_eq!(deltas[0].len(), 2);
    assert_eq!(deltas[1], []);
}

#[test]
fn media_are_left_out_of_pieces() {
    let part = json!({"inlineData": {"mimeType": "image/png", "data": "AAAA"}});
    let answer = json!({"candidates": [{"content": {"parts": [part.clone()]}}]});
    assert_eq!(said(std::slice::from_ref(&answer)), []);
    // A whole answer has them.
    let whole = read_response(answer.to_string().as_bytes()).unwrap();
    let [Part::Image(image)] = whole.choices[0].parts.as_slice() else { panic!("a picture") };
    assert_eq!(image.source, MediaSource::Base64("AAAA".to_owned()));
}

#[test]
fn odd_events_are_passed_over_and_broken_ones_are_errors() {
    let mut reader = Reader::default();
    for data in ["", "[DONE]", "[]"] {
        assert_eq!(reader.read(&Event::message(data)).unwrap(), [], "{data}");
    }
    let odd = json!({"candidates": [7, {"index": 4_000_000_000u64, "finishReason": "STOP"},
        {"index": 0, "content": {"parts": [1, {"functionCall": {}}, {"functionCall":
            {"willContinue": true}}]}}]});
    let deltas = reader.read(&Event::message(odd.to_string())).unwrap();
    assert!(deltas.iter().all(|delta| matches!(delta, Delta::Start { .. })), "{deltas:?}");
    for data in ["{", "1", "[1]", "\"x\""] {
        assert_eq!(reader.read(&Event::message(data)).unwrap_err().field, "data", "{data}");
    }
}
