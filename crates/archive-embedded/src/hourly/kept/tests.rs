#![allow(clippy::unwrap_used)]

use super::*;
use crate::story::Story;

#[tokio::test(flavor = "multi_thread")]
async fn the_hours_of_a_segment_are_read_once_as_long_as_its_mask_is_the_same() {
    let mut story = Story::new();
    story.seal(0, 20);
    story.seal(1, 20);
    let kept = KeptHours::default();
    let hours = |story: &Story, n: usize| kept.of_segment(&story.snapshot.segments[n]);
    let first = hours(&story, 0).unwrap().unwrap();
    let second = hours(&story, 1).unwrap().unwrap();
    assert!(first.num_rows() > 0);
    assert_ne!(first, second);
    story.mask();
    let without = hours(&story, 0).unwrap().unwrap();
    assert_ne!(first, without);
    // From now on nothing can be read.
    for masked in &story.snapshot.segments {
        std::fs::remove_dir_all(masked.segment.dir()).unwrap();
    }
    assert_eq!(hours(&story, 0).unwrap().unwrap(), without);
    // Of the other, only hours with all its traces were kept.
    assert!(hours(&story, 1).is_err());
    story.mask();
    assert!(hours(&story, 0).is_err());
}

#[test]
fn hours_weigh_what_they_hold_and_that_there_are_too_many_weighs_too() {
    let hours = tracekeep_segment::Hours::within(0).finish().unwrap().unwrap();
    let rows = hours.get_array_memory_size();
    assert_eq!(SegmentHours(Some(hours)).bytes(), ENTRY_BYTES + rows);
    assert_eq!(SegmentHours(None).bytes(), ENTRY_BYTES);
}
