#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;

fn names(asked: &Asked<'_>) -> Vec<String> {
    asked.parameters.iter().map(|(name, _)| name.clone()).collect()
}

#[test]
fn a_recorded_request_says_what_it_asks() {
    let body = fixtures::bytes("requests/system.json");
    let asked = asked(&body).unwrap();
    assert_eq!(asked.model, "gpt-5.1");
    assert_eq!((asked.stream, asked.stream_usage), (false, false));
    assert_eq!(asked.system.as_deref(), Some("Be brief."));
    assert_eq!(asked.prompt.as_deref(), Some("And 3 + 3?"));
    assert_eq!(asked.user.as_deref(), Some("u-42"));
    assert_eq!(asked.metadata.unwrap().get(), "{\"ticket\":\"T-1\"}");
    assert!(asked.input.unwrap().get().starts_with("[{\"role\":\"developer\""));
    let expected = "service_tier frequency_penalty logit_bias max_completion_tokens n \
                    presence_penalty reasoning_effort seed stop temperature top_p verbosity";
    assert_eq!(names(&asked).join(" "), expected);
}

#[test]
fn streams_tools_and_media_are_seen() {
    let body = fixtures::bytes("requests/stream.json");
    let stream = asked(&body).unwrap();
    assert_eq!((stream.stream, stream.stream_usage), (true, true));
    let body = fixtures::bytes("requests/tools.json");
    let tools = asked(&body).unwrap();
    assert!(tools.tools.unwrap().get().contains("\"additionalProperties\":false"));
    assert_eq!(names(&tools), ["parallel_tool_calls", "tool_choice"]);
    let body = fixtures::bytes("requests/media.json");
    assert_eq!(asked(&body).unwrap().prompt.as_deref(), Some("What are these?"));
    let body = fixtures::bytes("requests/mistral.json");
    assert_eq!(asked(&body).unwrap().prompt.as_deref(), Some("What is this?"));
}

#[test]
fn digits_and_order_stay_the_clients() {
    let asked = asked(b"{\"top_p\": 1.00, \"model\":\"m\",\"temperature\":7e-1}").unwrap();
    let texts: Vec<_> = asked.parameters.iter().map(|(_, value)| value.get()).collect();
    assert_eq!(texts, ["1.00", "7e-1"]);
}

#[test]
fn odd_conversations_are_kept_unread() {
    let body = br#"{"model":"m","messages":{"a":1},"stream":"yes","user":null,"stream_options":3}"#;
    let odd = asked(body).unwrap();
    assert_eq!(odd.input.unwrap().get(), "{\"a\":1}");
    assert_eq!((odd.system, odd.prompt, odd.user), (None, None, None));
    assert_eq!((odd.stream, odd.stream_usage), (false, false));
    let legacy = asked(br#"{"model":"m","prompt":"Once upon"}"#).unwrap();
    assert_eq!(legacy.prompt.as_deref(), Some("Once upon"));
    let renamed = asked(br#"{"safety_identifier":"a","user":"b"}"#).unwrap();
    assert_eq!(renamed.user.as_deref(), Some("b"));
}

#[test]
fn what_cannot_be_read_names_its_field() {
    for (body, field) in [("", "body"), ("[]", "body"), ("{\"model\":7}", "model"), ("{}x", "body")]
    {
        assert_eq!(asked(body.as_bytes()).unwrap_err().field, field, "{body}");
    }
    assert_eq!(asked(b"{\"model\":\"\xff\"}").unwrap_err().field, "body");
}
