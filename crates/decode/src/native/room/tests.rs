#![allow(clippy::unwrap_used)]

use tracekeep_model::{Field, Value};

use crate::native::test_support::{entry, with};
use crate::native::{Batch, batch, complete, start, update};

fn t_is_full(trace_id: &str) -> Option<String> {
    (trace_id == "t").then(|| "has 100000 spans".to_owned())
}

/// What becomes of these events where the trace `t` is full.
fn batched(events: &[&str]) -> Batch {
    let body = format!(r#"{{"events":[{}]}}"#, events.join(","));
    let batch = with(|ctx| {
        ctx.full = &t_is_full;
        batch(body.as_bytes(), ctx)
    });
    batch.unwrap()
}

/// The field in whose name an event is refused, if it is.
fn refused(event: &str) -> Option<String> {
    batched(&[event]).results.remove(0).error.map(|error| error.field)
}

#[test]
fn a_new_span_of_a_full_trace_is_refused_and_its_neighbours_are_kept() {
    let batch = batched(&[
        r#"{"type":"span","traceId":"t","spanId":"s1"}"#,
        r#"{"type":"span","traceId":"u","spanId":"s2"}"#,
        r#"{"type":"span","trace_id":"t"}"#,
        r#"{"type":"score","traceId":"t","name":"n","value":1}"#,
    ]);
    let errors: Vec<Option<String>> =
        batch.results.iter().map(|item| item.error.as_ref().map(ToString::to_string)).collect();
    let reason = "is t, which is full: it has 100000 spans and takes no more spans, metadata or \
                  tags; begin another trace, with this one as its parentTraceId";
    let of = |field: &str| Some(format!("{field} {reason}"));
    assert_eq!(errors, vec![of("traceId"), None, of("trace_id"), None]);
    assert_eq!(batch.results[0].trace_id.as_deref(), Some("t"));
    assert_eq!(batch.patches.len(), 2);
}

#[test]
fn a_full_trace_can_be_ended_and_corrected() {
    let begun = r#""source":"api","model":"m","prompt":"p","traceId":"t""#;
    let said = r#""status":"error","error":"no","tokens":{"input":1,"output":2},"cost":0.5"#;
    let update = r#""type":"update","traceId":"t","updates""#;
    for event in [
        format!(r#"{{"type":"start",{begun},"sessionId":"s","parentTraceId":"r"}}"#),
        format!(r#"{{"type":"complete","traceId":"t","result":{{{said},"response":"r"}}}}"#),
        format!(r#"{{{update}:{{"response":"r","status":"success"}}}}"#),
        format!(r#"{{{update}:{{"name":"n","userId":"u","public":true}}}}"#),
        format!(r#"{{{update}:{{"tokens_used":null,"cost_calculation":null}}}}"#),
        r#"{"type":"span","traceId":"t","spanId":"t","endTime":"2026-07-31T12:00:00Z"}"#.into(),
    ] {
        assert_eq!(refused(&event), None, "{event}");
    }
}

#[test]
fn what_adds_up_is_refused_of_a_full_trace() {
    let start = r#""type":"start","source":"api","model":"m","prompt":"p""#;
    for (trace, field) in [("t", Some("traceId")), ("u", None)] {
        let update = format!(r#""type":"update","traceId":"{trace}","updates""#);
        let complete = format!(r#""type":"complete","traceId":"{trace}","result""#);
        let span = format!(r#""type":"span","traceId":"{trace}""#);
        for event in [
            format!(r#"{{{start},"traceId":"{trace}","metadata":{{"k":1}}}}"#),
            format!(r#"{{{start},"traceId":"{trace}","tags":["a"]}}"#),
            format!(r#"{{{update}:{{"tags":["a"]}}}}"#),
            format!(r#"{{{update}:{{"metadata":{{"k":null}}}}}}"#),
            format!(r#"{{{complete}:{{"status":"success","tokens":{{"searches":1}}}}}}"#),
            format!(r#"{{{span},"spanId":"{trace}","metadata":{{"k":1}}}}"#),
            format!(r#"{{{span},"spanId":"s","status":"success"}}"#),
        ] {
            assert_eq!(refused(&event).as_deref(), field, "{event}");
        }
    }
    // A trace without an id gets a fresh one, which cannot be full.
    assert_eq!(refused(&format!(r#"{{{start},"metadata":{{"k":1}}}}"#)), None);
}

#[test]
fn single_messages_are_held_to_the_same() {
    let update_of = |updates: &str| {
        let body = format!(r#"{{"trace_id":"t","updates":{updates}}}"#);
        with(|ctx| {
            ctx.full = &t_is_full;
            update(body.as_bytes(), ctx)
        })
    };
    let error = update_of(r#"{"tags":["a"]}"#).unwrap_err();
    assert_eq!(error.field, "trace_id");
    let patched = update_of(r#"{"response":"r"}"#).unwrap();
    assert_eq!(entry(&patched.patches, Field::Output).unwrap().value, Value::from("r"));
    let started = br#"{"traceId":"t","source":"a","model":"m","prompt":"p","tags":["a"]}"#;
    let completed = br#"{"traceId":"t","result":{"status":"success"}}"#;
    with(|ctx| {
        ctx.full = &t_is_full;
        assert_eq!(start(started, ctx).unwrap_err().field, "traceId");
        assert!(complete(completed, ctx).is_ok());
    });
}

#[test]
fn a_long_id_is_shown_in_part() {
    let long = "i".repeat(800);
    let body = format!(r#"{{"traceId":"{long}","updates":{{"tags":["a"]}}}}"#);
    let updated = with(|ctx| {
        ctx.full = &|_| Some("takes 256 MiB of memory".to_owned());
        update(body.as_bytes(), ctx)
    });
    let reason = updated.unwrap_err().reason;
    assert!(reason.contains("iii…, which is full: it takes 256 MiB of memory"), "{reason}");
    assert!(reason.len() < 400, "{reason}");
}
