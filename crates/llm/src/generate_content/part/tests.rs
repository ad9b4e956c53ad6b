#![allow(clippy::unwrap_used)]

use super::*;

fn read_one(part: Value) -> Vec<Part> {
    let (parts, unknown) =
        read_all(json!({"parts": [part]}).as_object().unwrap(), &mut Calls::default());
    assert_eq!(unknown, None);
    parts
}

fn written(parts: &[Part]) -> Vec<Value> {
    write_all(parts, &|result| result.name.as_deref().unwrap_or("unnamed"))
}

fn media(source: MediaSource, mime: Option<&str>) -> Media {
    Media { source, mime: mime.map(str::to_owned), name: None, detail: None }
}

#[test]
fn bytes_are_of_the_kind_that_their_type_says_and_in_the_standard_alphabet() {
    let of = |mime: &str| read_one(json!({"inlineData": {"mimeType": mime, "data": "-_8"}}));
    let expected = |mime| media(MediaSource::Base64("+/8=".into()), Some(mime));
    assert_eq!(of("image/png"), [Part::Image(expected("image/png"))]);
    assert_eq!(of("audio/mp3"), [Part::Audio(expected("audio/mp3"))]);
    assert_eq!(of("video/mp4"), [Part::File(expected("video/mp4"))]);
    let snake = json!({"inline_data": {"mime_type": "image/png", "data": "AAAA"}});
    let expected = media(MediaSource::Base64("AAAA".into()), Some("image/png"));
    assert_eq!(read_one(snake), [Part::Image(expected)]);
}

#[test]
fn a_file_of_googles_is_an_id_and_any_other_an_address() {
    let of = |uri: &str| read_one(json!({"fileData": {"fileUri": uri}}));
    for uri in ["gs://b/x", "https://generativelanguage.googleapis.com/v1beta/files/abc"] {
        assert_eq!(of(uri), [Part::File(media(MediaSource::Id(uri.into()), None))]);
    }
    let uri = "https://www.youtube.com/watch?v=x";
    assert_eq!(of(uri), [Part::File(media(MediaSource::Url(uri.into()), None))]);
}

#[test]
fn the_type_of_a_file_is_told_from_its_name() {
    let url = |url: &str| Part::Image(media(MediaSource::Url(url.into()), None));
    let parts = [url("https://x.org/a.JPG?w=1"), url("https://x.org/a")];
    let expected = [
        json!({"fileData": {"mimeType": "image/jpeg", "fileUri": "https://x.org/a.JPG?w=1"}}),
        json!({"fileData": {"fileUri": "https://x.org/a"}}),
    ];
    assert_eq!(written(&parts), expected);
    let nameless = [Part::Image(media(MediaSource::Base64("AAAA".into()), None))];
    let expected = json!({"inlineData": {"mimeType": "image/png", "data": "AAAA"}});
    assert_eq!(written(&nameless), [expected]);
}

#[test]
fn a_seal_on_text_is_a_part_of_secret_thoughts_after_it() {
    let seal = || Part::Reasoning { text: String::new(), sealed: Some("c2Vh".into()) };
    let sealed = json!({"text": "a", "thoughtSignature": "c2Vh"});
    assert_eq!(read_one(sealed), [Part::Text("a".into()), seal()]);
    assert_eq!(read_one(json!({"text": "", "thoughtSignature": "c2Vh"})), [seal()]);
    assert_eq!(read_one(json!({"thoughtSignature": "c2Vh"})), [seal()]);
    let thought = json!({"text": "a", "thought": true, "thoughtSignature": "c2Vh"});
    let expected = [Part::Reasoning { text: "a".into(), sealed: Some("c2Vh".into()) }];
    assert_eq!(read_one(thought.clone()), expected);
    assert_eq!(written(&expected), [thought]);
    assert_eq!(written(&[seal()]), [json!({"text": "", "thoughtSignature": "c2Vh"})]);
}

#[test]
fn a_seal_goes_back_on_the_picture_that_it_came_with() {
    let part = json!({
        "inlineData": {"mimeType": "image/png", "data": "AAAA"},
        "thoughtSignature": "c2Vh",
    });
    let parts = read_one(part.clone());
    assert_eq!(parts.len(), 2);
    assert_eq!(written(&parts), [part]);
}

