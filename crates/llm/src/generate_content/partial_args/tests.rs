#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;

/// The arguments that these pieces make.
fn arguments(pieces: &[Value]) -> Value {
    let first = json!({"name": "f", "willContinue": true});
    let mut call = PartialCall::begin(first.as_object().unwrap(), None).unwrap();
    for piece in pieces {
        call.add(json!({"partialArgs": [piece]}).as_object().unwrap());
    }
    serde_json::from_str(&call.finish(&mut Calls::default()).arguments).unwrap()
}

#[test]
fn texts_go_on_and_values_are_set() {
    let pieces = [
        json!({"jsonPath": "$.location", "stringValue": "New ", "willContinue": true}),
        json!({"jsonPath": "$.location", "stringValue": "Delhi", "willContinue": true}),
        json!({"jsonPath": "$.location", "willContinue": false}),
        json!({"jsonPath": "$.days", "numberValue": 3}),
        json!({"jsonPath": "$.exact", "boolValue": true}),
        json!({"jsonPath": "$.unit", "nullValue": "NULL_VALUE"}),
    ];
    let expected = json!({"location": "New Delhi", "days": 3, "exact": true, "unit": null});
    assert_eq!(arguments(&pieces), expected);
}

#[test]
fn paths_lead_into_lists_and_objects() {
    let pieces = [
        json!({"jsonPath": "$.places[0].name", "stringValue": "Rome"}),
        json!({"jsonPath": "$.places[1]['full name']", "stringValue": "Oslo"}),
        json!({"jsonPath": "$[\"a.b\"][0][0]", "numberValue": 1}),
    ];
    let expected = json!({"places": [{"name": "Rome"}, {"full name": "Oslo"}], "a.b": [[1]]});
    assert_eq!(arguments(&pieces), expected);
}

#[test]
fn paths_that_lead_nowhere_are_passed_over() {
    let deep = format!("${}", "[0]".repeat(MOST_STEPS + 1));
    for path in ["", "a", "$[", "$[x]", "$['a", "$['a'", "$a", "$.a[4000000000]", "$.a[1]", &deep] {
        let read = arguments(&[json!({"jsonPath": path, "numberValue": 1})]);
        assert!(read == json!({}) || read == json!({"a": []}), "{path}: {read}");
    }
}

#[test]
fn a_call_without_a_name_is_none() {
    assert!(PartialCall::begin(&Object::new(), None).is_none());
}
