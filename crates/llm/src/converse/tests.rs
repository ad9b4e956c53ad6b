#![allow(clippy::unwrap_used)]

use serde_json::{Map, Number, Value, json};
use tracekeep_model::{Text, Usage};

use super::*;
use crate::chat::{
    Delta, ErrorKind, Finish, Media, MediaSource, Message, OutputFormat, Params, Part, Reasoning,
    Request, Role, Tool, ToolCall, ToolChoice, ToolResult,
};
use crate::frame::aws;

const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// A file of `fixtures/llm/converse`.
macro_rules! fixture {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/llm/converse/", $path))
    };
}

fn recorded(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn said(role: Role, parts: Vec<Part>) -> Message {
    Message { role, name: None, parts }
}

fn hi(model: &str) -> Request {
    let messages = vec![said(Role::User, vec![text("Hi")])];
    Request { model: model.into(), messages, ..Request::default() }
}

fn media(source: MediaSource, mime: &str, name: Option<&str>) -> Media {
    Media { source, mime: Some(mime.into()), name: name.map(Into::into), detail: None }
}

fn bytes(data: &str) -> MediaSource {
    MediaSource::Base64(data.into())
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
        sealed: None,
    })
}

fn thought(text: &str, sealed: &str) -> Part {
    Part::Reasoning { text: text.into(), sealed: Some(sealed.into()) }
}

fn result(call_id: &str, parts: Vec<Part>, is_error: bool) -> Part {
    Part::ToolResult(ToolResult { call_id: call_id.into(), name: None, parts, is_error })
}

fn city() -> Value {
    json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
}

#[test]
fn a_plain_request_is_what_the_sdk_sends() {
    let mut request = hi("amazon.nova-pro-v1:0");
    request.system = vec![text("Be brief."), text(" ")];
    request.params = Params {
        max_tokens: Some(64),
        temperature: Number::from_f64(0.5),
        top_p: Number::from_f64(0.9),
        top_k: Some(20),
        stop: vec!["END".into()],
        service_tier: Some("flex".into()),
        // Nothing is known of how other models take it.
        reasoning: Some(Reasoning::Effort("high".into())),
        ..Params::default()
    };
    request.metadata = Map::from_iter([
        ("team".to_owned(), json!("search")),
        ("count".to_owned(), json!(1)),
        ("note".to_owned(), json!("no \"quotes\"")),
    ]);
    assert_eq!(write_request(&request), recorded(fixture!("requests/plain.json")));
}

#[test]
fn a_conversation_with_tools_is_what_the_sdk_sends() {
    let picture = Part::Image(media(bytes(PIXEL), "image/png", None));
    let tool = |name: &str, description: Option<&str>, parameters, strict| Tool {
        name: name.into(),
        description: description.map(Into::into),
        parameters,
        strict,
    };
    let points = json!({
        "messages/4/0": {"type": "ephemeral", "ttl": "1h"}, "messages/9/9": {"type": "ephemeral"},
    });
    let request = Request {
        model: CLAUDE.into(),
        messages: vec![
            said(Role::User, vec![text("Weather in Oslo?")]),
            said(
                Role::Assistant,
                vec![
                    thought("I ask.", "c2ln"),
                    thought("", "redacted_thinking:aGlkZGVu"),
                    Part::Reasoning { text: "unsigned".into(), sealed: None },
                    text("I look."),
                    call("call_1", "get_weather", "{\"city\":\"Oslo\"}"),
                    call("call_2", "now", ""),
                ],
            ),
            said(Role::User, vec![result("call_1", vec![text("4 °C"), picture], false)]),
            said(Role::User, vec![result("call_2", vec![text("no clock")], true)]),
            said(Role::User, vec![text("And tomorrow?")]),
        ],
        tools: vec![
            tool("get_weather", Some("The weather."), Some(city()), Some(true)),
            tool("now", None, None, None),
        ],
        tool_choice: Some(ToolChoice::Auto),
        params: Params {
            max_tokens: Some(8192),
            temperature: Number::from_f64(0.2),
            reasoning: Some(Reasoning::Budget(2048)),
            ..Params::default()
        },
        extra: Map::from_iter([("cache_points".to_owned(), points)]),
        ..Request::default()
    };
    assert_eq!(check(&request), Ok(()));
    assert_eq!(write_request(&request), recorded(fixture!("requests/tools.json")));
}

