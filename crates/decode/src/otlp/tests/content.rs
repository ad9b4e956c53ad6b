//! GenAI conventions: what went in and what came out.

#![allow(clippy::unwrap_used)]

use super::*;

const MESSAGES: &str = r#"[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]"#;

fn with_events(attributes: &[Attribute], events: Vec<RawEvent>) -> State {
    read(RawSpan { events, ..span(attributes) }).0
}

#[test]
fn messages_sent_as_json_text_stay_as_they_are() {
    let state = read_attributes(&[
        attribute("gen_ai.system_instructions", "Be kind."),
        attribute("gen_ai.input.messages", "[ {\"role\" : \"user\"} ]"),
        attribute("gen_ai.output.messages", "[]"),
        attribute("gen_ai.tool.definitions", "[1]"),
    ]);
    assert_eq!(text(&state, Field::SystemPrompt), Some("Be kind."));
    assert_eq!(text(&state, Field::Input), Some("[ {\"role\" : \"user\"} ]"));
    assert_eq!(text(&state, Field::Output), Some("[]"));
    assert_eq!(metadata(&state, "gen_ai.tool.definitions"), Some("\"[1]\""));
}

#[test]
fn structured_messages_become_json() {
    let part = AnyValue::Map(vec![attribute("type", "text"), attribute("content", "Hi")]);
    let parts = ("parts".into(), AnyValue::Array(vec![part]));
    let message = AnyValue::Map(vec![attribute("role", "user"), parts]);
    let messages = AnyValue::Array(vec![message]);
    let state = read_attributes(&[("gen_ai.input.messages".into(), messages)]);
    assert_eq!(text(&state, Field::Input), Some(MESSAGES));
}

#[test]
fn former_attributes_are_read_where_current_ones_are_missing() {
    let former = [attribute("gen_ai.prompt", "old"), attribute("gen_ai.completion", "reply")];
    let state = read_attributes(&former);
    assert_eq!(text(&state, Field::Input), Some("old"));
    assert_eq!(text(&state, Field::Output), Some("reply"));

    let mut both = former.to_vec();
    both.push(attribute("gen_ai.input.messages", MESSAGES));
    let state = read_attributes(&both);
    assert_eq!(text(&state, Field::Input), Some(MESSAGES));
    assert_eq!(metadata(&state, "gen_ai.prompt"), Some("\"old\""));
}

