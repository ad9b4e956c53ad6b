//! What the protocol itself says of a span.

#![allow(clippy::unwrap_used)]

use tracekeep_model::{Kind, Level, Rank, Status, Step, Version, project_span};

use super::*;
use crate::otlp::raw::RawLink;

#[test]
fn an_ended_span_is_stated_whole_at_one_version() {
    let sent = RawSpan { status_message: "fine".into(), status_code: 1, ..span(&[]) };
    let (state, trace) = read(sent);
    assert_eq!(trace, None);
    let end = Micros::from_nanos(END);
    let version = Version { rank: Rank::Stated, time: end, step: Step::End };
    assert!(state.entries().iter().all(|entry| entry.version == version));
    assert_eq!(state.received(), RECEIVED);

    let shown = project_span(&TRACE_ID.into(), &SPAN_ID.into(), &state);
    assert_eq!(shown.parent_span_id.as_deref(), Some("b1b2b3b4b5b6b7b8"));
    assert_eq!(shown.name.as_deref(), Some("step"));
    assert_eq!(
        (shown.kind, shown.status, shown.level),
        (Kind::Span, Status::Success, Level::Default)
    );
    assert_eq!(shown.status_message.as_deref(), Some("fine"));
    assert_eq!((shown.start_time, shown.end_time), (Micros::from_nanos(START), Some(end)));
}

#[test]
fn nanoseconds_are_floored() {
    let sent = RawSpan { start_nanos: START + 1_999, ..span(&[]) };
    assert_eq!(read(sent).0.time(Field::StartTime), Some(Micros::from_nanos(START).plus(1)));
}

#[test]
fn a_span_without_an_end_is_pending_until_it_comes_again() {
    let open = RawSpan { end_nanos: 0, ..span(&[attribute("step", 1i64)]) };
    let (mut state, _) = read(open);
    assert_eq!(state.get(Field::Status), Some(&Value::Status(Status::Pending)));
    assert_eq!(state.time(Field::EndTime), None);
    let version = state.entries()[0].version;
    assert_eq!((version.time, version.step), (Micros::from_nanos(START), Step::Start));

    let (ended, _) = read(span(&[attribute("step", 2i64)]));
    let mut other_way = ended.clone();
    other_way.join(state.clone());
    state.join(ended);
    assert_eq!(state, other_way);
    assert_eq!(state.get(Field::Status), Some(&Value::Status(Status::Success)));
    assert_eq!(metadata(&state, "step"), Some("2"));
}

#[test]
fn a_version_is_never_later_than_the_receipt() {
    let sent = RawSpan { end_nanos: END + 3_600_000_000_000, ..span(&[]) };
    let (state, _) = read(sent);
    assert!(state.entries().iter().all(|entry| entry.version.time == RECEIVED));
    assert_eq!(state.time(Field::EndTime), Some(Micros::from_nanos(END).plus(Micros::HOUR)));
}

#[test]
fn a_root_span_names_its_trace_until_somebody_else_does() {
    for parent in [RawId::new(), RawId::from_slice(&[0; 8])] {
        let root = RawSpan { parent_span_id: parent, ..span(&[]) };
        let (state, trace) = read(root);
        assert_eq!(text(&state, Field::ParentSpanId), None);
        let mut trace = trace.unwrap();
        assert_eq!(text(&trace, Field::Name), Some("step"));
        assert_eq!(trace.entries()[0].version.rank, Rank::Inferred);

        let named = read(span(&[attribute("tracekeep.trace.name", "booking")])).1.unwrap();
        trace.join(named);
        assert_eq!(text(&trace, Field::Name), Some("booking"));
    }
}

#[test]
fn a_status_of_error_is_an_error() {
    let sent = RawSpan { status_code: 2, status_message: "no luck".into(), ..span(&[]) };
    let (state, _) = read(sent);
    assert_eq!(state.get(Field::Status), Some(&Value::Status(Status::Error)));
    assert_eq!(state.get(Field::Level), Some(&Value::Level(Level::Error)));
    assert_eq!(text(&state, Field::StatusMessage), Some("no luck"));
    assert_eq!(text(&state, Field::ErrorMessage), Some("no luck"));
}

