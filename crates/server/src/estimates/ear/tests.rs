#![allow(clippy::unwrap_used)]

use tracekeep_model::{Estimate, Micros, Money, Rank, Status, Step, Text, Version};

use super::*;

const NOON: Micros = Micros(1_770_000_000_000_000);

fn version(rank: Rank) -> Version {
    Version { rank, time: NOON, step: Step::End }
}

/// A span that ended, with what else is stated of it.
fn ended(registers: &[(Register, Value)]) -> State {
    let mut state = State::new(NOON);
    state.set(Field::EndTime, version(Rank::Stated), NOON);
    for (register, value) in registers {
        state.set(register.clone(), version(Rank::Stated), value.clone());
    }
    state
}

fn block(states: impl IntoIterator<Item = State>) -> Block {
    let keyed = |(n, state): (usize, State)| {
        let span_id = Text::from(format!("s{n}"));
        (RecordKey::Span { trace_id: "t".into(), span_id }, state)
    };
    let patches = states.into_iter().enumerate().map(keyed).collect();
    Block { project_id: "p".into(), received: NOON, patches }
}

fn hearing(metrics: &Metrics) -> (Ear, Receiver<Ended>) {
    let (ear, heard) = Ear::of(Switch::On, metrics);
    (ear, heard.unwrap())
}

fn heard_of(states: impl IntoIterator<Item = State>) -> Vec<Box<str>> {
    let (ear, mut heard) = hearing(&Metrics::new());
    ear.hear(&block(states));
    std::iter::from_fn(|| heard.try_recv().ok()).map(|ended| ended.span_id).collect()
}

#[test]
fn calls_that_end_without_usage_are_heard() {
    let kind = |kind: Kind| ended(&[(Field::Kind.into(), Value::Kind(kind))]);
    let mut failed = State::new(NOON);
    failed.set(Field::Status, version(Rank::Stated), Status::Error);
    let heard = heard_of([ended(&[]), kind(Kind::Generation), kind(Kind::Embedding), failed]);
    assert_eq!(heard, ["s0", "s1", "s2", "s3"].map(Box::<str>::from));
}

#[test]
fn what_is_no_call_or_runs_or_says_what_it_took_is_not() {
    let mut running = State::new(NOON);
    running.set(Field::Kind, version(Rank::Stated), Kind::Generation);
    running.set(Field::Status, version(Rank::Stated), Status::Pending);
    let heard = heard_of([
        running,
        ended(&[(Field::Kind.into(), Value::Kind(Kind::Tool))]),
        ended(&[(Register::Usage("input_audio".into()), Value::Int(1))]),
        ended(&[(Register::Cost("total".into()), Value::Money(Money(1)))]),
        State::deleted(NOON),
    ]);
    assert_eq!(heard, Vec::<Box<str>>::new());
}

/// Else it would go round for ever.
#[test]
fn what_was_counted_here_is_not_heard() {
    let mut state = State::new(NOON);
    let estimate = Estimate { by: "o200k_base", is_exact: true, input: Some(1), output: None };
    estimate.set(&mut state, version(Rank::Inferred));
    assert_eq!(heard_of([state]), Vec::<Box<str>>::new());
}

#[test]
fn the_whole_name_of_a_call_is_passed_on() {
    let (ear, mut heard) = hearing(&Metrics::new());
    ear.hear(&block([ended(&[])]));
    let wanted = Ended { project_id: "p".into(), trace_id: "t".into(), span_id: "s0".into() };
    assert_eq!(heard.try_recv().unwrap(), wanted);
}

#[test]
fn too_many_are_lost_and_counted() {
    let metrics = Metrics::new();
    let (ear, mut heard) = hearing(&metrics);
    ear.hear(&block((0..MOST_HEARD + 3).map(|_| ended(&[]))));
    assert_eq!(metrics.lost_estimates.get(), 3);
    assert_eq!(std::iter::from_fn(|| heard.try_recv().ok()).count(), MOST_HEARD);
}

#[test]
fn what_is_switched_off_hears_nothing() {
    let metrics = Metrics::new();
    let (ear, heard) = Ear::of(Switch::Off, &metrics);
    ear.hear(&block([ended(&[])]));
    assert!(heard.is_none());
    assert_eq!(metrics.lost_estimates.get(), 0);
}
