#![allow(clippy::unwrap_used)]

use tracekeep_model::{Field, Micros, Rank, State, Step, TraceUnit, Unit, UnitKey, Version};

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
        Source { segment: a, gone_traces: vec![0, 7, 8, 999], gone_scores: vec![], pricing: None },
        Source { segment: b, gone_traces: vec![3], gone_scores: vec![], pricing: None },
    ];
    let facts = compact(&OsDisk, &dir.path().join("c"), &sources).unwrap();
    assert_eq!((facts.traces, facts.min_start, facts.max_start), (1_495, 1_001, 2_499));
    let c = Segment::open(&dir.path().join("c"), facts).unwrap();
    for table in [c.spans_table(), c.traces_table()] {
        assert_eq!(table.row_groups().unwrap().len(), 1, "small ones become one");
    }
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
    let sources =
        [Source { segment: a, gone_traces: vec![0, 1, 2], gone_scores: vec![], pricing: None }];
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

/// A text of words, of which those with low numbers are frequent.
fn words(seed: &mut u64) -> String {
    let mut text = String::new();
    while text.len() < 1_000 {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = (*seed >> 33) % 2_000;
        text.push_str(&format!("word{} ", word * word / 2_000));
    }
    text
}

#[test]
fn what_stays_is_packed_harder() {
    let (mut builder, mut seed) = (BatchesBuilder::new(), 7);
    for n in 0..800 {
        let version = Version { rank: Rank::Stated, time: Micros(n), step: Step::End };
        let mut span = State::new(Micros(n));
        span.set(Field::StartTime, version, Micros(n));
        span.set(Field::Output, version, words(&mut seed));
        let mut unit = TraceUnit::new(Micros(n));
        unit.join_span("span".into(), span);
        builder.add(&UnitKey::Trace(format!("trace {n}").into()), &Unit::Trace(unit));
    }
    let dir = tempfile::tempdir().unwrap();
    let (sealed, compacted) = (dir.path().join("a"), dir.path().join("b"));
    let rows = (0..800).map(|row| (0, row)).collect();
    let written =
        write_segment(&OsDisk, &sealed, &[Arc::new(builder.finish().unwrap())], rows, vec![])
            .unwrap();
    let segment = Arc::new(Segment::open(&sealed, written.facts).unwrap());
    let source = Source { segment, gone_traces: vec![], gone_scores: vec![], pricing: None };
    compact(&OsDisk, &compacted, &[source]).unwrap();
    let size = |dir: &Path| std::fs::metadata(dir.join("spans.parquet")).unwrap().len();
    let (before, after) = (size(&sealed), size(&compacted));
    assert!(after * 100 < before * 98, "{before} bytes sealed, {after} compacted");
}
