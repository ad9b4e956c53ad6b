use tracekeep_model::{Field, Micros, Rank, State, Step, Version, project_span};

use super::*;

fn span(id: &str, parent: Option<&str>, start: i64) -> Span {
    let version = Version { rank: Rank::Stated, time: Micros(start), step: Step::Start };
    let mut state = State::new(Micros(start));
    state.set(Field::StartTime, version, Micros(start));
    if let Some(parent) = parent {
        state.set(Field::ParentSpanId, version, parent);
    }
    project_span(&"t".into(), &id.into(), &state)
}

fn ordered(spans: Vec<Span>) -> String {
    tree_order(spans).iter().map(|span| &*span.span_id).collect::<Vec<_>>().join(" ")
}

#[test]
fn parents_come_before_children_and_siblings_by_start() {
    let spans = vec![
        span("late", Some("root"), 9),
        span("leaf", Some("early"), 8),
        span("root", None, 5),
        span("early", Some("root"), 6),
        span("orphan", Some("absent"), 1),
    ];
    assert_eq!(ordered(spans), "orphan root early leaf late");
}

#[test]
fn circles_lose_nothing() {
    let spans = vec![span("a", Some("b"), 1), span("b", Some("a"), 2), span("c", Some("c"), 3)];
    assert_eq!(ordered(spans), "a b c");
}
