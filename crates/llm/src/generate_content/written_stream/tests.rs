#![allow(clippy::unwrap_used)]

use tracekeep_model::Usage;

use super::super::{Reader, fixtures};
use super::*;
use crate::chat::{ApiError, ErrorKind};

fn fresh() -> Fresh {
    Fresh { id: "fresh".to_owned(), created: 1_700_000_000, model: "model-x".to_owned() }
}

/// The answers that these pieces make.
fn written(deltas: &[Delta]) -> Vec<Value> {
    let mut writer = Writer::new(fresh());
    let events = deltas.iter().flat_map(|delta| writer.write(delta));
    events
        .map(|event| {
            assert_eq!(event.event, "message");
            serde_json::from_str(&event.data).unwrap()
        })
        .collect()
}

fn text(text: &str) -> Delta {
    Delta::Text { choice: 0, text: text.to_owned() }
}

fn think(text: &str, sealed: Option<&str>) -> Delta {
    Delta::Reasoning { choice: 0, text: text.to_owned(), sealed: sealed.map(str::to_owned) }
}

fn begin(call: u32, id: &str, name: &str) -> Delta {
    let begin = ToolCall { id: id.to_owned(), name: name.to_owned(), ..ToolCall::default() };
    Delta::ToolCall { choice: 0, call, begin }
}

fn more(call: u32, text: &str) -> Delta {
    Delta::Arguments { choice: 0, call, text: text.to_owned() }
}

fn counted(usage: Usage) -> Delta {
    Delta::Counted(Counted { usage, stated: json!({}) })
}

/// As Anthropic streams, whose counts come in two pieces.
fn anthropics() -> Vec<Delta> {
    vec![
        Delta::Start {
            id: Some("msg_1".to_owned()),
            model: Some("model-y".to_owned()),
            created: None,
            service_tier: None,
        },
        counted(Usage { input: Some(12), output: Some(1), ..Usage::default() }),
        think("Think", None),
        think("", Some("c2VhbA==")),
        text("Hello!"),
        begin(0, "toolu_1", "get_weather"),
        more(0, "{\"city\":"),
        begin(1, "toolu_2", "get_time"),
        more(0, " \"Rome\"}"),
        more(1, "{}"),
        Delta::Finish { choice: 0, reason: Finish::ToolCalls },
        counted(Usage { output: Some(5), output_reasoning: Some(3), ..Usage::default() }),
        Delta::End,
    ]
}

#[test]
fn another_providers_stream_is_said_as_the_sdk_reads_it() {
    let expected: Vec<Value> = fixtures::events("written/stream.sse")
        .iter()
        .map(|event| serde_json::from_str(&event.data).unwrap())
        .collect();
    assert_eq!(written(&anthropics()), expected);
}

#[test]
fn what_is_written_is_read_again() {
    let mut reader = Reader::default();
    let mut writer = Writer::new(fresh());
    let deltas: Vec<Delta> = anthropics()
        .iter()
        .flat_map(|delta| writer.write(delta))
        .flat_map(|event| reader.read(&event).unwrap())
        .collect();
    let expected = [
        Delta::Start {
            id: Some("msg_1".to_owned()),
            model: Some("model-y".to_owned()),
            created: None,
            service_tier: None,
        },
        think("Think", None),
        think("", Some("c2VhbA==")),
        text("Hello!"),
        Delta::ToolCall {
            choice: 0,
            call: 0,
            begin: ToolCall {
                id: "toolu_1".to_owned(),
                name: "get_weather".to_owned(),
                arguments: "{\"city\":\"Rome\"}".to_owned(),
                sealed: None,
            },
        },
        Delta::ToolCall {
            choice: 0,
            call: 1,
            begin: ToolCall {
                id: "toolu_2".to_owned(),
                name: "get_time".to_owned(),
                arguments: "{}".to_owned(),
                sealed: None,
            },
        },
        Delta::Finish { choice: 0, reason: Finish::ToolCalls },
    ];
    assert_eq!(deltas[..7], expected);
    assert!(matches!(&deltas[7], Delta::Counted(counted) if counted.usage.total() == Some(20)));
    assert_eq!(deltas[8..], [Delta::End]);
}

#[test]
fn a_seal_after_text_is_no_thought() {
    let answers = written(&[text("a"), think("", Some("c2Vh"))]);
    let part = &answers[1]["candidates"][0]["content"]["parts"][0];
    assert_eq!(part, &json!({"text": "", "thoughtSignature": "c2Vh"}));
}

#[test]
fn answers_of_one_stream_end_together() {
    let other = |text: &str| Delta::Text { choice: 1, text: text.to_owned() };
    let answers = written(&[
        text("a"),
        Delta::Finish { choice: 0, reason: Finish::Stop },
        other("b"),
        Delta::Finish { choice: 1, reason: Finish::Length },
        Delta::End,
    ]);
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[1]["candidates"][0]["index"], 1);
    let ends: Vec<_> = answers[2]["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| (candidate["index"].clone(), candidate["finishReason"].clone()))
        .collect();
    assert_eq!(ends, [(json!(0), json!("STOP")), (json!(1), json!("MAX_TOKENS"))]);
}

#[test]
fn a_failure_is_said_in_the_stream() {
    let failed = Delta::Failed(ApiError::new(ErrorKind::Overloaded, "busy"));
    let expected = json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}});
    assert_eq!(written(&[failed]), [expected]);
}

#[test]
fn a_stream_of_nothing_has_no_events_and_wild_indexes_take_no_memory() {
    let wild = Delta::Text { choice: u32::MAX, text: "a".to_owned() };
    let begins = Delta::ToolCall { choice: u32::MAX, call: 0, begin: ToolCall::default() };
    assert_eq!(written(&[wild, begins, more(5, "{}"), Delta::End]), [] as [Value; 0]);
}

#[test]
fn arguments_without_end_take_bounded_memory() {
    let mut writer = Writer::new(fresh());
    writer.write(&begin(0, "a", "f"));
    let large = more(0, &"x".repeat(1 << 20));
    (0..100).for_each(|_| drop(writer.write(&large)));
    let events = writer.write(&Delta::End);
    assert_eq!(events.len(), 1);
    assert!(events[0].data.len() < MOST_BYTES + 1000);
    assert!(events[0].data.len() > MOST_BYTES / 2);
}
