use serde_json::{Value, json};
use tracekeep_model::{Text, Usage};

use super::fixture;
use crate::chat::{Choice, Counted, Finish, Fresh, Part, Response, ToolCall};
use crate::messages::{count, read_response, write_response};

fn read(body: &str) -> Response {
    read_response(body.as_bytes()).unwrap()
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
        sealed: None,
    })
}

fn fresh() -> Fresh {
    Fresh { id: "fresh".into(), created: 0, model: "asked".into() }
}

#[test]
fn an_answer_with_thoughts_and_calls_is_understood() {
    let response = read(fixture!("responses/tools.json"));
    assert_eq!(response.id.as_deref(), Some("msg_01"));
    assert_eq!(response.model.as_deref(), Some("claude-sonnet-4-5-20250929"));
    assert_eq!(response.service_tier.as_deref(), Some("priority"));
    let choice = &response.choices[0];
    assert_eq!(choice.finish, Some(Finish::ToolCalls));
    let sealed = |text: &str, sealed: &str| Part::Reasoning {
        text: text.into(),
        sealed: Some(sealed.into()),
    };
    let first = [
        sealed("Two cities.", "c2ln"),
        sealed("", "redacted_thinking:aGlkZGVu"),
        Part::Text("I look.".into()),
    ];
    assert_eq!(choice.parts[..3], first);
    let Part::ToolCall(weather) = &choice.parts[3] else { panic!("a call was sent") };
    let arguments: Value = serde_json::from_str(&weather.arguments).unwrap();
    assert_eq!(arguments, json!({"city": "Oslo", "lat": 59.91}));
    assert_eq!(choice.parts[4], call("toolu_2", "now", "{}"));
    let expected = Usage {
        input: Some(21),
        input_cache_read: Some(3000),
        input_cache_write: Some(200),
        output: Some(30),
        output_reasoning: Some(60),
        other: vec![("input_cache_write_1h".into(), 500)],
        stated_total: None,
    };
    let counted = response.counted.unwrap();
    assert_eq!(counted.usage, expected);
    assert_eq!(counted.stated["output_tokens"], 90);
}

#[test]
fn what_the_providers_tools_did_is_left_out_and_its_searches_are_counted() {
    let response = read(fixture!("responses/search.json"));
    let texts = ["I search.", "Oslo is a city."].map(|text| Part::Text(text.into()));
    assert_eq!(response.choices[0].parts, texts);
    assert_eq!(response.choices[0].finish, Some(Finish::Other("pause_turn".into())));
    let other = response.counted.unwrap().usage.other;
    assert_eq!(other, [(Text::from("web_searches"), 2), (Text::from("web_fetches"), 1)]);
}

#[test]
fn a_refusal_says_why() {
    let response = read(fixture!("responses/refusal.json"));
    assert_eq!(response.choices[0].parts, [Part::Refusal("This could do harm.".into())]);
    assert_eq!(response.choices[0].finish, Some(Finish::ContentFilter));
}

#[test]
fn reasons_of_the_end_are_told_apart() {
    for (word, expected) in [
        ("end_turn", Finish::Stop),
        ("stop_sequence", Finish::Stop),
        ("max_tokens", Finish::Length),
        ("model_context_window_exceeded", Finish::Length),
        ("tool_use", Finish::ToolCalls),
        ("refusal", Finish::ContentFilter),
        ("tomorrow", Finish::Other("tomorrow".into())),
    ] {
        let body = json!({"content": [], "stop_reason": word}).to_string();
        assert_eq!(read(&body).choices[0].finish, Some(expected));
    }
}

