#![allow(clippy::unwrap_used)]

use super::super::tests::{answer, archive};
use super::*;

const UNBOUNDED: MemoryLimits = MemoryLimits { seal: u64::MAX, wait: u64::MAX, refuse: u64::MAX };

#[test]
fn blocks_are_joined_some_at_a_time_and_none_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive(dir.path());
    let mut replay = Replay::new(&archive, UNBOUNDED);
    for n in 0..MOST_BLOCKS + 10 {
        replay.take(n as u64 + 1, &answer(n, 0).encode()).unwrap();
    }
    assert_eq!(archive.status().memory_spans, MOST_BLOCKS as u64);
    replay.join().unwrap();
    assert_eq!(archive.status().memory_spans, MOST_BLOCKS as u64 + 10);
    assert_eq!(replay.blocks, MOST_BLOCKS as u64 + 10);
    archive.seal().unwrap();
    assert_eq!(archive.checkpoint(), MOST_BLOCKS as u64 + 10);
}

#[test]
fn memory_is_sealed_while_late_patches_are_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive(dir.path());
    let mut replay = Replay::new(&archive, MemoryLimits { seal: 1, ..UNBOUNDED });
    for n in 0..12 {
        replay.take(n as u64 + 1, &answer(n % 3, n as i64).encode()).unwrap();
    }
    replay.join().unwrap();
    let status = archive.status();
    assert_eq!((status.memory_spans, status.checkpoint), (0, 12));
    assert_eq!(status.stored_spans, 3, "each trace is there once");
}

#[test]
fn what_is_no_block_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let archive = archive(dir.path());
    let mut replay = Replay::new(&archive, UNBOUNDED);
    let error = replay.take(1, &Bytes::from_static(b"\xffnothing")).unwrap_err();
    assert!(error.to_string().contains("newer Tracekeep"), "{error}");
}
