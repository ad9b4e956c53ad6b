#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::super::super::fixtures;
use super::*;
use crate::chat::{Assembly, ErrorKind};

const OPENAI: [&str; 3] = ["chatcmpl-s", "gpt-4o-2024-08-06", "default"];

fn read(name: &str) -> Vec<Delta> {
    let mut reader = Reader::default();
    let events = fixtures::events(&format!("streams/{name}.sse"));
    let deltas: Vec<_> = events.iter().flat_map(|event| reader.read(event).unwrap()).collect();
    assert!(deltas.iter().filter(|delta| **delta == Delta::End).count() <= 1, "{name}");
    deltas
}

/// The deltas without their first, which says which answer it is, and without what was counted.
fn said(name: &str, [id, model, tier]: [&str; 3]) -> Vec<Delta> {
    let mut deltas = read(name);
    let start = Delta::Start {
        id: Some(id.into()),
        model: Some(model.into()),
        created: Some(1_760_000_000),
        service_tier: Some(tier.to_owned()).filter(|tier| !tier.is_empty()),
    };
    assert_eq!(deltas.remove(0), start, "{name}");
    deltas.retain(|delta| !matches!(delta, Delta::Counted(_)));
    deltas
}

fn counted(name: &str) -> Vec<(String, i64)> {
    let mut assembly = Assembly::default();
    read(name).iter().for_each(|delta| assembly.add(delta));
    let counted = assembly.finish().0.counted.unwrap_or_default();
    counted.usage.types().map(|(name, tokens)| (name.to_owned(), tokens)).collect()
}

fn expected(types: &[(&str, i64)]) -> Vec<(String, i64)> {
    types.iter().map(|(name, tokens)| ((*name).to_owned(), *tokens)).collect()
}

fn text(choice: u32, text: &str) -> Delta {
    Delta::Text { choice, text: text.into() }
}

fn thought(text: &str, sealed: Option<&str>) -> Delta {
    Delta::Reasoning { choice: 0, text: text.into(), sealed: sealed.map(str::to_owned) }
}

fn begin(call: u32, id: &str, name: &str, arguments: &str) -> Delta {
    let begin =
        ToolCall { id: id.into(), name: name.into(), arguments: arguments.into(), sealed: None };
    Delta::ToolCall { choice: 0, call, begin }
}

fn more(call: u32, text: &str) -> Delta {
    Delta::Arguments { choice: 0, call, text: text.into() }
}

fn finish(choice: u32, reason: Finish) -> Delta {
    Delta::Finish { choice, reason }
}

#[test]
fn streams_of_openai_are_read() {
    let expected_text = [text(0, "Hel"), text(0, "lo"), finish(0, Finish::Stop), Delta::End];
    assert_eq!(said("openai_text", OPENAI), expected_text);
    let types = [("input", 9), ("input_cache_read", 0), ("output", 3), ("output_reasoning", 0)];
    assert_eq!(counted("openai_text"), expected(&types));

    let expected_calls = [
        begin(0, "call_a1", "weather", ""),
        more(0, "{\"city\":"),
        more(0, "\"Paris\"}"),
        begin(1, "call_b2", "weather", ""),
        more(1, "{\"city\": \"Rome\"}"),
        finish(0, Finish::ToolCalls),
        Delta::End,
    ];
    assert_eq!(said("openai_tools", OPENAI), expected_calls);
    assert!(counted("openai_tools").is_empty());

    let expected_choices = [
        text(0, "a"),
        Delta::Refusal { choice: 1, text: "no".into() },
        text(0, "b"),
        finish(0, Finish::Length),
        finish(1, Finish::ContentFilter),
        Delta::End,
    ];
    assert_eq!(said("openai_choices", OPENAI), expected_choices);
}

#[test]
fn azures_first_chunk_says_nothing() {
    let events = fixtures::events("streams/azure.sse");
    assert!(Reader::default().read(&events[0]).unwrap().is_empty());
    let expected_text = [text(0, "Hi"), finish(0, Finish::Stop), Delta::End];
    assert_eq!(said("azure", OPENAI), expected_text);
    assert_eq!(counted("azure").len(), 4);
}

#[test]
fn thoughts_and_usage_are_found_wherever_a_provider_puts_them() {
    let groq = [
        thought("Hm", None),
        thought("m.", None),
        text(0, "Yes"),
        finish(0, Finish::Stop),
        Delta::End,
    ];
    assert_eq!(said("groq", ["chatcmpl-g", "qwen/qwen3-32b", ""]), groq);
    assert_eq!(counted("groq"), expected(&[("input", 5), ("output", 7)]));

    let deepseek = [thought("2+2", None), text(0, "4"), finish(0, Finish::Stop), Delta::End];
    assert_eq!(said("deepseek", ["ds-2", "deepseek-reasoner", ""]), deepseek);
    let types = [("input", 6), ("input_cache_read", 4), ("output", 1), ("output_reasoning", 5)];
    assert_eq!(counted("deepseek"), expected(&types));

    let mistral = [
        thought("Look ", None),
        thought("it up.", None),
        text(0, "One "),
        text(0, "moment."),
        begin(0, "abcDEF123", "weather", "{\"city\": \"Rome\"}"),
        begin(1, "ghiJKL456", "weather", "{\"city\": \"Paris\"}"),
        finish(0, Finish::ToolCalls),
        Delta::End,
    ];
    assert_eq!(said("mistral", ["cmpl-n", "magistral-medium-latest", ""]), mistral);
    assert_eq!(counted("mistral"), expected(&[("input", 20), ("output", 12)]));

    let openrouter = [
        thought("I see", None),
        thought("", Some("c2ln")),
        text(0, "A cat."),
        finish(0, Finish::Stop),
        Delta::End,
    ];
    assert_eq!(said("openrouter", ["gen-2", "anthropic/claude-sonnet-4.5", ""]), openrouter);
    assert_eq!(counted("openrouter"), expected(&[("input", 9), ("output", 5)]));
}

