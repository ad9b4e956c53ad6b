#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::api::content::PREVIEW;

fn row(cells: &[(&'static str, &str)]) -> Row {
    cells.iter().map(|(name, text)| (*name, Cell::from(*text))).collect()
}

fn shown(row: Row, content: Content, mut left: u64) -> (Value, u64) {
    let span = ShownSpan::fitting(row, content, &mut left);
    (serde_json::to_value(&span).unwrap(), left)
}

fn a_span() -> Row {
    let long = "x".repeat(PREVIEW + 1);
    let json = json!({ "k": long.as_str() }).to_string();
    row(&[
        ("span_id", "s"),
        ("name", &long),
        ("input", &long),
        ("output", "short"),
        ("metadata", &json),
        ("events", "[]"),
    ])
}

#[test]
fn whole_is_whole() {
    let (span, left) = shown(a_span(), Content::Full, 10_000);
    assert_eq!(span["input"].as_str().unwrap().len(), PREVIEW + 1);
    assert_eq!(span["metadata"]["k"].as_str().unwrap().len(), PREVIEW + 1);
    assert_eq!((&span["content_cut"], &span["content_omitted"]), (&json!(false), &json!(false)));
    assert_eq!(10_000 - left, bytes_of(&a_span()));
    let columns = span.as_object().unwrap().len();
    assert_eq!(columns, Table::Spans.columns().len() + 3);
}

#[test]
fn a_preview_has_beginnings_and_short_json() {
    let (span, left) = shown(a_span(), Content::Preview, 10_000);
    for name in ["input", "name"] {
        assert_eq!(span[name].as_str().unwrap().len(), PREVIEW, "{name}");
    }
    assert_eq!((&span["output"], &span["events"]), (&json!("short"), &json!([])));
    assert_eq!(span["metadata"], json!({}));
    assert_eq!((&span["content_cut"], &span["content_omitted"]), (&json!(true), &json!(true)));
    assert!(left > 10_000 - 2 * PREVIEW as u64 - 100);
}

#[test]
fn without_content_labels_stay() {
    let (span, left) = shown(a_span(), Content::None, 10_000);
    assert_eq!((&span["span_id"], &span["name"].as_str().unwrap().len()), (&json!("s"), &PREVIEW));
    assert_eq!((&span["input"], &span["events"]), (&Value::Null, &Value::Null));
    assert_eq!((&span["content_cut"], &span["content_omitted"]), (&json!(true), &json!(true)));
    assert_eq!(left, 10_000);

    let bare = row(&[("span_id", "s"), ("metadata", "{}")]);
    let (span, _) = shown(bare, Content::None, 0);
    assert_eq!((&span["metadata"], &span["content_omitted"]), (&json!({}), &json!(false)));
}

#[test]
fn what_does_not_fit_is_left_out_and_what_is_smaller_still_fits() {
    let large = || row(&[("span_id", "s"), ("input", "0123456789")]);
    let (span, left) = shown(large(), Content::Full, 10);
    assert_eq!((&span["input"], &span["content_omitted"]), (&Value::Null, &json!(true)));
    assert_eq!(left, 10);
    let (span, left) = shown(row(&[("input", "0123")]), Content::Full, left);
    assert_eq!((&span["input"], &span["content_omitted"]), (&json!("0123"), &json!(false)));
    assert_eq!(left, 6);
}

#[test]
fn content_columns_exist() {
    for name in TEXTS.iter().chain(&JSON) {
        assert!(ROLES.iter().any(|(known, role)| known == name && *role != Role::Label), "{name}");
    }
}

#[test]
fn an_estimate_is_known_without_the_object_that_says_so() {
    for (given, is_estimated) in [
        (r#"{"estimated_by":"o200k_base","exact":true,"output":1}"#, true),
        (r#"{"output":1}"#, false),
    ] {
        for content in [Content::Full, Content::Preview, Content::None] {
            let (span, _) = shown(row(&[("usage_given", given)]), content, 10_000);
            assert_eq!(span["tokens_estimated"], is_estimated, "{given} {content:?}");
        }
    }
    assert_eq!(shown(a_span(), Content::Full, 10_000).0["tokens_estimated"], false);
}
