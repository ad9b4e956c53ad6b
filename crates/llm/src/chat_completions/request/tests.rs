#![allow(clippy::unwrap_used)]

use serde_json::{Number, Value, json};

use super::super::fixtures;
use super::*;
use crate::chat::{
    Media, MediaSource, Message, OutputFormat, Part, Reasoning, Request, Role, ToolCall,
    ToolChoice, ToolResult,
};

fn read(name: &str) -> Request {
    read_request(&fixtures::bytes(&format!("requests/{name}.json"))).unwrap()
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn turn(role: Role, parts: Vec<Part>) -> Message {
    Message { role, name: None, parts }
}

fn result(id: &str, parts: Vec<Part>) -> Part {
    Part::ToolResult(ToolResult { call_id: id.into(), name: None, parts, is_error: false })
}

fn call(id: &str, arguments: &str) -> Part {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: "weather".into(),
        arguments: arguments.into(),
        sealed: None,
    })
}

fn asking(messages: Vec<Message>) -> Request {
    Request { model: "m".into(), messages, ..Request::default() }
}

fn float(number: f64) -> Option<Number> {
    Number::from_f64(number)
}

#[test]
fn every_field_of_a_recorded_request_has_its_place() {
    let request = read("system");
    assert_eq!(request.model, "gpt-5.1");
    assert_eq!(request.system, [text("Be brief.")]);
    let ada =
        Message { role: Role::User, name: Some("ada".into()), parts: vec![text("What is 2 + 2?")] };
    let turns =
        [ada, turn(Role::Assistant, vec![text("4")]), turn(Role::User, vec![text("And 3 + 3?")])];
    assert_eq!(request.messages, turns);
    let params = &request.params;
    assert_eq!((params.max_tokens, params.seed, params.choices), (Some(256), Some(7), Some(2)));
    assert_eq!((&params.temperature, &params.top_p), (&float(0.7), &Some(1.into())));
    assert_eq!((&params.frequency_penalty, &params.presence_penalty), (&float(0.5), &float(-0.5)));
    assert_eq!(params.stop, ["END", "\n\n"]);
    assert_eq!(params.reasoning, Some(Reasoning::Effort("low".into())));
    assert_eq!(params.service_tier.as_deref(), Some("flex"));
    assert_eq!(request.user.as_deref(), Some("u-42"));
    assert_eq!(request.metadata["ticket"], "T-1");
    assert_eq!(
        Value::from(request.extra),
        json!({"logit_bias": {"50256": -100}, "verbosity": "low"})
    );
}

#[test]
fn tools_and_what_they_gave_are_turns() {
    let request = read("tool_results");
    let turns = [
        turn(Role::User, vec![text("How is the weather in Paris and Rome?")]),
        turn(
            Role::Assistant,
            vec![call("call_a1", "{\"city\":\"Paris\"}"), call("call_b2", "{\"city\": \"Rome\"}")],
        ),
        turn(
            Role::User,
            vec![result("call_a1", vec![text("sunny")]), result("call_b2", vec![text("rain")])],
        ),
        turn(Role::User, vec![text("Which is warmer?")]),
    ];
    assert_eq!(request.messages, turns);
    assert_eq!(request.tool_choice, Some(ToolChoice::Any));
    let tool = &request.tools[0];
    assert_eq!((tool.name.as_str(), tool.strict), ("weather", Some(true)));
    assert_eq!(tool.parameters.as_ref().unwrap()["required"], json!(["city"]));

    let request = read("tools");
    assert_eq!(request.tool_choice, Some(ToolChoice::Named("weather".into())));
    assert_eq!(request.parallel_tools, Some(true));
}

#[test]
fn media_are_read_as_what_they_are() {
    let parts = read("media").messages.remove(0).parts;
    let medium = |source, mime: Option<&str>| Media {
        source,
        mime: mime.map(str::to_owned),
        name: None,
        detail: None,
    };
    let address = MediaSource::Url("https://example.com/cat.png".into());
    assert_eq!(
        parts[1],
        Part::Image(Media { detail: Some("low".into()), ..medium(address, None) })
    );
    let Part::Image(pixel) = &parts[2] else { panic!("{:?}", parts[2]) };
    assert_eq!(pixel.mime.as_deref(), Some("image/png"));
    let sound = MediaSource::Base64("UklGRg==".into());
    assert_eq!(parts[3], Part::Audio(medium(sound, Some("audio/wav"))));
    let document = medium(MediaSource::Base64("JVBERi0=".into()), Some("application/pdf"));
    assert_eq!(parts[4], Part::File(Media { name: Some("a.pdf".into()), ..document }));
    assert_eq!(parts[5], Part::File(medium(MediaSource::Id("file-abc".into()), None)));
}

