#![allow(clippy::unwrap_used)]

use tracekeep_model::Rank;

use super::*;
use crate::native::test_support::{NOW, entry, noon, some, span, trace, with};

fn started(body: &str) -> Started {
    with(|ctx| start(body.as_bytes(), ctx)).unwrap()
}

fn refused(body: &str) -> String {
    with(|ctx| start(body.as_bytes(), ctx)).unwrap_err().to_string()
}

#[test]
fn the_plans_playground_starts_a_trace() {
    let started = started(
        r#"{"source":"playground","promptId":null,"model":"claude-3-5-sonnet",
            "prompt":"Test prompt","systemPrompt":"Be brief."}"#,
    );
    assert_eq!(&*started.trace_id, "00000000000000010000000000000001");
    assert_eq!(started.start_time, NOW);
    let span = span(&started.patches);
    assert_eq!(span.trace_id, started.trace_id);
    assert_eq!(span.span_id, started.trace_id);
    assert_eq!((span.kind, span.status), (Kind::Generation, Status::Pending));
    assert_eq!(span.model, some("claude-3-5-sonnet"));
    assert_eq!(span.input, some("Test prompt"));
    assert_eq!(span.system_prompt, some("Be brief."));
    assert_eq!(span.prompt_id, None);
    assert_eq!((span.user_agent, span.ip), (some("browser/1"), some("192.0.2.1")));
    let trace = trace(&started.patches);
    assert_eq!(&*trace.inherited.source, "playground");
    assert_eq!(trace.inherited.session_id, started.trace_id);
}

