#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::{Kind, Level, Money, Rank, Status, Step};

/// Few values on purpose: equal versions, equal values and all ties must occur often.
pub(crate) fn version() -> impl Strategy<Value = Version> {
    (0u8..4, 0i64..3, 0u8..3).prop_map(|(rank, time, step)| Version {
        rank: Rank::from_number(rank).unwrap(),
        time: Micros(time),
        step: Step::from_number(step).unwrap(),
    })
}

fn text() -> impl Strategy<Value = Text> {
    prop::sample::select(vec!["", "a", "b", "ü"]).prop_map(Text::from_static)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Cleared),
        any::<bool>().prop_map(Value::Bool),
        (-1i64..2).prop_map(Value::Int),
        prop::sample::select(vec![0.0, -0.0, 1.5]).prop_map(Value::Float),
        (0i64..3).prop_map(|t| Value::Time(Micros(t))),
        (0i128..3).prop_map(|m| Value::Money(Money(m))),
        prop::sample::select(Status::ALL).prop_map(Value::Status),
        prop::sample::select(Kind::ALL).prop_map(Value::Kind),
        prop::sample::select(Level::ALL).prop_map(Value::Level),
        text().prop_map(Value::Text),
    ]
}

fn register() -> impl Strategy<Value = Register> {
    prop_oneof![
        prop::sample::select(Field::ALL).prop_map(Register::Field),
        Just(Register::Field(Field::Status)),
        Just(Register::Field(Field::StartTime)),
        text().prop_map(Register::Metadata),
        text().prop_map(Register::Usage),
        text().prop_map(Register::Cost),
        text().prop_map(Register::Tag),
    ]
}

pub(crate) fn state() -> impl Strategy<Value = State> {
    let entries = prop::collection::vec((register(), version(), value()), 0..12);
    (0i64..4, entries, prop::bool::weighted(0.1)).prop_map(|(received, entries, deleted)| {
        let mut state = State::new(Micros(received));
        for (register, version, value) in entries {
            state.set(register, version, value);
        }
        if deleted {
            state.join(State::deleted(Micros(received)));
        }
        state
    })
}

fn joined(mut a: State, b: State) -> State {
    a.join(b);
    a
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn join_commutes(a in state(), b in state()) {
        prop_assert_eq!(joined(a.clone(), b.clone()), joined(b, a));
    }

    #[test]
    fn join_associates(a in state(), b in state(), c in state()) {
        let left = joined(joined(a.clone(), b.clone()), c.clone());
        prop_assert_eq!(left, joined(a, joined(b, c)));
    }

    #[test]
    fn join_is_idempotent(a in state(), b in state()) {
        prop_assert_eq!(joined(a.clone(), a.clone()), a.clone());
        let once = joined(a, b.clone());
        prop_assert_eq!(joined(once.clone(), b), once);
    }

    #[test]
    fn entries_stay_sorted_and_single(a in state(), b in state()) {
        let all = joined(a, b);
        prop_assert!(all.entries().windows(2).all(|w| w[0].register < w[1].register));
    }

    #[test]
    fn setting_is_joining(a in state(), r in register(), v in version(), x in value()) {
        let mut set = a.clone();
        set.set(r.clone(), v, x.clone());
        let mut one = State::new(a.received());
        one.set(r, v, x);
        let mut both = a.clone();
        both.join(one);
        prop_assert_eq!(set.entries(), both.entries());
    }
}

fn at(time: i64, step: Step) -> Version {
    Version { rank: Rank::Stated, time: Micros(time), step }
}

#[test]
fn a_late_start_does_not_reopen() {
    let mut ended = State::new(Micros(1));
    ended.set(Field::Status, at(1, Step::End), Status::Success);
    let mut late = State::new(Micros(2));
    late.set(Field::Status, at(2, Step::Start), Status::Pending);
    assert_eq!(joined(late, ended).get(Field::Status), Some(&Value::Status(Status::Success)));
}

#[test]
fn the_earliest_stated_start_counts() {
    let mut state = State::new(Micros(1));
    state.set(Field::StartTime, at(9, Step::Update), Micros(50));
    state.set(Field::StartTime, at(1, Step::Start), Micros(40));
    state.set(Field::StartTime, at(99, Step::Start).with_rank(Rank::Assumed), Micros(10));
    assert_eq!(state.time(Field::StartTime), Some(Micros(40)));
}

#[test]
fn deleted_stays_deleted() {
    let mut state = State::deleted(Micros(5));
    let mut late = State::new(Micros(9));
    late.set(Field::Name, at(9, Step::End), "late");
    state.join(late);
    state.set(Field::Name, at(10, Step::End), "later");
    assert!(state.entries().is_empty());
    assert_eq!(state.deleted_at(), Some(Micros(5)));
}

#[test]
fn a_register_takes_96_bytes() {
    // Some thirty a span: what this grows, the memory of a server under load grows.
    assert_eq!((size_of::<Register>(), size_of::<Version>(), size_of::<Value>()), (40, 16, 40));
    assert_eq!(size_of::<Entry>(), 96);
}

#[test]
fn a_complete_state_takes_no_room_for_more() {
    let fields = [Field::Name, Field::Model, Field::Input];
    let mut state = State::with_capacity(Micros(1), 40);
    for field in fields {
        state.set(field, at(1, Step::Start), "x");
    }
    let needed = size_of::<State>() + fields.len() * (size_of::<Entry>() + 1);
    assert!(state.memory() > 2 * needed);
    assert_eq!(state.memory(), state.frame() + fields.len(), "each holds one byte");
    let before = state.clone();
    state.trim();
    assert_eq!(state, before);
    assert_eq!(state.memory(), needed);
    // What is said again takes no more room than what was said once.
    for _ in 0..3 {
        state.join(before.clone());
    }
    assert_eq!(state.memory(), needed);
    let mut entries = Vec::with_capacity(40);
    entries.extend_from_slice(before.entries());
    let restored = State::restored(before.received(), before.updated(), entries);
    assert_eq!((restored.memory(), restored), (needed, before));
}
