#![allow(clippy::unwrap_used)]

use axum::http::HeaderValue;
use tracekeep_llm::provider::Provider;

use super::*;

async fn sent(body: &[u8], fields: Option<&[Field]>, is_addressed: bool, model: &str) -> Vec<u8> {
    sent_to(Kind::Openai, body, fields, is_addressed, model).await
}

async fn sent_to(
    kind: Kind,
    body: &[u8],
    fields: Option<&[Field]>,
    is_addressed: bool,
    model: &str,
) -> Vec<u8> {
    let provider = Provider::new("x", kind);
    let target = Target { provider, model: model.to_owned(), brought: None };
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
    renamed(&question, &target).await.unwrap().to_vec()
}

#[tokio::test]
async fn a_body_is_changed_only_where_the_model_has_another_name() {
    let json = br#"{ "model" : "x/m", "input": 1.0}"#;
    assert_eq!(sent(json, None, false, "x/m").await, json);
    assert_eq!(sent(json, None, false, "m").await, br#"{ "model" : "m", "input": 1.0}"#);
    let addressed = br#"{"content": {}, "model": "models/x/m"}"#;
    assert_eq!(
        sent(addressed, None, true, "m").await,
        br#"{"content": {}, "model": "models/m"}"#.as_slice()
    );
    let unnamed = br#"{"contents": []}"#;
    assert_eq!(sent(unnamed, None, true, "m").await, unnamed);
    let form = b"--b\r\nContent-Disposition: form-data; name=model\r\n\r\nx/m\r\n--b--";
    let fields = form::read("multipart/form-data; boundary=b", form).unwrap();
    let renamed = b"--b\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--b--";
    assert_eq!(sent(form, Some(&fields), false, "m").await, renamed);
}

#[tokio::test]
async fn the_length_of_vectors_has_mistrals_name_there() {
    let json = br#"{"model":"x/m","dimensions":2,"input":"a"}"#;
    let mistrals = br#"{"model":"m","input":"a","output_dimension":2}"#.as_slice();
    assert_eq!(sent_to(Kind::Mistral, json, None, false, "m").await, mistrals);
    let openais = br#"{"model":"m","dimensions":2,"input":"a"}"#.as_slice();
    assert_eq!(sent_to(Kind::Openai, json, None, false, "m").await, openais);
    let same = br#"{ "model":"x/m", "input":"a"}"#;
    assert_eq!(sent_to(Kind::Mistral, same, None, false, "x/m").await, same);
}

#[test]
fn events_are_known_by_their_content_type() {
    let is_events = |kind| is_events(&HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]));
    assert!(is_events(HeaderValue::from_static("text/event-stream; charset=utf-8")));
    assert!(is_events(HeaderValue::from_static("Text/Event-Stream")));
    assert!(!is_events(HeaderValue::from_static("audio/mpeg")));
    assert!(!super::is_events(&HeaderMap::new()));
}
