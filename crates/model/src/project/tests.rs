#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Rank, Step, Version};

fn at(time: i64, step: Step) -> Version {
    Version { rank: Rank::Stated, time: Micros(time), step }
}

fn span(state: &State) -> Span {
    project_span(&"t".into(), &"s".into(), state)
}

#[test]
fn what_has_an_end_has_ended() {
    let mut state = State::new(Micros(10));
    state.set(Field::StartTime, at(10, Step::Start), Micros(10));
    assert_eq!(span(&state).status, Status::Pending);
    state.set(Field::EndTime, at(30, Step::End), Micros(30));
    assert_eq!((span(&state).status, span(&state).duration()), (Status::Success, Some(20)));
    state.set(Field::Level, at(30, Step::End), Level::Error);
    assert_eq!(span(&state).status, Status::Error);
}

#[test]
fn an_end_before_the_start_has_no_duration() {
    let mut state = State::new(Micros(10));
    state.set(Field::StartTime, at(10, Step::Start), Micros(100));
    state.set(Field::EndTime, at(30, Step::End), Micros(30));
    assert_eq!(span(&state).duration(), Some(0));
}

#[test]
fn a_latency_becomes_a_moment_once_the_start_is_known() {
    let mut state = State::new(Micros(10));
    state.set(Field::FirstTokenLatency, at(20, Step::Update), 150i64);
    state.set(Field::StartTime, at(10, Step::Start), Micros(7));
    assert_eq!(span(&state).first_token_time, Some(Micros(157)));
    state.set(Field::FirstTokenTime, at(30, Step::Update), Micros(200));
    assert_eq!(span(&state).first_token_time, Some(Micros(200)));
}

#[test]
fn usage_adds_up_without_counting_twice() {
    let mut state = State::new(Micros(10));
    for (name, count) in
        [("input", 10i64), ("input_cache_read", 90), ("output", 5), ("searches", 1)]
    {
        state.set(Register::Usage(name.into()), at(1, Step::End), count);
    }
    let usage = span(&state).usage;
    assert_eq!(usage.input_total(), Some(100));
    assert_eq!(usage.output_total(), Some(5));
    assert_eq!(usage.total(), Some(105), "searches are no tokens");
}

#[test]
fn a_given_cost_is_given() {
    let mut state = State::new(Micros(10));
    assert_eq!(span(&state).cost.total(), None);
    state.set(Register::Cost("input".into()), at(1, Step::End), Money(5));
    state.set(Register::Cost("output".into()), at(1, Step::End), Money(7));
    let cost = span(&state).cost;
    assert_eq!((cost.source, cost.total()), (CostSource::Given, Some(Money(12))));
}

#[test]
fn a_trace_without_a_session_is_its_own() {
    let trace = project_trace(&"t1".into(), &State::new(Micros(1)));
    assert_eq!(&*trace.inherited.session_id, "t1");
    assert_eq!(&*trace.inherited.source, "api");
}

#[test]
fn a_tag_taken_away_is_gone() {
    let mut state = State::new(Micros(1));
    state.set(Register::Tag("a".into()), at(1, Step::Start), true);
    state.set(Register::Tag("b".into()), at(1, Step::Start), true);
    state.set(Register::Tag("a".into()), at(2, Step::Update), false);
    assert_eq!(project_trace(&"t".into(), &state).inherited.tags, vec![Text::from_static("b")]);
}
