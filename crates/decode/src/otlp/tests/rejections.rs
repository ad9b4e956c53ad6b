//! What is refused, and what of its neighbours is kept.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;

use super::build::Message;
use super::*;
use crate::otlp::OtlpError;
use crate::otlp::value::MAX_DEPTH;
use crate::{MOST_DETAILED, Receipt};

fn nested(levels: usize) -> AnyValue {
    (0..levels).fold(AnyValue::Int(1), |inner, _| AnyValue::Map(vec![("k".into(), inner)]))
}

/// A request of three spans, the second of which is `middle`.
fn between_neighbours(middle: &[u8]) -> Decoded {
    let mut spans = Message::default();
    spans.message(2, |message| message.span(&span(&[])));
    spans.bytes(2, middle);
    spans.message(2, |message| message.span(&span(&[attribute("last", 1i64)])));
    let mut request = Message::default();
    request.message(1, |resource_spans| resource_spans.bytes(2, &spans.0));
    decode_protobuf(&request.0.into(), RECEIVED).unwrap()
}

#[test]
fn spans_without_usable_ids_or_times_say_so() {
    let id = |bytes: &[u8]| RawId::from_slice(bytes);
    for (sent, expected) in [
        (RawSpan { trace_id: id(&[1; 15]), ..span(&[]) }, "trace_id is 15 bytes long; send 16"),
        (RawSpan { trace_id: id(&[]), ..span(&[]) }, "trace_id is 0 bytes long; send 16"),
        (
            RawSpan { trace_id: id(&[0; 16]), ..span(&[]) },
            "trace_id is all zeros; send the id that the SDK made",
        ),
        (RawSpan { span_id: id(&[1; 16]), ..span(&[]) }, "span_id is 16 bytes long; send 8"),
        (
            RawSpan { span_id: id(&[0; 8]), ..span(&[]) },
            "span_id is all zeros; send the id that the SDK made",
        ),
        (
            RawSpan { parent_span_id: id(&[0; 3]), ..span(&[]) },
            "parent_span_id is 3 bytes long; send 8",
        ),
        (
            RawSpan { start_nanos: 0, ..span(&[]) },
            "start_time_unix_nano is 0; send when the span began, in nanoseconds since 1970",
        ),
        (
            RawSpan { start_nanos: 1, ..span(&[]) },
            "start_time_unix_nano is 1970-01-01T00:00:00.000Z, before 1990-01-01",
        ),
    ] {
        assert_eq!(rejection(sent), expected);
    }
    let late = rejection(RawSpan { end_nanos: u64::MAX, ..span(&[]) });
    assert!(late.starts_with("end_time_unix_nano is ") && late.contains("24 hours"), "{late}");
}

#[test]
fn trace_attributes_are_checked() {
    let why = rejection(span(&[attribute("tracekeep.source", "My App")]));
    assert!(why.starts_with("attributes.tracekeep.source is `My App`; send 1 to 50"), "{why}");
    let why = rejection(span(&[attribute("session.id", "a\nb")]));
    assert!(why.starts_with("attributes.session.id holds the control character"), "{why}");
    let why = rejection(span(&[attribute("tracekeep.tags", 1i64)]));
    assert_eq!(why, "attributes.tracekeep.tags is no array; send an array of strings");
}

#[test]
fn an_id_that_held_a_null_is_refused_and_text_is_not() {
    for key in ["session.id", "user.id", "tracekeep.user_id", "gen_ai.conversation.id"] {
        let why = rejection(span(&[attribute(key, "a\0b")]));
        let wanted = format!("attributes.{key} holds the control character '\\0'");
        assert!(why.starts_with(&wanted), "{why}");
    }
    let bad = Group {
        resource: vec![attribute("session.id", "\0")],
        ..group(vec![span(&[attribute("note", "a\0b")])])
    };
    let decoded = decode(&[bad, group(vec![span(&[attribute("note", "a\0b")])])]);
    assert_eq!(decoded.rejected[0].error.field, "resource.attributes.session.id");
    assert_eq!((decoded.rejected.len(), decoded.patches.len()), (1, 1));
    assert_eq!(metadata(&decoded.patches[0].1, "note"), Some("\"a\u{FFFD}b\""));
}

