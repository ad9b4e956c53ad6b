#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::{
    chat::{Media, MediaSource, Message, Role, ToolCall, ToolResult},
    responses::{tests::fixture, write_request},
};

const REQUESTS: [&str; 8] =
    ["plain", "conversation", "tools", "media", "stored", "schema", "stream", "json_object"];

fn read(name: &str) -> Request {
    read_request(fixture(&format!("requests/{name}.json")).as_bytes()).unwrap()
}

fn said(role: Role, parts: Vec<Part>) -> Message {
    Message { role, name: None, parts }
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn media(source: MediaSource, mime: Option<&str>) -> Media {
    Media { source, mime: mime.map(str::to_owned), name: None, detail: None }
}

#[test]
fn a_text_is_a_message_of_the_user() {
    let expected = Request {
        model: "gpt-5.1".into(),
        messages: vec![said(Role::User, vec![text("Say hello.")])],
        ..Request::default()
    };
    assert_eq!(read("plain"), expected);
}

#[test]
fn a_conversation_with_all_its_parameters() {
    let request = read("conversation");
    assert_eq!(request.system, [text("Be brief."), text("Speak German.")]);
    let messages = [
        said(Role::User, vec![text("Hello")]),
        said(Role::Assistant, vec![text("Hallo!")]),
        said(Role::User, vec![text("And"), text("now?")]),
    ];
    assert_eq!(request.messages, messages);
    let params = &request.params;
    assert_eq!(params.max_tokens, Some(300));
    assert_eq!(params.temperature.as_ref().unwrap().to_string(), "0.7");
    assert_eq!(params.top_p.as_ref().unwrap().to_string(), "0.9");
    assert_eq!(params.service_tier.as_deref(), Some("flex"));
    assert_eq!(request.user.as_deref(), Some("ann"));
    assert_eq!(Value::Object(request.metadata), json!({"team": "search", "ticket": "42"}));
    let extra = json!({
        "safety_identifier": "a1b2",
        "store": false,
        "truncation": "auto",
        "prompt_cache_key": "k",
        "text": {"verbosity": "low"},
    });
    assert_eq!(Value::Object(request.extra), extra);
}

#[test]
fn thoughts_text_and_calls_are_one_turn_and_results_another() {
    let request = read("tools");
    let call = |id: &str, name: &str, arguments: &str| {
        Part::ToolCall(ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
            sealed: None,
        })
    };
    let result = |call_id: &str, parts| {
        Part::ToolResult(ToolResult { call_id: call_id.into(), name: None, parts, is_error: false })
    };
    let Part::ToolResult(clock) = &request.messages[2].parts[1] else { panic!("a result") };
    let Part::Image(image) = &clock.parts[1] else { panic!("an image") };
    assert_eq!(image.mime.as_deref(), Some("image/png"));
    assert_eq!(image.detail.as_deref(), Some("low"));
    let thoughts = Part::Reasoning {
        text: "I need the weather.\n\nAnd the time.".into(),
        sealed: Some("gAAAAABo".into()),
    };
    let expected = [
        said(Role::User, vec![text("Weather and time in Bonn?")]),
        said(
            Role::Assistant,
            vec![
                thoughts,
                text("Let me look."),
                call("call_w", "get_weather", "{\"city\":\"Bonn\"}"),
                call("call_t", "get_time", "{}"),
            ],
        ),
        said(
            Role::User,
            vec![
                result("call_w", vec![text("{\"celsius\":21}")]),
                result("call_t", vec![text("See the clock."), Part::Image(image.clone())]),
            ],
        ),
    ];
    assert_eq!(request.messages, expected);
}

#[test]
fn functions_are_tools_and_built_in_ones_are_extra() {
    let request = read("tools");
    let [weather, time] = request.tools.as_slice() else { panic!("two functions") };
    assert_eq!(weather.name, "get_weather");
    assert_eq!(weather.description.as_deref(), Some("Weather in a city"));
    assert_eq!(weather.parameters.as_ref().unwrap()["required"], json!(["city"]));
    assert_eq!(weather.strict, Some(true));
    let bare = Tool { name: "get_time".into(), description: None, parameters: None, strict: None };
    assert_eq!(*time, bare);
    assert_eq!(request.tool_choice, Some(ToolChoice::Named("get_weather".into())));
    assert_eq!(request.parallel_tools, Some(false));
    assert_eq!(request.params.reasoning, Some(Reasoning::Effort("high".into())));
    let extra = json!({
        "include": ["reasoning.encrypted_content"],
        "store": false,
        "tools": [{"type": "web_search", "search_context_size": "low"}],
        "reasoning": {"summary": "auto"},
    });
    assert_eq!(Value::Object(request.extra), extra);
}

