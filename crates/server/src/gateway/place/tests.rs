#![allow(clippy::unwrap_used)]

use axum::http::{HeaderName, HeaderValue};
use serde_json::json;

use super::*;

fn told(headers: &[(&'static str, &'static str)], metadata: serde_json::Value) -> Told {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    let metadata = serde_json::value::to_raw_value(&metadata).unwrap();
    Told::read(&headers, Some(&metadata), Some("body-user"), "api")
}

fn fresh() -> Text {
    "0123456789abcdef0123456789abcdef".into()
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn a_call_that_says_nothing_is_a_trace_of_its_own() {
    let told = told(&[], json!({}));
    let place = told.place(fresh);
    assert_eq!((&*place.trace_id, &*place.span_id), (&*fresh(), &*fresh()));
    assert_eq!(place.parent_span_id, None);
    assert_eq!(told.about.user_id.as_deref(), Some("body-user"));
    assert_eq!((&*told.about.source, told.about.is_source_stated), ("api", false));
}

#[test]
fn traceparent_puts_it_below_the_span_that_called() {
    let place = told(&[("traceparent", PARENT)], json!({})).place(fresh);
    assert_eq!(place.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(place.parent_span_id.as_deref(), Some("00f067aa0ba902b7"));
    assert_eq!(place.span_id, "0123456789abcdef");
}

#[test]
fn a_malformed_traceparent_says_nothing() {
    for wrong in [
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
    ] {
        assert_eq!(traceparent(wrong), None, "{wrong}");
    }
}

#[test]
fn headers_go_before_metadata_and_metadata_before_the_body() {
    let headers = [
        ("traceparent", PARENT),
        ("x-tracekeep-trace-id", "mine"),
        ("x-tracekeep-user-id", "header-user"),
        ("x-tracekeep-tags", "a, b,,"),
        ("x-tracekeep-source", "playground"),
    ];
    let metadata = json!({
        "trace_user_id": "meta-user", "session_id": "s1", "tags": ["c", 1], "team": {"a": 1.50},
        "generation_name": "summarise",
    });
    let told = told(&headers, metadata);
    let place = told.place(fresh);
    assert_eq!((&*place.trace_id, place.parent_span_id), ("mine", None));
    assert_eq!(told.about.user_id.as_deref(), Some("header-user"));
    assert_eq!(told.about.session_id.as_deref(), Some("s1"));
    assert_eq!(told.about.tags, ["c", "a", "b"]);
    assert_eq!((&*told.about.source, told.about.is_source_stated), ("playground", true));
    assert_eq!(told.about.metadata, [(Text::from("team"), Text::from("{\"a\":1.5}"))]);
    assert_eq!(told.name.as_deref(), Some("summarise"));
}

#[test]
fn what_is_not_valid_is_left_out() {
    let long: &'static str = Box::leak("x".repeat(2_000).into_boxed_str());
    let headers = [
        ("x-tracekeep-session-id", long),
        ("x-tracekeep-source", "No Good"),
        ("x-tracekeep-metadata", "not json"),
    ];
    let told = told(&headers, json!([1, 2]));
    assert_eq!(told.about.session_id, None);
    assert_eq!(told.about.source, "api");
    assert!(told.about.metadata.is_empty());
}

#[test]
fn tags_beyond_64_are_left_out() {
    let many: Vec<String> = (0..60).map(|number| format!("m{number}")).collect();
    let told = told(&[("x-tracekeep-tags", "a,,b,c,d,e,f")], json!({ "tags": many }));
    assert_eq!(told.about.tags.len(), 64);
    assert_eq!(told.about.tags[..60], many);
    assert_eq!(told.about.tags[60..], ["a", "b", "c", "d"]);
}

#[test]
fn tags_of_the_body_are_a_list_or_a_text() {
    for tags in [r#"["beta","eu"]"#, r#""beta, eu""#] {
        let metadata = RawValue::from_string(format!(r#"{{"tags":{tags}}}"#)).unwrap();
        let told = Told::read(&HeaderMap::new(), Some(&metadata), None, "api");
        assert_eq!(told.about.tags, ["beta", "eu"], "{tags}");
    }
}
