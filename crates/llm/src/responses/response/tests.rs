#![allow(clippy::unwrap_used)]

use tracekeep_model::{Text, Usage};

use super::*;
use crate::{
    chat::{Finish, Media, MediaSource},
    responses::tests::fixture,
};

fn read(name: &str) -> Response {
    read_response(fixture(&format!("responses/{name}.json")).as_bytes()).unwrap()
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
        sealed: None,
    })
}

fn fresh() -> Fresh {
    Fresh { id: "f1".into(), created: 1_700_000_000, model: "asked".into() }
}

#[test]
fn a_text_with_its_head_and_counts() {
    let response = read("text");
    assert_eq!(response.id.as_deref(), Some("resp_68a1"));
    assert_eq!(response.model.as_deref(), Some("gpt-5.1-2025-11-13"));
    assert_eq!(response.created, Some(1_750_000_000));
    assert_eq!(response.service_tier.as_deref(), Some("default"));
    let choice = Choice { parts: vec![text("Hello! How can I help?")], finish: Some(Finish::Stop) };
    assert_eq!(response.choices, [choice]);
    let usage = Usage {
        input: Some(76),
        input_cache_read: Some(1024),
        input_cache_write: Some(100),
        output: Some(40),
        output_reasoning: Some(0),
        stated_total: Some(1240),
        ..Usage::default()
    };
    assert_eq!(response.counted.unwrap().usage, usage);
}

#[test]
fn answers_say_what_their_items_say() {
    for (name, parts, finish) in [
        (
            "tools",
            vec![
                Part::Reasoning {
                    text: "I need the weather.\n\nAnd the time.".into(),
                    sealed: Some("gAAAAABo".into()),
                },
                text("Let me look."),
                call("call_w", "get_weather", "{\"city\":\"Bonn\"}"),
                call("call_t", "get_time", "{}"),
            ],
            Finish::ToolCalls,
        ),
        ("incomplete", vec![text("Once upon")], Finish::Length),
        ("refusal", vec![Part::Refusal("I cannot help with that.".into())], Finish::Stop),
        ("failed", vec![], Finish::Other("failed".into())),
    ] {
        let choice = Choice { parts, finish: Some(finish) };
        assert_eq!(read(name).choices, [choice], "{name}");
    }
}

#[test]
fn built_in_tools_say_nothing_but_for_images_and_are_counted() {
    let response = read("hosted");
    let [sunny, Part::Image(image), run] = response.choices[0].parts.as_slice() else {
        panic!("a text, an image and a call");
    };
    assert_eq!(*sunny, text("Sunny."));
    assert_eq!(*run, call("call_c", "run", "print(1)"));
    let Media { source: MediaSource::Base64(data), mime, .. } = image else { panic!("bytes") };
    assert!(data.starts_with("iVBORw0KGgo"));
    assert_eq!(mime.as_deref(), Some("image/png"));
    let usage = response.counted.unwrap().usage;
    assert_eq!(
        (usage.input, usage.input_cache_read, usage.input_cache_write),
        (Some(100), Some(100), Some(100))
    );
    assert_eq!(
        usage.other,
        [(Text::from("input_cache_write_12h"), 200), (Text::from("web_searches"), 2)]
    );
    assert_eq!(usage.input_total(), Some(500));
}

#[test]
fn what_was_written_reads_the_same() {
    for name in ["text", "tools", "incomplete", "refusal", "failed"] {
        let response = read(name);
        let written = write_response(&response, &fresh()).to_string();
        let mut again = read_response(written.as_bytes()).unwrap();
        // The object that was stated is another.
        let stated = response.counted.as_ref().map(|counted| counted.stated.clone());
        if let (Some(again), Some(stated)) = (&mut again.counted, stated) {
            again.stated = stated;
        }
        assert_eq!(again, response, "{name}: {written}");
    }
    let image = read("hosted").choices;
    let response = Response { choices: image.clone(), ..Response::default() };
    let written = write_response(&response, &fresh()).to_string();
    assert_eq!(read_response(written.as_bytes()).unwrap().choices, image);
}

#[test]
fn an_answer_without_a_head_is_fresh() {
    let written = write_response(&Response::default(), &fresh());
    assert_eq!(written["id"], "resp_f1");
    assert_eq!(written["created_at"], 1_700_000_000);
    assert_eq!(written["model"], "asked");
    assert_eq!(written["status"], "completed");
    assert_eq!(written["output"], json!([]));
    assert_eq!(written["usage"], Value::Null);
    assert!(written.get("service_tier").is_none());
}

#[test]
fn ids_of_calls_are_there_and_once() {
    let parts = vec![call("a", "f", "{}"), call("", "g", "{}"), call("a", "h", "{}")];
    let choices = vec![Choice { parts, finish: Some(Finish::Length) }];
    let written = write_response(&Response { choices, ..Response::default() }, &fresh());
    let ids: Vec<_> =
        written["output"].as_array().unwrap().iter().map(|item| item["call_id"].clone()).collect();
    assert_eq!(ids, ["a", "call_f1_1", "call_f1_2"]);
    let statuses: Vec<_> =
        written["output"].as_array().unwrap().iter().map(|item| item["status"].clone()).collect();
    assert_eq!(statuses, ["completed", "completed", "incomplete"]);
    assert_eq!(written["incomplete_details"]["reason"], "max_output_tokens");
}

#[test]
fn an_answer_that_goes_on_has_no_end() {
    for status in ["queued", "in_progress"] {
        let body = json!({"status": status}).to_string();
        let response = read_response(body.as_bytes()).unwrap();
        assert_eq!(response.choices, [Choice::default()], "{status}");
    }
}

#[test]
fn items_that_are_odd_are_left_out() {
    let body = json!({"created_at": 1.5, "output": [
        null, 7, {}, {"type": "message"}, {"type": "message", "content": [{}, {"type": "output_text"}]},
        {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "Hm."}]},
        {"type": "image_generation_call", "result": null},
        {"type": "function_call", "id": "fc", "name": "f", "arguments": {"a": 1}},
    ]});
    let response = read_response(body.to_string().as_bytes()).unwrap();
    assert_eq!(response.created, Some(1));
    let parts =
        [Part::Reasoning { text: "Hm.".into(), sealed: None }, call("fc", "f", "{\"a\":1}")];
    assert_eq!(response.choices[0].parts, parts);
    assert_eq!(response.choices[0].finish, Some(Finish::ToolCalls));
}

#[test]
fn what_is_no_object_is_an_error() {
    for body in ["", "[]", "null", "{"] {
        assert_eq!(read_response(body.as_bytes()).unwrap_err().field, "body", "{body}");
    }
}
