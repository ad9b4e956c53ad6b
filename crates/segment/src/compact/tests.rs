#![allow(clippy::unwrap_used)]

use tracekeep_model::{Unit, UnitKey};

use super::*;
use crate::batch::tests::trace;
use crate::{BatchesBuilder, OsDisk, write_segment};

fn segment(dir: &Path, traces: Range<usize>) -> Arc<Segment> {
    let mut builder = BatchesBuilder::new();
    for n in traces.clone() {
        let unit = Unit::Trace(trace(1_000 + n as i64, n % 4));
        builder.add(&UnitKey::Trace(format!("trace {n}").into()), &unit);
    }
    let rows = (0..traces.len()).map(|row| (0, row)).collect();
    let written =
        write_segment(&OsDisk, dir, &[Arc::new(builder.finish().unwrap())], rows, vec![]).unwrap();
    Arc::new(Segment::open(dir, written.facts).unwrap())
}

#[test]
fn what_is_left_is_in_one_segment() {
    let dir = tempfile::tempdir().unwrap();
    let a = segment(&dir.path().join("a"), 0..1_000);
    let b = segment(&dir.path().join("b"), 1_000..1_500);
    let sources = [
        Source { segment: a, gone_traces: vec![0, 7, 8, 999], gone_scores: vec![] },
        Source { segment: b, gone_traces: vec![3], gone_scores: vec![] },
    ];
    let facts = compact(&OsDisk, &dir.path().join("c"), &sources).unwrap();
    assert_eq!((facts.traces, facts.min_start, facts.max_start), (1_495, 1_001, 2_499));
    let c = Segment::open(&dir.path().join("c"), facts).unwrap();
    for n in 0..1_500usize {
        let found = c.find_trace(&format!("trace {n}").into(), |_| false).unwrap();
        assert_eq!(found.is_none(), [0, 7, 8, 999, 1_003].contains(&n), "trace {n}");
        if let Some(row) = found.filter(|_| n % 97 == 0 || n > 1_490) {
            assert_eq!(c.trace_unit(row).unwrap(), trace(1_000 + n as i64, n % 4));
        }
    }
}

#[test]
fn nothing_left_is_an_empty_segment() {
    let dir = tempfile::tempdir().unwrap();
    let a = segment(&dir.path().join("a"), 0..3);
    let sources = [Source { segment: a, gone_traces: vec![0, 1, 2], gone_scores: vec![] }];
    let facts = compact(&OsDisk, &dir.path().join("c"), &sources).unwrap();
    assert_eq!((facts.traces, facts.spans), (0, 0));
    assert!(
        Segment::open(&dir.path().join("c"), facts)
            .unwrap()
            .find_trace(&"trace 1".into(), |_| false)
            .unwrap()
            .is_none()
    );
}