#[test]
fn media_are_what_the_sdk_sends() {
    let mut request = hi("amazon.nova-pro-v1:0");
    let place = MediaSource::Url("s3://bucket/a.jpg".into());
    request.messages[0].parts = vec![
        Part::Image(media(bytes(PIXEL), "image/png", None)),
        Part::File(media(bytes("JVBERi0xLjQ="), "application/pdf", Some("Report_2024.pdf"))),
        Part::File(media(bytes("bm90ZXM="), "text/plain", None)),
        Part::File(media(place, "image/jpg", None)),
        Part::Audio(media(bytes("c291bmQ="), "audio/mpeg", None)),
        text("Compare."),
    ];
    assert_eq!(check(&request), Ok(()));
    assert_eq!(write_request(&request), recorded(fixture!("requests/media.json")));
}

#[test]
fn a_schema_is_what_the_sdk_sends() {
    let mut request = hi(CLAUDE);
    request.output = OutputFormat::Schema {
        name: "city".into(),
        description: Some("A city.".into()),
        schema: city(),
        strict: Some(true),
    };
    assert_eq!(write_request(&request), recorded(fixture!("requests/schema.json")));
}

#[test]
fn tools_that_were_called_must_be_there_and_none_can_be_forbidden() {
    let tool = Tool { name: "t".into(), description: None, parameters: None, strict: None };
    let spec = |name: &str| {
        let schema = json!({"json": {"type": "object", "properties": {}}});
        json!({"toolSpec": {"name": name, "inputSchema": schema}})
    };
    let mut request = hi(CLAUDE);
    request.tool_choice = Some(ToolChoice::None);
    request.tools = vec![tool];
    assert_eq!(write_request(&request).get("toolConfig"), None);
    request.messages.push(said(Role::Assistant, vec![call("1", "a", ""), call("2", "a", "")]));
    assert_eq!(write_request(&request)["toolConfig"], json!({"tools": [spec("t")]}));
    request.tools.clear();
    assert_eq!(write_request(&request)["toolConfig"], json!({"tools": [spec("a")]}));
}

#[test]
fn long_and_strange_ids_fit() {
    let id = format!("call|{}", "x".repeat(100));
    let mut request = hi(CLAUDE);
    request.messages.push(said(Role::Assistant, vec![call(&id, "a", "")]));
    request.messages.push(said(Role::User, vec![result(&id, vec![], false)]));
    let written = write_request(&request);
    let used = &written["messages"][1]["content"][0]["toolUse"]["toolUseId"];
    assert_eq!(used, &json!(format!("call_{}", "x".repeat(59))));
    assert_eq!(&written["messages"][2]["content"][0]["toolResult"]["toolUseId"], used);
}

#[test]
fn what_cannot_be_said_is_named() {
    let url = MediaSource::Url("https://example.com/a.png".into());
    for part in [
        Part::Image(media(url, "image/png", None)),
        Part::Image(media(MediaSource::Id("file-1".into()), "image/png", None)),
        Part::Image(media(bytes("AAAA"), "image/tiff", None)),
        Part::Audio(media(bytes("AAAA"), "audio/midi", None)),
        Part::File(media(bytes("AAAA"), "application/zip", None)),
    ] {
        let mut request = hi(CLAUDE);
        request.messages[0].parts.push(part);
        assert_eq!(check(&request).unwrap_err().field, "messages[0].content[1]");
        let content = write_request(&request)["messages"][0]["content"].take();
        assert_eq!(content, json!([{"text": "Hi"}]));
    }
    let mut request = hi(CLAUDE);
    request.params.choices = Some(2);
    assert_eq!(check(&request).unwrap_err().field, "n");
}

