use tracekeep_segment::SegmentFacts;

use super::*;
use crate::mask::Mask;

const MIB: u64 = 1 << 20;

fn entry(number: u64, day: i64, bytes: u64) -> SegmentEntry {
    SegmentEntry {
        project: "p".into(),
        shelf: Shelf::records(Micros(day * Micros::DAY)),
        number,
        facts: SegmentFacts { bytes, ..SegmentFacts::default() },
        mask: Mask::default(),
        masked_since: None,
        prices: None,
    }
}

fn hours(hours: i64) -> Micros {
    Micros(hours * Micros::HOUR)
}

/// The numbers of what is chosen; none if nothing is.
fn chosen(shelves: &mut Shelves, segments: &[SegmentEntry], now: Micros) -> Vec<u64> {
    let chosen = shelves.choose(segments, now, |_| false).unwrap_or_default();
    chosen.iter().map(|entry| entry.number).collect()
}

#[test]
fn what_comes_begins_the_wait_anew() {
    let mut shelves = Shelves::default();
    let mut segments = vec![entry(1, 0, MIB), entry(2, 0, MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(0)), [0; 0]);
    segments.push(entry(3, 0, MIB));
    assert_eq!(chosen(&mut shelves, &segments, hours(1)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(2).plus(-1)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(2)), [1, 2, 3]);
}

#[test]
fn each_shelf_waits_by_itself() {
    let mut shelves = Shelves::default();
    let mut segments = vec![entry(1, 0, MIB), entry(2, 0, MIB), entry(3, 1, MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(0)), [0; 0]);
    segments.push(entry(4, 1, MIB));
    assert_eq!(chosen(&mut shelves, &segments, hours(1)), [1, 2]);
    let segments = [entry(5, 0, 2 * MIB), entry(3, 1, MIB), entry(4, 1, MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(2)), [3, 4]);
}

#[test]
fn the_oldest_rows_come_first() {
    let mut shelves = Shelves::default();
    let mut segments = vec![entry(1, 0, MIB), entry(2, 0, 2 * MIB)];
    segments[0].facts.min_start = 9;
    segments[1].facts.min_start = 5;
    assert_eq!(chosen(&mut shelves, &segments, hours(0)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(1)), [2, 1]);
}

#[test]
fn a_large_segment_waits_for_company_or_a_day() {
    let mut shelves = Shelves::default();
    let segments = [entry(1, 0, 40 * MIB), entry(2, 0, MIB), entry(3, 0, 2 * MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(0)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(1)), [2, 3]);
    let segments = [entry(1, 0, 40 * MIB), entry(4, 0, 3 * MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(1)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(24)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(25)), [1, 4]);
    // A quarter of it has come.
    let segments = [entry(1, 0, 40 * MIB), entry(4, 0, 3 * MIB), entry(5, 0, 7 * MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(26)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(27)), [1, 4, 5]);
}

#[test]
fn what_would_be_large_stays_as_it_is() {
    let mut shelves = Shelves::default();
    let segments = [entry(1, 0, 60 * MIB), entry(2, 0, 3 * MIB), entry(3, 0, 3 * MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(0)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(48)), [2, 3]);
    let segments = [entry(1, 0, 60 * MIB), entry(4, 0, 6 * MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(48)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(96)), [0; 0]);
}

#[test]
fn what_failed_is_let_alone() {
    let mut shelves = Shelves::default();
    let segments = [entry(1, 0, MIB), entry(2, 0, MIB), entry(3, 0, MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(0)), [0; 0]);
    let found = shelves.choose(&segments, hours(1), |number| number == 2);
    let numbers: Vec<u64> = found.iter().flatten().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 3]);
}

#[test]
fn a_clock_that_is_put_back_delays_nothing_for_long() {
    let mut shelves = Shelves::default();
    let segments = [entry(1, 0, MIB), entry(2, 0, MIB)];
    assert_eq!(chosen(&mut shelves, &segments, hours(1_000)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(5)), [0; 0]);
    assert_eq!(chosen(&mut shelves, &segments, hours(6)), [1, 2]);
}
