#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;
use crate::chat::{MediaSource, Params, ToolCall};

fn say(role: Role, parts: Vec<Part>) -> Message {
    Message { role, name: None, parts }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn question(text: &str) -> Request {
    Request {
        model: "command-a-03-2025".to_owned(),
        messages: vec![say(Role::User, vec![Part::Text(text.to_owned())])],
        ..Request::default()
    }
}

fn image(source: MediaSource) -> Part {
    let mime = Some("image/png".to_owned());
    Part::Image(Media { source, mime, name: None, detail: Some("low".to_owned()) })
}

fn weather() -> Tool {
    Tool {
        name: "get_weather".to_owned(),
        description: Some("The weather in a city".to_owned()),
        parameters: Some(json!({"type": "object", "properties": {"city": {"type": "string"}}})),
        strict: Some(true),
    }
}

/// That Cohere's SDK sends the same for the same call.
fn assert_sent(request: &Request, name: &str) {
    assert_eq!(write_request(request).unwrap(), fixtures::request(name), "{name}");
}

#[test]
fn a_plain_question() {
    assert_sent(&question("Why?"), "plain");
    let mut streamed = question("Why?");
    streamed.stream = true;
    assert_sent(&streamed, "stream");
}

#[test]
fn every_parameter() {
    let mut request = question("Why?");
    request.system = vec![text("Be brief.")];
    request.params = Params {
        max_tokens: Some(256),
        temperature: Number::from_f64(0.25),
        top_p: Number::from_f64(0.9),
        top_k: Some(40),
        frequency_penalty: Number::from_f64(0.5),
        presence_penalty: Number::from_f64(0.125),
        stop: vec!["END".to_owned()],
        seed: Some(7),
        choices: Some(1),
        reasoning: Some(Reasoning::Budget(1024)),
        service_tier: Some("auto".to_owned()),
    };
    request.output = OutputFormat::Schema {
        name: "answer".to_owned(),
        description: None,
        schema: json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        strict: Some(true),
    };
    assert_sent(&request, "parameters");
}

#[test]
fn pictures_tools_and_their_results() {
    let mut request = question("What is this?");
    request.messages[0].parts.push(image(MediaSource::Base64("AAAA".to_owned())));
    let call = ToolCall {
        id: "get_weather_m3kd".to_owned(),
        name: "get_weather".to_owned(),
        arguments: "{\"city\":\"Rome\"}".to_owned(),
        sealed: None,
    };
    let plan = Part::Reasoning { text: "I will ask.".to_owned(), sealed: None };
    request.messages.push(say(Role::Assistant, vec![plan, Part::ToolCall(call)]));
    let result = ToolResult {
        call_id: "get_weather_m3kd".to_owned(),
        name: None,
        parts: vec![text("sunny")],
        is_error: false,
    };
    request.messages.push(say(Role::User, vec![Part::ToolResult(result)]));
    request.tools = vec![weather()];
    request.tool_choice = Some(ToolChoice::Any);
    assert_sent(&request, "tools");
}

#[test]
fn thoughts_of_before() {
    let mut request = question("Why?");
    let thought = Part::Reasoning { text: "Light.".to_owned(), sealed: None };
    let sealed = Part::Reasoning { text: "Mine.".to_owned(), sealed: Some("s".to_owned()) };
    request.messages.push(say(Role::Assistant, vec![sealed, thought, text("Rayleigh.")]));
    request.messages.push(say(Role::User, vec![text("And?")]));
    assert_sent(&request, "turns");
}

#[test]
fn a_certain_tool_is_the_only_one() {
    let mut request = question("Why?");
    let other = Tool { name: "other".to_owned(), ..weather() };
    request.tools = vec![other, weather()];
    request.tool_choice = Some(ToolChoice::Named("get_weather".to_owned()));
    let written = write_request(&request).unwrap();
    assert_eq!(written["tools"].as_array().unwrap().len(), 1);
    assert_eq!(written["tools"][0]["function"]["name"], "get_weather");
    assert_eq!(written["tool_choice"], "REQUIRED");
}

#[test]
fn a_tool_without_parameters_has_none_and_strictness_is_for_all() {
    let mut request = question("Why?");
    let bare = Tool { name: "now".to_owned(), description: None, parameters: None, strict: None };
    request.tools = vec![weather(), bare];
    let written = write_request(&request).unwrap();
    assert!(written.get("strict_tools").is_none());
    assert!(written.get("tool_choice").is_none());
    let none = json!({"type": "object", "properties": {}});
    assert_eq!(written["tools"][1]["function"], json!({"name": "now", "parameters": none}));
}

#[test]
fn p_stays_within_what_cohere_takes() {
    for (top_p, p) in [(json!(1), json!(0.99)), (json!(0), json!(0.01)), (json!(0.5), json!(0.5))] {
        let Value::Number(top_p) = top_p else { panic!("a number was given") };
        assert_eq!(within_p(&top_p), p);
    }
}

#[test]
fn thoughts_are_wanted_or_not() {
    for (reasoning, thinking) in [
        (Reasoning::Effort("none".to_owned()), json!({"type": "disabled"})),
        (Reasoning::Effort("high".to_owned()), json!({"type": "enabled"})),
        (Reasoning::Budget(0), json!({"type": "disabled"})),
        (Reasoning::Budget(9), json!({"type": "enabled", "token_budget": 9})),
    ] {
        let mut request = question("Why?");
        request.params.reasoning = Some(reasoning);
        assert_eq!(write_request(&request).unwrap()["thinking"], thinking);
    }
}

#[test]
fn what_cohere_cannot_be_told_is_named() {
    let media = || Media {
        source: MediaSource::Base64("AAAA".to_owned()),
        mime: None,
        name: None,
        detail: None,
    };
    let in_result = || {
        Part::ToolResult(ToolResult {
            call_id: "c".to_owned(),
            name: None,
            parts: vec![Part::Image(media())],
            is_error: false,
        })
    };
    for part in [
        Part::Audio(media()),
        Part::File(media()),
        image(MediaSource::Id("file-1".to_owned())),
        in_result(),
    ] {
        let mut request = question("Why?");
        request.messages.push(say(Role::User, vec![part]));
        assert_eq!(write_request(&request).unwrap_err().field, "messages[1]");
    }
    let mut request = question("Why?");
    request.system = vec![Part::Image(media())];
    assert_eq!(write_request(&request).unwrap_err().field, "system");
    let mut request = question("Why?");
    request.params.choices = Some(2);
    assert_eq!(write_request(&request).unwrap_err().field, "n");
}