#[test]
fn an_answer_with_thoughts_and_calls_is_understood() {
    let response = read_response(fixture!("responses/tools.json")).unwrap();
    let choice = &response.choices[0];
    let first = [
        thought("Two cities.", "c2ln"),
        thought("", "redacted_thinking:aGlkZGVu"),
        text("I look."),
    ];
    assert_eq!(choice.parts[..3], first);
    let Part::ToolCall(weather) = &choice.parts[3] else { panic!("a call was sent") };
    assert_eq!((weather.id.as_str(), weather.name.as_str()), ("tooluse_1", "get_weather"));
    assert_eq!(recorded(weather.arguments.as_bytes()), json!({"city": "Oslo", "days": 2}));
    // The call of the service's own tool is none of the client's.
    assert_eq!(choice.parts[4..], [text("Oslo is cold.")]);
    assert_eq!(choice.finish, Some(Finish::ToolCalls));
    assert_eq!(response.service_tier.as_deref(), Some("priority"));
    let counted = response.counted.unwrap();
    let expected = Usage {
        input: Some(21),
        input_cache_read: Some(3000),
        input_cache_write: Some(200),
        output: Some(90),
        other: vec![(Text::from("input_cache_write_1h"), 500)],
        ..Usage::default()
    };
    assert_eq!(counted.usage, expected);
    // What the service itself adds up.
    assert_eq!(counted.usage.total(), counted.stated["totalTokens"].as_i64());
}

#[test]
fn a_guardrail_is_a_filter_and_no_answer_is_an_error() {
    let response = read_response(fixture!("responses/guardrail.json")).unwrap();
    assert_eq!(response.choices[0].finish, Some(Finish::ContentFilter));
    let plain = read_response(fixture!("responses/plain.json")).unwrap();
    assert_eq!(plain.choices[0].parts, [text("Hello!")]);
    assert_eq!(plain.counted.unwrap().usage.total(), Some(17));
    for body in ["", "[]", "{}", "{\"output\":{}}", "{\"output\":{\"message\":{}}}"] {
        assert!(read_response(body.as_bytes()).is_err(), "{body}");
    }
    let odd = br#"{"output":{"message":{"content":[{"tomorrow":1},7,{"text":"a"},{"text":5}]}}}"#;
    assert_eq!(read_response(odd).unwrap().choices[0].parts, [text("a")]);
}

fn read(stream: &[u8]) -> Vec<Delta> {
    let mut reader = Reader::default();
    let frames = aws::Parser::default().push(stream).unwrap();
    frames.iter().flat_map(|frame| reader.read(frame).unwrap()).collect()
}

fn start(service_tier: Option<&str>) -> Delta {
    let service_tier = service_tier.map(Into::into);
    Delta::Start { id: None, model: None, created: None, service_tier }
}

fn piece(text: &str) -> Delta {
    Delta::Text { choice: 0, text: text.into() }
}

