//! What holds for all events together.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Map, Value};
use tracekeep_model::{Kind, Money, Status, project_span, project_trace};

use super::test_support::{NOW, at, joined, noon, some, with};
use super::*;
use crate::FieldError;

const START: &str = r#"{"traceId":"t","source":"playground","model":"m","prompt":"in","name":"first",
    "metadata":{"a":1},"tags":["x"],"timestamp":"2026-07-31T12:00:00Z"}"#;
const UPDATE: &str = r#"{"traceId":"t","timestamp":"2026-07-31T12:00:01Z","updates":{
    "first_token_latency_ms":150,"name":"second","metadata":{"b":2},"tags":["y"],"user_id":"u",
    "cost_calculation":{"total_cost":9}}}"#;
const CLEAR: &str = r#"{"traceId":"t","timestamp":"2026-07-31T12:00:01.5Z","updates":{
    "response_content":"half","metadata":{"a":null},"user_agent":null}}"#;
const COMPLETE: &str = r#"{"traceId":"t","timestamp":"2026-07-31T12:00:02Z","result":{
    "status":"success","response":"out","tokens":{"input":10,"output":20},
    "cost":{"input":1,"output":2,"total":3}}}"#;

type Patches = Vec<(RecordKey, State)>;

/// The four messages, each received at its own moment.
fn messages() -> [Patches; 4] {
    [
        at(NOW, |ctx| start(START.as_bytes(), ctx)).unwrap().patches,
        at(NOW.plus(3), |ctx| update(UPDATE.as_bytes(), ctx)).unwrap().patches,
        at(NOW.plus(1), |ctx| update(CLEAR.as_bytes(), ctx)).unwrap().patches,
        at(NOW.plus(2), |ctx| complete(COMPLETE.as_bytes(), ctx)).unwrap().patches,
    ]
}

proptest! {
    #[test]
    fn any_order_and_repetition_gives_the_same_records(
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
        again in prop::collection::vec(0usize..4, 0..4),
    ) {
        let messages = messages();
        let expected = joined(messages.concat());
        let sent: Vec<Patches> = order.iter().chain(&again).map(|index| messages[*index].clone()).collect();
        prop_assert_eq!(joined(sent.concat()), expected);
    }
}

#[test]
fn a_lifecycle_is_one_trace_and_one_span() {
    let records = joined(messages().concat());
    assert_eq!(records.len(), 2);
    let id = Text::from("t");
    let span = project_span(&id, &id, &records[&root(&id)]);
    assert_eq!((span.kind, span.status), (Kind::Generation, Status::Success));
    assert_eq!((span.start_time, span.end_time), (noon(0), Some(noon(2))));
    assert_eq!(span.first_token_time, Some(noon(0).plus(150_000)));
    assert_eq!((span.name, span.output), (some("second"), some("out")));
    assert_eq!(span.cost.total(), Some(Money(3_000_000_000_000)));
    assert_eq!((span.user_agent, span.ip), (None, some("192.0.2.1")));
    let trace = project_trace(&id, &records[&RecordKey::Trace { trace_id: id.clone() }]);
    assert_eq!(trace.metadata, vec![("b".into(), "2".into())]);
    assert_eq!(trace.inherited.tags, vec![Text::from("x"), Text::from("y")]);
    assert_eq!(trace.inherited.user_id, some("u"));
}

#[test]
fn complete_before_start_shows_and_is_then_completed() {
    let [first, _, _, last] = messages();
    let id = Text::from("t");
    let shown = project_span(&id, &id, &joined(last.clone())[&root(&id)]);
    assert_eq!(
        (shown.kind, shown.status, shown.start_time),
        (Kind::Generation, Status::Success, noon(2))
    );
    let whole = project_span(&id, &id, &joined([last, first].concat())[&root(&id)]);
    assert_eq!((whole.start_time, whole.status), (noon(0), Status::Success));
}

