//! Sizes, checkpoints and the lock.

use std::sync::Arc;

use tracekeep_journal::{AppendError, CheckpointError, Journal, OpenError, OsStorage, Position};

use crate::model::Disk;
use crate::story::{Outcome, Recorder, Story, small_options};

#[test]
fn a_full_journal_refuses_until_a_checkpoint_makes_room() {
    let mut options = small_options();
    options.max_block_bytes = 1000;
    options.max_bytes = 16 * 1024;
    let mut story = Story::new(Disk::new(512, 3), options);
    story.open().unwrap();
    let mut appended = 0;
    let error = loop {
        match story.append(1000) {
            Ok(Outcome::Durable { .. }) => appended += 1,
            Ok(outcome) => panic!("{outcome:?}"),
            Err(error) => break error,
        }
        assert!(appended < 100);
        assert!(story.status().bytes <= 16 * 1024);
    };
    assert!(matches!(error, AppendError::Full { limit: 16_384, .. }), "{error}");
    assert!(error.is_retryable());
    assert!(appended > 10, "{appended}");
    let segments = story.status().segments;

    story.checkpoint(255);
    assert_eq!(story.status().segments, 1);
    assert!(segments > 3);
    assert!(matches!(story.append(1000), Ok(Outcome::Durable { .. })));
    story.close();
    story.open().unwrap();
    assert!(story.promised() < appended);
}

#[test]
fn a_block_over_the_limit_is_refused_for_good() {
    let mut options = small_options();
    options.max_block_bytes = 1000;
    let mut story = Story::new(Disk::new(512, 3), options);
    story.open().unwrap();
    assert!(matches!(story.append(1000), Ok(Outcome::Durable { .. })));
    let error = story.append(1001).unwrap_err();
    let expected = AppendError::BlockTooLarge { size: 1001, limit: 1000 };
    assert_eq!(error, expected);
}

#[test]
fn a_block_larger_than_segment_group_and_copy_buffer_fits() {
    let mut options = small_options();
    options.max_block_bytes = 1024 * 1024;
    let mut story = Story::new(Disk::new(4096, 3), options);
    story.open().unwrap();
    for size in [10, 700_000, 10, 300_000, 255 * 1024, 10] {
        assert!(matches!(story.append(size), Ok(Outcome::Durable { .. })));
    }
    story.burst(3, 280_000);
    story.close();
    story.open().unwrap();
    assert_eq!(story.promised(), 10);
}

#[test]
fn a_checkpoint_beyond_what_is_durable_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = small_options();
    options.dir = dir.path().join("journal");
    let journal: Journal<u64> =
        Journal::open(options, Arc::new(OsStorage), |_, _, _| Ok(()), Recorder::default()).unwrap();
    let durable = journal.status().durable;
    journal.checkpoint(durable).unwrap();
    let beyond = Position::new(durable.get() + 1);
    let refused = journal.checkpoint(beyond);
    assert!(
        matches!(refused, Err(CheckpointError::BeyondDurable { position, .. }) if position == beyond)
    );
}

#[test]
fn a_directory_is_open_once_and_free_after_closing() {
    let dir = tempfile::tempdir().unwrap();
    let open = || -> Result<Journal<u64>, OpenError> {
        let mut options = small_options();
        options.dir = dir.path().join("journal");
        Journal::open(options, Arc::new(OsStorage), |_, _, _| Ok(()), Recorder::default())
    };
    let journal = open().unwrap();
    assert!(matches!(open(), Err(OpenError::Locked { .. })));
    journal.close();
    open().unwrap();
}

#[test]
fn options_that_cannot_work_are_refused() {
    let mut options = small_options();
    options.max_bytes = 5000;
    let mut story = Story::new(Disk::new(512, 3), options);
    assert!(matches!(story.open(), Err(OpenError::Options { .. })));
}