#[test]
fn what_began_before_the_projects_retention_goes_alone() {
    let old = RawSpan { start_nanos: START - 1_000, ..span(&[]) };
    let request = [group(vec![span(&[]), old, span(&[])])];
    let receipt = Receipt { keeps_from: Micros::from_nanos(START), ..Receipt::from(RECEIVED) };
    for decoded in [
        decode_protobuf(&build::protobuf(&request), receipt).unwrap(),
        decode_json(&build::json(&request), receipt).unwrap(),
    ] {
        assert_eq!(decoded.patches.len(), 2);
        assert_eq!(decoded.rejected.len(), 1);
        assert_eq!(decoded.rejected[0].index, 1);
        let why = decoded.rejected[0].error.to_string();
        let wanted = "start_time_unix_nano is 2026-01-01T00:00:00.999999Z, past the project's \
                      retention: it keeps what began at 2026-01-01T00:00:01.000Z or later";
        assert!(why.starts_with(wanted), "{why}");
    }
}

#[test]
fn spans_of_a_full_trace_go_alone() {
    let asked = Cell::new(0);
    let full = |trace_id: &str| {
        asked.set(asked.get() + 1);
        (trace_id == TRACE_ID).then(|| "has 100000 spans".to_owned())
    };
    let receipt = Receipt { full: &full, ..Receipt::from(RECEIVED) };
    let named = |name: &str| span(&[attribute("tracekeep.trace.name", name)]);
    let other = RawSpan { trace_id: (2..=17).collect(), ..named("other") };
    let spans = vec![named("full"), named("full"), other.clone(), other, named("full")];
    let request = [group(spans)];
    for (decoded, asked) in [
        (decode_protobuf(&build::protobuf(&request), receipt).unwrap(), asked.take()),
        (decode_json(&build::json(&request), receipt).unwrap(), asked.take()),
    ] {
        assert_eq!(asked, 3, "once for spans of one trace that come together");
        let indexes: Vec<usize> = decoded.rejected.iter().map(|rejected| rejected.index).collect();
        assert_eq!(indexes, [0, 1, 4]);
        let why = format!(
            "trace_id is {TRACE_ID}, which is full: it has 100000 spans and takes no more spans, \
             metadata or tags; begin another trace, with this one as its parentTraceId"
        );
        assert_eq!(decoded.rejected[1].error.to_string(), why);
        // Two spans, and what they say of their trace.
        assert_eq!(decoded.patches.len(), 3);
    }
}

#[test]
fn refusals_are_kept_up_to_a_number_and_counted_beyond_it() {
    let mut spans = Message::default();
    (0..MOST_DETAILED + 7).for_each(|_| spans.bytes(2, &[]));
    spans.message(2, |message| message.span(&span(&[])));
    let mut request = Message::default();
    request.message(1, |resource_spans| resource_spans.bytes(2, &spans.0));
    let protobuf = decode_protobuf(&request.0.into(), RECEIVED).unwrap();

    let mut spans = vec!["{}".to_owned(); MOST_DETAILED + 7];
    spans.push(build::json_span(&span(&[])).to_string());
    let body =
        format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, spans.join(","));
    let json = decode_json(&body.into(), RECEIVED).unwrap();
    for decoded in [protobuf, json] {
        assert_eq!((decoded.rejected.len(), decoded.more_rejected), (MOST_DETAILED, 7));
        assert_eq!((decoded.refused(), decoded.patches.len()), (MOST_DETAILED + 7, 1));
    }
}

#[test]
fn values_may_nest_so_deep_and_no_deeper() {
    let (state, _) = read(span(&[("deep".into(), nested(MAX_DEPTH))]));
    assert!(metadata(&state, "deep").is_some());
    let why = rejection(span(&[("deep".into(), nested(MAX_DEPTH + 1))]));
    assert_eq!(why, "attributes.deep nests deeper than 24 levels; send it as JSON text");
}

