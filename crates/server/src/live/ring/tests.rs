use tracekeep_model::{Field, Micros, Rank, RecordKey, State, Step, Version};

use super::*;
use crate::live::event::notices;

/// An update with some bytes of output.
fn notice(output: &str) -> Notice {
    let version = Version { rank: Rank::Stated, time: Micros(1), step: Step::Update };
    let mut state = State::new(Micros(1));
    state.set(Field::Output, version, output);
    let key = RecordKey::Span { trace_id: "t".into(), span_id: "s".into() };
    notices(&[(key, state)]).remove(0)
}

/// What is found where an event with this output has this number.
fn found(number: u64, output: &str) -> Found {
    Found::Notice { number, notice: Arc::new(notice(output)) }
}

#[test]
fn the_newest_events_stay() {
    let mut ring = Ring::new(Most { events: 3, bytes: usize::MAX });
    for n in 0..5 {
        ring.push(notice(&n.to_string()));
    }
    assert_eq!(ring.next(), 6);
    assert_eq!(ring.find(1), Found::Gone { oldest: 3 });
    assert_eq!(ring.find(3), found(3, "2"));
    assert_eq!(ring.find(5), found(5, "4"));
    assert_eq!(ring.find(6), Found::NotYet);
}

#[test]
fn bytes_are_bounded_too() {
    let large = "x".repeat(1_000);
    let mut ring = Ring::new(Most { events: usize::MAX, bytes: 3_000 });
    for _ in 0..10 {
        ring.push(notice(&large));
    }
    assert_eq!(ring.find(1), Found::Gone { oldest: 9 });
    assert_eq!(ring.bytes, 2 * notice(&large).size());
}

#[test]
fn what_is_lost_is_counted() {
    let mut ring = Ring::new(Most { events: 3, bytes: usize::MAX });
    ring.push(notice("a"));
    ring.lose(4);
    assert_eq!((ring.find(1), ring.bytes), (Found::Gone { oldest: 6 }, 0));
    assert_eq!(ring.find(6), Found::NotYet);
    ring.push(notice("b"));
    assert_eq!(ring.find(6), found(6, "b"));
}

#[test]
fn what_is_forgotten_is_skipped_and_not_missed() {
    let mut ring = Ring::new(Most { events: 4, bytes: usize::MAX });
    for output in ["a", "b", "c", "d"] {
        ring.push(notice(output));
    }
    let (b, c) = (notice("b"), notice("c"));
    ring.forget(|notice| *notice == b || *notice == c);
    assert_eq!(ring.bytes, 2 * notice("a").size());
    assert_eq!(ring.find(1), found(1, "a"));
    assert_eq!(ring.find(2), found(4, "d"));
    let d = notice("d");
    ring.forget(|notice| *notice == d);
    assert_eq!((ring.find(2), ring.next()), (Found::NotYet, 5));
    // They still take part in how many are kept.
    ring.push(notice("e"));
    assert_eq!((ring.find(1), ring.find(2)), (Found::Gone { oldest: 2 }, found(5, "e")));
    assert_eq!(ring.bytes, notice("e").size());
}
