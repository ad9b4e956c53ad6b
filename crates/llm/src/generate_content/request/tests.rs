#![allow(clippy::unwrap_used)]

use super::super::fixtures;
use super::*;
use crate::chat::{OutputFormat, Reasoning, ToolCall, ToolChoice};

const SEAL: &str = "----__8AAQ==";

fn read(name: &str) -> Request {
    read_request(fixtures::request(name).as_bytes()).unwrap()
}

fn written(request: &Request) -> Value {
    write_request(request).unwrap()
}

fn say(role: Role, parts: Vec<Part>) -> Message {
    Message { role, name: None, parts }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn call(id: &str, name: &str, arguments: &str, sealed: Option<&str>) -> Part {
    Part::ToolCall(ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        sealed: sealed.map(str::to_owned),
    })
}

fn result(call_id: &str, name: Option<&str>, said: &str, is_error: bool) -> Part {
    Part::ToolResult(ToolResult {
        call_id: call_id.to_owned(),
        name: name.map(str::to_owned),
        parts: vec![text(said)],
        is_error,
    })
}

#[test]
fn what_was_read_is_written_and_read_again() {
    for name in [
        "plain",
        "parameters",
        "turns",
        "tools",
        "results",
        "schema",
        "json_schema",
        "thinking_budget",
        "thinking_level",
        "stream",
        "chat_after_stream",
    ] {
        let request = read(name);
        let again = read_request(written(&request).to_string().as_bytes()).unwrap();
        assert_eq!(again, request, "{name}");
    }
}

#[test]
fn a_plain_question_is_sent_as_it_came() {
    let expected = json!({
        "contents": [{"role": "user", "parts": [{"text": "Why is the sky blue?"}]}],
    });
    assert_eq!(written(&read("plain")), expected);
}

#[test]
fn parameters_and_what_only_google_knows() {
    let request = read("parameters");
    assert_eq!(request.system, [text("Be brief.")]);
    assert_eq!(request.params.max_tokens, Some(256));
    assert_eq!(request.params.top_k, Some(40));
    assert_eq!(request.params.stop, ["END"]);
    assert_eq!(request.params.choices, Some(2));
    assert_eq!(request.params.service_tier.as_deref(), Some("flex"));
    assert_eq!(request.metadata["team"], "search");
    let mut names: Vec<&str> = request.extra.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["cachedContent", "generationConfig", "labels", "safetySettings"]);
    let kept = json!({"responseLogprobs": true, "logprobs": 3, "responseModalities": ["TEXT"]});
    assert_eq!(request.extra["generationConfig"], kept);
    let sent = written(&request);
    assert_eq!(sent["cachedContent"], "cachedContents/abc");
    assert_eq!(sent["serviceTier"], "flex");
    assert_eq!(sent["generationConfig"]["temperature"], 0.25);
    assert_eq!(sent["generationConfig"]["logprobs"], 3);
    assert_eq!(sent["systemInstruction"], json!({"parts": [{"text": "Be brief."}]}));
}

#[test]
fn turns_with_thoughts_and_media() {
    let request = read("turns");
    let seal = Part::Reasoning { text: String::new(), sealed: Some(SEAL.to_owned()) };
    let thought = Part::Reasoning { text: "They greet.".to_owned(), sealed: None };
    assert_eq!(request.messages[0], say(Role::User, vec![text("Hi")]));
    assert_eq!(request.messages[1], say(Role::Assistant, vec![thought, text("Hello!"), seal]));
    let [question, Part::Image(image), Part::Audio(audio), Part::File(kept), Part::File(video)] =
        request.messages[2].parts.as_slice()
    else {
        panic!("a text, an image, a recording and two files were sent");
    };
    assert_eq!(question, &text("What is this?"));
    assert_eq!(image.mime.as_deref(), Some("image/png"));
    assert_eq!(audio.source, MediaSource::Base64("++++//8AAQ==".to_owned()));
    assert!(matches!(&kept.source, MediaSource::Id(id) if id.ends_with("/files/abc")));
    assert_eq!(video.source, MediaSource::Url("https://example.com/a.mp4".to_owned()));
}

