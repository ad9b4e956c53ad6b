#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::json;

use super::*;
use crate::embed::{Encoding, Input, Purpose};
use crate::frame::sse::Parser;

/// A recording, which OpenAI's SDK has judged (`fixtures/llm/openai/record.py`).
fn bytes(path: &str) -> Vec<u8> {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests"))
        .join("../../fixtures/llm/openai");
    std::fs::read(folder.join(path)).unwrap()
}

fn types(counted: Option<Counted>) -> Vec<(String, i64)> {
    let usage = counted.unwrap().usage;
    usage.types().map(|(name, units)| (name.to_owned(), units)).collect()
}

fn expected(types: &[(&str, i64)]) -> Vec<(String, i64)> {
    types.iter().map(|(name, units)| ((*name).to_owned(), *units)).collect()
}

fn names(asked: &Asked<'_>) -> Vec<String> {
    asked.parameters.iter().map(|(name, _)| name.clone()).collect()
}

#[test]
fn embeddings_are_seen() {
    let body = bytes("requests/embeddings.json");
    let asked = embeddings::asked(&body).unwrap();
    assert_eq!(asked.model, "text-embedding-3-small");
    assert_eq!(asked.prompt.as_deref(), Some("A text."));
    assert_eq!(asked.user.as_deref(), Some("u-42"));
    assert_eq!(names(&asked), ["encoding_format"]);
    let body = bytes("requests/embeddings_many.json");
    let asked = embeddings::asked(&body).unwrap();
    assert_eq!((asked.prompt, asked.input.unwrap().get()), (None, "[\"a\",\"b\"]"));

    let answered = embeddings::answered(&bytes("responses/embeddings.json")).unwrap();
    assert_eq!(answered.model.as_deref(), Some("text-embedding-3-small"));
    assert_eq!(types(answered.counted), expected(&[("input", 8)]));
    assert_eq!(embeddings::answered(b"{}").unwrap(), Answered::default());
    assert_eq!(embeddings::answered(b"x").unwrap_err().field, "body");
    assert_eq!(embeddings::asked(b"{\"model\":{}}").unwrap_err().field, "model");
}

