#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use tracekeep_model::{Field, Micros, Rank, State, Step, Text, TraceUnit, Unit, UnitKey, Version};
use tracekeep_segment::{Footers, OsDisk, SegmentFacts, write_segment};

use super::*;
use crate::story::no_prices;

/// A segment of a trace that began at this time.
fn written(dir: &Path, start: i64) -> (PathBuf, SegmentFacts) {
    let version = Version { rank: Rank::Stated, time: Micros(start), step: Step::Start };
    let mut unit = TraceUnit::new(Micros(start));
    let mut span = State::new(Micros(start));
    span.set(Field::StartTime, version, Micros(start));
    unit.join_span("span".into(), span);
    let unit = (UnitKey::Trace(Text::from("trace")), Arc::new(Unit::Trace(unit)));
    let rows = crate::chunk::build(&[unit], &no_prices()).unwrap();
    let dir = dir.join(start.to_string());
    let made = write_segment(&OsDisk, &dir, &[Arc::new(rows)], vec![(0, 0)], Vec::new()).unwrap();
    (dir, made.facts)
}

fn open(all: &[(PathBuf, SegmentFacts)], footers: &Footers) -> Vec<Arc<Segment>> {
    let open = |(dir, facts): &(PathBuf, SegmentFacts)| {
        Arc::new(Segment::open_within(dir, facts.clone(), footers).unwrap())
    };
    all.iter().map(open).collect()
}

/// From now on no footer of it can be read.
fn break_footers(dir: &Path) {
    for name in ["spans.parquet", "traces.parquet"] {
        let mut file = std::fs::read(dir.join(name)).unwrap();
        let end = file.len() - 4;
        file[end..].fill(0);
        std::fs::write(dir.join(name), file).unwrap();
    }
}

#[test]
fn the_latest_are_warmed_as_long_as_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let all: Vec<_> = [3_000, 1_000, 4_000, 2_000].map(|start| written(dir.path(), start)).into();
    let footers = Footers::default();
    let one = open(&all[..1], &footers);
    warm_each(&latest_first(one.iter()));
    let each = footers.bytes();
    assert!(each > 0);

    // For two segments and a part of a third.
    let footers = Footers::within(2 * each + each / 8);
    let segments = open(&all, &footers);
    warm_each(&latest_first(segments.iter()));
    let most = 2 * each + each / 8;
    assert!((2 * each - each / 8..=most).contains(&footers.bytes()), "{}", footers.bytes());
    all.iter().for_each(|(dir, _)| break_footers(dir));
    let is_warm = |segment: &&Arc<Segment>| segment.trace_unit(0).is_ok();
    let starts = segments.iter().filter(is_warm).map(|segment| segment.facts().max_start);
    assert_eq!(starts.collect::<Vec<_>>(), [3_000, 4_000]);
}

#[test]
fn a_segment_that_is_gone_or_cannot_be_read_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let all = [1_000, 2_000, 3_000].map(|start| written(dir.path(), start));
    let footers = Footers::default();
    let mut segments = open(&all, &footers);
    let order = latest_first(segments.iter());
    break_footers(&all[1].0);
    segments.truncate(2);
    warm_each(&order);
    break_footers(&all[0].0);
    let is_warm = |segment: &Arc<Segment>| segment.trace_unit(0).is_ok();
    assert_eq!(segments.iter().map(is_warm).collect::<Vec<_>>(), [true, false]);
}