#[test]
fn what_is_past_retention_is_refused_in_the_name_of_the_field_that_says_so() {
    let (old, new) = ("2026-07-31T11:59:59.999Z", "2026-07-31T12:00:00Z");
    let start = r#""type":"start","source":"api","model":"m","prompt":"p""#;
    let complete = r#""type":"complete","traceId":"t","result":{"status":"success""#;
    let update = r#""type":"update","traceId":"t","updates":{"#;
    let span = r#""type":"span","traceId":"t""#;
    let cases = [
        (format!(r#"{start},"startTime":"{old}""#), Some("startTime")),
        (format!(r#"{start},"timestamp":"{old}""#), Some("timestamp")),
        (format!(r#"{start},"start_time":"{old}","timestamp":"{new}""#), Some("start_time")),
        (format!(r#"{start},"startTime":"{new}","timestamp":"{old}""#), None),
        (start.to_owned(), None),
        (format!(r#"{complete},"endTime":"{old}"}}"#), Some("result.endTime")),
        (format!(r#"{complete}}},"timestamp":"{old}""#), Some("timestamp")),
        (format!(r#"{complete},"endTime":"{new}"}}"#), None),
        (format!(r#"{update}"start_time":"{old}"}}"#), Some("updates.start_time")),
        (format!(r#"{update}"streaming":true}},"timestamp":"{old}""#), Some("timestamp")),
        (format!(r#"{update}"userId":"u"}},"timestamp":"{old}""#), None),
        (format!(r#"{span},"startTime":"{old}""#), Some("startTime")),
        (format!(r#"{span},"endTime":"{old}""#), Some("endTime")),
        (
            format!(r#""type":"score","traceId":"t","name":"n","value":1,"timestamp":"{old}""#),
            Some("timestamp"),
        ),
    ];
    for (event, field) in cases {
        let body = format!("{{\"events\":[{{{event}}}]}}");
        let batch = with(|ctx| {
            ctx.keeps_from = noon(0);
            batch(body.as_bytes(), ctx)
        });
        let error = batch.unwrap().results.remove(0).error;
        assert_eq!(error.as_ref().map(|error| error.field.as_str()), field, "{event}: {error:?}");
        if let Some(error) = error {
            let wanted = "is 2026-07-31T11:59:59.999Z, past the project's retention: it keeps what \
                          began at 2026-07-31T12:00:00.000Z or later";
            assert!(error.reason.starts_with(wanted), "{error}");
        }
    }
}

#[test]
fn ids_that_would_have_to_be_rewritten_are_refused() {
    for damaged in [r"a\u0000b", r"a\ud83d", r"\ude00"] {
        for field in ["traceId", "parentTraceId", "sessionId", "userId", "model", "promptId"] {
            let fields = [("source", "api"), ("model", "m"), ("prompt", "p")];
            let others = fields.iter().filter(|(name, _)| *name != field);
            let others: String =
                others.map(|(name, value)| format!(r#","{name}":"{value}""#)).collect();
            let body = format!(r#"{{"{field}":"{damaged}"{others}}}"#);
            let error = with(|ctx| start(body.as_bytes(), ctx)).unwrap_err().to_string();
            let wanted = "holds U+0000 or half of a surrogate pair; send printable text";
            assert_eq!(error, format!("{field} {wanted}"), "{body}");
        }
    }
    // What the sender itself wrote stays.
    let body = r#"{"traceId":"a\ufffd","source":"api","model":"m\ud83d\ude00","prompt":"\u0000"}"#;
    let started = with(|ctx| start(body.as_bytes(), ctx)).unwrap();
    assert_eq!(&*started.trace_id, "a\u{fffd}");
}

#[test]
fn numbers_in_metadata_keep_their_digits() {
    let numbers = ["1e308", "1e-400", "0.1000000000000000055", "-0", "12345678901234567890123"];
    let metadata: Vec<String> =
        numbers.iter().enumerate().map(|(n, number)| format!(r#""k{n}":{number}"#)).collect();
    let body = format!(
        r#"{{"traceId":"t","source":"api","model":"m","prompt":"p","metadata":{{{}}}}}"#,
        metadata.join(",")
    );
    let started = with(|ctx| start(body.as_bytes(), ctx)).unwrap();
    let id = Text::from("t");
    let trace =
        project_trace(&id, &joined(started.patches)[&RecordKey::Trace { trace_id: id.clone() }]);
    let kept: Vec<&str> = trace.metadata.iter().map(|(_, json)| &**json).collect();
    assert_eq!(kept, numbers);
}

#[test]
fn a_number_that_no_double_holds_is_refused_by_the_name_of_its_field() {
    let others = r#""source":"api","model":"m""#;
    for (field, body) in [
        ("metadata.x", format!(r#"{{{others},"prompt":"p","metadata":{{"x":1e999}}}}"#)),
        ("parameters", format!(r#"{{{others},"prompt":"p","parameters":{{"x":-1e999}}}}"#)),
        ("prompt", format!(r#"{{{others},"prompt":[{{"content":1e999}}]}}"#)),
    ] {
        let error = with(|ctx| start(body.as_bytes(), ctx)).unwrap_err();
        assert_eq!(error.field, field);
        assert!(error.reason.contains("is more than a double holds"), "{}", error.reason);
    }
    let update_body = br#"{"traceId":"t","updates":{"tool_calls":[1e999]}}"#;
    let error = with(|ctx| update(update_body, ctx)).unwrap_err();
    assert_eq!(error.field, "updates.tool_calls");
}

fn decode_all(body: &[u8]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    errors.extend(with(|ctx| start(body, ctx)).err());
    errors.extend(with(|ctx| update(body, ctx)).err());
    errors.extend(with(|ctx| complete(body, ctx)).err());
    errors.extend(with(|ctx| score(body, ctx)).err());
    match with(|ctx| batch(body, ctx)) {
        Ok(batch) => errors.extend(batch.results.into_iter().filter_map(|item| item.error)),
        Err(error) => errors.push(error),
    }
    errors
}

const KEYS: &[&str] = &[
    "traceId",
    "trace_id",
    "spanId",
    "updates",
    "result",
    "status",
    "type",
    "source",
    "model",
    "prompt",
    "metadata",
    "tags",
    "tokens",
    "usage",
    "cost",
    "error",
    "message",
    "details",
    "input",
    "total",
    "total_cost",
    "startTime",
    "endTime",
    "timestamp",
    "duration_ms",
    "response",
    "name",
    "value",
    "dataType",
    "sessionId",
    "parameters",
    "first_token_latency_ms",
    "ip",
    "k",
    "",
];

const TEXTS: &[&str] = &[
    "t",
    "",
    "success",
    "error",
    "pending",
    "start",
    "update",
    "complete",
    "span",
    "score",
    "api",
    "BOOLEAN",
    "TEXT",
    "2026-07-31T12:00:00Z",
    "192.0.2.1",
    "0.1",
    "\u{0}",
    "\n",
    "😀",
];

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::from(1_785_499_200_000i64)),
        prop::sample::select(TEXTS).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        let key = prop::sample::select(KEYS).prop_map(str::to_owned);
        let object = prop::collection::vec((key, inner.clone()), 0..8)
            .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<String, Value>>()));
        prop_oneof![prop::collection::vec(inner, 0..5).prop_map(Value::from), object]
    })
}

/// A message whose required fields are there, so that more is read of it.
fn message() -> impl Strategy<Value = Value> {
    let event = prop::sample::select(vec!["start", "update", "complete", "span", "score"]);
    (event, json(), json()).prop_map(|(event, inner, other)| {
        let mut object = match other {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        let mut add = |key: &str, value: Value| object.insert(key.to_owned(), value);
        match event {
            "start" => {
                add("source", Value::from("api"));
                add("model", Value::from("m"));
                add("prompt", inner);
            }
            "update" => {
                add("updates", inner);
            }
            "complete" => {
                add("result", inner);
            }
            "span" => {
                add("input", inner);
            }
            _ => {
                add("value", inner);
            }
        }
        Value::Object(object)
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        decode_all(&body);
    }

    #[test]
    fn no_json_panics_and_every_error_is_a_sentence(body in prop_oneof![json(), message()]) {
        let events: Vec<Value> = ["start", "update", "complete", "span", "score"]
            .iter()
            .map(|event| match &body {
                Value::Object(object) => {
                    let mut object = object.clone();
                    object.insert("type".to_owned(), Value::from(*event));
                    Value::Object(object)
                }
                other => other.clone(),
            })
            .collect();
        let batch = serde_json::json!({ "events": events }).to_string();
        let errors = [decode_all(body.to_string().as_bytes()), decode_all(batch.as_bytes())].concat();
        for error in errors {
            prop_assert!(!error.field.is_empty() && !error.reason.is_empty());
            prop_assert!(error.field.len() + error.reason.len() < 2_000, "{error}");
        }
    }
}
