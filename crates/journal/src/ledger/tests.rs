#![allow(clippy::unwrap_used)]

use super::*;

fn segment(base: u64, end: u64) -> Segment {
    Segment { base, end, blocks_end: end, bytes: end - base }
}

#[test]
fn bytes_follow_the_segments() {
    let ledger = Ledger::new(vec![segment(0, 100)], 100);
    assert_eq!(ledger.bytes(), 100);
    ledger.opened(segment(100, 164));
    assert_eq!(ledger.bytes(), 164);
    ledger.writing(300);
    assert_eq!(ledger.bytes(), 164);
    ledger.synced(300, 2);
    assert_eq!(ledger.bytes(), 300);

    let status = ledger.status(7, false);
    assert_eq!(status.segments, 2);
    assert_eq!(status.blocks, 2);
    assert_eq!(status.syncs, 1);
    assert_eq!(status.queued_bytes, 7);
    assert_eq!(status.oldest, Position::new(0));
    assert_eq!(status.durable, Position::new(300));

    // Leftovers of a failed write take room until the segment goes.
    ledger.retired(Segment { base: 100, end: 300, blocks_end: 300, bytes: 250 });
    assert_eq!(ledger.bytes(), 350);
}

#[test]
fn segments_become_removable_oldest_first_and_never_the_active_one() {
    let ledger = Ledger::new(vec![segment(0, 100), segment(100, 200)], 200);
    ledger.opened(segment(200, 264));
    assert_eq!(ledger.removable(), None);
    ledger.checkpoint(Position::new(199)).unwrap();
    assert_eq!(ledger.removable(), Some(segment(0, 100)));
    ledger.removed(segment(0, 100));
    assert_eq!(ledger.removable(), None);
    ledger.checkpoint(Position::new(264)).unwrap();
    assert_eq!(ledger.removable(), Some(segment(100, 200)));
    ledger.removed(segment(100, 200));
    assert_eq!(ledger.removable(), None);
    assert_eq!(ledger.status(0, false).oldest, Position::new(200));
}

#[test]
fn the_only_segment_stays_until_there_is_another() {
    let ledger = Ledger::new(vec![segment(0, 100)], 100);
    ledger.checkpoint(Position::new(100)).unwrap();
    assert_eq!(ledger.removable(), None);
    ledger.opened(segment(100, 164));
    assert_eq!(ledger.removable(), Some(segment(0, 100)));
    // Its file may be gone from here on, so that the active one must stay.
    assert!(!ledger.discard());
    ledger.removed(segment(0, 100));
    assert!(!ledger.discard());

    ledger.retired(segment(100, 164));
    ledger.opened(segment(164, 228));
    assert!(ledger.discard());
    assert_eq!(ledger.status(0, false).segments, 1);
}

#[test]
fn what_lies_behind_the_last_block_keeps_no_segment() {
    let sealed = Segment { base: 0, end: 140, blocks_end: 100, bytes: 140 };
    let empty = Segment { base: 140, end: 204, blocks_end: 0, bytes: 64 };
    let ledger = Ledger::new(vec![sealed, empty], 204);
    ledger.opened(Segment { base: 204, end: 268, blocks_end: 0, bytes: 64 });
    assert!(!ledger.is_passed());
    ledger.checkpoint(Position::new(100)).unwrap();
    assert!(ledger.is_passed());
    for segment in [sealed, empty] {
        assert_eq!(ledger.removable(), Some(segment));
        ledger.removed(segment);
    }
    // A group without blocks is none to wait for; one with blocks is.
    ledger.synced(308, 0);
    assert!(ledger.is_passed());
    ledger.synced(400, 1);
    assert!(!ledger.is_passed());
    ledger.checkpoint(Position::new(400)).unwrap();
    assert!(ledger.is_passed());
}

#[test]
fn a_checkpoint_never_goes_back_nor_beyond_what_is_durable() {
    let ledger = Ledger::new(vec![segment(0, 100)], 100);
    ledger.checkpoint(Position::new(80)).unwrap();
    ledger.checkpoint(Position::new(20)).unwrap();
    assert_eq!(ledger.status(0, false).checkpoint, Position::new(80));
    let refused = ledger.checkpoint(Position::new(101));
    assert!(matches!(
        refused,
        Err(CheckpointError::BeyondDurable { durable, .. }) if durable == Position::new(100)
    ));
}