#[test]
fn media_are_where_they_are() {
    let [message]: [Message; 1] = read("media").messages.try_into().unwrap();
    let image = |source, detail: &str| {
        Part::Image(Media { detail: Some(detail.into()), ..media(source, None) })
    };
    let named = |name: &str, media: Media| Part::File(Media { name: Some(name.into()), ..media });
    let url = |url: &str| MediaSource::Url(url.into());
    let bytes = |data: &str| MediaSource::Base64(data.into());
    let id = |id: &str| MediaSource::Id(id.into());
    let expected = [
        text("What is this?"),
        image(url("https://example.org/a.png"), "high"),
        image(id("file_i"), "auto"),
        named("a.pdf", media(bytes("JVBERg=="), Some("application/pdf"))),
        named("b.txt", media(bytes("aGk="), None)),
        Part::File(media(url("https://example.org/b.pdf"), None)),
        Part::File(media(id("file_f"), None)),
        Part::Audio(media(bytes("UklGRg=="), Some("audio/wav"))),
    ];
    assert_eq!(message.parts, expected);
}

#[test]
fn what_is_stored_with_openai_is_extra() {
    let request = read("stored");
    assert_eq!(request.messages, [said(Role::User, vec![text("Go on.")])]);
    let extra = json!({
        "previous_response_id": "resp_0",
        "background": true,
        "input": [
            {"before": 0, "item": {"type": "item_reference", "id": "msg_0"}},
            {"before": 1, "item": {"type": "reasoning", "id": "rs_0", "summary": []}},
        ],
        "tools": [{"type": "custom", "name": "run", "description": "Runs code"}],
        "tool_choice": {
            "type": "allowed_tools",
            "mode": "auto",
            "tools": [{"type": "custom", "name": "run"}],
        },
    });
    assert_eq!(Value::Object(request.extra), extra);
    assert!(request.tools.is_empty() && request.tool_choice.is_none());
}

#[test]
fn forms_of_the_answer() {
    let OutputFormat::Schema { name, schema, strict, .. } = read("schema").output else {
        panic!("a schema");
    };
    assert_eq!((name.as_str(), strict), ("Weather", Some(true)));
    assert_eq!(schema["required"], json!(["city", "celsius"]));
    let json = read("json_object");
    assert_eq!(json.output, OutputFormat::Json);
    assert_eq!(json.tool_choice, Some(ToolChoice::Any));
    assert!(json.stream && !json.stream_usage);
    assert_eq!(read("stream").output, OutputFormat::Text);
}

#[test]
fn what_was_read_is_written_in_the_shape_that_the_sdk_has() {
    let expected: Value = serde_json::from_str(&fixture("written/request.json")).unwrap();
    assert_eq!(write_request(&read("tools")), expected);
}

#[test]
fn what_was_written_reads_the_same() {
    for name in REQUESTS {
        let request = read(name);
        let written = write_request(&request).to_string();
        assert_eq!(read_request(written.as_bytes()).unwrap(), request, "{name}: {written}");
    }
}

