use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};

use super::*;

fn key(statement: &str) -> Key {
    Key::new("p", statement)
}

fn rows(count: i64) -> State {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count));
    State::Rows(RecordBatch::try_from_iter([("n", numbers)]).expect("a column"))
}

fn bytes(state: &State) -> usize {
    match state {
        State::Rows(rows) => STATE_BYTES + rows.get_array_memory_size(),
        State::TooLarge => STATE_BYTES,
    }
}

fn masks(of: &[(u64, u64)]) -> HashMap<u64, u64> {
    of.iter().copied().collect()
}

/// Numbers of the segments of which a question's state is known.
fn found(kept: &KeptStates, statement: &str, of: &[(u64, u64)]) -> Vec<u64> {
    let mut found: Vec<u64> = kept.find(&key(statement), &masks(of)).into_keys().collect();
    found.sort_unstable();
    found
}

#[test]
fn what_was_kept_is_found_by_project_question_segment_and_mask() {
    let kept = KeptStates::default();
    kept.keep(&key("a"), 1, 0, rows(1));
    kept.keep(&key("a"), 2, 5, State::TooLarge);
    kept.keep(&key("b"), 3, 0, rows(2));
    kept.keep(&Key::new("q", "a"), 4, 0, rows(3));
    assert_eq!(found(&kept, "a", &[(1, 0), (2, 5), (3, 0), (4, 0)]), [1, 2]);
    assert_eq!(found(&kept, "b", &[(1, 0), (3, 0)]), [3]);
    assert!(found(&kept, "c", &[(1, 0)]).is_empty());
    let states = kept.find(&key("a"), &masks(&[(1, 0), (2, 5)]));
    assert!(matches!(&states[&1], State::Rows(rows) if rows.num_rows() == 1));
    assert!(matches!(states[&2], State::TooLarge));
}

#[test]
fn what_is_gone_or_was_masked_since_goes() {
    let kept = KeptStates::default();
    for number in 1..=3 {
        kept.keep(&key("a"), number, 0, rows(100));
    }
    assert_eq!(found(&kept, "a", &[(1, 0), (2, 1), (4, 0)]), [1]);
    let wanted = key("a").bytes() + bytes(&rows(100));
    assert_eq!(kept.kept.lock().bytes, wanted);
    assert_eq!(found(&kept, "a", &[(1, 0), (2, 0), (3, 0)]), [1]);
    // Again of another mask: in the place of the one before.
    kept.keep(&key("a"), 1, 7, rows(100));
    assert_eq!(kept.kept.lock().bytes, wanted);
    assert_eq!(found(&kept, "a", &[(1, 7)]), [1]);
}

#[test]
fn the_question_that_was_not_asked_for_longest_makes_room() {
    let one = key("a").bytes() + bytes(&rows(10));
    let kept = KeptStates::within(3 * one);
    for statement in ["a", "b", "c"] {
        kept.keep(&key(statement), 1, 0, rows(10));
    }
    assert_eq!(found(&kept, "a", &[(1, 0)]), [1]);
    kept.keep(&key("d"), 1, 0, rows(10));
    let left = |statement: &&str| !found(&kept, statement, &[(1, 0)]).is_empty();
    let left: Vec<&str> = ["a", "b", "c", "d"].into_iter().filter(left).collect();
    assert_eq!(left, ["a", "c", "d"]);
    assert_eq!(kept.kept.lock().bytes, 3 * one);
}

#[test]
fn a_question_keeps_no_more_than_there_is_room_for() {
    let one = bytes(&rows(10));
    let kept = KeptStates::within(key("a").bytes() + 2 * one + one / 2);
    let all: Vec<(u64, u64)> = (1..=9).map(|number| (number, 0)).collect();
    for (number, masked) in &all {
        kept.keep(&key("a"), *number, *masked, rows(10));
    }
    assert_eq!(found(&kept, "a", &all), [1, 2]);
    assert_eq!(kept.kept.lock().bytes, key("a").bytes() + 2 * one);
}
