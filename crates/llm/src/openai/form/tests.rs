#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::openai::audio;

const KIND: &str = "multipart/form-data; boundary=b-1";

fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (headers, value) in parts {
        body.extend_from_slice(b"--b-1\r\n");
        body.extend_from_slice(headers.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b-1--\r\n");
    body
}

fn named(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

fn transcription() -> Vec<u8> {
    let file = "content-disposition: form-data; filename=\"a \\\"b\\\".wav\"; name=file\r\n\
                Content-Type: audio/wav";
    let granularity = named("timestamp_granularities[]");
    body(&[
        (&named("model"), b"openai/whisper-1"),
        (file, b"RIFF\r\n--b-\x00\xff\r\n"),
        (&named("language"), b"de"),
        (&named("temperature"), b"0.2"),
        (&granularity, b"word"),
        (&granularity, b"segment"),
        (&named("prompt"), "Grüße".as_bytes()),
        (&named("stream"), b"true"),
        (&named("user"), b"42"),
    ])
}

#[test]
fn fields_are_found_with_their_bytes() {
    let body = transcription();
    let fields = read(KIND, &body).unwrap();
    assert_eq!(fields.len(), 9);
    let file = &fields[1];
    assert_eq!((file.name.as_str(), file.file.as_deref()), ("file", Some("a \"b\".wav")));
    assert_eq!(file.kind.as_deref(), Some("audio/wav"));
    assert_eq!(&body[file.value.clone()], b"RIFF\r\n--b-\x00\xff\r\n");
    assert_eq!(&body[fields[8].value.clone()], b"42");
}

#[test]
fn a_trace_shows_all_but_the_bytes_of_files() {
    let body = transcription();
    let fields = read(KIND, &body).unwrap();
    let described = audio::FORM.describe(&fields, &body).unwrap();
    let asked = asked(&described).unwrap();
    assert_eq!((asked.model.as_str(), asked.stream), ("openai/whisper-1", true));
    assert_eq!(asked.user.as_deref(), Some("42"));
    let parameters: Vec<(&str, &str)> =
        asked.parameters.iter().map(|(name, value)| (name.as_str(), value.get())).collect();
    let expected = [
        ("language", "\"de\""),
        ("temperature", "0.2"),
        ("timestamp_granularities", "[\"word\",\"segment\"]"),
    ];
    assert_eq!(parameters, expected);
    let input: Value = serde_json::from_str(asked.input.unwrap().get()).unwrap();
    let file = json!({"field": "file", "name": "a \"b\".wav", "type": "audio/wav", "bytes": 14});
    assert_eq!(input, json!({"prompt": "Grüße", "files": [file]}));
}

#[test]
fn a_file_without_a_name_is_a_file() {
    let body = body(&[(&named("file"), b"short text"), (&named("x"), b"\xff")]);
    let described = audio::FORM.describe(&read(KIND, &body).unwrap(), &body).unwrap();
    assert!(!described.contains("short text"), "{described}");
    assert!(described.contains(r#""bytes":10"#) && described.contains(r#""bytes":1}"#));
}

fn described(parts: &[(&str, &[u8])]) -> Value {
    let body = body(parts);
    let described = audio::FORM.describe(&read(KIND, &body).unwrap(), &body).unwrap();
    serde_json::from_str(&described).unwrap()
}

#[test]
fn many_texts_are_shown_as_sizes() {
    let text = vec![b'\x01'; 200 << 10];
    let own = named("x_own[]");
    let model = named("model");
    let prompt = named("prompt");
    let mut parts: Vec<(&str, &[u8])> = vec![(own.as_str(), text.as_slice()); 60];
    parts.extend([(model.as_str(), b"m".as_slice()), (prompt.as_str(), b"Hi")]);
    let described = described(&parts);
    let shown: Vec<usize> = described["x_own"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().len())
        .collect();
    assert_eq!(shown, [200 << 10; 5], "1 MiB has room for five");
    let left = described["input"]["files"].as_array().unwrap();
    assert_eq!(left.len(), 55);
    assert_eq!(left[0], json!({"field": "x_own[]", "name": null, "type": null, "bytes": 204_800}));
    assert_eq!((&described["model"], &described["input"]["prompt"]), (&json!("m"), &json!("Hi")));
    assert!(described.to_string().len() < 7 << 20);
}

#[test]
fn a_list_takes_no_plain_fields_place() {
    let names = ["model[]", "model", "a", "a[]", "a[]", "b[]", "b", "stream[]", "prompt[]", "c[]"];
    let headers: Vec<String> = names.iter().map(|name| named(name)).collect();
    let parts: Vec<(&str, &[u8])> = headers
        .iter()
        .zip(names)
        .map(|(header, name)| (header.as_str(), name.as_bytes()))
        .collect();
    let expected = json!({
        "model[]": ["model[]"],
        "model": "model",
        "a": "a",
        "a[]": ["a[]", "a[]"],
        "b[]": ["b[]"],
        "b": "b",
        "stream[]": ["stream[]"],
        "prompt[]": ["prompt[]"],
        "c": ["c[]"],
        "input": {"prompt": null, "files": []},
    });
    assert_eq!(described(&parts), expected);
}

#[test]
fn a_form_without_a_model_is_refused() {
    let prompt = named("prompt");
    let model = named("model");
    for parts in [vec![(prompt.as_str(), b"Hi".as_slice())], vec![(model.as_str(), b"".as_slice())]]
    {
        let described = described(&parts).to_string();
        let error = asked(&described).unwrap_err();
        assert_eq!(error.field, "model");
        assert!(error.reason.starts_with("is missing"), "{error}");
    }
}

#[test]
fn the_models_name_is_all_that_is_renamed() {
    let body = transcription();
    let renamed = with_model(&body, &read(KIND, &body).unwrap(), "whisper-1");
    let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    assert_eq!(text(&renamed), text(&body).replace("openai/whisper-1", "whisper-1"));
    assert_eq!(renamed.len(), body.len() - "openai/".len());
    let other = body_without_model();
    assert_eq!(with_model(&other, &read(KIND, &other).unwrap(), "m"), other);
}

fn body_without_model() -> Vec<u8> {
    body(&[(&named("svg[model]"), b"x")])
}

#[test]
fn preambles_padding_and_quotes_are_taken() {
    let sent = b"preamble\r\n--a b \t\r\n\r\nx\r\n--a b--\r\nepilogue";
    let error = read("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"", sent).unwrap_err();
    assert!(error.reason.contains("without a name"), "{error}");
    let sent = b"--a b\r\nContent-Disposition:form-data;name=n\r\n\r\n\r\n--a b--";
    let fields = read("multipart/form-data; boundary=\"a b\"", sent).unwrap();
    assert_eq!((fields[0].name.as_str(), fields[0].value.len()), ("n", 0));
}

#[test]
fn what_is_no_form_is_refused_with_the_reason() {
    let reason = |kind: &str, body: &[u8]| read(kind, body).unwrap_err().reason;
    assert!(reason("application/json", b"{}").contains("`application/json`"));
    assert!(reason("", b"").contains("multipart/form-data"));
    assert!(reason("multipart/form-data", b"").contains("boundary"));
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    assert!(reason(&long, b"").contains("70"));
    assert!(reason(KIND, b"--b-2--").contains("boundary"));
    let whole = transcription();
    for length in 0..whole.len() - "--\r\n".len() {
        assert!(read(KIND, &whole[..length]).is_err(), "cut at {length}");
    }
    let nothing: &[u8] = b"";
    let many = vec![("Content-Disposition: form-data; name=a", nothing); 1_001];
    assert!(reason(KIND, &body(&many)).contains("1000"));
    let headers = format!("{}\r\nx: {}", named("a"), "x".repeat(17 << 10));
    assert!(reason(KIND, &body(&[(&headers, b"")])).contains("16 KiB"));
    let headers = format!("{}\r\nx: {}", named("a"), "x".repeat(15 << 10));
    let many = vec![(headers.as_str(), nothing); 18];
    assert!(reason(KIND, &body(&many)).contains("256 KiB"));
    assert_eq!(read(KIND, &body(&many[..16])).unwrap().len(), 16);
    let bytes: &[u8] = b"\xff";
    let sent = body(&[(&named("model"), bytes)]);
    let error = audio::FORM.describe(&read(KIND, &sent).unwrap(), &sent).unwrap_err();
    assert_eq!(error.field, "model");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(kind in ".{0,40}", bytes in any::<Vec<u8>>()) {
        let _ = read(&kind, &bytes);
        let _ = read(&format!("multipart/form-data; {kind}"), &bytes);
        let _ = read(KIND, &bytes);
    }

    #[test]
    fn values_come_back(values in proptest::collection::vec(any::<Vec<u8>>(), 0..5)) {
        let headers = named("a");
        let parts: Vec<(&str, &[u8])> =
            values.iter().map(|value| (headers.as_str(), value.as_slice())).collect();
        let sent = body(&parts);
        let fields = read(KIND, &sent).unwrap();
        let found: Vec<&[u8]> = fields.iter().map(|field| &sent[field.value.clone()]).collect();
        prop_assert_eq!(found, values.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
}
