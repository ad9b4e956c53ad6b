#![allow(clippy::unwrap_used)]

use tracekeep_model::{Kind, Level, Money, Rank, Register, Text, Value};

use tracekeep_model::Field;

use super::*;
use crate::native::json::Document;
use crate::native::test_support::{NOW, entry, noon, some, span, trace, with};

fn sent(body: &str) -> Patched {
    with(|ctx| decode(body, ctx)).unwrap()
}

fn decode(body: &str, ctx: &mut Context<'_>) -> Result<Patched, FieldError> {
    let document = Document::of_body(body.as_bytes())?;
    apply(&mut Fields::of(&document.text, "events[0]")?, ctx)
}

fn refused(body: &str) -> String {
    with(|ctx| decode(body, ctx)).unwrap_err().to_string()
}

fn version(body: &str) -> (Rank, Step) {
    let version = entry(&sent(body).patches, Field::Name).unwrap().version;
    (version.rank, version.step)
}

#[test]
fn every_field_finds_its_place() {
    let patched = sent(
        r#"{"traceId":"t","spanId":"s","parentSpanId":"p","kind":"TOOL","name":"search",
            "status":"error","level":"WARNING","statusMessage":"slow",
            "error":{"message":"m","code":7,"type":"T","stack":"st"},
            "startTime":"2026-07-31T12:00:00Z","end_time":"2026-07-31T12:00:03Z",
            "firstTokenTime":"2026-07-31T12:00:01Z","model":"m","response_model":"m-1",
            "provider":"x","parameters":{"a": 1},"streaming":true,"systemPrompt":"sys",
            "input":{"q": "x"},"output":"found","toolCalls":[{"id":1}],
            "usage":{"input":1,"output":2},"cost":{"input":1,"output":2},"promptId":"pi",
            "promptName":"pn","promptVersion":2,"serviceName":"svc","scopeName":"sc",
            "scopeVersion":"1","sdkName":"sdk","sdkVersion":"2","userAgent":"ua","ip":"192.0.2.9",
            "langfuseTraceId":"lt","langfuseObservationId":"lo","metadata":{"k":[1]},
            "traceName":"whole","userId":"u","sessionId":"se","source":"test","environment":"e",
            "release":"r","version":"v","tags":["a"],"parentTraceId":"t-0"}"#,
    );
    let span = span(&patched.patches);
    assert_eq!((&*span.trace_id, &*span.span_id, span.parent_span_id), ("t", "s", some("p")));
    assert_eq!((span.kind, span.name, span.level), (Kind::Tool, some("search"), Level::Warning));
    assert_eq!((span.error_message, span.error_code), (some("m"), some("7")));
    assert_eq!((span.start_time, span.end_time), (noon(0), Some(noon(3))));
    assert_eq!((span.first_token_time, span.streaming), (Some(noon(1)), Some(true)));
    assert_eq!((span.input, span.output), (some(r#"{"q": "x"}"#), some("found")));
    assert_eq!((span.usage.total(), span.cost.total()), (Some(3), Some(Money(3_000_000_000_000))));
    assert_eq!((span.prompt_version, span.service_name), (some("2"), some("svc")));
    assert_eq!((span.scope_version, span.sdk_version), (some("1"), some("2")));
    assert_eq!((span.user_agent, span.ip), (some("ua"), some("192.0.2.9")));
    assert_eq!(span.metadata, vec![("k".into(), "[1]".into())]);
    let trace = trace(&patched.patches);
    assert!(trace.metadata.is_empty());
    assert_eq!((trace.inherited.trace_name, trace.inherited.user_id), (some("whole"), some("u")));
    assert_eq!((&*trace.inherited.session_id, trace.parent_trace_id), ("se", some("t-0")));
    assert_eq!(trace.inherited.tags, vec![Text::from("a")]);
}

#[test]
fn a_span_without_an_id_gets_one_and_no_trace_attributes_no_trace() {
    let patched = sent(r#"{"trace_id":"t","name":"n"}"#);
    assert_eq!(patched.patches.len(), 1);
    assert_eq!(&*span(&patched.patches).span_id, "0000000000000001");
}

#[test]
fn the_step_follows_from_what_is_said() {
    for (rest, step) in [
        ("", Step::Update),
        (r#","startTime":1785499200000"#, Step::Start),
        (r#","startTime":1785499200000,"endTime":1785499201000"#, Step::End),
        (r#","status":"success""#, Step::End),
        (r#","status":"pending","startTime":1785499200000"#, Step::Start),
        (r#","status":null,"endTime":null"#, Step::Update),
    ] {
        let body = format!(r#"{{"traceId":"t","spanId":"s","name":"n"{rest}}}"#);
        assert_eq!(version(&body), (Rank::Stated, step), "{rest}");
    }
}

#[test]
fn a_root_that_opens_carries_its_client() {
    let root = sent(r#"{"traceId":"t","spanId":"s","startTime":1785499200000}"#);
    let agent = entry(&root.patches, Field::UserAgent).unwrap();
    assert_eq!((agent.value, agent.version.rank), (Value::from("browser/1"), Rank::Assumed));
    for body in [
        r#"{"traceId":"t","spanId":"s","parentSpanId":"r","startTime":1785499200000}"#,
        r#"{"traceId":"t","spanId":"s","endTime":1785499200000}"#,
    ] {
        assert_eq!(entry(&sent(body).patches, Field::UserAgent), None, "{body}");
    }
}

#[test]
fn a_start_is_assumed_until_one_is_stated() {
    let early = sent(r#"{"traceId":"t","spanId":"s","timestamp":1785499201000,"output":"x"}"#);
    let start = entry(&early.patches, Field::StartTime).unwrap();
    assert_eq!((start.value, start.version.rank), (Value::Time(noon(1)), Rank::Assumed));
    let ended = sent(r#"{"traceId":"t","spanId":"s","endTime":1785499200000}"#);
    assert_eq!(span(&ended.patches).start_time, noon(0));
    let bare = sent(r#"{"traceId":"t","spanId":"s"}"#);
    assert_eq!(span(&bare.patches).start_time, NOW);
}

#[test]
fn null_clears() {
    let patched =
        sent(r#"{"traceId":"t","spanId":"s","output":null,"userId":null,"metadata":{"k":null}}"#);
    for register in [
        Register::Field(Field::Output),
        Register::Field(Field::UserId),
        Register::Metadata("k".into()),
    ] {
        let entry = entry(&patched.patches, register.clone()).unwrap();
        assert_eq!(entry.value, Value::Cleared, "{register:?}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    for (body, error) in [
        (r#"{"spanId":"s"}"#, "traceId is missing; send the id of the span's trace"),
        (r#"{"traceId":"t","spanId":""}"#, "spanId is empty; send 1 to 800 bytes"),
        (r#"{"traceId":"t","kindd":"TOOL"}"#, "kindd is not a field here; did you mean `kind`?"),
        (
            r#"{"traceId":"t","ip":"192.0.2.1","ipAddress":"192.0.2.1"}"#,
            "ipAddress says the same as `ip`; send one of them",
        ),
        (
            r#"{"traceId":"t","error":"a","errorCode":"b"}"#,
            "errorCode says the same as `error`; send one of them",
        ),
    ] {
        assert_eq!(refused(body), error, "{body}");
    }
    let kind = refused(r#"{"traceId":"t","kind":"tool"}"#);
    assert!(kind.starts_with("kind is `tool`, which is none of SPAN, GENERATION"), "{kind}");
}

#[test]
fn every_field_refuses_the_wrong_type() {
    for name in
        FIELDS.iter().copied().filter(|name| !matches!(*name, "trace_id" | "input" | "output"))
    {
        let wrong = if name == "streaming" { "\"yes\"" } else { "true" };
        let error = refused(&format!(r#"{{"trace_id":"t","{name}":{wrong}}}"#));
        assert!(error.starts_with(&format!("{name} is ")), "{error}");
        assert!(error.contains("; send "), "{error}");
    }
    assert_eq!(refused(r#"{"trace_id":7}"#), "trace_id is a number; send text");
}
