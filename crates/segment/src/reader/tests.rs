#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::batch::tests::trace;
use crate::{Batches, BatchesBuilder, OsDisk, spans, write_segment};
use tracekeep_model::{
    Field, Kind, Level, Micros, Money, Rank, Register, Status, Step, TraceUnit, Unit, UnitKey,
    Value, Version,
};

fn batches(traces: std::ops::Range<usize>) -> Arc<Batches> {
    let mut builder = BatchesBuilder::new();
    for n in traces {
        let key = UnitKey::Trace(format!("trace {n}").into());
        builder.add(&key, &Unit::Trace(trace(10_000 - n as i64, n % 4)));
    }
    Arc::new(builder.finish().unwrap())
}

#[test]
fn what_is_written_is_found_and_read() {
    let dir = tempfile::tempdir().unwrap();
    let inputs = [batches(0..1_500), batches(1_500..3_000)];
    let rows = (0..3_000).filter(|n| n % 3 != 0).map(|n| (n / 1_500, n % 1_500)).collect();
    let facts = write_segment(&OsDisk, &dir.path().join("a"), &inputs, rows, vec![]).unwrap().facts;
    assert_eq!((facts.traces, facts.min_start, facts.max_start), (2_000, 7_001, 9_999));
    let segment = Segment::open(&dir.path().join("a"), facts).unwrap();
    for n in [0, 1, 2, 3, 1_499, 1_501, 2_998, 2_999, 5_000] {
        let found = segment.find_trace(&format!("trace {n}").into(), |_| false).unwrap();
        assert_eq!(found.is_some(), n % 3 != 0 && n < 3_000, "trace {n}");
        if let Some(row) = found {
            assert_eq!(segment.trace_unit(row).unwrap(), trace(10_000 - n as i64, n % 4));
        }
    }
}

/// Says something of every field.
fn value(field: Field) -> Value {
    match field {
        Field::Kind => Kind::Generation.into(),
        Field::Status => Status::Error.into(),
        Field::Level => Level::Warning.into(),
        Field::StartTime => Micros(1_000).into(),
        Field::EndTime => Micros(9_000).into(),
        Field::FirstTokenTime | Field::Timestamp => Micros(5_000).into(),
        Field::FirstTokenLatency => 7i64.into(),
        Field::Streaming | Field::Public | Field::Bookmarked => true.into(),
        Field::ScoreNumber => Value::Float(0.5),
        _ => format!("what {} says", field.as_str()).into(),
    }
}

fn everything(times: impl Fn(usize) -> i64) -> State {
    let registers = Field::ALL.iter().map(|field| (Register::Field(*field), value(*field)));
    let keyed = |register: fn(Text) -> Register, value: Value| {
        ["input", "output", "total", "other"].map(|key| (register(key.into()), value.clone()))
    };
    let registers = registers
        .chain(keyed(Register::Metadata, "\"text\"".into()))
        .chain(keyed(Register::Usage, 11i64.into()))
        .chain(keyed(Register::Cost, Money(13).into()));
    let mut state = State::new(Micros(3));
    for (n, (register, value)) in registers.enumerate() {
        let version = Version { rank: Rank::Stated, time: Micros(times(n)), step: Step::Update };
        state.set(register, version, value);
    }
    state
}

#[test]
fn all_of_a_trace_comes_back_though_some_columns_are_not_read() {
    let mut unit = TraceUnit::new(Micros(3));
    unit.join_trace(everything(|n| n as i64));
    unit.join_span("full".into(), everything(|n| n as i64));
    unit.join_span("of one version".into(), everything(|_| 4));
    unit.join_span("empty".into(), State::new(Micros(3)));
    let mut builder = BatchesBuilder::new();
    for (n, unit) in [trace(5, 2), unit.clone(), trace(9, 3)].into_iter().enumerate() {
        builder.add(&UnitKey::Trace(format!("trace {n}").into()), &Unit::Trace(unit));
    }
    let dir = tempfile::tempdir().unwrap();
    let inputs = [Arc::new(builder.finish().unwrap())];
    let rows = vec![(0, 0), (0, 1), (0, 2)];
    let facts = write_segment(&OsDisk, &dir.path().join("a"), &inputs, rows, vec![]).unwrap().facts;
    let segment = Segment::open(&dir.path().join("a"), facts).unwrap();
    let row = segment.find_trace(&"trace 1".into(), |_| false).unwrap().unwrap();
    assert_eq!(segment.trace_unit(row).unwrap(), unit);
    let row = segment.find_trace(&"trace 2".into(), |_| false).unwrap().unwrap();
    assert_eq!(segment.trace_unit(row).unwrap(), trace(9, 3));
}

#[test]
fn what_is_not_read_is_in_the_table() {
    let columns = span_schema();
    assert!(spans::DERIVED.iter().all(|name| columns.column_with_name(name).is_some()));
}

#[test]
fn an_existing_segment_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let write =
        || write_segment(&OsDisk, &dir.path().join("a"), &[batches(0..2)], vec![(0, 0)], vec![]);
    write().unwrap();
    assert!(matches!(write(), Err(SegmentError::Io { .. })));
}

#[test]
fn what_is_left_of_another_segment_is_not_taken_for_its_own() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("hourly.parquet"), "of another").unwrap();
    let error = write_segment(&OsDisk, dir.path(), &[batches(0..2)], vec![(0, 0)], vec![]);
    assert!(error.unwrap_err().to_string().contains("exists"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was touched");
}

#[test]
fn a_segment_is_read_alike_whether_its_footers_are_kept_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("a");
    let rows = (0..300).map(|row| (0, row)).collect();
    let facts = write_segment(&OsDisk, &dir, &[batches(0..300)], rows, vec![]).unwrap().facts;
    let one = Footers::default();
    let segment = Segment::open_within(&dir, facts.clone(), &one).unwrap();
    assert_eq!(one.bytes(), 0, "nothing was asked yet");
    assert!(segment.warm().unwrap());
    let both = one.bytes();
    drop(segment);
    assert_eq!(one.bytes(), 0);

    // Room for none of the two that a trace takes, for the smaller one, for either, and for both.
    for (most, fits) in [(0, false), (both / 2, false), (both - 1, false), (both, true)] {
        let footers = Footers::within(most);
        let segment = Segment::open_within(&dir, facts.clone(), &footers).unwrap();
        for _ in 0..2 {
            assert_eq!(segment.warm().unwrap(), fits, "{most} of {both}");
            for n in [0, 7, 299] {
                let found = segment.find_trace_unit(&format!("trace {n}").into(), |_| false);
                let (_, unit) = found.unwrap().unwrap();
                assert_eq!(unit, trace(10_000 - n as i64, n % 4), "{most} of {both}");
            }
            assert!(footers.bytes() <= most);
        }
        assert_eq!(footers.bytes() > 0, most > 0);
    }
}

#[test]
fn a_doomed_segment_stays_until_nobody_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("a");
    let facts = write_segment(&OsDisk, &dir, &[batches(0..2)], vec![(0, 0)], vec![]).unwrap().facts;
    let segment = Arc::new(Segment::open(&dir, facts).unwrap());
    let reading = segment.clone();
    let disk: Arc<dyn Disk> = Arc::new(OsDisk);
    segment.doom(&disk);
    drop(segment);
    assert!(reading.find_trace(&"trace 0".into(), |_| false).unwrap().is_some());
    drop(reading);
    assert!(!dir.exists());
}

#[test]
fn a_missing_index_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let error = Segment::open(dir.path(), SegmentFacts::default()).unwrap_err();
    assert!(error.to_string().contains("index"), "{error}");
}
