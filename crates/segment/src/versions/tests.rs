#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tracekeep_model::{Cost, Estimate, Kind, Level, Micros, Money, Pricing, Status, project_span};

use super::*;

fn stated(time: i64, step: Step) -> Version {
    Version { rank: Rank::Stated, time: Micros(time), step }
}

fn whole(end: i64) -> State {
    let version = stated(end, Step::End);
    let mut state = State::new(Micros(end));
    state.set(Field::Kind, version, Kind::Tool);
    state.set(Field::Status, version, Status::Success);
    state.set(Field::Level, version, Level::Default);
    state.set(Field::StartTime, version, Micros(5));
    state.set(Field::EndTime, version, Micros(end));
    state.set(Field::Input, version, "in");
    state.set(Register::Metadata("k".into()), version, "1");
    state.set(Register::Usage("input".into()), version, 3i64);
    state
}

fn through_a_row(state: &State) -> (State, bool) {
    let span = project_span(&"t".into(), &"s".into(), state);
    let blob = encode(&span, state);
    let stored = blob.is_some();
    (restore(&span, blob).unwrap(), stored)
}

#[test]
fn a_span_told_whole_needs_no_versions() {
    assert_eq!(through_a_row(&whole(9)), (whole(9), false));
}

/// Counts of the server's own are shown where nobody stated any, and stay behind those that were stated.
#[test]
fn an_estimate_comes_back_whether_it_is_shown_or_not() {
    let inferred = stated(20, Step::Update).with_rank(Rank::Inferred);
    let counted = Estimate { by: "o200k_base", is_exact: true, input: Some(5), output: Some(7) };
    let mut hidden = whole(9);
    counted.set(&mut hidden, inferred);
    assert_eq!(project_span(&"t".into(), &"s".into(), &hidden).usage.output, None);
    assert_eq!(through_a_row(&hidden), (hidden, true));
    let mut shown = State::new(Micros(9));
    shown.set(Field::Input, stated(9, Step::End), "in");
    counted.set(&mut shown, inferred);
    assert_eq!(project_span(&"t".into(), &"s".into(), &shown).usage.output, Some(7));
    let (restored, is_stored) = through_a_row(&shown);
    assert_eq!((&restored, is_stored), (&shown, true));
    // What is stated after it was sealed replaces it all the same.
    let mut late = restored;
    late.set(Register::Usage("total".into()), stated(10, Step::Update), 3i64);
    let span = project_span(&"t".into(), &"s".into(), &late);
    assert_eq!((span.usage.total(), span.tokens_estimated()), (Some(3), false));
}

/// A dollar for whatever was used.
#[derive(Debug)]
struct Dollar;

impl Pricing for Dollar {
    fn price(&self, _: &Span) -> Option<(Cost, Text)> {
        let parts = vec![("input".into(), Money(1_000_000_000_000))];
        let cost = Cost { source: CostSource::Computed, parts, stated_total: None };
        Some((cost, "dollar".into()))
    }

    fn version(&self) -> Text {
        "dollar".into()
    }
}

#[test]
fn a_computed_cost_is_no_statement() {
    let mut cleared = whole(9);
    cleared.set(Register::Cost("input".into()), stated(9, Step::End), Value::Cleared);
    for (state, stored) in [(whole(9), false), (cleared, true)] {
        let span = project_span(&"t".into(), &"s".into(), &state).priced(&Dollar);
        assert_eq!(span.cost.source, CostSource::Computed);
        let blob = encode(&span, &state);
        assert_eq!(blob.is_some(), stored);
        assert_eq!(restore(&span, blob).unwrap(), state);
    }
}

#[test]
fn a_latency_of_the_same_message_needs_a_byte() {
    let mut state = whole(9);
    state.set(Field::FirstTokenLatency, stated(9, Step::End), 3i64);
    let span = project_span(&"t".into(), &"s".into(), &state);
    assert_eq!(span.first_token_time, Some(Micros(8)));
    assert_eq!(encode(&span, &state).as_deref(), Some(&[2][..]));
    assert_eq!(through_a_row(&state), (state, true));
}

#[test]
fn a_latency_that_the_row_does_not_tell_is_kept_apart() {
    let mut early = whole(9);
    early.set(Field::FirstTokenLatency, stated(9, Step::End), -3i64);
    let mut twice = whole(9);
    twice.set(Field::FirstTokenTime, stated(9, Step::End), Micros(8));
    twice.set(Field::FirstTokenLatency, stated(9, Step::End), 3i64);
    let mut later = whole(9);
    later.set(Field::FirstTokenLatency, stated(10, Step::End), 3i64);
    for state in [early, twice, later] {
        let span = project_span(&"t".into(), &"s".into(), &state);
        assert!(encode(&span, &state).is_some_and(|blob| blob.len() > 1));
        assert_eq!(through_a_row(&state), (state, true));
    }
}

#[test]
fn versions_of_a_newer_format_are_refused() {
    let span = project_span(&"t".into(), &"s".into(), &whole(9));
    for blob in [&[3][..], &[2, 0], &[3, 0, 0, 0, 0, 0]] {
        assert!(restore(&span, Some(Bytes::copy_from_slice(blob))).is_err(), "{blob:?}");
    }
}

#[test]
fn two_messages_need_them() {
    let mut state = whole(9);
    state.set(Field::Output, stated(20, Step::Update), "out");
    state.set(Field::Input, stated(30, Step::Update), Value::Cleared);
    state.set(Field::FirstTokenLatency, stated(20, Step::Update), 7i64);
    assert_eq!(through_a_row(&state), (state, true));
}

fn entry() -> impl Strategy<Value = (Register, Version, Value)> {
    let register = prop_oneof![
        prop::sample::select(Field::ALL).prop_map(Register::Field),
        Just(Register::Metadata("a\"b".into())),
        Just(Register::Usage("input".into())),
        Just(Register::Usage("total".into())),
        Just(Register::Usage("images".into())),
        Just(Register::Cost("output".into())),
        Just(Register::Cost("total".into())),
        Just(Register::Tag("t".into())),
    ];
    let value = prop_oneof![
        Just(Value::Cleared),
        any::<bool>().prop_map(Value::Bool),
        (0i64..5).prop_map(Value::Int),
        (0i64..5).prop_map(|t| Value::Time(Micros(t))),
        (0i128..5).prop_map(|m| Value::Money(Money(m))),
        prop::sample::select(Status::ALL).prop_map(Value::Status),
        prop::sample::select(Kind::ALL).prop_map(Value::Kind),
        prop::sample::select(Level::ALL).prop_map(Value::Level),
        prop::sample::select(vec!["", "x", "\"ü\""]).prop_map(Value::from),
    ];
    let version = (0u8..4, 0i64..3, 0u8..3).prop_map(|(rank, time, step)| Version {
        rank: Rank::from_number(rank).unwrap(),
        time: Micros(time),
        step: Step::from_number(step).unwrap(),
    });
    (register, version, value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_was_joined_comes_back(entries in prop::collection::vec(entry(), 0..12)) {
        let mut state = State::new(Micros(3));
        for (register, version, value) in entries {
            state.set(register, version, value);
        }
        prop_assert_eq!(through_a_row(&state).0, state);
    }
}
