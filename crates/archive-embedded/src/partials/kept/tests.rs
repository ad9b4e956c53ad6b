use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use hashbrown::HashMap;

use super::*;

fn rows(count: i64) -> State {
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count));
    State::Rows(RecordBatch::try_from_iter([("n", numbers)]).expect("a column"))
}

#[test]
fn a_state_is_of_a_project_and_a_question() {
    let kept = no_states();
    kept.keep(&Key::new("p", "a"), 1, 0, rows(1));
    kept.keep(&Key::new("p", "a"), 2, 5, State::TooLarge);
    kept.keep(&Key::new("p", "b"), 3, 0, rows(2));
    kept.keep(&Key::new("q", "a"), 4, 0, rows(3));
    let masks: HashMap<u64, u64> = [(1, 0), (2, 5), (3, 0), (4, 0)].into_iter().collect();
    let states = kept.find(&Key::new("p", "a"), &masks);
    assert_eq!(states.len(), 2);
    assert!(matches!(&states[&1], State::Rows(rows) if rows.num_rows() == 1));
    assert!(matches!(states[&2], State::TooLarge));
    assert!(kept.find(&Key::new("pa", ""), &masks).is_empty());
}

#[test]
fn what_is_kept_weighs_at_least_what_it_holds() {
    let numbers = 100 * size_of::<i64>();
    assert!((STATE_BYTES + numbers..2 * numbers).contains(&rows(100).bytes()));
    let texts = "project".len() + "statement".len();
    assert_eq!(Key::new("project", "statement").bytes(), QUESTION_BYTES + texts);
    let kept = no_states();
    for number in 0..100 {
        kept.keep(&Key::new("p", "a"), number, 0, rows(100_000));
    }
    assert!(kept.bytes() <= MOST_BYTES);
    assert!(kept.bytes() > MOST_BYTES - rows(100_000).bytes());
}
