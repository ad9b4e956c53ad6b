#![allow(clippy::unwrap_used)]

use tracekeep_model::{Field, Micros, Rank, State, Step, TraceUnit, Unit, UnitKey, Version};

use super::*;
use crate::{BatchesBuilder, OsDisk, Segment, Source, compact, write_segment};

const VERSION: Version = Version { rank: Rank::Stated, time: Micros(5), step: Step::Start };

fn child(parent: Option<&str>) -> Unit {
    let mut unit = TraceUnit::new(Micros(5));
    let mut state = State::new(Micros(5));
    if let Some(parent) = parent {
        state.set(Field::ParentTraceId, VERSION, parent);
    }
    unit.join_trace(state);
    Unit::Trace(unit)
}

fn score(trace: Option<&str>) -> Unit {
    let mut state = State::new(Micros(5));
    if let Some(trace) = trace {
        state.set(Field::TargetTraceId, VERSION, trace);
    }
    Unit::Score(state)
}

/// Children of `a`, of none, of `b`; scores of `b`, of none, of `c`.
fn segment(dir: &Path) -> Arc<Segment> {
    let mut builder = BatchesBuilder::new();
    for (n, parent) in [Some("a"), None, Some("b")].into_iter().enumerate() {
        builder.add(&UnitKey::Trace(format!("child {n}").into()), &child(parent));
    }
    for (n, trace) in [Some("b"), None, Some("c")].into_iter().enumerate() {
        builder.add(&UnitKey::Score(format!("score {n}").into()), &score(trace));
    }
    let rows = || (0..3).map(|row| (0, row)).collect();
    let inputs = [Arc::new(builder.finish().unwrap())];
    let facts = write_segment(&OsDisk, dir, &inputs, rows(), rows()).unwrap().facts;
    Arc::new(Segment::open(dir, facts).unwrap())
}

/// Whether `a`, `b` and `c` may have children, and whether they may have scores.
fn linked(segment: &Segment) -> [(bool, bool); 3] {
    let links = segment.links().unwrap();
    ["a", "b", "c"].map(|id| {
        let hash = key_hash(id);
        (links.may_have_children(hash), links.may_have_scores(hash))
    })
}

#[test]
fn a_segment_knows_which_traces_its_rows_point_to() {
    let dir = tempfile::tempdir().unwrap();
    let segment = segment(&dir.path().join("a"));
    assert_eq!(linked(&segment), [(true, false), (true, true), (false, true)]);
}

#[test]
fn rows_that_are_left_out_point_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let segment = segment(&dir.path().join("a"));
    let sources = [Source { segment, gone_traces: vec![0], gone_scores: vec![2], pricing: None }];
    let facts = compact(&OsDisk, &dir.path().join("b"), &sources).unwrap();
    let left = Segment::open(&dir.path().join("b"), facts).unwrap();
    assert_eq!(linked(&left), [(false, false), (true, true), (false, false)]);
}

#[test]
fn a_segment_from_before_does_without_them() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("a");
    let facts = segment(&dir).facts().clone();
    std::fs::remove_file(dir.join("links")).unwrap();
    std::fs::remove_file(dir.join("hourly.parquet")).unwrap();
    let segment = Segment::open(&dir, facts).unwrap();
    assert!(segment.links().is_none());
    assert!(segment.find_trace(&"child 1".into(), |_| false).unwrap().is_some());
    assert_eq!(segment.hourly(&[]).unwrap().unwrap().num_rows(), 0);
}