#[test]
fn results_find_their_calls() {
    let mut calls = Calls::default();
    let call = |name: &str| json!({"functionCall": {"name": name, "args": {"n": 1}}});
    let result = |name: &str| json!({"functionResponse": {"name": name, "response": {"n": 1}}});
    let content = json!({"parts": [
        call("a"), call("b"), call("a"),
        {"functionCall": {"name": "c", "id": "x1"}},
        result("b"), result("a"), result("a"), result("c"), result("a"),
    ]});
    let (parts, _) = read_all(content.as_object().unwrap(), &mut calls);
    let ids: Vec<&str> = parts
        .iter()
        .map(|part| match part {
            Part::ToolCall(call) => call.id.as_str(),
            Part::ToolResult(result) => result.call_id.as_str(),
            _ => panic!("only calls and results were given"),
        })
        .collect();
    let expected =
        ["call_0", "call_1", "call_2", "x1", "call_1", "call_0", "call_2", "x1", "call_4"];
    assert_eq!(ids, expected);
    let Part::ToolCall(without_arguments) = &parts[3] else { panic!("the fourth is a call") };
    assert_eq!(without_arguments.arguments, "{}");
}

#[test]
fn what_a_tool_gave_is_said_both_ways() {
    for (response, said, is_error) in [
        (json!({"output": "sunny"}), "sunny", false),
        (json!({"error": "no such city"}), "no such city", true),
        (json!({"error": {"code": 1}}), "{\"code\":1}", true),
        (json!({"error": 1}), "{\"error\":1}", false),
        (json!({"a": 1, "error": "x"}), "{\"a\":1,\"error\":\"x\"}", false),
    ] {
        let part = json!({"functionResponse": {"name": "f", "response": response, "id": "i"}});
        let parts = read_one(part.clone());
        let expected = ToolResult {
            call_id: "i".into(),
            name: Some("f".into()),
            parts: vec![Part::Text(said.into())],
            is_error,
        };
        assert_eq!(parts, [Part::ToolResult(expected)]);
        assert_eq!(written(&parts), [part]);
    }
}

#[test]
fn a_result_may_hold_pictures() {
    let part = json!({"functionResponse": {
        "name": "f",
        "response": {"output": "see"},
        "id": "i",
        "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}],
    }});
    let parts = read_one(part.clone());
    let Part::ToolResult(result) = &parts[0] else { panic!("a result was given") };
    assert_eq!(result.parts.len(), 2);
    assert_eq!(written(&parts), [part]);
}

#[test]
fn made_up_ids_are_not_said() {
    let call = |id: &str| ToolCall { id: id.into(), name: "f".into(), ..ToolCall::default() };
    let without = json!({"functionCall": {"name": "f", "args": {}}});
    assert_eq!(write_call(&call("call_12")), without);
    assert_eq!(write_call(&call("call_Ab12"))["functionCall"]["id"], "call_Ab12");
    assert_eq!(write_call(&call("call_1234567890"))["functionCall"]["id"], "call_1234567890");
}

#[test]
fn arguments_that_are_no_object_are_kept_as_text() {
    assert_eq!(arguments("{\"a\":1.5}"), json!({"a": 1.5}));
    assert_eq!(arguments(" "), json!({}));
    assert_eq!(arguments("{\"a\":"), json!({"arguments": "{\"a\":"}));
    assert_eq!(arguments("[1]"), json!({"arguments": "[1]"}));
}

#[test]
fn code_that_google_ran_is_text() {
    let code = json!({"executableCode": {"language": "PYTHON", "code": "print(1)"}});
    assert_eq!(read_one(code), [Part::Text("```python\nprint(1)\n```\n".into())]);
    let output = json!({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}});
    assert_eq!(read_one(output), [Part::Text("```\n1\n```\n".into())]);
}

#[test]
fn a_part_of_no_known_kind_is_told_and_the_rest_is_read() {
    let content = json!({"parts": [{"text": "a"}, {"hologram": {}}, 5, {"text": "b"}]});
    let (parts, unknown) = read_all(content.as_object().unwrap(), &mut Calls::default());
    assert_eq!(parts, [Part::Text("a".into()), Part::Text("b".into())]);
    assert_eq!(unknown, Some(1));
}

#[test]
fn thoughts_in_pieces_are_one_part_up_to_their_seal() {
    let thought = |text: &str, sealed: Option<&str>| Part::Reasoning {
        text: text.into(),
        sealed: sealed.map(Into::into),
    };
    let pieces = vec![
        thought("a", None),
        thought("b", Some("s")),
        thought("c", None),
        Part::Text("x".into()),
        thought("", Some("t")),
    ];
    let expected = [
        thought("ab", Some("s")),
        thought("c", None),
        Part::Text("x".into()),
        thought("", Some("t")),
    ];
    assert_eq!(join_thoughts(pieces), expected);
}
