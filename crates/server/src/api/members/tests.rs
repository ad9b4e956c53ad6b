#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

const KNOWN: [&str; 3] = ["baseUrl", "models", "retries"];

fn read(body: &str) -> Result<Known, FieldError> {
    Known::of_body(body.as_bytes(), &KNOWN)
}

fn refused<T>(result: Result<T, FieldError>) -> (String, String) {
    let error = result.err().unwrap();
    (error.field, error.reason)
}

#[test]
fn fields_are_read_in_both_spellings() {
    for body in [r#"{"baseUrl":"x"}"#, r#"{"base_url":"x"}"#] {
        let mut known = read(body).unwrap();
        assert_eq!(known.text("baseUrl").unwrap(), Some(Some("x".to_owned())));
        assert_eq!(known.text("baseUrl").unwrap(), None);
    }
    assert_eq!(read(r#"{"baseUrl":null}"#).unwrap().text("baseUrl").unwrap(), Some(None));
}

#[test]
fn what_is_unknown_twice_or_of_another_type_is_refused_by_name() {
    let (field, reason) = refused(read(r#"{"base_uri":"secret"}"#));
    assert_eq!(field, "base_uri");
    assert_eq!(reason, "is not a field here; send only baseUrl, models, retries");
    assert_eq!(refused(read(r#"{"baseUrl":"a","base_url":"b"}"#)).0, "base_url");
    assert_eq!(refused(read(r#"{"retries":1,"retries":2}"#)).0, "retries");
    for body in ["[]", "1", "", "{", "null"] {
        assert_eq!(refused(read(body)).0, "body", "{body}");
    }
    let mut known = read(r#"{"baseUrl":["secret"],"models":["a",1],"retries":11}"#).unwrap();
    for (field, reason) in [
        refused(known.text("baseUrl")),
        refused(known.texts("models")),
        refused(known.number("retries", 0..=10)),
    ] {
        assert!(KNOWN.contains(&field.as_str()), "{field}");
        assert!(reason.starts_with("is no ") && !reason.contains("secret"), "{reason}");
    }
}

#[test]
fn values_come_as_they_were_sent() {
    let mut known = read(r#"{"models":["a","b"],"retries":10}"#).unwrap();
    assert_eq!(known.texts("models").unwrap(), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(known.number("retries", 0..=10).unwrap(), Some(10));
    assert_eq!(known.texts("models").unwrap(), None);
    assert_eq!(read(r#"{"models":null}"#).unwrap().texts("models").unwrap(), Some(Vec::new()));
    for value in [json!(-1), json!(1.5), json!("1")] {
        let body = json!({ "retries": value }).to_string();
        assert!(read(&body).unwrap().number("retries", 0..=10).is_err(), "{body}");
    }
}

#[test]
fn an_object_within_has_its_path_in_errors() {
    let inner = |value| Known::of_value(value, "routes.0", &["model"]);
    assert_eq!(refused(inner(json!({ "modle": "x" }))).0, "routes.0.modle");
    assert_eq!(refused(inner(json!("x"))).0, "routes.0");
    let mut known = inner(json!({ "model": 1 })).unwrap();
    assert_eq!(refused(known.text("model")).0, "routes.0.model");
}