#[test]
fn embeddings_are_read_whole() {
    let read = |body: &str| embeddings::read_request(body.as_bytes());
    let request = embeddings::read_request(&bytes("requests/embeddings_many.json")).unwrap();
    let texts = ["a", "b"].map(|text| Input::Text(text.to_owned()));
    assert_eq!(request.inputs, texts);
    assert_eq!((request.dimensions, request.encoding), (Some(256), Encoding::Base64));
    let one = read(r#"{"model":"m","input":"a","input_type":"query","dimensions":null}"#).unwrap();
    assert_eq!((one.purpose, one.dimensions), (Some(Purpose::Query), None));
    let tokens = read(r#"{"model":"m","input":[1,2]}"#).unwrap();
    assert_eq!(tokens.inputs, [Input::Tokens(vec![1, 2])]);
    let tokens = read(r#"{"model":"m","input":[[1],[2,3]]}"#).unwrap();
    assert_eq!(tokens.inputs, [Input::Tokens(vec![1]), Input::Tokens(vec![2, 3])]);

    let field = |body: &str| read(body).unwrap_err().field;
    assert_eq!(field(r#"{"model":"m"}"#), "input");
    assert_eq!(field(r#"{"model":"m","input":[]}"#), "input");
    assert_eq!(field(r#"{"model":"m","input":{"a":1}}"#), "input");
    assert_eq!(field(r#"{"model":"m","input":["a",{}]}"#), "input[1]");
    assert_eq!(field(r#"{"model":"m","input":[-1]}"#), "input[0]");
    assert_eq!(field(r#"{"model":"m","input":"a","dimensions":0}"#), "dimensions");
    assert_eq!(field(r#"{"model":"m","input":"a","encoding_format":"int8"}"#), "encoding_format");
    assert_eq!(field(r#"{"model":"m","input":"a","truncate":"END"}"#), "truncate");
    assert_eq!(field(r#"{"model":"m","input":"a","input_type":"image"}"#), "input_type");
}

#[test]
fn vectors_are_written_as_openai_does() {
    let answer = embeddings::read_response(&bytes("responses/embeddings.json")).unwrap();
    assert_eq!(answer.vectors, [[0.25, -0.5]]);
    let written = |encoding| -> Value {
        let text = embeddings::write_response(&answer, encoding, "text-embedding-3-small");
        serde_json::from_str(&text).unwrap()
    };
    let recorded: Value = serde_json::from_slice(&bytes("responses/embeddings.json")).unwrap();
    assert_eq!(written(Encoding::Float), recorded);
    assert_eq!(written(Encoding::Base64)["data"][0]["embedding"], "AACAPgAAAL8=");
    let uncounted = crate::embed::Response { vectors: vec![vec![1.0]], ..Default::default() };
    let text = embeddings::write_response(&uncounted, Encoding::Float, "m");
    assert!(text.contains(r#""usage":{"prompt_tokens":0,"total_tokens":0}"#), "{text}");
}

#[test]
fn vectors_go_to_the_inputs_that_they_are_of() {
    let read = |items: &str| {
        embeddings::read_response(format!(r#"{{"data":[{items}]}}"#).as_bytes())
            .map(|answer| answer.vectors)
            .map_err(|error| error.field)
    };
    let item = |index: usize| format!(r#"{{"index":{index},"embedding":[{index}]}}"#);
    let of = |indexes: &[usize]| {
        read(&indexes.iter().map(|index| item(*index)).collect::<Vec<_>>().join(","))
    };
    assert_eq!(of(&[2, 0, 1]).unwrap(), [[0.0], [1.0], [2.0]]);
    assert_eq!(of(&[]).unwrap(), Vec::<Vec<f64>>::new());
    assert_eq!(of(&[0, 0]).unwrap_err(), "data[1].index", "twice");
    assert_eq!(of(&[0, 2]).unwrap_err(), "data[1].index", "a gap");
    let without = r#"{"embedding":[7]}"#;
    assert_eq!(read(&format!("{without},{without}")).unwrap(), [[7.0], [7.0]]);
    assert_eq!(read(&format!("{},{without}", item(0))).unwrap_err(), "data[1].index");
}

#[test]
fn the_length_of_vectors_has_mistrals_name() {
    let changed = |body: &str| embeddings::for_mistral(body).unwrap();
    assert_eq!(
        changed(r#"{"model":"m","dimensions":256,"input": "a"}"#),
        r#"{"model":"m","input":"a","output_dimension":256}"#
    );
    let plain = r#"{ "model" : "m","input": "a"}"#;
    assert_eq!(changed(plain), plain);
    let own = r#"{ "dimensions": 1, "output_dimension": 2}"#;
    assert_eq!(changed(own), own);
    assert_eq!(embeddings::for_mistral("[]").unwrap_err().field, "body");
}

#[test]
fn pictures_are_seen() {
    let body = bytes("requests/images.json");
    let asked = images::asked(&body).unwrap();
    assert_eq!((asked.model.as_str(), asked.prompt.as_deref()), ("gpt-image-1", Some("A cat.")));
    assert_eq!(names(&asked), ["quality", "size"]);

    let tokens = images::answered(&bytes("responses/images.json")).unwrap();
    let parts = [("input", 10), ("output", 20), ("input_image", 40), ("output_image", 430)];
    assert_eq!(types(tokens.counted), expected(&parts));
    let pictures = images::answered(&bytes("responses/images_dalle.json")).unwrap();
    assert_eq!(types(pictures.counted), expected(&[("images", 1)]));
    assert_eq!(images::answered(b"{\"data\":[]}").unwrap().counted, None);

    let events = Parser::default().push(&bytes("streams/images.sse")).unwrap();
    assert_eq!(images::streamed(&events[0]), None);
    // Without details all output is picture.
    let parts = [("input", 10), ("input_image", 40), ("output_image", 450)];
    assert_eq!(types(images::streamed(&events[1])), expected(&parts));
}

#[test]
fn speech_is_counted_by_its_characters() {
    let body = bytes("requests/speech.json");
    let asked = audio::asked(&body).unwrap();
    assert_eq!(asked.prompt.as_deref(), Some("Grüße!"));
    assert_eq!(asked.system.as_deref(), Some("Cheerfully."));
    assert_eq!(names(&asked), ["voice"]);
    assert!(!asked.stream);
    assert!(audio::asked(br#"{"model":"m","stream_format":"sse"}"#).unwrap().stream);
    let counted = audio::count_speech("Grüße!");
    assert_eq!(counted.stated, json!({"characters": 6}));
    assert_eq!(types(Some(counted)), expected(&[("input_characters", 6)]));
}

#[test]
fn transcriptions_are_counted_by_tokens_or_seconds() {
    let read = |name: &str| audio::answered(&bytes(&format!("responses/{name}.json")));
    let tokens = [("input", 4), ("output", 45), ("input_audio", 10)];
    assert_eq!(types(read("transcription_tokens").counted), expected(&tokens));
    let seconds = types(read("transcription_seconds").counted);
    assert_eq!(seconds, expected(&[("audio_seconds", 9)]), "a begun second counts");
    let seconds = types(read("transcription_verbose").counted);
    assert_eq!(seconds, expected(&[("audio_seconds", 3)]));
    assert_eq!(read("transcription_verbose").text.as_deref(), Some("Hallo."));
    let subtitles = audio::answered(b"1\n00:00:00,000 --> 00:00:01,000\nHallo.\n");
    assert!(subtitles.text.unwrap().ends_with("Hallo.\n"));
    assert_eq!(subtitles.counted, None);
    assert_eq!(audio::answered(b"\xff"), Answered::default());
    assert_eq!(
        types(Some(audio::count(&json!({"seconds": "7.0"})))),
        expected(&[("audio_seconds", 7)])
    );
    assert!(types(Some(audio::count(&json!({"seconds": -1})))).is_empty());

    let events = Parser::default().push(&bytes("streams/transcription.sse")).unwrap();
    assert_eq!(audio::streamed(&events[0]), None);
    assert_eq!(types(audio::streamed(&events[1])), expected(&tokens));
}
