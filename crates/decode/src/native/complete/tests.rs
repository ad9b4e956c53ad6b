#![allow(clippy::unwrap_used)]

use tracekeep_model::{Money, Rank, Register, Value};

use super::*;
use crate::native::test_support::{NOW, entry, noon, some, span, with};

fn completed(body: &str) -> Patched {
    with(|ctx| complete(body.as_bytes(), ctx)).unwrap()
}

fn with_result(result: &str) -> Patched {
    completed(&format!(r#"{{"traceId":"t","result":{{"status":"success",{result}}}}}"#))
}

fn refused(body: &str) -> String {
    with(|ctx| complete(body.as_bytes(), ctx)).unwrap_err().to_string()
}

#[test]
fn the_plans_middleware_completes() {
    let well = completed(r#"{"traceId":"t","result":{"status":"success","response":{"a": 1.0}}}"#);
    let shown = span(&well.patches);
    assert_eq!((&*well.trace_id, shown.status), ("t", Status::Success));
    assert_eq!((&*shown.span_id, shown.kind), ("t", Kind::Generation));
    assert_eq!(shown.output, some(r#"{"a": 1.0}"#));
    let failed = completed(r#"{"traceId":"t","result":{"status":"error","error":"overloaded"}}"#);
    let shown = span(&failed.patches);
    assert_eq!((shown.status, shown.error_message), (Status::Error, some("overloaded")));
}

#[test]
fn every_field_finds_its_place() {
    let patched = completed(
        r#"{"traceId":"t","timestamp":"2026-07-31T12:00:05Z","result":{"status":"error",
            "response":"partial","error":{"message":"m","code":"c","type":"T","stack":"s"},
            "tokens":{"input":10,"output":20,"input_cache_read":5,"total":35},
            "cost":0.25,"endTime":"2026-07-31T12:00:04Z","firstTokenLatencyMs":12.5}}"#,
    );
    let span = span(&patched.patches);
    assert_eq!((span.status, span.output.clone()), (Status::Error, some("partial")));
    assert_eq!((span.error_message.clone(), span.error_code.clone()), (some("m"), some("c")));
    assert_eq!((span.error_type.clone(), span.error_stack.clone()), (some("T"), some("s")));
    assert_eq!((span.usage.input, span.usage.output), (Some(10), Some(20)));
    assert_eq!((span.usage.input_cache_read, span.usage.stated_total), (Some(5), None));
    assert_eq!(span.cost.total(), Some(Money(250_000_000_000)));
    assert_eq!(span.end_time, Some(noon(4)));
    assert_eq!((span.start_time, span.first_token_latency()), (noon(4), Some(12_500)));
    let version = entry(&patched.patches, Field::Status).unwrap().version;
    assert_eq!((version.rank, version.time, version.step), (Rank::Stated, noon(5), Step::End));
}

#[test]
fn an_end_is_stated_unless_it_is_the_receipt() {
    let body = |time: &str, end: &str| {
        format!(r#"{{"traceId":"t","result":{{"status":"success"{end}}}{time}}}"#)
    };
    let timestamp = r#","timestamp":"2026-07-31T12:00:05Z""#;
    let end_time = r#","end_time":"2026-07-31T12:00:04Z""#;
    for (time, sent, end, rank) in [
        ("", "", NOW, Rank::Assumed),
        (timestamp, "", noon(5), Rank::Stated),
        ("", end_time, noon(4), Rank::Stated),
        (timestamp, end_time, noon(4), Rank::Stated),
    ] {
        let patched = completed(&body(time, sent));
        let entry = entry(&patched.patches, Field::EndTime).unwrap();
        assert_eq!((entry.value, entry.version.rank), (Value::Time(end), rank), "{time}{sent}");
        let kind = patched.patches[0].1.entry(&Field::Kind.into()).unwrap().version.rank;
        assert_eq!(kind, Rank::Assumed);
    }
}

#[test]
fn costs_in_every_form() {
    for (cost, parts, total) in [
        ("0.3", 0, 300_000_000_000),
        ("\"0.3\"", 0, 300_000_000_000),
        (r#"{"input":0.1,"output":0.2}"#, 2, 300_000_000_000),
        (r#"{"input_cost":0.1,"output_cost":0.2,"total_cost":0.3}"#, 2, 300_000_000_000),
        (r#"{"inputCost":0.1,"output":0.2,"total":0.4}"#, 2, 400_000_000_000),
        (r#"{"searches":1}"#, 1, 1_000_000_000_000),
    ] {
        let shown = span(&with_result(&format!("\"cost\":{cost}")).patches).cost;
        assert_eq!((shown.parts.len(), shown.total()), (parts, Some(Money(total))), "{cost}");
    }
    let error = refused(r#"{"traceId":"t","result":{"status":"success","cost":{"input":-1}}}"#);
    assert_eq!(error, "result.cost.input is -1, but a cost cannot be negative");
}

#[test]
fn a_later_sum_beats_an_earlier_total() {
    let total = completed(
        r#"{"traceId":"t","timestamp":1785499200000,"result":{"status":"success","cost":9}}"#,
    );
    let parts = completed(
        r#"{"traceId":"t","timestamp":1785499201000,
            "result":{"status":"success","cost":{"input":1,"output":2,"total":3}}}"#,
    );
    let both = [total.patches, parts.patches].concat();
    assert_eq!(span(&both).cost.total(), Some(Money(3_000_000_000_000)));
}

#[test]
fn null_says_nothing() {
    let bare = completed(r#"{"traceId":"t","result":{"status":"success"}}"#);
    let nulls = completed(
        r#"{"trace_id":"t","timestamp":null,"result":{"status":"success","response":null,
            "error":null,"tokens":null,"cost":null,"endTime":null,"firstTokenLatencyMs":null}}"#,
    );
    assert_eq!(nulls, bare);
    assert_eq!(with_result(r#""tokens":{},"cost":{},"error":{}"#), bare);
    assert_eq!(
        with_result(r#""tokens":{"input":null}"#).patches[0]
            .1
            .entry(&Register::Usage("input".into())),
        None
    );
}

#[test]
fn an_error_leaves_the_status_alone() {
    let shown = span(&with_result(r#""error":"retried once""#).patches);
    assert_eq!((shown.status, shown.error_message), (Status::Success, some("retried once")));
    let bare = completed(r#"{"traceId":"t","result":{"status":"error"}}"#);
    assert_eq!(span(&bare.patches).status, Status::Error);
}

#[test]
fn what_is_wrong_is_named() {
    for (body, error) in [
        (r#"{"result":{"status":"success"}}"#, "traceId is missing; send the trace's id"),
        (r#"{"traceId":"t"}"#, "result is missing; send an object with a status"),
        (r#"{"traceId":"t","result":"done"}"#, "result is text; send an object"),
        (r#"{"traceId":"t","result":{}}"#, "result.status is missing; send success or error"),
        (
            r#"{"traceId":"t","result":{"status":"pending"}}"#,
            "result.status is `pending`, but complete ends a trace; send success or error, or call update",
        ),
        (
            r#"{"traceId":"t","result":{"status":"ok"}}"#,
            "result.status is `ok`, which is none of success, error",
        ),
        (
            r#"{"traceId":"t","result":{"status":"success","respones":"x"}}"#,
            "result.respones is not a field here; did you mean `response`?",
        ),
        (
            r#"{"traceId":"t","result":{"status":"success","tokens":{"input":-1}}}"#,
            "result.tokens.input is -1; send a whole number from 0 to 1e12",
        ),
        (
            r#"{"traceId":"a\nb","result":{}}"#,
            "traceId holds the control character '\\n'; send printable text",
        ),
    ] {
        assert_eq!(refused(body), error, "{body}");
    }
}

#[test]
fn every_field_refuses_the_wrong_type() {
    let fields = [
        ("status", "7"),
        ("error", "7"),
        ("tokens", "7"),
        ("cost", "true"),
        ("endTime", "true"),
        ("firstTokenLatencyMs", "\"1\""),
    ];
    assert_eq!(fields.len() + 1, FIELDS.len(), "all but response, which is any JSON");
    for (name, wrong) in fields {
        let status = if name == "status" { "" } else { "\"status\":\"success\"," };
        let error = refused(&format!(r#"{{"traceId":"t","result":{{{status}"{name}":{wrong}}}}}"#));
        assert!(error.starts_with(&format!("result.{name} is ")), "{error}");
        assert!(error.contains("; send "), "{error}");
    }
}
