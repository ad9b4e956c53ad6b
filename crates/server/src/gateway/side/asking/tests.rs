#![allow(clippy::unwrap_used)]

use axum::http::HeaderValue;
use tracekeep_llm::provider::{Kind, Provider};

use super::*;

fn target(model: &str) -> Target {
    let provider = Provider::new("x", Kind::Openai);
    Target { provider, model: model.to_owned(), brought: None }
}

fn sent(body: &[u8], fields: Option<&[Field]>, is_addressed: bool, model: &str) -> Vec<u8> {
    let question = Question {
        side: Side::Embeddings,
        body: &Bytes::copy_from_slice(body),
        headers: &HeaderMap::new(),
        query: None,
        asked: &Asked::default(),
        fields,
        model: "x/m",
        is_addressed,
    };
    renamed(&question, &target(model)).unwrap().to_vec()
}

#[test]
fn a_body_is_changed_only_where_the_model_has_another_name() {
    let json = br#"{ "model" : "x/m", "input": 1.0}"#;
    assert_eq!(sent(json, None, false, "x/m"), json);
    assert_eq!(sent(json, None, false, "m"), br#"{ "model" : "m", "input": 1.0}"#);
    let addressed = br#"{"content": {}, "model": "models/x/m"}"#;
    assert_eq!(
        sent(addressed, None, true, "m"),
        br#"{"content": {}, "model": "models/m"}"#.as_slice()
    );
    let unnamed = br#"{"contents": []}"#;
    assert_eq!(sent(unnamed, None, true, "m"), unnamed);
    let form = b"--b\r\nContent-Disposition: form-data; name=model\r\n\r\nx/m\r\n--b--";
    let fields = form::read("multipart/form-data; boundary=b", form).unwrap();
    let renamed = b"--b\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--b--";
    assert_eq!(sent(form, Some(&fields), false, "m"), renamed);
}

#[test]
fn events_are_known_by_their_content_type() {
    let is_events = |kind| is_events(&HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]));
    assert!(is_events(HeaderValue::from_static("text/event-stream; charset=utf-8")));
    assert!(is_events(HeaderValue::from_static("Text/Event-Stream")));
    assert!(!is_events(HeaderValue::from_static("audio/mpeg")));
    assert!(!super::is_events(&HeaderMap::new()));
}
