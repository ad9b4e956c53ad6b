#![allow(clippy::unwrap_used)]

use std::path::Path;

use arrow::array::StringViewArray;
use tracekeep_model::{
    Field, Micros, Rank, Register, State, Step, TraceUnit, Unit, UnitKey, Version,
};

use super::*;
use crate::batch::RowReader;
use crate::{Batches, BatchesBuilder, OsDisk, Source, compact, write_segment};

/// Text of so many bytes, of characters of several lengths, that compresses badly enough.
fn text(seed: usize, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 8);
    let mut n = seed as u64 + 1;
    while text.len() < bytes {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(["a", "ä", "\u{4e00}", "\u{1F600}"][(n >> 62) as usize]);
        text.push((b'a' + ((n >> 40) % 26) as u8).into());
    }
    while text.len() > bytes {
        text.pop();
    }
    text.push_str(&"x".repeat(bytes - text.len()));
    text
}

/// A trace whose span has an input of so many bytes, and itself one of a byte more.
fn trace(seed: usize, bytes: usize) -> TraceUnit {
    let version = Version { rank: Rank::Stated, time: Micros(seed as i64), step: Step::Start };
    let mut own = State::new(Micros(seed as i64));
    own.set(Field::Input, version, text(seed, bytes + 1));
    let mut span = State::new(Micros(seed as i64));
    span.set(Field::StartTime, version, Micros(seed as i64));
    span.set(Field::Input, version, text(seed, bytes));
    span.set(Field::Model, version, text(seed, 100));
    let mut unit = TraceUnit::new(Micros(seed as i64));
    unit.join_trace(own);
    unit.join_span("span".into(), span);
    unit
}

fn rows(units: &[TraceUnit]) -> Arc<Batches> {
    let mut builder = BatchesBuilder::new();
    for (n, unit) in units.iter().enumerate() {
        builder.add(&UnitKey::Trace(format!("trace {n}").into()), &Unit::Trace(unit.clone()));
    }
    Arc::new(builder.finish().unwrap())
}

fn segment(dir: &Path, units: &[TraceUnit]) -> Segment {
    let picks = (0..units.len()).map(|row| (0, row)).collect();
    let written = write_segment(&OsDisk, dir, &[rows(units)], picks, vec![]).unwrap();
    Segment::open(dir, written.facts).unwrap()
}

fn unit(segment: &Segment, n: usize) -> Option<TraceUnit> {
    let row = segment.find_trace(&format!("trace {n}").into(), |_| false).unwrap()?;
    Some(segment.trace_unit(row).unwrap())
}

/// Bytes of the files that a segment cannot do without.
fn files(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).unwrap().map(Result::unwrap);
    let needed =
        files.filter(|file| file.file_name() != "links" && file.file_name() != "hourly.parquet");
    needed.map(|file| file.metadata().unwrap().len()).sum()
}

#[test]
fn every_size_comes_back() {
    let sizes = [0, 1, 12, 13, 1_000, LARGE - 2, LARGE - 1, LARGE, LARGE + 1, 3 * LARGE, 20 << 20];
    let units: Vec<_> = sizes.iter().enumerate().map(|(n, bytes)| trace(n, *bytes)).collect();
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("7");
    let segment = segment(&dir, &units);
    for (n, wanted) in units.iter().enumerate() {
        assert!(unit(&segment, n).as_ref() == Some(wanted), "{} bytes", sizes[n]);
    }
    assert_eq!(segment.facts().bytes, files(&dir), "the blobs count");
    let tables = [segment.spans_file(), segment.traces_file(), segment.scores_file()];
    let tables: u64 = tables.iter().map(|table| table.bytes).sum();
    assert!(tables < 3_000_000, "large cells are not in the tables, which have {tables} bytes");
}

#[test]
fn nothing_large_makes_no_file() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("7");
    let segment = segment(&dir, &[trace(1, LARGE - 1)]);
    assert_eq!(segment.blob_bytes(), 0);
    assert!(!dir.join("blobs").exists());
}

#[test]
fn a_state_that_is_large_without_its_texts_comes_back() {
    let version = Version { rank: Rank::Stated, time: Micros(1), step: Step::Start };
    let mut own = State::new(Micros(1));
    let mut span = State::new(Micros(1));
    for n in 0..40_000 {
        own.set(Register::Metadata(format!("key {n:05}").into()), version, "1");
        span.set(Register::Tag(format!("tag {n:05}").into()), version, true);
    }
    let mut unit = TraceUnit::new(Micros(1));
    unit.join_trace(own);
    unit.join_span("span".into(), span);
    let root = tempfile::tempdir().unwrap();
    let segment = segment(&root.path().join("7"), std::slice::from_ref(&unit));
    assert!(segment.blob_bytes() > 0);
    assert!(self::unit(&segment, 0) == Some(unit));
}

