#![allow(clippy::unwrap_used)]

use std::path::Path;

use tracekeep_model::{Field, Micros, Rank, Step, Text, TraceUnit, Unit, UnitKey, Version};
use tracekeep_segment::{OsDisk, key_hash, write_segment};

use super::*;
use crate::story::no_prices;

/// A segment of traces `<name>-0`, `<name>-1` and so on.
fn segment(dir: &Path, name: &str, traces: usize) -> Segment {
    let units: Vec<_> = (0..traces)
        .map(|n| {
            let mut unit = TraceUnit::new(Micros(0));
            let version = Version { rank: Rank::Stated, time: Micros(0), step: Step::Start };
            unit.state.set(Field::Name, version, "n");
            (UnitKey::Trace(Text::from(format!("{name}-{n}"))), Arc::new(Unit::Trace(unit)))
        })
        .collect();
    let rows = crate::chunk::build(&units, &no_prices()).unwrap();
    let dir = dir.join(name);
    let all = (0..traces).map(|row| (0, row)).collect();
    let made = write_segment(&OsDisk, &dir, &[Arc::new(rows)], all, Vec::new()).unwrap();
    Segment::open(&dir, made.facts).unwrap()
}

fn holds_all(filter: &KeyFilter, name: &str, traces: usize) -> bool {
    (0..traces).all(|n| filter.may_hold(key_hash(&format!("{name}-{n}"))))
}

#[test]
fn every_key_is_found_and_hardly_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (segment(dir.path(), "a", 3_000), segment(dir.path(), "b", 2_000));
    let filter = Arc::new(KeyFilter::of([&a].into_iter()));
    assert!(holds_all(&filter, "a", 3_000));
    let filter = filter.grown(&b, [&a].into_iter());
    assert!(holds_all(&filter, "a", 3_000) && holds_all(&filter, "b", 2_000));
    let wrong = (0..10_000).filter(|n| filter.may_hold(key_hash(&format!("c-{n}")))).count();
    assert!(wrong < 300, "{wrong} of 10,000 absent keys were taken for present");
}

#[test]
fn a_full_filter_is_made_anew_of_all_segments() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (segment(dir.path(), "a", 600), segment(dir.path(), "b", 600));
    let mut filter = Arc::new(KeyFilter::of([&a].into_iter()));
    let first = filter.clone();
    // The same segment again and again: what is added twice takes room twice.
    for _ in 0..3 {
        filter = filter.grown(&b, [&a].into_iter());
    }
    assert!(!Arc::ptr_eq(&first, &filter), "it was made anew when it was full");
    assert!(holds_all(&filter, "a", 600) && holds_all(&filter, "b", 600));
}
