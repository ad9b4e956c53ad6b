use serde_json::{Value, json};

use super::{fixture, normal};
use crate::chat::{
    Media, MediaSource, Message, OutputFormat, Part, Reasoning, Request, Role, Tool, ToolCall,
    ToolChoice, ToolResult,
};
use crate::messages::{
    asked, check, invoke_body, read_request, release, write_invoke_request, write_request,
};

const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn said(role: Role, parts: Vec<Part>) -> Message {
    Message { role, name: None, parts }
}

fn media(source: MediaSource, mime: Option<&str>, name: Option<&str>) -> Media {
    Media { source, mime: mime.map(Into::into), name: name.map(Into::into), detail: None }
}

fn result(call_id: &str, parts: Vec<Part>) -> Part {
    Part::ToolResult(ToolResult { call_id: call_id.into(), name: None, parts, is_error: false })
}

fn body(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn written_content(messages: Vec<Message>) -> Value {
    let request = Request { model: "claude-opus-5".into(), messages, ..Request::default() };
    write_request(&request)["messages"].take()
}

#[test]
fn what_the_sdk_sends_is_written_as_it_came() {
    for sent in [
        fixture!("requests/plain.json"),
        fixture!("requests/tools.json"),
        fixture!("requests/thinking.json"),
        fixture!("requests/adaptive.json"),
        fixture!("requests/effort.json"),
        fixture!("requests/schema.json"),
        fixture!("requests/stream.json"),
    ] {
        let written = write_request(&read_request(sent.as_bytes()).unwrap());
        assert_eq!(normal(written), normal(serde_json::from_str(sent).unwrap()));
    }
}

#[test]
fn what_is_written_says_the_same_when_it_is_read() {
    for sent in [
        fixture!("requests/media.json"),
        fixture!("requests/server_tools.json"),
        fixture!("requests/tools.json"),
        fixture!("requests/thinking.json"),
        fixture!("requests/adaptive.json"),
        fixture!("requests/schema.json"),
    ] {
        // As compact as it is written: arguments keep their text.
        let sent = serde_json::from_str::<serde_json::Value>(sent).unwrap().to_string();
        let request = read_request(sent.as_bytes()).unwrap();
        let again = read_request(&body(&write_request(&request))).unwrap();
        assert_eq!(again, request);
    }
}

#[test]
fn a_conversation_with_tools_is_understood() {
    let request = read_request(fixture!("requests/tools.json").as_bytes()).unwrap();
    assert_eq!(request.system, [text("You know the weather."), text("Be brief.")]);
    assert_eq!(request.tool_choice, Some(ToolChoice::Any));
    assert_eq!(request.parallel_tools, Some(false));
    assert_eq!(request.user.as_deref(), Some("user-7"));
    assert!(request.metadata.is_empty());
    assert_eq!(request.params.stop, ["END", "\n\nHuman:"]);
    assert_eq!(request.params.top_k, Some(40));
    assert_eq!(request.params.max_tokens, Some(1024));
    assert_eq!(request.tools[0].strict, Some(true));
    let clock = Tool {
        name: "now".into(),
        description: None,
        parameters: Some(json!({"type": "object", "properties": {}})),
        strict: None,
    };
    assert_eq!(request.tools[1], clock);
    let Part::ToolCall(call) = &request.messages[1].parts[1] else { panic!("a call was sent") };
    assert_eq!((call.id.as_str(), call.name.as_str()), ("toolu_1", "get_weather"));
    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
    assert_eq!(arguments, json!({"city": "Oslo", "days": 2}));
    let picture = media(MediaSource::Base64(PIXEL.into()), Some("image/png"), None);
    let failed = ToolResult {
        call_id: "toolu_2".into(),
        name: None,
        parts: vec![text("no clock")],
        is_error: true,
    };
    let parts = vec![
        result("toolu_1", vec![text("4 °C"), Part::Image(picture)]),
        Part::ToolResult(failed),
        text("And tomorrow?"),
    ];
    assert_eq!(request.messages[2], said(Role::User, parts));
    let points = &request.extra["cache_points"];
    let places: Vec<&String> = points.as_object().unwrap().keys().collect();
    assert_eq!(places.len(), 3, "{places:?}");
    assert_eq!(points["messages/2/2"], json!({"type": "ephemeral"}));
    assert_eq!(points["tools/0"], json!({"type": "ephemeral", "ttl": "1h"}));
}

#[test]
fn pictures_and_documents_are_understood() {
    let request = read_request(fixture!("requests/media.json").as_bytes()).unwrap();
    let url = |url: &str| MediaSource::Url(url.into());
    let bytes = |data: &str| MediaSource::Base64(data.into());
    let expected = vec![
        Part::Image(media(bytes(PIXEL), Some("image/png"), None)),
        Part::Image(media(url("https://example.com/a.png"), None, None)),
        Part::Image(media(MediaSource::Id("file_011".into()), None, None)),
        text("Of last year."),
        Part::File(media(bytes("JVBERi0xLjQKJSVFT0YK"), Some("application/pdf"), Some("Report"))),
        Part::File(media(url("https://example.com/a.pdf"), Some("application/pdf"), None)),
        Part::File(media(bytes("Z3LDvMOfZQ=="), Some("text/plain"), Some("Notes"))),
        Part::File(media(bytes("Y2h1bms="), Some("text/plain"), None)),
        text("Fjords\nhttps://example.com/fjords\nDeep."),
        text("Compare."),
    ];
    assert_eq!(request.messages, [said(Role::User, expected)]);
    assert_eq!(check(&request), Ok(()));
}

#[test]
fn tools_of_the_provider_are_kept_for_its_own_protocol() {
    let request = read_request(fixture!("requests/server_tools.json").as_bytes()).unwrap();
    let search = json!([{"type": "web_search_20250305", "name": "web_search", "max_uses": 3}]);
    assert_eq!(request.extra["tools"], search);
    assert_eq!(request.extra["inference_geo"], "us");
    assert_eq!(request.tools.len(), 1);
    assert_eq!(request.messages[1].parts, [text("Nothing new.")]);
    assert_eq!(request.system, [text("Speak Norwegian.")]);
    assert_eq!(write_request(&request)["tools"][1], search[0]);
}

#[test]
fn thoughts_are_sealed_and_hidden_ones_are_told_apart() {
    let request = read_request(fixture!("requests/thinking.json").as_bytes()).unwrap();
    let thought = |text: &str, sealed: &str| Part::Reasoning {
        text: text.into(),
        sealed: Some(sealed.into()),
    };
    let expected = [
        thought("27 * 453 = 12231", "c2lnbmF0dXJl"),
        thought("", "redacted_thinking:aGlkZGVu"),
        thought("", "b21pdHRlZA=="),
        text("12,231"),
    ];
    assert_eq!(request.messages[1].parts, expected);
    assert_eq!(request.params.reasoning, Some(Reasoning::Budget(2048)));
}

#[test]
fn a_schema_is_the_form_of_the_answer() {
    let request = read_request(fixture!("requests/schema.json").as_bytes()).unwrap();
    let OutputFormat::Schema { schema, strict, .. } = &request.output else {
        panic!("a schema was sent")
    };
    assert_eq!(schema["required"], json!(["name", "population"]));
    assert_eq!(*strict, Some(true));
    let older = json!({
        "model": "m", "messages": [],
        "output_format": {"type": "json_schema", "schema": {"type": "object"}},
    });
    let request = read_request(&body(&older)).unwrap();
    assert!(matches!(request.output, OutputFormat::Schema { .. }));
}

#[test]
fn counting_tokens_is_asked_in_the_same_form() {
    let sent = fixture!("requests/count_tokens.json");
    let request = read_request(sent.as_bytes()).unwrap();
    assert_eq!(request.params.max_tokens, None);
    assert_eq!(request.system, [text("Be brief.")]);
    assert_eq!(asked(sent.as_bytes()).unwrap().prompt.as_deref(), Some("Hi"));
}

#[test]
fn a_request_is_shown_without_taking_it_apart() {
    let sent = fixture!("requests/tools.json");
    let asked = asked(sent.as_bytes()).unwrap();
    assert_eq!(asked.model, "claude-sonnet-4-5");
    assert!(!asked.stream);
    assert_eq!(asked.system.as_deref(), Some("You know the weather.\nBe brief."));
    assert_eq!(asked.prompt.as_deref(), Some("And tomorrow?"));
    assert_eq!(asked.user.as_deref(), Some("user-7"));
    assert!(sent.contains(asked.input.unwrap().get()));
    assert!(asked.tools.unwrap().get().starts_with('['));
    let mut names: Vec<_> = asked.parameters.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected =
        ["max_tokens", "service_tier", "stop_sequences", "temperature", "tool_choice", "top_k"];
    assert_eq!(names, expected);
}

#[test]
fn the_prompt_is_the_users_last_text() {
    let sent = json!({"model": "m", "stream": true, "messages": [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "calls"},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "9"}]},
    ]});
    let sent = body(&sent);
    let asked = asked(&sent).unwrap();
    assert_eq!(asked.prompt.as_deref(), Some("first"));
    assert!(asked.stream);
}