#[test]
fn calls_are_told_apart_though_they_are_not_numbered() {
    let calls = [
        begin(0, "c1", "weather", "{\"city\":\"Rome\"}"),
        begin(1, "c2", "now", "{"),
        more(1, "}"),
        begin(2, "c3", "now", "{}"),
        more(2, " "),
        begin(3, "call_3", "last", ""),
        finish(0, Finish::ToolCalls),
        Delta::End,
    ];
    assert_eq!(said("loose_calls", ["chatcmpl-l", "llama3", ""]), calls);
}

#[test]
fn an_error_ends_a_stream() {
    let mut deltas = said("error", OPENAI);
    let Some(Delta::Failed(error)) = deltas.pop() else { panic!("{deltas:?}") };
    assert_eq!(deltas, [text(0, "Ha")]);
    assert_eq!((error.status, error.kind), (500, ErrorKind::Provider));
    assert_eq!(error.message, "The server had an error");
    assert_eq!(error.r#type.as_deref(), Some("server_error"));

    let bare = Event::message(r#"{"object":"error","message":"full","code":503}"#);
    let deltas = Reader::default().read(&bare).unwrap();
    let [Delta::Failed(error)] = &deltas[..] else { panic!("{deltas:?}") };
    assert_eq!((error.message.as_str(), error.kind), ("full", ErrorKind::Overloaded));
    let named = Event::named("error", r#"{"error":"gone"}"#);
    let deltas = Reader::default().read(&named).unwrap();
    let [Delta::Failed(error)] = &deltas[..] else { panic!("{deltas:?}") };
    assert_eq!(error.message, "gone");
}

fn read_all(chunks: &[Value]) -> Vec<Delta> {
    let mut reader = Reader::default();
    let events = chunks.iter().map(|chunk| Event::message(chunk.to_string()));
    events.flat_map(|event| reader.read(&event).unwrap()).collect()
}

#[test]
fn what_is_known_late_is_said_late() {
    let nameless = Delta::Start { id: None, model: None, created: None, service_tier: None };
    let late =
        Delta::Start { id: None, model: Some("m".into()), created: None, service_tier: None };
    let deltas = read_all(&[
        json!({"choices": [{"delta": {"content": "a"}}]}),
        json!({"model": "m", "choices": [{"delta": {"content": "b"}}]}),
        json!({"model": "m2", "choices": [{"message": {"content": "c"}}, {"text": "d"}]}),
    ]);
    let expected = [nameless, text(0, "a"), late, text(0, "b"), text(0, "c"), text(1, "d")];
    assert_eq!(deltas, expected);
}

#[test]
fn a_call_waits_for_its_name_but_not_for_ever() {
    let piece = |call: Value| json!({"choices": [{"delta": {"tool_calls": [call]}}]});
    let deltas = read_all(&[
        piece(json!({"index": 0, "id": "c1"})),
        piece(json!({"index": 0, "function": {"name": "now"}})),
        piece(json!({"index": 0, "id": "c1", "function": {"name": "now", "arguments": "{}"}})),
        piece(json!({"index": 4, "id": "c2"})),
        json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
    ]);
    let expected = [
        begin(0, "c1", "now", ""),
        more(0, "{}"),
        begin(1, "c2", "", ""),
        finish(0, Finish::ToolCalls),
    ];
    assert_eq!(deltas[1..], expected);
}

#[test]
fn odd_chunks_are_no_error_and_take_no_memory() {
    let odd = [
        json!({}),
        json!({"choices": null, "usage": 3, "x_groq": {}}),
        json!({"choices": [{"index": 4_000_000_000u32, "delta": {"content": "x"}}]}),
        json!({"choices": [{"index": -1, "delta": {"content": [7, {}], "tool_calls": [null]}}]}),
    ];
    let deltas = read_all(&odd);
    assert!(deltas.iter().all(|delta| matches!(delta, Delta::Start { .. })), "{deltas:?}");

    let mut reader = Reader::default();
    for data in ["no JSON", "[]", "{\"choices\":7}", "{\"choices\":[7]}"] {
        assert_eq!(reader.read(&Event::message(data)).unwrap_err().field, "data", "{data}");
    }
    assert!(reader.read(&Event::message("")).unwrap().is_empty());
    assert_eq!(reader.read(&Event::message("[DONE]")).unwrap(), [Delta::End]);
    for data in ["[DONE]", "no JSON", "{\"choices\":[{\"text\":\"late\"}]}"] {
        assert!(reader.read(&Event::message(data)).unwrap().is_empty(), "{data}");
    }
}
