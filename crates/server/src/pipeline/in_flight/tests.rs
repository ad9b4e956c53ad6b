#![allow(clippy::unwrap_used)]

use tracekeep_model::{Field, Micros, Rank, Step, Version};

use super::*;

/// One span with so many bytes of text.
fn patches(bytes: usize) -> Vec<(RecordKey, State)> {
    let mut state = State::new(Micros(1));
    let version = Version { rank: Rank::Stated, time: Micros(1), step: Step::Start };
    state.set(Field::Input, version, "x".repeat(bytes));
    vec![(RecordKey::Span { trace_id: "t".into(), span_id: "s".into() }, state)]
}

#[test]
fn all_together_are_bounded_and_make_room_again() {
    let in_flight = InFlight::new(10 * UNIT);
    let first = in_flight.share(&patches(5 * UNIT)).unwrap();
    assert_eq!(in_flight.taken(), 6, "its text, and what holds it");
    assert!(in_flight.share(&patches(5 * UNIT)).is_none());
    assert_eq!(in_flight.taken(), 6, "who is refused takes nothing");
    let small = in_flight.share(&patches(3 * UNIT)).unwrap();
    drop(first);
    assert_eq!(in_flight.taken(), 4);
    drop(small);
    assert!(in_flight.share(&patches(5 * UNIT)).is_some());
    assert_eq!(in_flight.taken(), 0);
}

#[test]
fn what_is_larger_than_the_bound_goes_alone() {
    let in_flight = InFlight::new(10 * UNIT);
    let small = in_flight.share(&patches(1)).unwrap();
    assert!(in_flight.share(&patches(100 * UNIT)).is_none());
    drop(small);
    let large = in_flight.share(&patches(100 * UNIT)).unwrap();
    assert_eq!(in_flight.taken(), 10);
    assert!(in_flight.share(&patches(1)).is_none());
    drop(large);
    assert_eq!(in_flight.taken(), 0);
}

#[test]
fn registers_count_and_not_only_content() {
    let many: Vec<_> = (0..100).flat_map(|_| patches(1)).collect();
    let in_flight = InFlight::new(100 * UNIT);
    let _share = in_flight.share(&many).unwrap();
    assert!(in_flight.taken() > 15, "100 bytes of text, and 100 registers, states and keys");
}