#[test]
fn a_cell_that_looks_like_a_reference_comes_back() {
    let reference =
        Reference { segment: 7, offset: 8, stored: 10, whole: LARGE as u64 + 1, checksum: 1 };
    let forged = String::from_utf8(reference.cell(Reference::TEXT_MARK)).unwrap();
    for bad in ["\0", "\0blob", forged.as_str()] {
        let mut unit = trace(1, LARGE + 1);
        let version = Version { rank: Rank::Edited, time: Micros(9), step: Step::End };
        let mut span = State::new(Micros(9));
        span.set(Field::Output, version, bad);
        unit.join_span("span".into(), span);
        let root = tempfile::tempdir().unwrap();
        let segment = segment(&root.path().join("7"), std::slice::from_ref(&unit));
        assert!(self::unit(&segment, 0) == Some(unit), "{bad:?}");
    }
}

#[test]
fn compaction_takes_along_what_is_left() {
    let root = tempfile::tempdir().unwrap();
    let large: Vec<_> = (0..6).map(|n| trace(n, LARGE + 1 + n * 1_000)).collect();
    let one = Arc::new(segment(&root.path().join("1"), &large[..3]));
    let two = Arc::new(segment(&root.path().join("2"), &large[3..]));
    let before = one.blob_bytes() + two.blob_bytes();
    let source = |segment: &Arc<Segment>, gone: Vec<u32>| Source {
        segment: segment.clone(),
        gone_traces: gone,
        gone_scores: vec![],
        pricing: None,
    };
    let whole = root.path().join("3");
    let facts = compact(&OsDisk, &whole, &[source(&one, vec![]), source(&two, vec![])]).unwrap();
    assert_eq!(facts.bytes, files(&whole), "the blobs count");
    let all = Segment::open(&whole, facts).unwrap();
    assert_eq!(all.blob_bytes() + 8, before, "frames are copied as they are");
    let some = root.path().join("4");
    let facts =
        compact(&OsDisk, &some, &[source(&one, vec![1]), source(&two, vec![0, 2])]).unwrap();
    let some = Segment::open(&some, facts).unwrap();
    assert!(some.blob_bytes() < before * 2 / 3, "what is gone has left");
    // Both sources call their traces alike; compared in order of rows.
    drop((one, two));
    std::fs::remove_dir_all(root.path().join("1")).unwrap();
    std::fs::remove_dir_all(root.path().join("2")).unwrap();
    for (row, wanted) in large.iter().enumerate() {
        assert!(all.trace_unit(row as u32).unwrap() == *wanted, "row {row}");
    }
    for (row, n) in [0, 2, 4].into_iter().enumerate() {
        assert!(some.trace_unit(row as u32).unwrap() == large[n], "row {row}");
    }
    assert_eq!(some.facts().traces, 3);
}

#[test]
fn a_damaged_blob_is_not_carried_over() {
    let root = tempfile::tempdir().unwrap();
    let one = segment(&root.path().join("1"), &[trace(1, LARGE + 1)]);
    let path = root.path().join("1/blobs");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let source =
        Source { segment: Arc::new(one), gone_traces: vec![], gone_scores: vec![], pricing: None };
    let error = compact(&OsDisk, &root.path().join("2"), &[source]).unwrap_err().to_string();
    assert!(error.contains("blobs") && error.contains("checksum"), "{error}");
}

#[test]
fn a_newer_format_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("1");
    let facts = segment(&dir, &[trace(1, 10)]).facts().clone();
    assert_eq!(facts.format, crate::FORMAT);
    let newer = crate::SegmentFacts { format: crate::FORMAT + 1, ..facts };
    let error = Segment::open(&dir, newer).unwrap_err().to_string();
    assert!(error.contains("start a newer Tracekeep"), "{error}");
}

#[test]
fn facts_without_a_format_are_of_the_first() {
    let text = r#"{"traces":1,"spans":2,"scores":0,"min_start":3,"max_start":4,"bytes":5}"#;
    let facts: crate::SegmentFacts = serde_json::from_str(text).unwrap();
    assert_eq!((facts.format, facts.bytes), (1, 5));
}

#[test]
fn only_wanted_cells_are_replaced() {
    let cells = [Some("short"), None, Some("longer than twelve bytes"), Some(""), Some("last")];
    let column = StringViewArray::from_iter(cells);
    let wanted = |length: usize, first: u8| length > 12 || first == b'l';
    let mut seen = Vec::new();
    let new = with_cells(&column, wanted, |cell| {
        seen.push(cell.to_vec());
        let new = Buffer::from_vec(b"something else of some length".to_vec());
        Ok::<_, ArrowError>((cell != b"last").then_some(new))
    });
    let new = new.unwrap().unwrap();
    assert_eq!(seen, [&b"longer than twelve bytes"[..], b"last"]);
    let cells =
        [Some("short"), None, Some("something else of some length"), Some(""), Some("last")];
    assert_eq!(new, StringViewArray::from_iter(cells));
    let none = with_cells(&column, |_, _| false, |_| Ok::<_, ArrowError>(None)).unwrap();
    assert_eq!(none, None);
}

#[test]
fn columns_that_may_be_large_exist() {
    let tables = [crate::span_schema(), crate::trace_schema(), crate::score_schema()];
    for column in COLUMNS {
        assert!(tables.iter().any(|table| table.index_of(column).is_ok()), "{column}");
    }
    let batches = rows(&[trace(1, 10)]);
    assert!(RowReader::new(&batches.spans, 0).text("input").is_some());
}