#[test]
fn items_of_built_in_tools_keep_their_place_and_cut_a_turn() {
    let body = json!({"model": "m", "input": [
        {"role": "assistant", "content": "a"},
        {"type": "web_search_call", "id": "ws_1"},
        {"role": "assistant", "content": "b"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": ""},
        {"type": "function_call_output", "call_id": "c", "output": ""},
        {"type": "item_reference", "id": "x"},
        {"type": "function_call_output", "call_id": "d", "output": "1"},
    ]});
    let request = read_request(body.to_string().as_bytes()).unwrap();
    let lengths: Vec<_> = request.messages.iter().map(|message| message.parts.len()).collect();
    assert_eq!(lengths, [1, 2, 1, 1]);
    let written = write_request(&request);
    let kinds: Vec<_> =
        written["input"].as_array().unwrap().iter().map(|item| item["type"].clone()).collect();
    let expected = [
        "message",
        "web_search_call",
        "message",
        "function_call",
        "function_call_output",
        "item_reference",
        "function_call_output",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(written["input"][4]["output"], "");
}

#[test]
fn budgets_become_efforts() {
    for (tokens, effort) in
        [(0, None), (1024, Some("low")), (4096, Some("medium")), (32_000, Some("high"))]
    {
        let mut request = Request::default();
        request.params.reasoning = Some(Reasoning::Budget(tokens));
        let written = write_request(&request);
        assert_eq!(written["reasoning"]["effort"].as_str(), effort, "{tokens}");
        assert_eq!(written.get("reasoning").is_some(), effort.is_some());
    }
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let user = |content: Value| json!({"input": [{"role": "user", "content": content}]});
    for (fields, field) in [
        (json!({"model": null}), "model"),
        (json!({"model": 7}), "model"),
        (json!({"input": null}), "input"),
        (json!({"input": 7}), "input"),
        (json!({"input": [7]}), "input[0]"),
        (json!({"input": [{"id": "x"}]}), "input[0]"),
        (json!({"input": [{"role": "robot", "content": ""}]}), "input[0].role"),
        (json!({"input": [{"role": "user"}]}), "input[0].content"),
        (
            json!({"input": [{"type": "function_call", "call_id": "c", "name": "f"}]}),
            "input[0].arguments",
        ),
        (json!({"input": [{"type": "function_call_output", "output": ""}]}), "input[0].call_id"),
        (json!({"input": [{"type": "function_call_output", "call_id": "c"}]}), "input[0].output"),
        (json!({"input": [{"type": "reasoning", "summary": "s"}]}), "input[0].summary"),
        (user(json!(7)), "input[0].content"),
        (user(json!(["text"])), "input[0].content[0]"),
        (user(json!([{"type": "hologram"}])), "input[0].content[0].type"),
        (user(json!([{"type": "input_text"}])), "input[0].content[0].text"),
        (user(json!([{"type": "input_image"}])), "input[0].content[0].image_url"),
        (user(json!([{"type": "input_file"}])), "input[0].content[0].file_data"),
        (
            user(json!([{"type": "input_audio", "input_audio": {"data": "x"}}])),
            "input[0].content[0].input_audio.format",
        ),
        (json!({"tools": {}}), "tools"),
        (json!({"tools": [{"name": "f"}]}), "tools[0].type"),
        (json!({"tools": [{"type": "function"}]}), "tools[0].name"),
        (
            json!({"tools": [{"type": "function", "name": "f", "parameters": []}]}),
            "tools[0].parameters",
        ),
        (json!({"tool_choice": "any"}), "tool_choice"),
        (json!({"tool_choice": {"type": "function"}}), "tool_choice.name"),
        (json!({"text": {"format": {"type": "xml"}}}), "text.format.type"),
        (json!({"text": {"format": {"type": "json_schema", "name": "n"}}}), "text.format.schema"),
        (json!({"reasoning": "high"}), "reasoning"),
        (json!({"max_output_tokens": -1}), "max_output_tokens"),
        (json!({"temperature": "hot"}), "temperature"),
        (json!({"stream": 1}), "stream"),
        (json!({"metadata": []}), "metadata"),
    ] {
        let mut body = json!({"model": "m", "input": "x"});
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let error = read_request(body.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.field, field, "{body}: {error}");
        assert!(!error.reason.is_empty());
    }
    for body in ["", "[]", "{"] {
        assert_eq!(read_request(body.as_bytes()).unwrap_err().field, "body", "{body}");
    }
}

#[test]
fn a_stored_prompt_needs_neither_model_nor_input() {
    let request = read_request(br#"{"prompt":{"id":"pmpt_1"}}"#).unwrap();
    assert_eq!((request.model.as_str(), request.messages.len()), ("", 0));
    assert_eq!(Value::Object(request.extra), json!({"prompt": {"id": "pmpt_1"}}));
}