#[test]
fn tools_and_retrievals_have_input_and_output() {
    let arguments = AnyValue::Map(vec![attribute("city", "Paris")]);
    let state = read_attributes(&[
        attribute("gen_ai.tool.name", "weather"),
        ("gen_ai.tool.call.arguments".into(), arguments),
        attribute("gen_ai.tool.call.result", "rain"),
    ]);
    assert_eq!(text(&state, Field::Input), Some(r#"{"city":"Paris"}"#));
    assert_eq!(text(&state, Field::Output), Some("rain"));
    assert_eq!(metadata(&state, "gen_ai.tool.name"), Some("\"weather\""));

    let state = read_attributes(&[
        attribute("gen_ai.retrieval.query.text", "where?"),
        attribute("gen_ai.retrieval.documents", "[]"),
    ]);
    assert_eq!(text(&state, Field::Input), Some("where?"));
    assert_eq!(text(&state, Field::Output), Some("[]"));
}

#[test]
fn indexed_attributes_are_put_together() {
    let indexed = [
        attribute("gen_ai.prompt.10.role", "tool"),
        attribute("gen_ai.prompt.0.role", "system"),
        attribute("gen_ai.prompt.0.content", "Be kind."),
        attribute("gen_ai.prompt.2.role", "user"),
        attribute("gen_ai.prompt.2.content", "Hi"),
        attribute("gen_ai.completion.0.role", "assistant"),
        attribute("gen_ai.completion.0.tool_calls.0.name", "weather"),
        attribute("gen_ai.completion.0.tool_calls.0.arguments", "{}"),
        attribute("gen_ai.completion.0.tool_calls.1.name", "time"),
        attribute("gen_ai.completion.x", "odd"),
    ];
    let state = read_attributes(&indexed);
    assert_eq!(
        text(&state, Field::Input),
        Some(
            r#"[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"},{"role":"tool"}]"#
        )
    );
    let calls = r#"[{"name":"weather","arguments":"{}"},{"name":"time"}]"#;
    let output = format!(r#"[{{"role":"assistant","tool_calls":{calls}}}]"#);
    assert_eq!(text(&state, Field::Output), Some(&*output));
    assert_eq!(text(&state, Field::ToolCalls), Some(calls));
    assert_eq!(metadata(&state, "gen_ai.completion.x"), Some("\"odd\""));

    let mut both = indexed.to_vec();
    both.push(attribute("gen_ai.input.messages", MESSAGES));
    let state = read_attributes(&both);
    assert_eq!(text(&state, Field::Input), Some(MESSAGES));
    assert_eq!(metadata(&state, "gen_ai.prompt.2.content"), Some("\"Hi\""));
}

#[test]
fn message_events_are_arrays_in_order() {
    let state = with_events(
        &[],
        vec![
            event(
                "gen_ai.system.message",
                &[attribute("gen_ai.system", "openai"), attribute("content", "Be kind.")],
            ),
            event(
                "gen_ai.user.message",
                &[attribute("gen_ai.event.content", r#"{"content":"Hi"}"#)],
            ),
            event("gen_ai.tool.message", &[attribute("role", "function"), attribute("id", "1")]),
            event("gen_ai.choice", &[attribute("index", 0i64), attribute("message", "Hello")]),
        ],
    );
    assert_eq!(
        text(&state, Field::Input),
        Some(
            r#"[{"role":"system","content":"Be kind."},{"role":"user","content":"Hi"},{"role":"function","id":"1"}]"#
        )
    );
    let output = r#"[{"role":"assistant","index":0,"message":"Hello"}]"#;
    assert_eq!(text(&state, Field::Output), Some(output));
    assert_eq!(text(&state, Field::Events), None);
}

#[test]
fn bodies_of_events_are_read_in_every_form() {
    let prompt = |body: &str| event("gen_ai.content.prompt", &[attribute("gen_ai.prompt", body)]);
    let state = with_events(
        &[],
        vec![
            prompt("plain"),
            prompt(r#" [{"role":"a"}, {"role":"b"}] "#),
            prompt(r#"{ "role" : "c" }"#),
            prompt("{}"),
            prompt("{broken"),
            prompt("[{},{broken"),
        ],
    );
    assert_eq!(
        text(&state, Field::Input),
        Some(
            r#"[{"role":"user","content":"plain"},{"role":"a"},{"role":"b"},{ "role" : "c" },{"role":"user"},{"role":"user","content":"{broken"},{"role":"user","content":"[{},{broken"}]"#
        )
    );
}

#[test]
fn events_that_say_what_attributes_said_stay_events() {
    let said = attribute("content", "other");
    let state = with_events(
        &[attribute("gen_ai.input.messages", MESSAGES)],
        vec![event("gen_ai.user.message", &[said]), event("gen_ai.user.message", &[])],
    );
    assert_eq!(text(&state, Field::Input), Some(MESSAGES));
    let events = text(&state, Field::Events).unwrap();
    assert_eq!(events.matches("gen_ai.user.message").count(), 2);
}

#[test]
fn the_details_event_fills_what_the_span_left_open() {
    let details = event(
        "gen_ai.client.inference.operation.details",
        &[
            attribute("gen_ai.input.messages", MESSAGES),
            attribute("gen_ai.output.messages", "[2]"),
            attribute("server.address", "example.com"),
        ],
    );
    let state = with_events(&[attribute("gen_ai.output.messages", "[1]")], vec![details]);
    assert_eq!(text(&state, Field::Input), Some(MESSAGES));
    assert_eq!(text(&state, Field::Output), Some("[1]"));
    let events = text(&state, Field::Events).unwrap();
    assert!(events.contains("example.com") && events.contains("[2]"), "{events}");
    assert!(!events.contains("Hi"), "{events}");
}

/// The conventions put the details event in the place of an event for each message.
#[test]
fn what_the_details_event_states_wins_over_messages_wherever_they_come() {
    let details = event(
        "gen_ai.client.inference.operation.details",
        &[attribute("gen_ai.input.messages", MESSAGES), attribute("note", "kept")],
    );
    let asked = event("gen_ai.user.message", &[attribute("content", "asked before")]);
    let told = event("gen_ai.system.message", &[attribute("content", "told before")]);
    let answered = event("gen_ai.choice", &[attribute("content", "answered")]);
    for events in [
        vec![told.clone(), asked.clone(), answered.clone(), details.clone()],
        vec![details, told, asked, answered],
    ] {
        let state = with_events(&[], events);
        assert_eq!(text(&state, Field::Input), Some(MESSAGES));
        // Of the answer the details event says nothing.
        let output = r#"[{"role":"assistant","content":"answered"}]"#;
        assert_eq!(text(&state, Field::Output), Some(output));
        // What lost is kept as it came; what was used is not kept twice.
        let events = text(&state, Field::Events).unwrap();
        for kept in ["told before", "asked before", "\"note\":\"kept\""] {
            assert!(events.contains(kept), "{kept} is not in {events}");
        }
        assert!(!events.contains("answered") && !events.contains("Hi"), "{events}");
    }
}

#[test]
fn a_details_event_that_does_not_state_the_messages_leaves_them() {
    let details = event(
        "gen_ai.client.inference.operation.details",
        &[attribute("gen_ai.system_instructions", "Be kind.")],
    );
    let asked = event("gen_ai.user.message", &[attribute("content", "asked")]);
    let state = with_events(&[], vec![asked, details]);
    assert_eq!(text(&state, Field::SystemPrompt), Some("Be kind."));
    assert_eq!(text(&state, Field::Input), Some(r#"[{"role":"user","content":"asked"}]"#));
    assert_eq!(text(&state, Field::Events), None);
}

#[test]
fn tool_calls_are_found_in_answers_of_both_shapes() {
    let part = r#"{"type":"tool_call","id":"1","name":"weather","arguments":{"city":"Paris"}}"#;
    let said = r#"{"type":"text","content":"tool_call"}"#;
    let call = r#"{"id":"2","type":"function","function":{"name":"time"}}"#;
    let output = format!(
        r#"[{{"role":"assistant","parts":[{said},{part}]}},{{"message":{{"tool_calls":[{call}]}}}}]"#
    );
    let state = read_attributes(&[attribute("gen_ai.output.messages", &*output)]);
    assert_eq!(text(&state, Field::ToolCalls), Some(&*format!("[{part},{call}]")));

    let single = format!(r#"{{"tool_calls":[{call}]}}"#);
    let state = read_attributes(&[attribute("gen_ai.completion", &*single)]);
    assert_eq!(text(&state, Field::ToolCalls), Some(&*format!("[{call}]")));

    for none in [
        "a tool_call in prose",
        r#"[{"parts":["tool_call"]}]"#,
        "{\"tool_calls\":1}",
        r#"[{"tool_calls":[{}]},{broken"#,
    ] {
        let state = read_attributes(&[attribute("gen_ai.output.messages", none)]);
        assert_eq!(text(&state, Field::ToolCalls), None, "{none}");
    }
}

#[test]
fn tool_calls_with_numbers_beyond_a_double_stay_in_the_answer_only() {
    for (number, found) in [("1e308", true), ("1e999", false)] {
        let output = format!(r#"{{"tool_calls":[{{"arguments":{{"n":{number}}}}}]}}"#);
        let state = read_attributes(&[attribute("gen_ai.output.messages", &*output)]);
        assert_eq!(text(&state, Field::Output), Some(&*output));
        assert_eq!(text(&state, Field::ToolCalls).is_some(), found, "{number}");
    }
}

#[test]
fn tool_calls_too_deep_to_be_read_back_stay_in_the_answer_only() {
    for (levels, found) in [(100, true), (1_000, false)] {
        let deep = "[".repeat(levels) + &"]".repeat(levels);
        let output = format!(r#"{{"tool_calls":[{{"arguments":{deep}}}]}}"#);
        let state = read_attributes(&[attribute("gen_ai.output.messages", &*output)]);
        assert_eq!(text(&state, Field::Output), Some(&*output));
        assert_eq!(text(&state, Field::ToolCalls).is_some(), found, "{levels} levels");
    }
}
