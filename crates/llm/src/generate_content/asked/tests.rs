#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;

#[test]
fn a_requests_fields_are_told_apart() {
    let body = fixtures::request("parameters");
    let asked = asked(body.as_bytes()).unwrap();
    assert_eq!((asked.model.as_str(), asked.stream, asked.stream_usage), ("", false, false));
    let contents = "[{\"parts\":[{\"text\":\"Why?\"}],\"role\":\"user\"}]";
    assert_eq!(asked.input.unwrap().get(), contents);
    assert_eq!(asked.system.as_deref(), Some("Be brief."));
    assert_eq!(asked.prompt.as_deref(), Some("Why?"));
    assert_eq!(asked.metadata.unwrap().get(), "{\"team\":\"search\"}");
    let names: Vec<&str> = asked.parameters.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["safetySettings", "cachedContent", "serviceTier", "generationConfig"]);
}

#[test]
fn the_prompt_is_the_last_text_of_the_user() {
    let prompt = |name: &str| {
        let body = fixtures::request(name);
        asked(body.as_bytes()).unwrap().prompt
    };
    assert_eq!(prompt("turns").as_deref(), Some("What is this?"));
    // What comes last there are results of tools.
    assert_eq!(prompt("results").as_deref(), Some("Weather in Rome and Oslo?"));
    assert_eq!(prompt("chat_after_stream").as_deref(), Some("And then?"));
}

#[test]
fn texts_are_the_clients_own() {
    let body = "{\"system_instruction\": {\"parts\": {\"text\": \"S\"}}, \"tools\": [ {} ],\
                 \"generation_config\": {\"temperature\": 0.10}, \"contents\": {\"parts\": [\
                 {\"text\": \"a\"}, {\"inlineData\": {\"data\": \"AAAA\"}}, {\"text\": \"b\"}]}}";
    let asked = asked(body.as_bytes()).unwrap();
    assert_eq!(asked.system.as_deref(), Some("S"));
    assert_eq!(asked.tools.unwrap().get(), "[ {} ]");
    assert_eq!(asked.prompt.as_deref(), Some("a\nb"));
    assert_eq!(asked.parameters[0].0, "generationConfig");
    assert_eq!(asked.parameters[0].1.get(), "{\"temperature\": 0.10}");
}

#[test]
fn what_is_no_conversation_has_no_prompt_and_what_is_no_object_is_an_error() {
    for body in ["{}", "{\"contents\": null}", "{\"contents\": 5, \"systemInstruction\": []}"] {
        let asked = asked(body.as_bytes()).unwrap();
        assert_eq!((asked.prompt, asked.system), (None, None), "{body}");
    }
    for body in [b"".as_slice(), b"[]", b"{\"a\":}", b"\"x\"", b"{\"a\":\"\xff\"}"] {
        assert_eq!(asked(body).unwrap_err().field, "body");
    }
}
