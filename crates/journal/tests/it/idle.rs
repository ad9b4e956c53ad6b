//! A journal with nothing to do holds nothing that the archive has.

use crate::model::{Disk, Fault, Trouble};
use crate::story::{Outcome, Story, small_options};

/// Bytes of a segment without groups.
const EMPTY: usize = 64;

fn opened() -> Story {
    let mut story = Story::new(Disk::new(512, 5), small_options());
    story.open().unwrap();
    story
}

fn append(story: &mut Story, size: usize) {
    let outcome = story.append(size).unwrap();
    assert!(matches!(outcome, Outcome::Durable { .. }), "{outcome:?}");
}

/// The sizes of the files.
fn sizes(story: &Story) -> Vec<usize> {
    story.disk.segments().into_iter().map(|(_, bytes)| bytes).collect()
}

#[test]
fn once_everything_is_in_the_archive_an_empty_segment_is_left() {
    let mut story = opened();
    for size in [300, 3000, 900] {
        append(&mut story, size);
    }
    assert!(story.status().segments > 1);
    story.rest();
    assert_eq!(sizes(&story), [EMPTY]);
    let status = story.status();
    assert_eq!((status.segments, status.bytes), (1, EMPTY as u64));

    append(&mut story, 100);
    story.go_down(Trouble::PowerCut);
    story.open().unwrap();
    assert_eq!(story.promised(), 1);
}

#[test]
fn a_rest_that_changes_nothing_touches_nothing() {
    let mut story = opened();
    append(&mut story, 300);
    story.rest();
    let calls = story.disk.calls();
    story.rest();
    story.rotate();
    assert_eq!(story.disk.calls(), calls);
}

#[test]
fn what_the_archive_has_not_keeps_its_segment() {
    let mut story = opened();
    append(&mut story, 300);
    append(&mut story, 300);
    // Behind the first of the two.
    story.checkpoint(0);
    let before = story.disk.segments();
    story.rotate();
    assert_eq!(story.disk.segments(), before);
    story.go_down(Trouble::PowerCut);
    story.open().unwrap();
    assert_eq!(story.promised(), 2);
}

#[test]
fn what_a_clean_close_left_goes_at_the_next_start() {
    let mut story = opened();
    append(&mut story, 300);
    // The last segment ends with a seal, which is behind every checkpoint.
    story.close();
    story.open().unwrap();
    assert_eq!(story.disk.segments().len(), 2);
    story.rest();
    assert_eq!(sizes(&story), [EMPTY]);
}

#[test]
fn restarts_of_an_idle_journal_gather_no_files_and_repeat_no_position() {
    let mut story = opened();
    append(&mut story, 300);
    story.rest();
    for trouble in [Trouble::Kill, Trouble::PowerCut, Trouble::Kill, Trouble::PowerCut] {
        story.go_down(trouble);
        story.open().unwrap();
        assert!(sizes(&story).iter().all(|bytes| *bytes == EMPTY));
        assert!(story.disk.segments().len() <= 2);
    }
    // The story checks that the block is behind all that came before.
    append(&mut story, 100);
}

#[test]
fn an_empty_segment_whose_first_group_fails_is_left_if_it_is_alone() {
    let mut story = opened();
    append(&mut story, 300);
    story.rest();
    story.disk.plan_next(50, Trouble::DiskFull);
    assert!(matches!(story.append(100), Ok(Outcome::Failed(_))));
    assert_eq!(story.disk.segments().len(), 1);
    story.disk.heal();
    story.go_down(Trouble::PowerCut);
    story.open().unwrap();
    append(&mut story, 100);
}

#[test]
fn a_new_segment_that_cannot_be_made_is_noted_and_tried_again() {
    let mut story = opened();
    append(&mut story, 300);
    let from = story.disk.calls();
    story.disk.plan(Fault { from, calls: 20, trouble: Trouble::Fail });
    story.rest();
    let status = story.status();
    assert!(status.last_error.is_some());
    assert!(!status.degraded);
    // The old segment is the only one, and stays.
    assert_eq!(status.segments, 1);

    story.disk.heal();
    story.rest();
    assert_eq!(sizes(&story), [EMPTY]);
    append(&mut story, 100);
}