#[test]
fn pieces_of_a_streamed_answer_are_one_message() {
    let request = read("chat_after_stream");
    let parts = vec![
        Part::Reasoning { text: "The user asks about light.".to_owned(), sealed: None },
        text("Because of "),
        text("Rayleigh scattering."),
        Part::Reasoning { text: String::new(), sealed: Some(SEAL.to_owned()) },
    ];
    assert_eq!(request.messages.len(), 3);
    assert_eq!(request.messages[1], say(Role::Assistant, parts));
}

#[test]
fn tools_of_the_client_and_of_google() {
    let request = read("tools");
    assert_eq!(request.tool_choice, Some(ToolChoice::Named("get_weather".to_owned())));
    let schema = json!({
        "type": "object",
        "properties": {
            "city": {"type": "string", "maxLength": 80},
            "days": {"type": ["integer", "null"]},
        },
        "required": ["city"],
    });
    assert_eq!(request.tools[0].name, "get_weather");
    assert_eq!(request.tools[0].description.as_deref(), Some("The weather in a city"));
    assert_eq!(request.tools[0].parameters, Some(schema.clone()));
    assert_eq!(
        request.tools[1].parameters.as_ref().unwrap()["properties"]["zone"]["type"],
        "string"
    );
    assert_eq!(request.extra["tools"], json!([{"googleSearch": {}}]));
    let sent = written(&request);
    let function = &sent["tools"][0]["functionDeclarations"][0];
    assert_eq!(function["parametersJsonSchema"], schema);
    assert_eq!(sent["tools"][1], json!({"googleSearch": {}}));
    let calling = json!({"mode": "ANY", "allowedFunctionNames": ["get_weather"]});
    assert_eq!(sent["toolConfig"], json!({"functionCallingConfig": calling}));
}