#[test]
fn numbers_keep_the_clients_digits() {
    let sent = br#"{"model":"claude-3-haiku","messages":[{"role":"assistant","content":[{"type":"tool_use",
        "id":"t","name":"n","input":{"lat":59.910,"id":12345678901234567890123}}]}],"temperature":0.10}"#;
    let request = read_request(sent).unwrap();
    let Part::ToolCall(call) = &request.messages[0].parts[0] else { panic!("a call was sent") };
    assert_eq!(call.arguments, r#"{"lat":59.910,"id":12345678901234567890123}"#);
    assert_eq!(write_request(&request)["temperature"], json!(0.1));
}

#[test]
fn neighbours_become_one_turn_with_results_first() {
    let call = |id: &str| {
        let call = ToolCall { id: id.into(), name: "t".into(), ..ToolCall::default() };
        said(Role::Assistant, vec![Part::ToolCall(call)])
    };
    let messages = written_content(vec![
        said(Role::User, vec![text("a")]),
        said(Role::User, vec![text("b"), text("")]),
        call("1"),
        call("2"),
        said(Role::User, vec![text("late")]),
        said(Role::User, vec![result("1", vec![text("one")])]),
        said(Role::User, vec![result("2", vec![])]),
        said(Role::Assistant, vec![text("")]),
    ]);
    let text = |text: &str| json!({"type": "text", "text": text});
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "t", "input": {}});
    let expected = json!([
        {"role": "user", "content": [text("a"), text("b")]},
        {"role": "assistant", "content": [call("1"), call("2")]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "1", "content": [text("one")]},
            {"type": "tool_result", "tool_use_id": "2"},
            text("late"),
        ]},
    ]);
    assert_eq!(messages, expected);
}