#[test]
fn mistrals_own_forms_are_read_and_written() {
    let request = read("mistral");
    assert_eq!(request.system, [text("Be brief.")]);
    let document = Media::from_url("https://example.com/a.pdf");
    let user = vec![
        text("What is this?"),
        Part::Image(Media::from_url("https://example.com/cat.png")),
        Part::File(Media { name: Some("a".into()), ..document }),
    ];
    assert_eq!(request.messages[0], turn(Role::User, user));
    let thought = Part::Reasoning { text: "A cat.".into(), sealed: None };
    let said = vec![thought, text("A cat."), call("abcDEF123", "{\"city\":\"Rome\"}")];
    assert_eq!(request.messages[1], turn(Role::Assistant, said));
    assert_eq!((request.params.max_tokens, request.params.seed), (Some(64), Some(3)));
    assert_eq!(request.output, OutputFormat::Json);
    assert_eq!(request.tool_choice, Some(ToolChoice::Any));

    assert_eq!(adopt(&mut request.clone(), Dialect::Mistral), Ok(()));
    let written = write_request(&request);
    assert_eq!((&written["random_seed"], &written["max_tokens"]), (&json!(3), &json!(64)));
    assert_eq!(written.get("seed"), None);
    let parts = &written["messages"][1]["content"];
    assert_eq!(
        parts[2],
        json!({"type": "document_url", "document_url": "https://example.com/a.pdf"})
    );
    assert_eq!(written["messages"][2].get("reasoning_content"), None);
    assert_eq!(written["messages"][3]["tool_call_id"], "abcDEF123");
}

#[test]
fn what_openai_s_sdk_says_is_said_again() {
    for name in ["plain", "tools", "media", "schema", "stream", "tool_results", "system"] {
        let mut expected = fixtures::json(&format!("requests/{name}.json"));
        match name {
            "schema" => drop(expected.as_object_mut().unwrap().shift_remove("stream")),
            // Texts are sent as texts, which everyone takes.
            "tool_results" => expected["messages"][3]["content"] = "rain".into(),
            "system" => {
                expected["messages"][0]["role"] = "system".into();
                expected["messages"][3]["content"] = "And 3 + 3?".into();
            }
            _ => {}
        }
        let request = read(name);
        assert_eq!(adopt(&mut request.clone(), Dialect::OpenAi), Ok(()), "{name}");
        assert_eq!(write_request(&request), expected, "{name}");
        let again = read_request(write_request(&request).to_string().as_bytes()).unwrap();
        assert_eq!(again, request, "{name}");
    }
}

#[test]
fn a_dialect_is_told_by_the_models_name() {
    let names = [
        ("gpt-5.1", Dialect::OpenAi),
        ("o3-mini", Dialect::OpenAi),
        ("ft:gpt-4o:org::id", Dialect::OpenAi),
        ("olmo-2", Dialect::Open),
        ("gpt-oss-120b", Dialect::Open),
        ("openai/gpt-5", Dialect::Open),
        ("mistral-large-latest", Dialect::Mistral),
        ("deepseek-chat", Dialect::Open),
    ];
    for (name, dialect) in names {
        assert_eq!(Dialect::of_model(name), dialect, "{name}");
    }
}

#[test]
fn each_dialect_gets_what_it_takes() {
    let mut request = asking(vec![turn(Role::User, vec![text("Hi")])]);
    request.params.max_tokens = Some(9);
    request.params.top_k = Some(5);
    request.params.reasoning = Some(Reasoning::Budget(4_000));
    request.user = Some("u".into());
    (request.stream, request.stream_usage) = (true, true);
    let plain = json!([{"role": "user", "content": "Hi"}]);
    let openai = json!({"model": "m", "messages": plain, "max_completion_tokens": 9,
        "reasoning_effort": "medium", "stream": true, "stream_options": {"include_usage": true},
        "user": "u"});
    assert_eq!(write_request_in(&request, Dialect::OpenAi), openai);
    let open = json!({"model": "m", "messages": plain, "max_tokens": 9, "top_k": 5,
        "reasoning_effort": "medium", "stream": true, "stream_options": {"include_usage": true},
        "user": "u"});
    assert_eq!(write_request_in(&request, Dialect::Open), open);
    let mistral = json!({"model": "m", "messages": plain, "max_tokens": 9, "top_k": 5,
        "reasoning_effort": "medium", "stream": true});
    assert_eq!(write_request_in(&request, Dialect::Mistral), mistral);

    request.params.reasoning = Some(Reasoning::Budget(0));
    assert_eq!(write_request_in(&request, Dialect::OpenAi).get("reasoning_effort"), None);
}

