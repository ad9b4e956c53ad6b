#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray as _, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field as Column, Int64Type, Schema};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use tracekeep_model::{Field, Micros, Rank, State, Step, Unit, UnitKey, Version};

use super::super::Table;
use super::*;
use crate::batch::tests::trace;
use crate::footers::Footers;
use crate::{BatchesBuilder, LARGE, OsDisk, write_segment};

fn id(n: usize) -> Text {
    format!("trace {n}").into()
}

/// The later its number, the earlier it began; one in four has no spans.
fn nth(n: usize) -> TraceUnit {
    trace(10_000 - n as i64, n % 4)
}

fn segment(dir: &Path, units: &[TraceUnit]) -> Segment {
    let mut builder = BatchesBuilder::new();
    for (n, unit) in units.iter().enumerate() {
        builder.add(&UnitKey::Trace(id(n)), &Unit::Trace(unit.clone()));
    }
    let inputs = [Arc::new(builder.finish().unwrap())];
    let rows = (0..units.len()).map(|row| (0, row)).collect();
    let dir = dir.join("1");
    let facts = write_segment(&OsDisk, &dir, &inputs, rows, vec![]).unwrap().facts;
    Segment::open(&dir, facts).unwrap()
}

#[test]
fn many_are_read_as_each_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let units: Vec<_> = (0..3_000).map(nth).collect();
    let segment = segment(dir.path(), &units);
    let wanted = (0..3_000).filter(|n| n % 7 == 0 || (300..400).contains(n));
    let ids: Vec<Text> = wanted.map(id).collect();
    let candidates: Vec<_> = ids.iter().flat_map(|id| segment.candidates(id, |_| false)).collect();
    assert_eq!(candidates.len(), ids.len());
    let found = segment.trace_units(&candidates, usize::MAX).unwrap();
    assert_eq!(found.len(), ids.len());
    for (candidate, unit) in found {
        let n: usize = candidate.id.strip_prefix("trace ").unwrap().parse().unwrap();
        assert_eq!(unit, nth(n), "trace {n}");
        assert_eq!(segment.trace_unit(candidate.row).unwrap(), unit, "trace {n}");
        let alone = segment.find_trace_unit(candidate.id, |_| false).unwrap();
        assert_eq!(alone, Some((candidate.row, unit)), "trace {n}");
    }
    assert!(segment.trace_units(&[], usize::MAX).unwrap().is_empty());
    assert_eq!(segment.find_trace_unit(&id(3_000), |_| false).unwrap(), None);
    assert_eq!(segment.find_trace_unit(&id(7), |_| true).unwrap(), None, "its row is gone");
}

#[test]
fn a_row_goes_to_whom_it_belongs() {
    let dir = tempfile::tempdir().unwrap();
    let units: Vec<_> = (0..10).map(nth).collect();
    let segment = segment(dir.path(), &units);
    let ids: Vec<Text> = (0..11).map(id).collect();
    let row = |n: usize| segment.candidates(&ids[n], |_| false).next().unwrap().row;
    // As if the hashes of 1, 2 and 10 were one, and those of 3 and 10.
    let candidates = [
        Candidate { row: row(1), id: &ids[10] },
        Candidate { row: row(1), id: &ids[2] },
        Candidate { row: row(1), id: &ids[1] },
        Candidate { row: row(2), id: &ids[1] },
        Candidate { row: row(2), id: &ids[2] },
        Candidate { row: row(3), id: &ids[10] },
        Candidate { row: row(5), id: &ids[5] },
    ];
    let found = segment.trace_units(&candidates, usize::MAX).unwrap();
    let found: Vec<_> = found.into_iter().map(|(own, unit)| (own.row, own.id, unit)).collect();
    let wanted = [5, 2, 1].map(|n: usize| (row(n), &ids[n], nth(n)));
    assert_eq!(found, wanted, "the latest began first");
}

