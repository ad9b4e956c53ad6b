//! How the journal fails, and gets well by itself.

use tracekeep_journal::AppendError;

use crate::model::{Disk, Fault, Trouble};
use crate::story::{Outcome, Story, small_options};

/// System calls to recover one segment: make, lock, sync and list the directory; the segment's
/// size, header and contents; and open, cut, overwrite and sync to settle it.
const CALLS_OF_RECOVERY: u64 = 11;

fn opened() -> Story {
    let mut story = Story::new(Disk::new(512, 7), small_options());
    story.open().unwrap();
    story
}

fn is_durable(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Durable { .. })
}

fn failed_with_storage(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(AppendError::Storage { .. }))
}

#[test]
fn after_a_failed_sync_the_next_block_goes_to_a_new_segment() {
    let mut story = opened();
    assert!(is_durable(&story.append(100).unwrap()));
    // The next call is the write, the one after it the sync.
    let from = story.disk.calls() + 1;
    story.disk.plan(Fault { from, calls: 1, trouble: Trouble::Fail });
    assert!(failed_with_storage(&story.append(100).unwrap()));
    let status = story.status();
    assert!(status.degraded);
    let error = status.last_error.unwrap();
    assert!(error.contains("0000000000000000.wal"), "{error}");

    assert!(is_durable(&story.append(100).unwrap()));
    let status = story.status();
    assert!(!status.degraded);
    assert!(status.last_error.is_some());
    assert_eq!(status.segments, 2);
    assert_eq!(status.head, status.durable);
    story.go_down(Trouble::PowerCut);
    story.open().unwrap();
    assert_eq!(story.promised(), 2);
}

#[test]
fn a_disk_that_stays_full_gathers_no_files_and_heals_by_itself() {
    let mut story = opened();
    assert!(is_durable(&story.append(100).unwrap()));
    story.disk.plan_next(500, Trouble::DiskFull);
    for _ in 0..50 {
        let outcome = story.append(100).unwrap();
        let Outcome::Failed(error) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(error.is_retryable());
    }
    assert!(story.disk.segments().len() <= 2);
    story.disk.heal();
    assert!(is_durable(&story.append(100).unwrap()));
    assert_eq!(story.disk.segments().len(), 2);
    story.go_down(Trouble::PowerCut);
    story.open().unwrap();
}

#[test]
fn while_the_disk_fails_only_one_block_waits_for_it() {
    let mut story = opened();
    story.disk.plan_next(1000, Trouble::Fail);
    assert!(failed_with_storage(&story.append(10).unwrap()));
    // The first is held in the sink, the second finds out, the third and fourth are refused.
    assert_eq!(story.status().queued_bytes, 0);
    assert!(failed_with_storage(&story.burst(3, 10).unwrap()));
    assert!(story.status().degraded);
    story.disk.heal();
    assert!(is_durable(&story.burst(3, 10).unwrap()));
}

#[test]
fn a_journal_opens_on_a_full_disk_and_writes_once_there_is_room() {
    let mut story = opened();
    assert!(is_durable(&story.append(100).unwrap()));
    story.close();
    let disk = story.disk.clone();
    disk.plan(Fault {
        from: disk.calls() + CALLS_OF_RECOVERY,
        calls: 100,
        trouble: Trouble::DiskFull,
    });
    story.open().unwrap();
    assert!(story.status().degraded);
    assert!(failed_with_storage(&story.append(10).unwrap()));
    disk.heal();
    assert!(is_durable(&story.append(10).unwrap()));
    assert!(!story.status().degraded);
}

#[test]
fn a_failed_sync_whose_file_cannot_be_cut_is_not_mistaken_for_corruption() {
    for seed in 0..64 {
        let mut story = Story::new(Disk::new(64, seed), small_options());
        story.open().unwrap();
        story.append(200).unwrap();
        // The sync fails, and so does cutting the file.
        let from = story.disk.calls() + 1;
        story.disk.plan(Fault { from, calls: 2 + seed % 3, trouble: Trouble::Fail });
        let outcome = story.append(900).unwrap();
        assert!(failed_with_storage(&outcome), "{outcome:?}");
        // Killed before a new segment says where the old one ends: the cache shows the failed group
        // whole, though it is not on the platter.
        story.disk.heal();
        story.go_down(Trouble::Kill);
        story.open().unwrap();
        story.go_down(Trouble::PowerCut);
        story.open().unwrap();
        assert!(is_durable(&story.append(10).unwrap()));
        story.go_down(Trouble::PowerCut);
        story.open().unwrap();
    }
}