#[test]
fn what_is_only_of_this_protocol_survives() {
    let body = json!({"model": "m", "messages": [], "tools": [{"type": "web_search"}],
        "tool_choice": {"type": "allowed_tools"}, "stream": true,
        "stream_options": {"include_obfuscation": false}, "min_p": 0.1,
        "reasoning": {"enabled": true}});
    let request = read_request(body.to_string().as_bytes()).unwrap();
    assert!(request.tools.is_empty() && request.tool_choice.is_none());
    assert_eq!(write_request(&request), body);
}

#[test]
fn thoughts_go_back_only_with_calls_and_only_to_who_takes_them() {
    let thought = Part::Reasoning { text: "Hm.".into(), sealed: Some("seal".into()) };
    let request = asking(vec![
        turn(Role::Assistant, vec![thought.clone(), text("Hi")]),
        turn(Role::Assistant, vec![thought, call("call_a1", "")]),
    ]);
    let open = write_request_in(&request, Dialect::Open);
    let arguments = json!({"name": "weather", "arguments": "{}"});
    let called = json!([{"id": "call_a1", "type": "function", "function": arguments}]);
    assert_eq!(
        open["messages"],
        json!([
            {"role": "assistant", "content": "Hi"},
            {"role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": called},
        ])
    );
    let openai = write_request_in(&request, Dialect::OpenAi);
    assert_eq!(openai["messages"][1].get("reasoning_content"), None);

    let details = json!([{"type": "reasoning.text", "text": "Hm.", "signature": "seal"}]);
    let body = json!({"model": "m", "messages": [{"role": "assistant", "content": "Hi",
        "reasoning_content": "Hm.", "reasoning_details": details}]});
    let read = read_request(body.to_string().as_bytes()).unwrap();
    assert_eq!(read.messages[0], request.messages[0]);
}

