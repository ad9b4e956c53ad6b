//! Forms that only JSON has.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;

use serde_json::{Value as Json, json};

use super::*;
use crate::Receipt;

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
        ["1e308", "1e-400", "0.1000000000000000055", "-0", "12345678901234567890123", "1.5", "7"];
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
fn a_number_that_no_double_holds_is_refused() {
    let mut given = sent();
    given["attributes"] = json!([{ "key": "k", "value": { "doubleValue": "HERE" } }]);
    let span = given.to_string().replace("\"HERE\"", "-1e999");
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    let decoded = decode_json(&body.into(), RECEIVED).unwrap();
    assert!(decoded.patches.is_empty());
    assert_eq!(
        decoded.rejected[0].error.to_string(),
        "attributes.k is -1e999, which is more than a double holds; send a smaller number, or text"
    );
}

#[test]
fn spans_are_taken_in_one_after_another() {
    let asked = Cell::new(0);
    let full = |_: &str| {
        asked.set(asked.get() + 1);
        None::<String>
    };
    let receipt = Receipt { full: &full, ..Receipt::from(RECEIVED) };
    let spans = format!("{},{}", sent(), "{},".repeat(1_000));
    for body in [
        format!(
            r#"{{"resourceSpans":[{{"resource":{{}},"scopeSpans":[{{"scope":{{}},"spans":[{spans}"#
        ),
        format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}},!"#, sent()),
    ] {
        asked.set(0);
        // They are not gathered first: the body turns out to be broken only after the first.
        assert!(decode_json(&body.into(), receipt).is_err());
        assert_eq!(asked.get(), 1);
    }
}

#[test]
fn what_spans_share_may_stand_behind_them() {
    let before = format!(
        r#"{{"resourceSpans":[{{"resource":{0},"scopeSpans":[{{"scope":{1},"spans":[{2}]}}]}}]}}"#,
        json!({ "attributes": [string("service.name", "shop")] }),
        json!({ "name": "shop.sdk" }),
        sent(),
    );
    let behind = format!(
        r#"{{"resource_spans":[{{"scope_spans":[{{"spans":[{2}],"scope":{1}}}],"resource":{0}}}]}}"#,
        json!({ "attributes": [string("service.name", "shop")] }),
        json!({ "name": "shop.sdk" }),
        sent(),
    );
    let decoded = decode_json(&before.into(), RECEIVED).unwrap();
    assert_eq!(text(&decoded.patches[0].1, Field::ServiceName), Some("shop"));
    assert_eq!(text(&decoded.patches[0].1, Field::ScopeName), Some("shop.sdk"));
    assert_eq!(decode_json(&behind.into(), RECEIVED).unwrap().patches, decoded.patches);
}

