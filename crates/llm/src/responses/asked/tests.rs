#![allow(clippy::unwrap_used)]

use super::*;
use crate::responses::tests::fixture;

#[test]
fn a_text_is_the_prompt() {
    let body = fixture("requests/plain.json");
    let asked = asked(body.as_bytes()).unwrap();
    assert_eq!(asked.model, "gpt-5.1");
    assert_eq!(asked.prompt.as_deref(), Some("Say hello."));
    assert_eq!(asked.input.unwrap().get(), "\"Say hello.\"");
    assert_eq!((asked.stream, asked.system, asked.user), (false, None, None));
    assert!(asked.tools.is_none() && asked.metadata.is_none() && asked.parameters.is_empty());
}

#[test]
fn instructions_and_messages_of_the_developer_are_the_system() {
    let body = fixture("requests/conversation.json");
    let asked = asked(body.as_bytes()).unwrap();
    assert_eq!(asked.system.as_deref(), Some("Be brief.\n\nSpeak German."));
    assert_eq!(asked.prompt.as_deref(), Some("And\nnow?"));
    assert_eq!(asked.user.as_deref(), Some("ann"));
    let metadata: serde_json::Value = serde_json::from_str(asked.metadata.unwrap().get()).unwrap();
    assert_eq!(metadata, serde_json::json!({"team": "search", "ticket": "42"}));
    let mut names: Vec<_> = asked.parameters.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "max_output_tokens",
        "prompt_cache_key",
        "service_tier",
        "store",
        "temperature",
        "text",
        "top_p",
        "truncation",
    ];
    assert_eq!(names, expected);
}

#[test]
fn the_last_message_of_the_user_is_the_prompt_though_results_of_tools_follow() {
    let body = fixture("requests/tools.json");
    let asked = asked(body.as_bytes()).unwrap();
    assert_eq!(asked.prompt.as_deref(), Some("Weather and time in Bonn?"));
    assert_eq!(asked.system, None);
    let tools: Vec<serde_json::Value> = serde_json::from_str(asked.tools.unwrap().get()).unwrap();
    assert_eq!(tools.len(), 3);
}

#[test]
fn a_stream_is_seen() {
    assert!(asked(fixture("requests/stream.json").as_bytes()).unwrap().stream);
    assert!(!asked(br#"{"model":"m","stream":null}"#).unwrap().stream);
}

#[test]
fn values_keep_their_text_and_of_a_name_twice_the_last_counts() {
    let body =
        br#"{"model":"a","top_p": 0.5,"temperature":0.70 ,"model":"b","top_p":1E0,"x":null}"#;
    let asked = asked(body).unwrap();
    assert_eq!(asked.model, "b");
    let parameters: Vec<_> =
        asked.parameters.iter().map(|(name, value)| (name.as_str(), value.get())).collect();
    assert_eq!(parameters, [("temperature", "0.70"), ("top_p", "1E0")]);
}

#[test]
fn the_safety_identifier_is_the_user_where_there_is_no_other() {
    let user = |body: &str| asked(body.as_bytes()).unwrap().user;
    assert_eq!(user(r#"{"safety_identifier":"s"}"#).as_deref(), Some("s"));
    assert_eq!(user(r#"{"safety_identifier":"s","user":"u"}"#).as_deref(), Some("u"));
    assert_eq!(user(r#"{"user":7}"#), None);
}

#[test]
fn a_conversation_that_is_odd_is_passed_on_without_a_prompt() {
    for input in ["7", "[1]", "[{\"role\":7,\"content\":[]}]", "[{\"role\":\"user\"}]", "{}"] {
        let body = format!("{{\"model\":\"m\",\"input\":{input}}}");
        let asked = asked(body.as_bytes()).unwrap();
        assert_eq!((asked.prompt, asked.system), (None, None), "{input}");
        assert_eq!(asked.input.unwrap().get(), input);
    }
}

#[test]
fn depth_has_no_end() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!("{{\"model\":\"m\",\"input\":{deep}}}");
    assert_eq!(asked(body.as_bytes()).unwrap().prompt, None);
}

#[test]
fn parameters_are_bounded() {
    let fields: Vec<_> = (0..1000).map(|number| format!("\"p{number}\":1")).collect();
    let body = format!("{{{}}}", fields.join(","));
    assert_eq!(asked(body.as_bytes()).unwrap().parameters.len(), MOST_PARAMETERS);
}

#[test]
fn what_is_wrong_is_named() {
    for (body, field) in [
        ("", "body"),
        ("[]", "body"),
        ("{\"model\":\"m\"", "body"),
        ("{\"model\":7}", "model"),
        ("{\"model\":\"m\",\"stream\":\"yes\"}", "stream"),
    ] {
        assert_eq!(asked(body.as_bytes()).unwrap_err().field, field, "{body}");
    }
    assert_eq!(asked(b"{\"model\":\"\xff\"}").unwrap_err().field, "body");
}