#[test]
fn results_follow_their_calls_and_pictures_come_after_all_of_them() {
    let picture = Part::Image(Media::from_url("https://example.com/a.png"));
    let request = asking(vec![
        turn(Role::User, vec![text("Aside."), result("a", vec![text("x"), text("y"), picture])]),
        turn(Role::User, vec![result("b", vec![])]),
    ]);
    let expected = json!([
        {"role": "tool", "tool_call_id": "a", "content": "x\n\ny"},
        {"role": "user", "content": [
            {"type": "text", "text": "The result of call a:"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        ]},
        {"role": "user", "content": "Aside."},
        {"role": "tool", "tool_call_id": "b", "content": ""},
    ]);
    assert_eq!(write_request_in(&request, Dialect::OpenAi)["messages"], expected);

    let picture = Part::Image(Media::from_url("https://example.com/a.png"));
    let request = asking(vec![
        turn(Role::User, vec![result("a", vec![picture])]),
        turn(Role::User, vec![result("b", vec![text("z")])]),
    ]);
    let written = write_request_in(&request, Dialect::OpenAi);
    let roles: Vec<_> =
        (0..3usize).map(|n| written["messages"][n]["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["tool", "tool", "user"]);
}

#[test]
fn an_id_that_mistral_refuses_becomes_one_that_it_takes() {
    let request = asking(vec![
        turn(Role::Assistant, vec![call("call_a1", "{}"), call("call_b2", "{}")]),
        turn(Role::User, vec![result("call_a1", vec![text("sunny")])]),
    ]);
    let written = write_request_in(&request, Dialect::Mistral);
    let messages = &written["messages"];
    let ids = [0usize, 1].map(|n| messages[0]["tool_calls"][n]["id"].as_str().unwrap());
    assert!(ids.iter().all(|id| id.len() == 9 && id.chars().all(|c| c.is_ascii_alphanumeric())));
    assert_ne!(ids[0], ids[1]);
    assert_eq!(messages[1]["tool_call_id"], ids[0]);
}

#[test]
fn what_cannot_be_said_is_named() {
    let medium = |source| Media { source, mime: None, name: None, detail: None };
    let by_id = medium(MediaSource::Id("file-1".into()));
    let by_address = Media::from_url("https://example.com/a");
    let said = |part: &Part, role, dialect| {
        let turns = vec![turn(Role::User, vec![text("x")]), turn(role, vec![part.clone()])];
        adopt(&mut asking(turns), dialect)
    };
    let unsaid = [
        Part::Image(by_id.clone()),
        Part::Audio(by_address.clone()),
        Part::Audio(medium(MediaSource::Base64("AA==".into()))),
        Part::File(by_address.clone()),
        result("a", vec![Part::Image(by_id.clone())]),
    ];
    for part in &unsaid {
        let error = said(part, Role::User, Dialect::OpenAi).unwrap_err();
        assert_eq!(error.field, "messages[1]", "{part:?}");
    }
    assert_eq!(said(&Part::File(by_address.clone()), Role::User, Dialect::Open), Ok(()));
    assert_eq!(said(&Part::File(by_id), Role::User, Dialect::OpenAi), Ok(()));
    let picture = Part::Image(by_address);
    assert_eq!(said(&picture, Role::User, Dialect::OpenAi), Ok(()));
    assert!(said(&picture, Role::Assistant, Dialect::OpenAi).is_err());
}

#[test]
fn a_wrong_request_names_the_field() {
    let user = |content: &str| format!(r#"{{"messages":[{{"role":"user","content":{content}}}]}}"#);
    let wrong = [
        ("[]".to_owned(), "body"),
        ("{".to_owned(), "body"),
        ("{}".to_owned(), "messages"),
        (r#"{"messages":{}}"#.to_owned(), "messages"),
        (r#"{"messages":[7]}"#.to_owned(), "messages[0]"),
        (r#"{"messages":[{"role":"me"}]}"#.to_owned(), "messages[0].role"),
        (r#"{"messages":[{"role":"function"}]}"#.to_owned(), "messages[0].role"),
        (r#"{"messages":[{"role":"tool"}]}"#.to_owned(), "messages[0].tool_call_id"),
        (user("7"), "messages[0].content"),
        (user(r#"[{"type":"text"}]"#), "messages[0].content[0].text"),
        (user(r#"[{"type":"video_url"}]"#), "messages[0].content[0].type"),
        (user(r#"[{"type":"file","file":{}}]"#), "messages[0].content[0].file.file_data"),
        (
            r#"{"messages":[{"role":"assistant","tool_calls":[{"type":"custom"}]}]}"#.to_owned(),
            "messages[0].tool_calls[0].function",
        ),
        (r#"{"messages":[],"model":1}"#.to_owned(), "model"),
        (r#"{"messages":[],"functions":[]}"#.to_owned(), "functions"),
        (r#"{"messages":[],"temperature":"hot"}"#.to_owned(), "temperature"),
        (r#"{"messages":[],"max_tokens":1.5}"#.to_owned(), "max_tokens"),
        (r#"{"messages":[],"stop":[1]}"#.to_owned(), "stop"),
        (r#"{"messages":[],"tools":[{"function":{}}]}"#.to_owned(), "tools[0].function.name"),
        (r#"{"messages":[],"tool_choice":"maybe"}"#.to_owned(), "tool_choice"),
        (r#"{"messages":[],"response_format":{"type":"xml"}}"#.to_owned(), "response_format.type"),
        (
            r#"{"messages":[],"response_format":{"type":"json_schema","json_schema":{}}}"#
                .to_owned(),
            "response_format.json_schema.schema",
        ),
    ];
    for (body, field) in wrong {
        let error = read_request(body.as_bytes()).unwrap_err();
        assert_eq!(error.field, field, "{body}");
        assert!(!error.reason.is_empty(), "{body}");
    }
    let limitless = read_request(br#"{"messages":[],"max_tokens":-1,"seed":null}"#).unwrap();
    assert_eq!((limitless.params.max_tokens, limitless.params.seed), (None, None));
}

#[test]
fn only_what_others_can_do_without_is_left_behind() {
    assert_eq!(release(&read("system")), Ok(()));
    assert_eq!(release(&read("tool_results")), Ok(()));
    assert_eq!(release(&read("media")).unwrap_err().field, "messages[0]");
    let body = br#"{"messages":[],"tools":[{"type":"web_search"}]}"#;
    assert_eq!(release(&read_request(body).unwrap()).unwrap_err().field, "tools");

    let mut request = read("system");
    assert_eq!(adopt(&mut request, Dialect::OpenAi), Ok(()));
    assert!(request.extra.is_empty());
}