#[test]
fn the_outer_shape_is_checked() {
    for good in [
        "{}",
        r#"{"resourceSpans":null,"other":[1]}"#,
        r#"{"resourceSpans":[{},{"scopeSpans":null},{"resource":null,"scopeSpans":[{}]}]}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":null},{"scope":{},"spans":[]}]}]}"#,
    ] {
        let decoded = decode_json(&good.into(), RECEIVED).unwrap();
        assert_eq!((decoded.patches.len(), decoded.refused()), (0, 0), "{good}");
    }
    for (bad, wanted) in [
        ("[]", "invalid type: sequence, expected an ExportTraceServiceRequest at line 1"),
        ("{} {}", "trailing characters at line 1 column 4"),
        (r#"{"resourceSpans":{}}"#, "invalid type: map, expected an array at line 1"),
        (r#"{"resourceSpans":[null]}"#, "invalid type: null, expected ResourceSpans at line 1"),
        (
            r#"{"resourceSpans":[[null,[]]]}"#,
            "invalid type: sequence, expected ResourceSpans at line 1",
        ),
        (
            r#"{"resourceSpans":[],"resource_spans":[]}"#,
            "duplicate field `resourceSpans` at line 1",
        ),
        (
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":"s"}]}]}"#,
            "invalid type: string \"s\", expected an array at line 1",
        ),
        (
            r#"{"resourceSpans":[{"resource":{},"scopeSpans":[],"resource":{}}]}"#,
            "duplicate field `resource` at line 1",
        ),
    ] {
        let why = decode_json(&bad.into(), RECEIVED).unwrap_err().to_string();
        assert!(why.contains(wanted), "{bad}: {why}");
    }
}

/// A request of three spans with this resource, the second of which is `middle`. In them `HALF` is
/// half of an emoji, `WHOLE` a whole one, and `WRITTEN` what half of one is written as.
fn with_emoji(resource: &Json, middle: &Json) -> Decoded {
    let scope_spans = json!([{ "spans": [sent(), middle, sent()] }]);
    let body = json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": scope_spans }] });
    let body = body
        .to_string()
        .replace("HALF", r"\uD83D")
        .replace("WHOLE", r"\ud83d\ude00")
        .replace("WRITTEN", r"\\ud83d");
    decode_json(&body.into(), RECEIVED).unwrap()
}

fn string(key: &str, value: &str) -> Json {
    json!({ "key": key, "value": { "stringValue": value } })
}

#[test]
fn half_of_a_surrogate_pair_in_text_is_replaced() {
    let resource = json!({ "attributes": [string("service.name", "shopHALF")] });
    let mut cut = sent();
    cut["name"] = json!("stepHALF");
    cut["unknownHALF"] = json!("HALF");
    cut["attributes"] = json!([
        string("cut", "a smile: HALF"),
        string("whole", "WHOLE"),
        string("written", "WRITTEN"),
        string("keyHALF", "HALFHALF!"),
        string("null", "\0"),
        string("user.id", "ann WHOLE"),
    ]);
    let decoded = with_emoji(&resource, &cut);
    assert!(decoded.rejected.is_empty(), "{:?}", decoded.rejected);
    assert_eq!(decoded.replaced_nulls, 1);
    let state = &decoded.patches[1].1;
    assert_eq!(text(state, Field::Name), Some("step\u{FFFD}"));
    assert_eq!(text(state, Field::ServiceName), Some("shop\u{FFFD}"));
    for (key, wanted) in [
        ("cut", "\"a smile: \u{FFFD}\""),
        ("whole", "\"😀\""),
        ("written", r#""\\ud83d""#),
        ("key\u{FFFD}", "\"\u{FFFD}\u{FFFD}!\""),
        ("null", "\"\u{FFFD}\""),
    ] {
        assert_eq!(metadata(state, key), Some(wanted), "{key}");
    }
    // Its trace, and its neighbours.
    assert_eq!(decoded.patches.len(), 4);
    assert_eq!(text(&decoded.patches[2].1, Field::UserId), Some("ann 😀"));
}

#[test]
fn an_id_that_held_half_of_a_surrogate_pair_is_refused() {
    let mut cut = sent();
    cut["attributes"] = json!([string("note", "HALF"), string("session.id", "s HALF")]);
    let decoded = with_emoji(&json!({}), &cut);
    assert_eq!((decoded.rejected.len(), decoded.patches.len()), (1, 2));
    let why = decoded.rejected[0].error.to_string();
    let wanted = "holds U+0000 or half of a surrogate pair; send printable text";
    assert_eq!(why, format!("attributes.session.id {wanted}"));

    let resource = json!({ "attributes": [string("user.id", "HALF")] });
    let decoded = with_emoji(&resource, &sent());
    assert_eq!((decoded.rejected.len(), decoded.patches.len()), (3, 0));
    let why = decoded.rejected[0].error.to_string();
    assert_eq!(why, format!("resource.attributes.user.id {wanted}"));
}

#[test]
fn what_else_is_wrong_with_a_span_is_said_of_one_that_was_mended() {
    let mut cut = sent();
    cut["name"] = json!("HALF");
    cut["kind"] = json!(true);
    let why = with_emoji(&json!({}), &cut).rejected.remove(0).error.to_string();
    let wanted = "invalid type: boolean `true`, expected a name or a whole number";
    assert!(why.starts_with("span cannot be read: ") && why.contains(wanted), "{why}");
}

#[test]
fn endless_nesting_is_refused_not_followed() {
    let deep = format!("{}1{}", r#"{"arrayValue":{"values":["#.repeat(9_999), "]}}".repeat(9_999));
    let span = format!(r#"{{"name":"a","attributes":[{{"key":"k","value":{deep}}}]}}"#);
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
    let decoded = decode_json(&body.into(), RECEIVED).unwrap();
    assert_eq!(decoded.rejected.len(), 1);
}
