#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::batch::tests::trace;
use crate::{Batches, BatchesBuilder, write_segment};
use tracekeep_model::{Unit, UnitKey};

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
    let facts = write_segment(&dir.path().join("a"), &inputs, rows, vec![]).unwrap().facts;
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

#[test]
fn an_existing_segment_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let write = || write_segment(&dir.path().join("a"), &[batches(0..2)], vec![(0, 0)], vec![]);
    write().unwrap();
    assert!(matches!(write(), Err(SegmentError::Io { .. })));
}

#[test]
fn a_missing_index_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let error = Segment::open(dir.path(), SegmentFacts::default()).unwrap_err();
    assert!(error.to_string().contains("index"), "{error}");
}
