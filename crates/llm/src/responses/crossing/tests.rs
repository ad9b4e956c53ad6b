#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::{
    chat::{Media, Tool, ToolResult},
    responses::{read_request, tests::fixture, write_request},
};

fn said(role: Role, parts: Vec<Part>) -> Message {
    Message { role, name: None, parts }
}

fn audio() -> Part {
    let source = MediaSource::Base64("UklGRg==".into());
    Part::Audio(Media { source, mime: None, name: None, detail: None })
}

#[test]
fn what_comes_from_another_protocol_is_not_stored() {
    let mut request = Request { model: "m".into(), ..Request::default() };
    request.extra.insert("logit_bias".into(), json!({"1": 1}));
    request.tools.push(Tool {
        name: "f".into(),
        description: None,
        parameters: None,
        strict: None,
    });
    request.params.reasoning = Some(Reasoning::Effort("low".into()));
    let thought = |sealed: Option<&str>| Part::Reasoning {
        text: "hm".into(),
        sealed: sealed.map(str::to_owned),
    };
    request.messages = vec![
        said(Role::Assistant, vec![thought(None)]),
        said(Role::Assistant, vec![thought(None), thought(Some("s"))]),
    ];
    adopt(&mut request).unwrap();
    let expected = json!({
        "model": "m",
        "input": [{
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "s",
        }],
        "tools": [{"type": "function", "name": "f", "parameters": null, "strict": false}],
        "reasoning": {"effort": "low"},
        "store": false,
        "include": ["reasoning.encrypted_content"],
    });
    assert_eq!(write_request(&request), expected);
}

#[test]
fn thoughts_are_not_asked_of_models_that_need_not_think() {
    for reasoning in [None, Some(Reasoning::Budget(0))] {
        let mut request = Request::default();
        request.params.reasoning = reasoning;
        adopt(&mut request).unwrap();
        assert!(!request.extra.contains_key("include"));
    }
}

#[test]
fn what_this_protocol_cannot_say_is_refused() {
    let mut several = Request::default();
    several.params.choices = Some(2);
    let mut stopped = Request::default();
    stopped.params.stop = vec!["END".into()];
    let result =
        ToolResult { call_id: "c".into(), name: None, parts: vec![audio()], is_error: false };
    let of_message = |message| Request { messages: vec![message], ..Request::default() };
    for (mut request, field) in [
        (several, "n"),
        (stopped, "stop"),
        (of_message(said(Role::Assistant, vec![audio()])), "messages[0]"),
        (of_message(said(Role::User, vec![Part::ToolResult(result)])), "messages[0]"),
    ] {
        assert_eq!(adopt(&mut request).unwrap_err().field, field);
    }
    let mut fine = of_message(said(Role::User, vec![audio()]));
    fine.params.choices = Some(1);
    adopt(&mut fine).unwrap();
}

#[test]
fn what_only_this_protocol_has_is_not_lost_silently() {
    let fine = ["plain", "conversation", "schema", "stream"];
    for name in fine {
        let body = fixture(&format!("requests/{name}.json"));
        release(&read_request(body.as_bytes()).unwrap()).unwrap();
    }
    for (fields, field) in [
        (json!({"previous_response_id": "r"}), "previous_response_id"),
        (json!({"conversation": "c"}), "conversation"),
        (json!({"background": true}), "background"),
        (json!({"tools": [{"type": "web_search"}]}), "tools"),
        (json!({"tool_choice": {"type": "file_search"}}), "tool_choice"),
        (json!({"input": [{"type": "item_reference", "id": "x"}]}), "input"),
        (
            json!({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]}),
            "input",
        ),
    ] {
        let mut body = json!({"model": "m", "input": "x", "background": false});
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = read_request(body.to_string().as_bytes()).unwrap();
        assert_eq!(release(&request).unwrap_err().field, field, "{body}");
    }
    let body = json!({"model": "m", "input": [{"type": "reasoning", "id": "rs", "summary": []}]});
    release(&read_request(body.to_string().as_bytes()).unwrap()).unwrap();
}
