#![allow(clippy::unwrap_used)]

use tracekeep_model::Usage;

use super::super::super::fixtures;
use super::super::Reader;
use super::*;
use crate::chat::{ApiError, Assembly, ErrorKind, Part};

fn fresh() -> Fresh {
    Fresh { id: "f1".into(), created: 1_700_000_000, model: "asked".into() }
}

fn written(usage: StreamUsage, deltas: &[Delta]) -> String {
    let mut writer = Writer::new(fresh(), usage);
    let mut bytes = Vec::new();
    for delta in deltas {
        writer.write(delta).iter().for_each(|event| event.write(&mut bytes));
    }
    String::from_utf8(bytes).unwrap()
}

fn start(id: Option<&str>, model: Option<&str>, tier: Option<&str>) -> Delta {
    Delta::Start {
        id: id.map(str::to_owned),
        model: model.map(str::to_owned),
        created: id.map(|_| 1_760_000_000),
        service_tier: tier.map(str::to_owned),
    }
}

fn text(choice: u32, text: &str) -> Delta {
    Delta::Text { choice, text: text.into() }
}

fn thought(text: &str, sealed: Option<&str>) -> Delta {
    Delta::Reasoning { choice: 0, text: text.into(), sealed: sealed.map(str::to_owned) }
}

fn begin(call: u32, id: &str, arguments: &str) -> Delta {
    let begin = ToolCall {
        id: id.into(),
        name: "weather".into(),
        arguments: arguments.into(),
        sealed: None,
    };
    Delta::ToolCall { choice: 0, call, begin }
}

fn more(call: u32, text: &str) -> Delta {
    Delta::Arguments { choice: 0, call, text: text.into() }
}

fn finish(choice: u32, reason: Finish) -> Delta {
    Delta::Finish { choice, reason }
}

fn counted(usage: Usage) -> Delta {
    Delta::Counted(Counted { usage, stated: Value::Null })
}

fn tools() -> Vec<Delta> {
    vec![
        thought("Two ", None),
        thought("calls.", None),
        thought("", Some("c2VhbA==")),
        begin(3, "call_a1", ""),
        more(3, "{\"city\":\"Paris\"}"),
        begin(7, "call_b2", "{\"city\": "),
        more(7, "\"Rome\"}"),
        more(9, "of a call that never began"),
        finish(0, Finish::ToolCalls),
        Delta::End,
    ]
}

#[test]
fn a_text_is_written_as_the_sdk_reads_it() {
    let input = Usage {
        input: Some(3),
        input_cache_read: Some(4),
        input_cache_write: Some(3),
        ..Usage::default()
    };
    let output = Usage { output: Some(15), output_reasoning: Some(5), ..Usage::default() };
    let deltas = [
        start(Some("msg_1"), Some("claude-opus-4-5"), None),
        counted(input),
        text(0, "Hello"),
        text(0, " there"),
        start(Some("other"), Some("other"), Some("standard")),
        finish(0, Finish::Other("pause_turn".into())),
        finish(0, Finish::Length),
        counted(output),
        Delta::End,
        Delta::End,
        text(0, "after the end"),
    ];
    assert_eq!(written(StreamUsage::Asked, &deltas), fixtures::text("written/text.sse"));
}

#[test]
fn thoughts_and_calls_are_written_as_the_sdk_reads_them() {
    assert_eq!(written(StreamUsage::NotAsked, &tools()), fixtures::text("written/tools.sse"));
}

#[test]
fn answers_begin_in_order() {
    let deltas = [
        text(1, "second"),
        finish(1, Finish::Length),
        finish(0, Finish::Stop),
        text(4_000_000_000, "out of reach"),
        Delta::End,
    ];
    let expected = fixtures::text("written/choices.sse");
    assert_eq!(written(StreamUsage::NotAsked, &deltas), expected);
}

#[test]
fn usage_comes_only_to_who_asked() {
    let usage = Usage { input: Some(1), output: Some(1), ..Usage::default() };
    let deltas = [text(0, "a"), counted(usage), finish(0, Finish::Stop), Delta::End];
    assert!(!written(StreamUsage::NotAsked, &deltas).contains("usage"));
    assert!(written(StreamUsage::Asked, &deltas).contains("\"total_tokens\":2"));
}

#[test]
fn a_seal_without_words_and_each_part_of_thoughts_has_a_place_of_its_own() {
    let deltas = [
        thought("a", None),
        text(0, "x"),
        thought("", Some("secret")),
        thought("b", Some("seal")),
        thought("", None),
    ];
    let stream = written(StreamUsage::NotAsked, &deltas);
    let details: Vec<_> = stream
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok())
        .filter_map(|chunk| Some(chunk["choices"][0]["delta"].get("reasoning_details")?[0].clone()))
        .collect();
    let expected = [
        json!({"type": "reasoning.text", "index": 0, "text": "a"}),
        json!({"type": "reasoning.encrypted", "index": 1, "data": "secret"}),
        json!({"type": "reasoning.text", "index": 2, "text": "b", "signature": "seal"}),
    ];
    assert_eq!(details, expected);
}

#[test]
fn a_failure_is_written_and_an_empty_answer_is_one() {
    let failed = ApiError::new(ErrorKind::Overloaded, "busy");
    let stream = written(StreamUsage::NotAsked, &[Delta::Failed(failed), Delta::End]);
    let error =
        r#"{"error":{"message":"busy","type":"overloaded_error","param":null,"code":null}}"#;
    assert_eq!(stream, format!("data: {error}\n\ndata: [DONE]\n\n"));

    let stream = written(StreamUsage::NotAsked, &[Delta::End]);
    assert!(stream.contains("\"role\":\"assistant\"") && stream.contains("\"stop\""));
}

#[test]
fn what_is_written_is_read_the_same() {
    let mut deltas = tools();
    deltas.insert(0, start(Some("msg_1"), Some("m"), Some("flex")));
    deltas.insert(4, text(0, "Both."));
    let mut expected = Assembly::default();
    deltas.iter().for_each(|delta| expected.add(delta));

    let mut writer = Writer::new(fresh(), StreamUsage::Asked);
    let mut reader = Reader::default();
    let mut found = Assembly::default();
    for delta in &deltas {
        for event in writer.write(delta) {
            reader.read(&event).unwrap().iter().for_each(|delta| found.add(delta));
        }
    }
    assert!(found.has_ended());
    assert_eq!(found.response(), expected.response());
    assert_eq!(found.response().choices[0].parts[1], Part::Text("Both.".into()));
}
