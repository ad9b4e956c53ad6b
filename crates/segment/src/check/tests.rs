#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use tracekeep_model::{Field, Micros, Rank, State, Step, Unit, UnitKey, Version};

use super::*;
use crate::batch::tests::trace;
use crate::{BatchesBuilder, LARGE, OsDisk, SegmentFacts, write_segment};

/// Some traces with spans, one of them large, and scores of them.
fn written(dir: &Path, name: &str) -> SegmentFacts {
    let version = Version { rank: Rank::Stated, time: Micros(5), step: Step::Start };
    let mut builder = BatchesBuilder::new();
    for n in 0..200 {
        let mut unit = trace(1_000 + n, (n % 4) as usize);
        let mut state = State::new(Micros(5));
        state.set(Field::ParentTraceId, version, format!("parent in {name}"));
        if n == 7 {
            let words: String =
                (0..=LARGE).map(|n| char::from(b'a' + (n * n % 23) as u8)).collect();
            state.set(Field::Input, version, words);
        }
        unit.join_trace(state);
        builder.add(&UnitKey::Trace(format!("{name} {n}").into()), &Unit::Trace(unit));
    }
    for n in 0..3 {
        let mut state = State::new(Micros(5));
        state.set(Field::TargetTraceId, version, format!("{name} {n}"));
        builder.add(&UnitKey::Score(format!("{name} score {n}").into()), &Unit::Score(state));
    }
    let inputs = [Arc::new(builder.finish().unwrap())];
    let rows = |count| (0..count).map(|row| (0, row)).collect();
    write_segment(&OsDisk, &dir.join(name), &inputs, rows(200), rows(3)).unwrap().facts
}

fn check(dir: &Path, facts: &SegmentFacts) -> Result<(), String> {
    Segment::open(dir, facts.clone()).unwrap().check().map_err(|error| error.to_string())
}

#[test]
fn a_whole_segment_is_fine_with_and_without_rows() {
    let dir = tempfile::tempdir().unwrap();
    let facts = written(dir.path(), "a");
    assert_eq!(check(&dir.path().join("a"), &facts), Ok(()));
    let none = [Arc::new(BatchesBuilder::new().finish().unwrap())];
    let folder = dir.path().join("none");
    let facts = write_segment(&OsDisk, &folder, &none, vec![], vec![]).unwrap().facts;
    assert_eq!(check(&folder, &facts), Ok(()));
}

#[test]
fn damage_to_any_column_of_any_table_is_found_and_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let facts = written(dir.path(), "a");
    let folder = dir.path().join("a");
    for name in ["spans.parquet", "traces.parquet", "scores.parquet"] {
        let path = folder.join(name);
        let whole = fs::read(&path).unwrap();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        for column in reader.metadata().row_group(0).columns() {
            let (start, length) = column.byte_range();
            let mut bad = whole.clone();
            bad[start as usize..(start + length) as usize].fill(0xff);
            fs::write(&path, &bad).unwrap();
            let error = check(&folder, &facts).unwrap_err();
            assert!(error.contains(name), "{}: {error}", column.column_path());
        }
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(check(&folder, &facts), Ok(()));
}

#[test]
fn damage_to_a_blob_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let facts = written(dir.path(), "a");
    let folder = dir.path().join("a");
    let path = folder.join("blobs");
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 1] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = check(&folder, &facts).unwrap_err();
    assert!(error.contains("blobs") && error.contains("checksum"), "{error}");
}

#[test]
fn files_of_another_segment_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (facts, _) = (written(dir.path(), "a"), written(dir.path(), "b"));
    let folder = dir.path().join("a");
    for (name, reason) in [
        ("index", "traces.parquet: the trace_id of row 0 is not what the index has there"),
        ("links", "traces.parquet: the parent_trace_id of row 0 is not in the file `links`"),
    ] {
        let whole = fs::read(folder.join(name)).unwrap();
        fs::copy(dir.path().join("b").join(name), folder.join(name)).unwrap();
        let error = check(&folder, &facts).unwrap_err();
        assert!(error.ends_with(reason), "{error}");
        fs::write(folder.join(name), whole).unwrap();
    }
    let fewer = SegmentFacts { spans: facts.spans + 1, ..facts };
    let error = check(&folder, &fewer).unwrap_err();
    assert!(error.contains("spans.parquet: has 300 rows, and 301 were written"), "{error}");
}
