#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Field, Rank, Register, State, Step, Version, project_span};

fn span(id: &str, parent: Option<&str>, kind: Kind, start: i64, end: Option<i64>) -> Span {
    let version = Version { rank: Rank::Stated, time: Micros(start), step: Step::End };
    let mut state = State::new(Micros(start));
    state.set(Field::StartTime, version, Micros(start));
    state.set(Field::Kind, version, kind);
    if let Some(parent) = parent {
        state.set(Field::ParentSpanId, version, parent);
    }
    if let Some(end) = end {
        state.set(Field::EndTime, version, Micros(end));
    }
    state.set(Register::Usage("input".into()), version, 3i64);
    state.set(Register::Cost("total".into()), version, Money(4));
    project_span(&"t".into(), &id.into(), &state)
}

#[test]
fn totals_do_not_depend_on_order() {
    let spans = [
        span("b", Some("a"), Kind::Generation, 20, Some(50)),
        span("a", None, Kind::Agent, 10, Some(40)),
        span("c", Some("a"), Kind::Generation, 15, None),
    ];
    let forward = totals(&spans);
    assert_eq!(forward, totals(spans.iter().rev()));
    assert_eq!(forward.latency(), Some(40));
    assert_eq!((forward.spans, forward.open, forward.errors), (3, 1, 0));
    assert_eq!(forward.input_tokens(), Some(9));
    assert_eq!(forward.output_tokens(), None);
    assert_eq!(forward.total_cost, Some(Money(12)));
    assert_eq!(forward.root.as_ref().unwrap().span_id, "a");
    assert_eq!(forward.generation.as_ref().unwrap().span_id, "c");
    assert_eq!(forward.status(), Status::Success);
}

#[test]
fn an_end_before_its_start_does_not_pull_the_trace_back() {
    assert_eq!(totals(&[span("a", None, Kind::Span, 100, Some(5))]).latency(), Some(0));
}

#[test]
fn the_span_with_the_traces_id_stands_for_it() {
    let own = span("t", None, Kind::Generation, 20, Some(30));
    let tool = span("tool", None, Kind::Tool, 10, Some(12));
    let earlier = span("call", None, Kind::Generation, 5, None);
    for spans in [[&own, &tool, &earlier], [&earlier, &tool, &own]] {
        let totals = totals(spans);
        assert_eq!(totals.root.as_ref().unwrap().span_id, "t");
        assert_eq!(totals.generation.as_ref().unwrap().span_id, "t");
        assert_eq!(totals.status(), Status::Success);
        assert_eq!(totals.start_time, Some(Micros(5)));
    }
    // Also where it says that it has a parent: its id says more.
    let child = span("t", Some("tool"), Kind::Generation, 20, Some(30));
    assert_eq!(totals([&tool, &child]).root.unwrap().span_id, "t");
    // Without it, a parent and then time decide.
    let below = span("below", Some("tool"), Kind::Generation, 1, None);
    assert_eq!(totals([&below, &tool]).root.unwrap().span_id, "tool");
}

#[test]
fn a_trace_without_spans_is_pending() {
    assert_eq!(totals([]).status(), Status::Pending);
}
