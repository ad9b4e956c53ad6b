//! Forms that only JSON has.

#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};

use super::*;

/// Reads a request of this one span.
fn read_json(span: &Json) -> Decoded {
    let body = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [span] }] }] });
    decode_json(&body.to_string().into(), RECEIVED).unwrap()
}

fn sent() -> Json {
    build::json_span(&span(&[]))
}

#[test]
fn snake_case_numbers_names_and_nulls_are_read() {
    let lower = json!({
        "resource_spans": [{
            "resource": null,
            "scope_spans": [{
                "scope": null,
                "unknown": { "a": [] },
                "spans": [{
                    "trace_id": TRACE_ID.to_uppercase(),
                    "span_id": SPAN_ID,
                    "parent_span_id": "b1b2b3b4b5b6b7b8",
                    "trace_state": null,
                    "name": "step",
                    "kind": "SPAN_KIND_CLIENT",
                    "start_time_unix_nano": START,
                    "end_time_unix_nano": END,
                    "attributes": [
                        { "key": "int", "value": { "int_value": 7 } },
                        { "key": "text", "value": { "string_value": "t" } },
                        { "key": "list", "value": { "array_value": { "values": [{}] } } },
                        { "key": "map", "value": { "kvlist_value": {} } },
                        { "key": "none", "value": null },
                        { "key": "double", "value": { "double_value": "1.5" } },
                        { "key": "bytes", "value": { "bytes_value": "_w" } },
                    ],
                    "dropped_attributes_count": 0,
                    "events": null,
                    "status": { "code": "STATUS_CODE_OK" },
                    "flags": 257,
                }],
            }],
        }],
    });
    let decoded = decode_json(&lower.to_string().into(), RECEIVED).unwrap();
    let attributes = [
        attribute("int", 7i64),
        attribute("text", "t"),
        ("list".into(), AnyValue::Array(vec![AnyValue::Empty])),
        ("map".into(), AnyValue::Map(Vec::new())),
        ("none".into(), AnyValue::Empty),
        attribute("double", 1.5f64),
        ("bytes".into(), AnyValue::Bytes(bytes::Bytes::from_static(&[0xff]))),
    ];
    let expected = RawSpan { kind: 3, status_code: 1, ..span(&attributes) };
    assert!(decoded.rejected.is_empty(), "{:?}", decoded.rejected);
    assert_eq!(decoded.patches, decode(&[group(vec![expected])]).patches);
}

#[test]
fn names_of_enumerations_need_no_prefix() {
    let mut given = sent();
    given["kind"] = json!("server");
    given["status"] = json!({ "code": "Error" });
    let decoded = read_json(&given);
    let (_, state) = &decoded.patches[0];
    assert_eq!(metadata(state, "otel.kind"), Some("\"SERVER\""));
    assert_eq!(state.get(Field::Status), Some(&Value::Status(tracekeep_model::Status::Error)));
}

#[test]
fn a_span_of_the_wrong_shape_goes_alone() {
    for (field, value, expected) in [
        ("name", json!(7), "span cannot be read: invalid type: integer `7`"),
        ("traceId", json!("xyz"), "trace_id is `xyz`; send hex"),
        ("kind", json!("NONE"), "kind is `NONE`, which is none of UNSPECIFIED, INTERNAL"),
        ("startTimeUnixNano", json!(-1), "start_time_unix_nano is no unsigned 64-bit integer"),
        ("startTimeUnixNano", json!("soon"), "start_time_unix_nano is no unsigned 64-bit integer"),
        (
            "attributes",
            json!([{ "key": "k", "value": { "intValue": "1.5" } }]),
            "attributes.k is no int64",
        ),
        (
            "attributes",
            json!([{ "key": "k", "value": { "doubleValue": true } }]),
            "attributes.k is no double",
        ),
        (
            "attributes",
            json!([{ "key": "k", "value": { "bytesValue": "?" } }]),
            "attributes.k is no base64",
        ),
    ] {
        let mut wrong = sent();
        wrong[field] = value;
        let spans = json!([sent(), wrong, sent()]);
        let body = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] });
        let decoded = decode_json(&body.to_string().into(), RECEIVED).unwrap();
        assert_eq!(decoded.patches.len(), 2);
        assert_eq!(decoded.rejected[0].index, 1);
        let why = decoded.rejected[0].error.to_string();
        assert!(why.starts_with(expected), "{why}");
    }
}

#[test]
fn doubles_keep_the_digits_that_were_sent() {
    let numbers =
        ["1e999", "1e-400", "0.1000000000000000055", "-0", "12345678901234567890123", "1.5", "7"];
    let attributes: Vec<String> = numbers
        .iter()
        .map(|number| format!(r#"{{"key":"k{number}","value":{{"doubleValue":{number}}}}}"#))
        .collect();
    let mut given = sent();
    given["attributes"] = json!("HERE");
    let span = given.to_string().replace("\"HERE\"", &format!("[{}]", attributes.join(",")));
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    let decoded = decode_json(&body.into(), RECEIVED).unwrap();
    assert!(decoded.rejected.is_empty(), "{:?}", decoded.rejected);
    for number in numbers {
        assert_eq!(metadata(&decoded.patches[0].1, &format!("k{number}")), Some(number));
    }
}

#[test]
fn endless_nesting_is_refused_not_followed() {
    let deep = format!("{}1{}", r#"{"arrayValue":{"values":["#.repeat(9_999), "]}}".repeat(9_999));
    let span = format!(r#"{{"name":"a","attributes":[{{"key":"k","value":{deep}}}]}}"#);
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    let decoded = decode_json(&body.into(), RECEIVED).unwrap();
    assert_eq!(decoded.rejected.len(), 1);
}