#[test]
fn what_a_refusal_quotes_is_cut_off() {
    let long = "k".repeat(100_000);
    let why = rejection(span(&[(long.as_str().into(), nested(MAX_DEPTH + 1))]));
    assert!(why.starts_with("attributes.kkk") && why.contains("… nests deeper than"), "{why}");
    assert!(why.len() < 1_000, "{why}");

    let spans = format!(r#"[{{"scopeSpans":[{{"spans":[{{"attributes":"{long}"}}]}}]}}]"#);
    let decoded = decode_json(&format!(r#"{{"resourceSpans":{spans}}}"#).into(), RECEIVED).unwrap();
    let why = decoded.rejected[0].error.to_string();
    assert!(why.starts_with("span cannot be read: ") && why.len() < 1_000, "{why}");

    let body = format!(r#"{{"resourceSpans":"{long}"}}"#);
    let why = decode_json(&body.into(), RECEIVED).unwrap_err().to_string();
    assert!(why.len() < 1_000, "{why}");
}

#[test]
fn a_span_that_is_no_protobuf_goes_alone() {
    let decoded = between_neighbours(&[0x0a, 0x20, 1, 2]);
    assert_eq!(decoded.patches.len(), 2);
    assert_eq!(decoded.rejected.len(), 1);
    assert_eq!(decoded.rejected[0].index, 1);
    let why = decoded.rejected[0].error.to_string();
    assert!(
        why.starts_with("span is no protobuf: a length that runs past its end at byte"),
        "{why}"
    );
}

#[test]
fn a_span_whose_text_is_no_utf_8_goes_alone() {
    let mut middle = Message::default();
    middle.span(&span(&[]));
    middle.message(9, |pair| {
        pair.text(1, "bad");
        pair.message(2, |any| any.bytes(1, b"a\xff"));
    });
    let decoded = between_neighbours(&middle.0);
    assert_eq!(decoded.patches.len(), 2);
    let why = decoded.rejected[0].error.to_string();
    assert!(why.starts_with("attributes.bad is no UTF-8 text"), "{why}");
}

#[test]
fn nulls_of_rejected_spans_are_not_counted() {
    let sent = RawSpan { trace_id: RawId::new(), name: "\0".into(), ..span(&[]) };
    assert_eq!(decode(&[group(vec![sent])]).replaced_nulls, 0);
}

#[test]
fn an_unreadable_resource_rejects_its_own_spans() {
    let bad = Group {
        resource: vec![attribute("tracekeep.source", "NO")],
        scope: RawScope::default(),
        spans: vec![span(&[]), span(&[])],
    };
    let decoded = decode(&[bad, group(vec![span(&[])])]);
    assert_eq!(decoded.patches.len(), 1);
    let indexes: Vec<usize> = decoded.rejected.iter().map(|rejected| rejected.index).collect();
    assert_eq!(indexes, [0, 1]);
    assert_eq!(decoded.rejected[0].error.field, "resource.attributes.tracekeep.source");
}

#[test]
fn broken_outer_framing_refuses_the_body() {
    let mut body = build::protobuf(&[group(vec![span(&[])])]).to_vec();
    let length = body.len();
    body.extend([0x0a, 0x7f, 1]);
    let error = decode_protobuf(&body.into(), RECEIVED).unwrap_err();
    let what = "a length that runs past its end";
    assert_eq!(error, OtlpError::Protobuf { what, at: length + 1 });

    let error = decode_json(&"{\"resourceSpans\": 1}".into(), RECEIVED).unwrap_err();
    assert!(matches!(error, OtlpError::Json { line: 1, .. }), "{error}");
    assert!(decode_json(&"".into(), RECEIVED).is_err());
}

#[test]
fn an_empty_request_says_nothing() {
    assert!(decode(&[]).patches.is_empty());
    assert!(decode_protobuf(&"".into(), RECEIVED).unwrap().patches.is_empty());
    assert!(decode_json(&"{}".into(), RECEIVED).unwrap().patches.is_empty());
}

#[test]
fn a_resource_after_its_spans_is_still_theirs() {
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(2, |message| message.span(&span(&[])));
            scope_spans.message(1, |scope| scope.text(1, "late scope"));
        });
        resource_spans.message(1, |resource| {
            resource.attributes(1, &[attribute("service.name", "late")]);
        });
    });
    let decoded = decode_protobuf(&request.0.into(), RECEIVED).unwrap();
    assert_eq!(text(&decoded.patches[0].1, Field::ServiceName), Some("late"));
    assert_eq!(text(&decoded.patches[0].1, Field::ScopeName), Some("late scope"));
}