#[test]
fn no_more_is_read_than_may_be() {
    let dir = tempfile::tempdir().unwrap();
    let units: Vec<_> = (0..400).map(nth).collect();
    let segment = segment(dir.path(), &units);
    let ids: Vec<Text> = (0..400).map(id).collect();
    let all: Vec<_> = ids.iter().flat_map(|id| segment.candidates(id, |_| false)).collect();
    let whole = segment.trace_units(&all, usize::MAX).unwrap();
    let memory = |units: &[(Candidate<'_>, TraceUnit)]| -> usize {
        units.iter().map(|(_, unit)| unit.memory()).sum()
    };
    let most = memory(&whole) / 2;
    let some = segment.trace_units(&all, most).unwrap();
    assert!(some.len() > 10 && some.len() < whole.len(), "{} were read", some.len());
    assert_eq!(some[..], whole[..some.len()], "those that were are whole");
    assert!(memory(&some) <= most);
    assert!(segment.trace_units(&all, 0).unwrap().is_empty());
}

#[test]
fn large_texts_come_back_among_short_ones() {
    let dir = tempfile::tempdir().unwrap();
    let unit = |n: usize| {
        let start = Micros(n as i64);
        let version = Version { rank: Rank::Stated, time: start, step: Step::Start };
        let text = format!("{n} ").repeat(if n.is_multiple_of(3) { LARGE } else { 1 });
        let mut own = State::new(start);
        own.set(Field::Input, version, text.clone());
        let mut unit = TraceUnit::new(start);
        unit.join_trace(own);
        for span in 0..3 {
            let mut state = State::new(start);
            state.set(Field::StartTime, version, start);
            state.set(Field::Output, version, if span == n % 4 { &*text } else { "short" });
            unit.join_span(format!("span {span}").into(), state);
        }
        unit
    };
    let units: Vec<_> = (0..12).map(unit).collect();
    let segment = segment(dir.path(), &units);
    assert!(segment.blob_bytes() > 0);
    let ids: Vec<Text> = (0..12).map(id).collect();
    let all: Vec<_> = ids.iter().flat_map(|id| segment.candidates(id, |_| false)).collect();
    let found = segment.trace_units(&all, usize::MAX).unwrap();
    assert!(found.into_iter().map(|(_, unit)| unit).eq(units), "in the order of their starts");
}

#[test]
fn rows_of_several_row_groups_come_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("numbers.parquet");
    let schema = Arc::new(Schema::new(vec![Column::new("n", DataType::Int64, false)]));
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(10))
        .set_data_page_row_count_limit(4)
        .set_write_batch_size(4)
        .build();
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).unwrap();
    let numbers = Arc::new(Int64Array::from_iter_values(0..35));
    writer.write(&RecordBatch::try_new(schema.clone(), vec![numbers]).unwrap()).unwrap();
    writer.close().unwrap();
    let table = Table { path, bytes: 0, schema, footer: Footers::default().of_file() };
    let read = |ranges: &[(usize, usize)]| -> Result<Vec<i64>, SegmentError> {
        let ranges: Vec<_> = ranges.iter().map(|(start, end)| *start..*end).collect();
        let mut numbers = Vec::new();
        for batch in table.reader(&ranges, Columns::Without(&[]), 3)? {
            let batch = batch?;
            numbers.extend(batch.column(0).as_primitive::<Int64Type>().values().iter().copied());
        }
        Ok(numbers)
    };
    let whole = [(0, 35)];
    let across = [(9, 11)];
    let apart = [(12, 13), (34, 35)];
    let many = [(3, 5), (5, 6), (8, 21), (33, 34)];
    for ranges in [&whole[..], &across, &apart, &many] {
        let wanted: Vec<i64> =
            ranges.iter().flat_map(|(start, end)| *start as i64..*end as i64).collect();
        assert_eq!(read(ranges).unwrap(), wanted, "{ranges:?}");
    }
    let error = read(&[(30, 36)]).unwrap_err().to_string();
    assert!(error.contains("35 rows"), "{error}");
}