#[test]
fn every_field_finds_its_place() {
    let started = started(
        r#"{"source":"api","model":"gpt-4o","prompt":[{"role":"user","content":"hi"}],
            "provider":"openai","promptId":"p-1","systemPrompt":"s","traceId":"t-1",
            "parentTraceId":"t-0","sessionId":"s-1","userId":"u-1","name":"chat",
            "parameters":{"temperature": 0.70},"streaming":true,"metadata":{"n": 1.0,"b":null},
            "tags":["b","a","b"],"version":"7","environment":"prod","release":"r-1",
            "startTime":"2026-07-31T12:00:00Z","timestamp":"2026-07-31T12:00:01Z",
            "userAgent":"app/2","ip_address":"2001:db8::1"}"#,
    );
    assert_eq!((&*started.trace_id, started.start_time), ("t-1", noon(0)));
    let span = span(&started.patches);
    assert_eq!(span.input, some(r#"[{"role":"user","content":"hi"}]"#));
    assert_eq!((span.provider, span.prompt_id), (some("openai"), some("p-1")));
    assert_eq!((span.parameters, span.streaming), (some(r#"{"temperature": 0.70}"#), Some(true)));
    assert_eq!((span.name, span.start_time), (some("chat"), noon(0)));
    assert_eq!((span.user_agent, span.ip), (some("app/2"), some("2001:db8::1")));
    assert!(span.metadata.is_empty());
    let trace = trace(&started.patches);
    assert_eq!(trace.parent_trace_id, some("t-0"));
    assert_eq!(trace.metadata, vec![("n".into(), "1.0".into())]);
    let shown = trace.inherited;
    assert_eq!((shown.trace_name, shown.user_id), (some("chat"), some("u-1")));
    assert_eq!((&*shown.session_id, &*shown.environment), ("s-1", "prod"));
    assert_eq!((shown.release, shown.version), (some("r-1"), some("7")));
    assert_eq!(shown.tags, vec![Text::from("a"), Text::from("b")]);
}

#[test]
fn a_start_is_stated_unless_it_is_the_receipt() {
    let body = |time: &str| format!(r#"{{"source":"api","model":"m","prompt":"p"{time}}}"#);
    for (time, start, rank) in [
        ("", NOW, Rank::Assumed),
        (r#","timestamp":"2026-07-31T12:00:01Z""#, noon(1), Rank::Stated),
        (r#","startTime":1785499200000"#, noon(0), Rank::Stated),
        (r#","start_time":1785499200000,"timestamp":1785499205000"#, noon(0), Rank::Stated),
    ] {
        let started = started(&body(time));
        let entry = entry(&started.patches, Field::StartTime).unwrap();
        assert_eq!((started.start_time, entry.version.rank), (start, rank), "{time}");
    }
}

#[test]
fn a_version_is_the_events_time_but_not_after_receipt() {
    let started =
        started(r#"{"source":"api","model":"m","prompt":"p","timestamp":"2026-08-01T10:00:00Z"}"#);
    let version = entry(&started.patches, Field::Model).unwrap().version;
    assert_eq!((version.time, version.step), (NOW, Step::Start));
    assert_eq!(started.start_time, NOW.plus(10 * Micros::HOUR));
}

#[test]
fn null_and_nothing_say_nothing() {
    let bare = started(r#"{"source":"api","model":"m","prompt":"p"}"#);
    let nulls = started(
        r#"{"source":"api","model":"m","prompt":"p","provider":null,"prompt_id":null,
            "systemPrompt":null,"traceId":null,"parentTraceId":null,"sessionId":null,"userId":null,
            "name":null,"parameters":null,"streaming":null,"metadata":null,"tags":null,
            "version":null,"environment":null,"release":null,"startTime":null,"timestamp":null,
            "userAgent":null,"ipAddress":null}"#,
    );
    assert_eq!(nulls, bare);
    let empty = started(r#"{"source":"api","model":"m","prompt":"p","metadata":{},"tags":[]}"#);
    assert_eq!(empty, bare);
}

#[test]
fn nulls_in_text_are_replaced_and_counted() {
    let started = started(
        r#"{"source":"api","model":"m","prompt":"a\u0000b","metadata":{"k":{"v":"\u0000"}}}"#,
    );
    assert_eq!(started.replaced_nulls, 2);
    assert_eq!(span(&started.patches).input, some("a\u{fffd}b"));
    assert_eq!(trace(&started.patches).metadata, vec![("k".into(), r#"{"v":"\uFfFd"}"#.into())]);
}

#[test]
fn what_is_wrong_is_named() {
    for (body, error) in [
        ("[]", "body is an array; send an object"),
        (
            r#"{"model":"m","prompt":"p"}"#,
            "source is missing; send where the interaction comes from, such as playground, api or test",
        ),
        (r#"{"source":"api","prompt":"p"}"#, "model is missing; send the model's name"),
        (r#"{"source":"api","model":null,"prompt":"p"}"#, "model is null; send the model's name"),
        (r#"{"source":"api","model":"","prompt":"p"}"#, "model is empty; send 1 to 800 bytes"),
        (
            r#"{"source":"api","model":"m"}"#,
            "prompt is missing; send text, or an array of chat messages",
        ),
        (
            r#"{"source":"api","model":"m","prompt":7}"#,
            "prompt is a number; send text, or an array of chat messages",
        ),
        (
            r#"{"source":"api","model":"m","promt":"p"}"#,
            "promt is not a field here; did you mean `prompt`?",
        ),
        (
            r#"{"source":"api","model":"m","prompt":"p","trace_id":"a","traceId":"a"}"#,
            "trace_id says the same as `traceId`; send one of them",
        ),
        (
            r#"{"source":"api","model":"m","prompt":"p","tags":["a",1]}"#,
            "tags[1] is a number; send text",
        ),
        (
            r#"{"source":"api","model":"m","prompt":"p","metadata":{"a":1,"a":2}}"#,
            "metadata.a is sent twice; send it once",
        ),
    ] {
        assert_eq!(refused(body), error, "{body}");
    }
    assert!(refused("{\"source\":").starts_with("body is not valid JSON: EOF while parsing"));
}

#[test]
fn every_field_refuses_the_wrong_type() {
    let fields = [
        ("source", "7"),
        ("model", "7"),
        ("prompt", "true"),
        ("provider", "7"),
        ("promptId", "7"),
        ("systemPrompt", "[]"),
        ("traceId", "7"),
        ("parentTraceId", "{}"),
        ("sessionId", "7"),
        ("userId", "7"),
        ("name", "{}"),
        ("parameters", "[]"),
        ("streaming", "\"yes\""),
        ("metadata", "[]"),
        ("tags", "\"a\""),
        ("version", "1"),
        ("environment", "1"),
        ("release", "1"),
        ("startTime", "true"),
        ("timestamp", "{}"),
        ("userAgent", "1"),
        ("ipAddress", "1"),
    ];
    assert_eq!(fields.len(), FIELDS.len());
    for (name, wrong) in fields {
        let required = [("source", "\"api\""), ("model", "\"m\""), ("prompt", "\"p\"")];
        let mut parts = vec![format!("\"{name}\":{wrong}")];
        parts.extend(
            required.iter().filter(|(n, _)| *n != name).map(|(n, v)| format!("\"{n}\":{v}")),
        );
        let error = refused(&format!("{{{}}}", parts.join(",")));
        assert!(error.starts_with(&format!("{name} is ")), "{error}");
        assert!(error.contains("; send "), "{error}");
    }
}
