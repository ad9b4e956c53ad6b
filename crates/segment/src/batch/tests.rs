#![allow(clippy::unwrap_used)]

use tracekeep_model::{Field, Rank, Register, Step, Value, Version};

use super::*;

pub(crate) fn trace(start: i64, spans: usize) -> TraceUnit {
    let version = |time, step| Version { rank: Rank::Stated, time: Micros(time), step };
    let mut unit = TraceUnit::new(Micros(start));
    let mut own = State::new(Micros(start));
    own.set(Field::UserId, version(start, Step::Start), "user");
    own.set(Register::Tag("blue".into()), version(start, Step::Start), true);
    unit.join_trace(own);
    for n in 0..spans {
        let mut span = State::new(Micros(start));
        let start = start + n as i64;
        span.set(Field::StartTime, version(start, Step::Start), Micros(start));
        span.set(Field::EndTime, version(start + 10, Step::End), Micros(start + 10));
        span.set(Field::Input, version(start, Step::Start), format!("input {n}"));
        span.set(Register::Metadata("n".into()), version(start, Step::Start), n.to_string());
        span.set(Register::Cost("total".into()), version(start, Step::End), Money(7));
        unit.join_span(format!("span {n}").into(), span);
    }
    unit
}

#[test]
fn units_come_back_from_rows() {
    let mut builder = BatchesBuilder::new();
    let units: Vec<TraceUnit> = (0..4).map(|n| trace(100 * n as i64, n)).collect();
    for (n, unit) in units.iter().enumerate() {
        builder.add(&UnitKey::Trace(format!("trace {n}").into()), &Unit::Trace(unit.clone()));
    }
    let mut score = State::new(Micros(5));
    let version = Version { rank: Rank::Stated, time: Micros(5), step: Step::Start };
    score.set(Field::ScoreNumber, version, Value::Float(0.5));
    builder.add(&UnitKey::Score("s".into()), &Unit::Score(score.clone()));
    let batches = builder.finish().unwrap();
    assert_eq!((batches.spans.num_rows(), batches.traces.num_rows()), (6, 4));
    for (n, unit) in units.iter().enumerate() {
        assert_eq!(&batches.trace_unit(n).unwrap(), unit);
    }
    assert_eq!(batches.score_state(0).unwrap(), score);
}

#[test]
fn a_trace_row_has_its_totals() {
    let mut builder = BatchesBuilder::new();
    builder.add(&UnitKey::Trace("t".into()), &Unit::Trace(trace(100, 3)));
    let batches = builder.finish().unwrap();
    let row = RowReader::new(&batches.traces, 0);
    assert_eq!(row.int("duration_us"), Some(12));
    assert_eq!(row.int("spans"), Some(3));
    assert_eq!(row.money("total_cost"), Some(Money(21)));
    assert_eq!(row.text("user_id").as_deref(), Some("user"));
    assert_eq!(row.text("tags").as_deref(), Some("[\"blue\"]"));
    let span = RowReader::new(&batches.spans, 0);
    assert_eq!(span.text("user_id").as_deref(), Some("user"));
    assert_eq!(span.int("duration_bucket"), Some(10));
}

#[test]
fn a_deleted_trace_keeps_nothing_but_that() {
    let mut unit = trace(100, 3);
    unit.join_trace(State::deleted(Micros(500)));
    let mut builder = BatchesBuilder::new();
    builder.add(&UnitKey::Trace("t".into()), &Unit::Trace(unit));
    let batches = builder.finish().unwrap();
    assert_eq!(batches.spans.num_rows(), 0);
    assert_eq!(batches.trace_unit(0).unwrap().state.deleted_at(), Some(Micros(500)));
}