#[test]
fn unknown_blocks_do_not_spoil_an_answer() {
    let body = r#"{"content":[{"type":"hologram","text":5},7,{"type":"text","text":"a"},
        {"type":"tool_use","id":"t","name":"n","input":{"lat":59.910}}]}"#;
    let expected = [Part::Text("a".into()), call("t", "n", "{\"lat\":59.910}")];
    let response = read(body);
    assert_eq!(response.choices[0].parts, expected);
    assert_eq!((response.choices[0].finish.clone(), response.counted), (None, None));
    for body in ["", "[]", "{}", "{\"content\":null}", "{\"type\":\"error\"}"] {
        assert!(read_response(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn no_token_is_counted_twice_and_none_is_negative() {
    let other = |name: &str, count: i64| vec![(Text::from(name), count)];
    for (stated, expected) in [
        (json!({}), Usage::default()),
        (json!(null), Usage::default()),
        (
            json!({"input_tokens": -5, "output_tokens": 1.5}),
            Usage { input: Some(0), ..Usage::default() },
        ),
        // No split: all of it for five minutes.
        (
            json!({"cache_creation_input_tokens": 700}),
            Usage { input_cache_write: Some(700), ..Usage::default() },
        ),
        // A split that does not cover all.
        (
            json!({"cache_creation_input_tokens": 700, "cache_creation": {"ephemeral_1h_input_tokens": 500}}),
            Usage {
                input_cache_write: Some(200),
                other: other("input_cache_write_1h", 500),
                ..Usage::default()
            },
        ),
        (
            json!({"cache_creation_input_tokens": 500, "cache_creation": {
                "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 500}}),
            Usage {
                input_cache_write: Some(0),
                other: other("input_cache_write_1h", 500),
                ..Usage::default()
            },
        ),
        // More thoughts than output cannot be.
        (
            json!({"output_tokens": 10, "output_tokens_details": {"thinking_tokens": 12}}),
            Usage { output: Some(0), output_reasoning: Some(10), ..Usage::default() },
        ),
        (
            json!({"input_tokens": 18446744073709551615u64}),
            Usage { input: Some(tracekeep_model::MOST_TOKENS), ..Usage::default() },
        ),
    ] {
        assert_eq!(count(&stated).usage, expected, "{stated}");
    }
}

#[test]
fn an_answer_of_another_protocol_is_one_of_this() {
    let usage = Usage {
        input: Some(15),
        input_cache_read: Some(100),
        output: Some(20),
        output_reasoning: Some(30),
        other: vec![("input_audio".into(), 5), ("web_searches".into(), 2)],
        ..Usage::default()
    };
    let parts = vec![
        Part::Reasoning { text: "Two cities.".into(), sealed: None },
        Part::Text("I look.".into()),
        Part::Text(String::new()),
        call("call_1", "get_weather", "{\"city\":\"Oslo\"}"),
        call("call_2", "broken", "{\"a\":"),
    ];
    let response = Response {
        id: Some("chatcmpl-1".into()),
        model: Some("gpt-5".into()),
        created: Some(1),
        choices: vec![Choice { parts, finish: Some(Finish::ToolCalls) }, Choice::default()],
        counted: Some(Counted { usage, stated: Value::Null }),
        service_tier: Some("default".into()),
    };
    let expected: Value = serde_json::from_str(fixture!("written/response_rich.json")).unwrap();
    assert_eq!(write_response(&response, &fresh()), expected);
}

#[test]
fn a_refusal_is_text_that_says_so() {
    let parts = vec![Part::Refusal("I cannot.".into())];
    let choices = vec![Choice { parts, finish: Some(Finish::Stop) }];
    let response = Response { choices, ..Response::default() };
    let expected: Value = serde_json::from_str(fixture!("written/response_refusal.json")).unwrap();
    assert_eq!(write_response(&response, &fresh()), expected);
}

#[test]
fn an_answer_survives_writing_and_reading() {
    for body in [fixture!("responses/plain.json"), fixture!("responses/tools.json")] {
        let response = read(body);
        let again = read(&write_response(&response, &Fresh::default()).to_string());
        let calls = |response: &Response| -> Vec<Value> {
            let parts = response.choices[0].parts.iter().filter_map(|part| match part {
                Part::ToolCall(call) => Some(serde_json::from_str(&call.arguments).unwrap()),
                _ => None,
            });
            parts.collect()
        };
        assert_eq!(calls(&again), calls(&response));
        assert_eq!(again.choices[0].parts[..1], response.choices[0].parts[..1]);
        assert_eq!(again.choices[0].finish, response.choices[0].finish);
        assert_eq!(again.counted.unwrap().usage, response.counted.unwrap().usage);
        assert_eq!((again.id, again.model), (response.id, response.model));
        assert_eq!(again.service_tier, response.service_tier);
    }
}
