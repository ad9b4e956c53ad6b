#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

fn object_of(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

#[test]
fn both_spellings_are_one_field_and_null_is_none() {
    let fields = object_of(json!({"max_output_tokens": 1, "topP": 0.5, "topK": null}));
    assert_eq!(get(&fields, "maxOutputTokens"), Some(&json!(1)));
    assert_eq!(get(&fields, "topP"), Some(&json!(0.5)));
    assert_eq!(get(&fields, "topK"), None);
    let mut fields = object_of(json!({"topP": null, "top_p": 0.5, "other_one": 1}));
    assert_eq!(take(&mut fields, "topP"), Some(json!(0.5)));
    assert_eq!(fields, object_of(json!({"other_one": 1})));
    assert_eq!(camel("other_one"), "otherOne");
    assert_eq!(camel("safetySettings"), "safetySettings");
}

#[test]
fn an_object_stands_for_a_list_of_one() {
    assert_eq!(many(Some(&json!({"text": "a"}))), [json!({"text": "a"})]);
    assert_eq!(many(Some(&json!([1, 2]))), [json!(1), json!(2)]);
    assert!(many(Some(&Value::Null)).is_empty());
}

#[test]
fn numbers_may_be_texts_and_whole_ones_may_have_a_point() {
    let mut fields = object_of(json!({"a": "12", "b": 40.0, "c": 0.5, "d": "x", "e": -1, "f": []}));
    assert_eq!(take_whole(&mut fields, "a", "").unwrap(), Some(12));
    assert_eq!(take_count(&mut fields, "b", "").unwrap(), Some(40));
    let error = take_whole(&mut fields, "c", "generationConfig").unwrap_err();
    assert_eq!(error, Unreadable::new("generationConfig.c", "must be a whole number"));
    assert_eq!(take_number(&mut fields, "d", "").unwrap_err().field, "d");
    assert_eq!(take_count(&mut fields, "e", "").unwrap_err().reason, "must not be negative");
    assert_eq!(take_number(&mut fields, "f", "").unwrap_err().reason, "must be a number");
    assert_eq!(take_number(&mut fields, "g", "").unwrap(), None);
}