#[test]
fn the_last_exception_gives_the_error_and_the_others_stay_events() {
    let exception = |kind: &str, message: &str| {
        event(
            "exception",
            &[
                attribute("exception.type", kind),
                attribute("exception.message", message),
                attribute("exception.stacktrace", "at line 1"),
                attribute("exception.escaped", "False"),
            ],
        )
    };
    let attributes =
        [attribute("error.type", "500"), attribute("http.response.status_code", 500i64)];
    let sent = RawSpan {
        status_code: 2,
        status_message: "failed".into(),
        events: vec![exception("Retry", "again"), exception("Timeout", "too late")],
        ..span(&attributes)
    };
    let (state, _) = read(sent);
    assert_eq!(text(&state, Field::ErrorType), Some("Timeout"));
    assert_eq!(text(&state, Field::ErrorMessage), Some("too late"));
    assert_eq!(text(&state, Field::ErrorStack), Some("at line 1"));
    assert_eq!(text(&state, Field::ErrorCode), Some("500"));
    assert_eq!(metadata(&state, "error.type"), Some("\"500\""));
    let events = text(&state, Field::Events).unwrap();
    assert!(events.contains("Retry") && !events.contains("Timeout"), "{events}");
}

#[test]
fn an_exception_alone_does_not_change_the_status() {
    let handled = event("exception", &[attribute("exception.message", "handled")]);
    let attributes = [attribute("http.response.status_code", 200i64)];
    let (state, _) = read(RawSpan { events: vec![handled], ..span(&attributes) });
    assert_eq!(state.get(Field::Status), Some(&Value::Status(Status::Success)));
    assert_eq!(text(&state, Field::ErrorMessage), Some("handled"));
    assert_eq!(text(&state, Field::ErrorCode), None);
    assert_eq!(text(&state, Field::Events), None);
}

#[test]
fn events_and_links_are_json() {
    let mut retried = event("retry", &[attribute("attempt", 2i64)]);
    retried.dropped_attributes = 3;
    let untimed = RawEvent { nanos: 0, ..event("note", &[]) };
    let link = RawLink {
        trace_id: RawId::from_slice(&[0xc1; 16]),
        span_id: RawId::from_slice(&[0xd1; 8]),
        trace_state: "a=b".into(),
        attributes: vec![attribute("why", "cause")],
        dropped_attributes: 0,
    };
    let sent = RawSpan { events: vec![retried, untimed], links: vec![link], ..span(&[]) };
    let (state, _) = read(sent);
    assert_eq!(
        text(&state, Field::Events),
        Some(
            r#"[{"name":"retry","time":"2026-01-01T00:00:01.500Z","attributes":{"attempt":2},"dropped_attributes_count":3},{"name":"note","attributes":{}}]"#
        )
    );
    assert_eq!(
        text(&state, Field::Links),
        Some(
            r#"[{"trace_id":"c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1","span_id":"d1d1d1d1d1d1d1d1","trace_state":"a=b","attributes":{"why":"cause"}}]"#
        )
    );
}

#[test]
fn what_has_no_field_is_metadata() {
    let nested = AnyValue::Map(vec![attribute("deep", true), ("none".into(), AnyValue::Empty)]);
    let attributes = [
        attribute("db.system", "a \"b\""),
        attribute("retries", 3i64),
        attribute("ratio", f64::NAN),
        ("nested".into(), nested),
    ];
    let sent = RawSpan {
        kind: 3,
        trace_state: "vendor=1".into(),
        dropped_attributes: 1,
        dropped_events: 2,
        dropped_links: 3,
        ..span(&attributes)
    };
    let (state, _) = read(sent);
    for (key, json) in [
        ("db.system", r#""a \"b\"""#),
        ("retries", "3"),
        ("ratio", r#""NaN""#),
        ("nested", r#"{"deep":true,"none":null}"#),
        ("otel.kind", r#""CLIENT""#),
        ("otel.trace_state", r#""vendor=1""#),
        ("otel.dropped_attributes_count", "1"),
        ("otel.dropped_events_count", "2"),
        ("otel.dropped_links_count", "3"),
    ] {
        assert_eq!(metadata(&state, key), Some(json), "{key}");
    }
}

#[test]
fn nulls_are_replaced_and_counted() {
    let attributes = [attribute("a\0b", "c\0\0d")];
    let sent = RawSpan { name: "n\0".into(), ..span(&attributes) };
    let decoded = decode(&[group(vec![sent])]);
    assert_eq!(decoded.replaced_nulls, 4);
    let (_, state) = &decoded.patches[0];
    assert_eq!(text(state, Field::Name), Some("n\u{FFFD}"));
    assert_eq!(metadata(state, "a\u{FFFD}b"), Some("\"c\u{FFFD}\u{FFFD}d\""));
}

#[test]
fn text_of_protobuf_shares_the_body() {
    let body = build::protobuf(&[group(vec![span(&[attribute("gen_ai.prompt", "hello")])])]);
    let decoded = decode_protobuf(&body, RECEIVED).unwrap();
    let input = decoded.patches[0].1.text(Field::Input).unwrap();
    assert!(body.as_ptr_range().contains(&input.as_ptr()));
}
