#![allow(clippy::unwrap_used)]

use tracekeep_model::Status;

use super::*;
use crate::native::test_support::{joined, span, with};

fn batched(body: &str) -> Batch {
    with(|ctx| batch(body.as_bytes(), ctx)).unwrap()
}

fn refused(body: &str) -> String {
    with(|ctx| batch(body.as_bytes(), ctx)).unwrap_err().to_string()
}

#[test]
fn events_of_every_type() {
    let batch = batched(
        r#"{"events":[
            {"type":"start","source":"api","model":"m","prompt":"p","traceId":"t"},
            {"type":"update","traceId":"t","updates":{"streaming":true}},
            {"type":"span","traceId":"t","spanId":"s","name":"tool"},
            {"type":"complete","traceId":"t","result":{"status":"success"}},
            {"type":"score","traceId":"t","name":"n","value":1},
            {"type":"score","sessionId":"s","name":"n","value":1},
            {"type":"start","source":"api","model":"m","prompt":"p\u0000"}
        ]}"#,
    );
    let traces: Vec<Option<&str>> =
        batch.results.iter().map(|item| item.trace_id.as_deref()).collect();
    let fresh = "00000000000000030000000000000003";
    let t = Some("t");
    assert_eq!(traces, vec![t, t, t, t, t, None, Some(fresh)]);
    assert!(batch.results.iter().all(|item| item.error.is_none()));
    assert!(batch.results.iter().enumerate().all(|(at, item)| item.index == at));
    assert_eq!(batch.replaced_nulls, 1);
    let records = joined(batch.patches);
    let keys: Vec<String> = records.keys().map(ToString::to_string).collect();
    let expected = [
        format!("trace {fresh}"),
        "trace t".to_owned(),
        format!("span {fresh} of trace {fresh}"),
        "span s of trace t".to_owned(),
        "span t of trace t".to_owned(),
        "score 0000000000000001".to_owned(),
        "score 0000000000000002".to_owned(),
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_bad_event_is_refused_by_itself() {
    let batch = batched(
        r#"{"events":[
            7,
            {"traceId":"t"},
            {"type":"begin","traceId":"t"},
            {"type":"update","traceId":"t","updates":{"modle":"m"}},
            {"type":"complete","traceId":"t","result":{"status":"success"}},
            {"type":"complete","traceId":7,"result":{"status":"success"}}
        ]}"#,
    );
    let errors: Vec<Option<String>> =
        batch.results.iter().map(|item| item.error.as_ref().map(ToString::to_string)).collect();
    let expected = [
        Some("events[0] is a number; send an object"),
        Some("type is missing; send one of start, update, complete, span, score"),
        Some("type is `begin`, which is none of start, update, complete, span, score"),
        Some("updates.modle is not a field here; did you mean `model`?"),
        None,
        Some("traceId is a number; send text"),
    ];
    assert_eq!(errors, expected.map(|error| error.map(str::to_owned)));
    let traces: Vec<Option<&str>> =
        batch.results.iter().map(|item| item.trace_id.as_deref()).collect();
    assert_eq!(traces, vec![None, Some("t"), Some("t"), Some("t"), Some("t"), None]);
    assert_eq!(batch.patches.len(), 1);
    assert_eq!(span(&batch.patches).status, Status::Success);
}

#[test]
fn too_deep_an_event_is_refused_by_itself() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    let batch = batched(&format!(
        r#"{{"events":[{{"type":"span","traceId":"t","input":{deep}}},
            {{"type":"span","traceId":"t","spanId":"s"}}]}}"#
    ));
    let error = batch.results[0].error.as_ref().unwrap();
    assert!(
        error.to_string().starts_with("events[0] is nested more than 127 levels deep"),
        "{error}"
    );
    assert_eq!((batch.results[1].error.as_ref(), batch.patches.len()), (None, 1));
}

#[test]
fn a_batch_has_a_size() {
    let events = |count: usize| format!("{{\"events\":[{}]}}", vec!["1"; count].join(","));
    assert_eq!(batched(&events(0)), Batch::default());
    assert_eq!(batched(&events(MAX_EVENTS)).results.len(), MAX_EVENTS);
    assert_eq!(
        refused(&events(MAX_EVENTS + 1)),
        "events holds 10001 events; send at most 10000 in one request"
    );
}

#[test]
fn a_body_that_is_no_batch_is_refused() {
    for (body, error) in [
        ("[]", "body is an array; send an object"),
        ("{}", "events is missing; send an array of events"),
        (r#"{"events":{}}"#, "events is an object; send an array"),
        (r#"{"event":[]}"#, "event is not a field here; did you mean `events`?"),
    ] {
        assert_eq!(refused(body), error, "{body}");
    }
    assert!(refused("{\"events\":[{]}").starts_with("body is not valid JSON: "));
}
