#![allow(clippy::unwrap_used)]

use tracekeep_model::{Micros, Rank, Step, TraceUnit, Unit, UnitKey, Version};

use super::*;
use crate::{Batches, BatchesBuilder};

fn at(time: i64) -> Version {
    Version { rank: Rank::Stated, time: Micros(time), step: Step::Update }
}

fn rows(state: &State) -> Batches {
    let mut unit = TraceUnit::new(Micros(5));
    unit.join_trace(state.clone());
    let mut builder = BatchesBuilder::new();
    builder.add(&UnitKey::Trace("t".into()), &Unit::Trace(unit));
    builder.finish().unwrap()
}

fn stored(batches: &Batches) -> usize {
    RowReader::new(&batches.traces, 0).bytes("state").unwrap().len()
}

/// A text of so many bytes that is JSON too.
fn json(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes - 2))
}

#[test]
fn long_texts_are_kept_once() {
    let mut state = State::new(Micros(5));
    state.set(Field::Name, at(1), "name");
    state.set(Field::Input, at(2), json(100_000));
    state.set(Field::Output, at(3), json(200_000));
    state.set(Register::Metadata("long".into()), at(4), json(300_000));
    state.set(Register::Metadata("short".into()), at(5), "1");
    let batches = rows(&state);
    assert!(stored(&batches) < 500, "{} bytes", stored(&batches));
    assert_eq!(batches.trace_unit(0).unwrap().state, state);
}

#[test]
fn every_length_comes_back() {
    for bytes in [2, LONG - 1, LONG, LONG + 1, 3 * LONG] {
        let mut state = State::new(Micros(5));
        state.set(Field::Input, at(2), json(bytes));
        state.set(Register::Metadata("a\"b".into()), at(4), json(bytes));
        assert_eq!(rows(&state).trace_unit(0).unwrap().state, state, "{bytes} bytes");
    }
}

#[test]
fn what_the_row_does_not_give_back_stays_in_the_state() {
    let mut state = State::new(Micros(5));
    // The row has a column for neither, and the blanks around JSON are lost in it.
    state.set(Field::Comment, at(1), json(2_000));
    state.set(Field::Input, at(1), Value::Cleared);
    state.set(Register::Metadata("blank".into()), at(1), format!(" {} ", json(2_000)));
    assert_eq!(rows(&state).trace_unit(0).unwrap().state, state);
}

#[test]
fn the_mark_itself_comes_back() {
    let mut state = State::new(Micros(5));
    state.set(Field::Input, at(1), IN_ROW);
    state.set(Field::Output, at(1), json(2_000));
    state.set(Field::UserId, at(1), IN_ROW);
    assert_eq!(rows(&state).trace_unit(0).unwrap().state, state);
}