#[test]
fn a_stream_comes_piece_by_piece() {
    let thought = |text: &str, sealed: Option<&str>| Delta::Reasoning {
        choice: 0,
        text: text.into(),
        sealed: sealed.map(Into::into),
    };
    let begin = |call, id: &str, name: &str| Delta::ToolCall {
        choice: 0,
        call,
        begin: ToolCall { id: id.into(), name: name.into(), ..ToolCall::default() },
    };
    let arguments = |call, text: &str| Delta::Arguments { choice: 0, call, text: text.into() };
    let usage = json!({
        "inputTokens": 21, "outputTokens": 30, "totalTokens": 151, "cacheReadInputTokens": 100,
    });
    let expected = [
        start(None),
        thought("Hm.", None),
        thought("", Some("c2ln")),
        thought("", Some("redacted_thinking:aGlkZGVu")),
        piece("I lo"),
        piece("ök."),
        begin(0, "tooluse_1", "get_weather"),
        arguments(0, "{\"city\":"),
        arguments(0, "\"Oslo\"}"),
        begin(1, "tooluse_2", "now"),
        arguments(1, "{}"),
        Delta::Finish { choice: 0, reason: Finish::ToolCalls },
        start(Some("default")),
        Delta::Counted(count(&usage)),
        Delta::End,
    ];
    assert_eq!(read(fixture!("streams/tools.bin")), expected);
    let expected = Usage {
        input: Some(21),
        input_cache_read: Some(100),
        output: Some(30),
        ..Usage::default()
    };
    assert_eq!(count(&usage).usage, expected);
}

#[test]
fn an_exception_ends_a_stream_without_an_end() {
    let deltas = read(fixture!("streams/error.bin"));
    let [begun, said, Delta::Failed(error)] = &deltas[..] else { panic!("{deltas:?}") };
    assert_eq!((begun, said), (&start(None), &piece("Hal")));
    assert_eq!((error.status, error.kind), (429, ErrorKind::RateLimited));
    assert_eq!(error.message, "Too many tokens.");
    assert_eq!(error.r#type.as_deref(), Some("throttlingException"));
}

#[test]
fn unknown_events_are_passed_over_and_bad_ones_are_errors() {
    let frame = |name: &str, payload: &str| aws::Message {
        kind: aws::Kind::Event(name.into()),
        payload: payload.as_bytes().to_vec().into(),
    };
    let mut reader = Reader::default();
    for (name, payload) in [
        ("tomorrow", "{}"),
        (
            "contentBlockStart",
            "{\"start\":{\"image\":{\"format\":\"png\"}},\"contentBlockIndex\":0}",
        ),
        (
            "contentBlockDelta",
            "{\"delta\":{\"toolUse\":{\"input\":\"x\"}},\"contentBlockIndex\":4}",
        ),
        ("contentBlockDelta", "{\"delta\":[]}"),
        ("contentBlockStop", "{\"contentBlockIndex\":-1}"),
        ("contentBlockStop", "[]"),
    ] {
        let deltas = reader.read(&frame(name, payload)).unwrap();
        assert_eq!(deltas, Vec::<Delta>::new(), "{name} {payload}");
    }
    let error = reader.read(&frame("messageStop", "x")).unwrap_err();
    assert_eq!(error.field, "messageStop");
}

#[test]
fn errors_are_classed_by_name_and_status() {
    let throttled = read_error(429, fixture!("responses/error_throttled.json"));
    assert_eq!(throttled.kind, ErrorKind::RateLimited);
    assert_eq!(throttled.message, "Too many requests, please wait before trying again.");
    for (status, body, kind, message) in [
        (424, "{\"message\":\"failed\"}", ErrorKind::Provider, "failed"),
        (
            400,
            "{\"__type\":\"com.amazon.coral.service#ThrottlingException:http://x\",\"Message\":\"slow\"}",
            ErrorKind::RateLimited,
            "slow",
        ),
        (
            403,
            "{\"__type\":\"UnrecognizedClientException\",\"message\":\"no key\"}",
            ErrorKind::Unauthenticated,
            "no key",
        ),
        (403, "{\"message\":\"no\"}", ErrorKind::Forbidden, "no"),
        (503, "<html>", ErrorKind::Overloaded, "<html>"),
        (500, "", ErrorKind::Provider, "the provider answered 500 without a reason"),
        (404, "[]", ErrorKind::NotFound, "[]"),
    ] {
        let error = read_error(status, body.as_bytes());
        assert_eq!((error.status, error.kind), (status, kind), "{body}");
        assert_eq!(error.message, message);
    }
}