#[test]
fn calls_of_other_protocols_get_what_this_one_requires() {
    let call = |id: &str, arguments: &str| {
        Part::ToolCall(ToolCall {
            id: id.into(),
            name: "t".into(),
            arguments: arguments.into(),
            sealed: None,
        })
    };
    let failed = ToolResult { call_id: "fc.1|x".into(), name: None, parts: vec![], is_error: true };
    let messages = written_content(vec![
        said(
            Role::Assistant,
            vec![call("fc.1|x", "{\"a\":1}"), call("2", "{\"a\":"), call("3", "[1]")],
        ),
        said(Role::User, vec![Part::ToolResult(failed)]),
    ]);
    let calls = &messages[0]["content"];
    assert_eq!(calls[0]["id"], "fc_1_x");
    assert_eq!(calls[0]["input"], json!({"a": 1}));
    assert_eq!(calls[1]["input"], json!({"arguments": "{\"a\":"}));
    assert_eq!(calls[2]["input"], json!({"arguments": "[1]"}));
    let expected = json!({
        "type": "tool_result", "tool_use_id": "fc_1_x", "is_error": true,
        "content": [{"type": "text", "text": "error"}],
    });
    assert_eq!(messages[1]["content"][0], expected);
}

#[test]
fn pictures_of_other_protocols_get_a_type() {
    let picture = |data: &str, mime: Option<&str>| {
        Part::Image(media(MediaSource::Base64(data.into()), mime, None))
    };
    let parts =
        vec![picture("/9j/4AAQ", None), picture(PIXEL, Some("image/jpg")), picture("", None)];
    let messages = written_content(vec![said(Role::User, parts)]);
    let types: Vec<_> = messages[0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["source"]["media_type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["image/jpeg", "image/jpeg", "image/png"]);
}

#[test]
fn json_of_no_schema_is_asked_for_in_words() {
    let output = OutputFormat::Json;
    let request = Request { model: "claude-opus-5".into(), output, ..Request::default() };
    let written = write_request(&request);
    assert_eq!(written["system"][0]["text"], "Answer with one JSON object and nothing else.");
    assert_eq!(written.get("output_config"), None);
}

#[test]
fn tools_always_have_a_schema_of_an_object_and_a_choice_only_with_tools() {
    let tool = |parameters| Tool { name: "t".into(), description: None, parameters, strict: None };
    let mut request = Request {
        model: "claude-opus-5".into(),
        tool_choice: Some(ToolChoice::Named("t".into())),
        parallel_tools: Some(true),
        ..Request::default()
    };
    assert_eq!(write_request(&request).get("tool_choice"), None);
    request.tools = vec![tool(None), tool(Some(json!({"properties": {}})))];
    let written = write_request(&request);
    assert_eq!(written["tools"][0]["input_schema"], json!({"type": "object"}));
    let expected = json!({"properties": {}, "type": "object"});
    assert_eq!(written["tools"][1]["input_schema"], expected);
    let choice = json!({"type": "tool", "name": "t", "disable_parallel_tool_use": false});
    assert_eq!(written["tool_choice"], choice);
    request.tool_choice = Some(ToolChoice::None);
    assert_eq!(write_request(&request)["tool_choice"], json!({"type": "none"}));
}

#[test]
fn what_cannot_be_said_is_named() {
    let audio = media(MediaSource::Base64("AAAA".into()), Some("audio/wav"), None);
    let foreign = media(MediaSource::Id("file-abc".into()), None, None);
    let sheet = media(MediaSource::Base64("AAAA".into()), Some("application/msword"), None);
    for part in [
        Part::Audio(audio.clone()),
        Part::Image(foreign.clone()),
        Part::File(foreign),
        Part::File(sheet),
        result("1", vec![Part::Audio(audio)]),
    ] {
        let messages = vec![said(Role::User, vec![text("a"), part])];
        let request = Request { messages, ..Request::default() };
        assert_eq!(check(&request).unwrap_err().field, "messages[0].content[1]");
    }
    let mut request = Request::default();
    request.params.choices = Some(2);
    assert_eq!(check(&request).unwrap_err().field, "n");
    request.params.choices = Some(1);
    assert_eq!(check(&request), Ok(()));
}

#[test]
fn what_is_wrong_is_named() {
    let message = |content: Value| json!([{"role": "user", "content": content}]);
    for (field, value) in [
        ("messages", json!({})),
        ("messages[0]", json!([{"content": "x"}])),
        ("messages[0].role", json!([{"role": "tool", "content": "x"}])),
        ("messages[0].content", message(json!(5))),
        ("messages[0].content[1]", message(json!([{"type": "text", "text": "a"}, {}]))),
        ("messages[0].content[0].type", message(json!([{"type": "video"}]))),
        ("messages[0].content[0]", message(json!([{"type": "container_upload", "file_id": "f"}]))),
        ("messages[0].content[0]", message(json!([{"type": "image"}]))),
        (
            "messages[0].content[0].source.data",
            message(json!([{"type": "image", "source": {"type": "base64"}}])),
        ),
        (
            "messages[0].content[0].source.type",
            message(json!([{"type": "image", "source": {"type": "x"}}])),
        ),
        ("messages[0].content[0].tool_use_id", message(json!([{"type": "tool_result"}]))),
    ] {
        let error = read_request(&body(&json!({"model": "m", "messages": value}))).unwrap_err();
        assert_eq!(error.field, field, "{value}");
    }
    for (field, name, value) in [
        ("model", "model", json!(1)),
        ("max_tokens", "max_tokens", json!(-1)),
        ("temperature", "temperature", json!("0")),
        ("stop_sequences", "stop_sequences", json!("x")),
        ("tools[0].name", "tools", json!([{}])),
        ("tool_choice.type", "tool_choice", json!({"type": "must"})),
        ("tool_choice.name", "tool_choice", json!({"type": "tool"})),
        ("output_config.effort", "output_config", json!({"effort": 3})),
        ("output_config.format.type", "output_config", json!({"format": {"type": "xml"}})),
        (
            "output_config.format.schema",
            "output_config",
            json!({"format": {"type": "json_schema"}}),
        ),
    ] {
        let mut sent = json!({"model": "m", "messages": []});
        sent[name] = value;
        assert_eq!(read_request(&body(&sent)).unwrap_err().field, field, "{sent}");
    }
    let error = read_request(b"{\"messages\":[]}").unwrap_err();
    assert_eq!(error.to_string(), "model: is missing; name the model to ask");
    assert_eq!(read_request(b"{\"model\":\"m\"}").unwrap_err().field, "messages");
    for sent in ["", "[]", "{", "{}x", "\u{0}"] {
        assert_eq!(read_request(sent.as_bytes()).unwrap_err().field, "body", "{sent:?}");
        assert_eq!(asked(sent.as_bytes()).unwrap_err().field, "body", "{sent:?}");
    }
    let deep = format!(
        "{{\"model\":\"m\",\"messages\":[],\"x\":{}1{}}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    assert_eq!(read_request(deep.as_bytes()).unwrap_err().field, "x");
}

#[test]
fn nothing_said_is_nothing_asked() {
    let sent = br#"{"model":"m","messages":[],"system":null,"tools":null,"tool_choice":null,
        "temperature":null,"thinking":null,"output_config":null,"metadata":null,"container":null}"#;
    let expected = Request { model: "m".into(), stream_usage: true, ..Request::default() };
    assert_eq!(read_request(sent).unwrap(), expected);
}

#[test]
fn what_only_this_protocol_has_does_not_leave_it() {
    let read = |sent: &str| read_request(sent.as_bytes()).unwrap();
    assert_eq!(release(&read(fixture!("requests/tools.json"))), Ok(()));
    assert_eq!(release(&read(fixture!("requests/thinking.json"))), Ok(()));
    // A picture by its id.
    let error = release(&read(fixture!("requests/media.json"))).unwrap_err();
    assert_eq!(error.field, "messages[0]");
    let error = release(&read(fixture!("requests/server_tools.json"))).unwrap_err();
    assert_eq!(error.field, "tools");
}

#[test]
fn bedrock_gets_the_version_and_not_the_model() {
    let sent = r#"{"model":"claude", "max_tokens": 64 ,"stream":true,"unknown":{"a":1.0}}"#;
    let expected =
        r#"{"max_tokens":64,"unknown":{"a":1.0},"anthropic_version":"bedrock-2023-05-31"}"#;
    assert_eq!(invoke_body(sent).unwrap(), expected);
    let own = r#"{"anthropic_version":"2026-10-21","max_tokens":1}"#;
    assert_eq!(invoke_body(own).unwrap(), own);
    assert_eq!(invoke_body("[]").unwrap_err().field, "body");
    let request = read_request(fixture!("requests/stream.json").as_bytes()).unwrap();
    let written = write_invoke_request(&request);
    let expected = json!({
        "max_tokens": 64,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "anthropic_version": "bedrock-2023-05-31",
    });
    assert_eq!(written, expected);
}
