#![allow(clippy::unwrap_used)]

use tracekeep_segment::Hours;

use super::*;

fn nothing() -> Option<RecordBatch> {
    Hours::within(0).finish().unwrap()
}

#[test]
fn what_was_kept_is_found_as_long_as_the_mask_is_the_same() {
    let kept = KeptHours::default();
    kept.keep(7, 0, nothing());
    assert!(kept.find(7, 0).unwrap().is_some());
    assert!(kept.find(7, 1).is_none());
    assert!(kept.find(8, 0).is_none());
    kept.keep(7, 1, None);
    assert!(kept.find(7, 1).unwrap().is_none());
    assert!(kept.find(7, 0).is_none());
}

#[test]
fn what_was_not_used_for_longest_makes_room() {
    let one = ENTRY_BYTES + nothing().unwrap().get_array_memory_size();
    let kept = KeptHours::within(3 * one);
    for number in 1..=3 {
        kept.keep(number, 0, nothing());
    }
    assert!(kept.find(1, 0).is_some());
    kept.keep(4, 0, nothing());
    let left: Vec<u64> = (1..=4).filter(|number| kept.find(*number, 0).is_some()).collect();
    assert_eq!(left, [1, 3, 4]);
    assert_eq!(kept.kept.lock().bytes, 3 * one);
    // Again of another mask: in the place of the one before.
    kept.keep(3, 5, nothing());
    let kept = kept.kept.into_inner();
    assert_eq!((kept.bytes, kept.segments.len()), (3 * one, 3));
}

#[test]
fn what_is_too_large_is_not_kept() {
    let kept = KeptHours::within(10);
    kept.keep(1, 0, nothing());
    assert!(kept.find(1, 0).is_none());
    assert_eq!(kept.kept.lock().bytes, 0);
}
