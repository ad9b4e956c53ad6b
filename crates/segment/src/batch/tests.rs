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

#[test]
fn a_column_whose_first_value_comes_late_is_null_before() {
    let columns = [
        Column("n", Cell::Int, Null::Never),
        Column("text", Cell::Text, Null::Maybe),
        Column("bytes", Cell::Bytes, Null::Maybe),
        Column("flag", Cell::Bool, Null::Maybe),
        Column("amount", Cell::Money, Null::Maybe),
        Column("never", Cell::Text, Null::Maybe),
    ];
    let long = "a text of more than twelve bytes";
    let mut rows = RowWriter::with_capacity(&columns, 2);
    for n in 0..4 {
        let comes = n == 2;
        rows.int(Some(n));
        rows.text(comes.then_some(long));
        rows.bytes(comes.then_some(&b"x"[..]));
        rows.bool(comes.then_some(true));
        rows.money(comes.then_some(Money(7)));
        rows.text(None);
        rows.end_row();
    }
    let batch = rows.finish().unwrap();
    let cells = |row| {
        let row = RowReader::new(&batch, row);
        (row.text("text"), row.bytes("bytes"), row.bool("flag"), row.money("amount"))
    };
    for row in [0, 1, 3] {
        assert_eq!(cells(row), (None, None, None, None), "row {row}");
    }
    let bytes = Some(Bytes::from_static(b"x"));
    assert_eq!(cells(2), (Some(long.into()), bytes, Some(true), Some(Money(7))));
    assert_eq!(RowReader::new(&batch, 2).text("never"), None);
    assert_eq!(RowReader::new(&batch, 3).int("n"), Some(3));
}

#[test]
fn columns_that_hold_nothing_share_their_memory() {
    let column = |name| Column(name, Cell::Text, Null::Maybe);
    let mut rows = RowWriter::new(&[column("a"), column("b"), column("c")]);
    for _ in 0..1_000 {
        (0..3).for_each(|_| rows.text(None));
        rows.end_row();
    }
    let batch = rows.finish().unwrap();
    assert_eq!((batch.num_rows(), batch.column(2).null_count()), (1_000, 1_000));
    assert_eq!(arrays_memory(&batch), batch.column(0).get_array_memory_size());
}

#[test]
fn texts_take_memory_of_their_size() {
    let mut rows = RowWriter::with_capacity(&[Column("text", Cell::Text, Null::Never)], 1_200);
    for _ in 0..1_200 {
        rows.text(Some(&"x".repeat(100)));
        rows.end_row();
    }
    let (texts, views) = (1_200 * 100, 1_200 * 16);
    let memory = arrays_memory(&rows.finish().unwrap());
    assert!(memory < (texts + views) * 21 / 20, "{memory} bytes");
}