#[test]
fn results_answer_the_calls_of_their_tool_in_order() {
    let request = read("results");
    let calls = vec![
        call("call_0", "get_weather", r#"{"city":"Rome","days":2}"#, Some(SEAL)),
        call("call_1", "get_weather", r#"{"city":"Oslo"}"#, None),
        call("t1", "get_time", "{}", None),
    ];
    let results = vec![
        result("call_0", Some("get_weather"), "sunny", false),
        result("call_1", Some("get_weather"), "no data", true),
        result("t1", Some("get_time"), r#"{"hour":12,"minute":30}"#, false),
    ];
    assert_eq!(request.messages[1], say(Role::Assistant, calls));
    assert_eq!(request.messages[2], say(Role::User, results));
    let sent = written(&request);
    let recorded: Value = serde_json::from_str(&fixtures::request("results")).unwrap();
    assert_eq!(sent["contents"], recorded["contents"]);
}

#[test]
fn the_form_of_the_answer_and_how_much_to_think() {
    let OutputFormat::Schema { name, schema, .. } = read("schema").output else {
        panic!("a schema was sent");
    };
    assert_eq!(name, "Recipe");
    assert_eq!(schema["properties"]["steps"]["minItems"], 1);
    assert_eq!(read("thinking_budget").params.reasoning, Some(Reasoning::Budget(1024)));
    let level = read("thinking_level").params.reasoning;
    assert_eq!(level, Some(Reasoning::Effort("low".to_owned())));
}

#[test]
fn results_in_messages_of_their_own_are_said_together() {
    let request = Request {
        messages: vec![
            say(Role::User, vec![text("?")]),
            say(Role::Assistant, vec![call("a1", "f", "{}", None), call("a2", "g", "{}", None)]),
            say(Role::User, vec![result("a1", None, "1", false)]),
            say(Role::User, vec![result("a2", None, "2", false)]),
            say(Role::User, vec![text("and?")]),
        ],
        ..Request::default()
    };
    let contents = written(&request)["contents"].clone();
    let results = json!({"role": "user", "parts": [
        {"functionResponse": {"name": "f", "response": {"output": "1"}, "id": "a1"}},
        {"functionResponse": {"name": "g", "response": {"output": "2"}, "id": "a2"}},
    ]});
    assert_eq!(contents[2], results);
    assert_eq!(contents[3], json!({"role": "user", "parts": [{"text": "and?"}]}));
}

#[test]
fn models_that_want_seals_get_one_on_the_first_call() {
    let calls = || vec![call("a1", "f", "{}", None), call("a2", "g", "{}", None)];
    let sealed_calls = |model: &str, parts: Vec<Part>| {
        let messages = vec![say(Role::Assistant, parts)];
        let request = Request { model: model.to_owned(), messages, ..Request::default() };
        let sent = written(&request);
        let parts = sent["contents"][0]["parts"].as_array().unwrap().clone();
        parts.iter().map(|part| part["thoughtSignature"].clone()).collect::<Vec<_>>()
    };
    let made_up = [json!(NO_SEAL), Value::Null];
    assert_eq!(sealed_calls("gemini-3-pro-preview", calls()), made_up);
    assert_eq!(sealed_calls("gemini-2.5-flash", calls()), [Value::Null, Value::Null]);
    let own = vec![call("a1", "f", "{}", Some("c2Vh"))];
    assert_eq!(sealed_calls("gemini-3-pro-preview", own), [json!("c2Vh")]);
}

#[test]
fn what_google_cannot_be_told_is_named() {
    let file = |id: &str| {
        let source = MediaSource::Id(id.to_owned());
        Part::File(Media { source, mime: None, name: None, detail: None })
    };
    let error_of = |parts: Vec<Part>| {
        let messages = vec![say(Role::User, vec![text("?")]), say(Role::User, parts)];
        write_request(&Request { messages, ..Request::default() }).unwrap_err()
    };
    let error = error_of(vec![file("file-abc")]);
    assert_eq!(error.field, "messages[1]");
    assert!(error.reason.contains("\"file-abc\""), "{error}");
    let error = error_of(vec![result("x", None, "1", false)]);
    assert!(error.reason.contains("\"x\""), "{error}");
    let messages = vec![say(Role::User, vec![file("gs://b/a.pdf")])];
    let sent = written(&Request { messages, ..Request::default() });
    let expected = json!({"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/a.pdf"}});
    assert_eq!(sent["contents"][0]["parts"][0], expected);
}

#[test]
fn fields_of_other_protocols_are_not_sent() {
    let extra = json!({
        "logit_bias": {"1": 2},
        "store": true,
        "tools": [{"type": "web_search"}, {"urlContext": {}}],
        "safetySettings": [],
        "labels": {"a": "b"},
    });
    let request = Request { extra: extra.as_object().unwrap().clone(), ..Request::default() };
    let expected = json!({
        "contents": [],
        "tools": [{"urlContext": {}}],
        "safetySettings": [],
        "labels": {"a": "b"},
    });
    assert_eq!(written(&request), expected);
}

#[test]
fn wrong_requests_are_told_where_and_why() {
    for (body, field) in [
        ("[]", "body"),
        ("{}", "contents"),
        (r#"{"contents": ["hi"]}"#, "contents[0]"),
        (r#"{"contents": [{"role": "assistant", "parts": []}]}"#, "contents[0].role"),
        (r#"{"contents": [{"parts": [{"text": "a"}, {"x": 1}]}]}"#, "contents[0].parts[1]"),
        (r#"{"contents": [{"parts": [{"functionCall": {"args": {}}}]}]}"#, "contents[0].parts[0]"),
        (r#"{"contents": [], "systemInstruction": 1}"#, "systemInstruction"),
        (r#"{"contents": [], "tools": ["x"]}"#, "tools[0]"),
        (
            r#"{"contents": [], "tools": [{"function_declarations": [{}]}]}"#,
            "tools[0].functionDeclarations[0].name",
        ),
        (r#"{"contents": [], "toolConfig": []}"#, "toolConfig"),
        (r#"{"contents": [], "generationConfig": {"topK": "x"}}"#, "generationConfig.topK"),
    ] {
        assert_eq!(read_request(body.as_bytes()).unwrap_err().field, field, "{body}");
    }
}
