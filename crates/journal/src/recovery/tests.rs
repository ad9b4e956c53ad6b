#![allow(clippy::unwrap_used)]

use std::fs;
use std::sync::Arc;

use super::*;
use crate::OsStorage;
use crate::ledger::Ledger;
use crate::log::Log;

/// Recovers `dir`; the blocks as text.
pub(crate) fn recovered(dir: &Path) -> Result<(Recovered, Vec<String>), OpenError> {
    let mut blocks = Vec::new();
    let recovered = recover(&OsStorage, dir, &mut |_, _, block| {
        blocks.push(String::from_utf8_lossy(&block).into_owned());
        Ok(())
    })?;
    Ok((recovered, blocks))
}

/// Writes each group of blocks into `dir`, in segments of at most `segment_bytes`.
pub(crate) fn write(dir: &Path, segment_bytes: u64, groups: &[&[&str]], seal: bool) {
    let (recovered, _) = recovered(dir).unwrap();
    let ledger = Arc::new(Ledger::new(Vec::new(), 0));
    let storage = Arc::new(OsStorage);
    let mut log = Log::new(storage, dir.to_path_buf(), segment_bytes, ledger, recovered);
    log.prepare().unwrap();
    for group in groups {
        let blocks: Vec<Bytes> =
            group.iter().map(|block| Bytes::copy_from_slice(block.as_bytes())).collect();
        log.append(blocks.iter()).unwrap();
    }
    if seal {
        log.seal();
    }
}

/// The segments in `dir`, oldest first.
pub(crate) fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "wal"))
        .collect();
    paths.sort();
    paths
}

/// Changes the bytes of a file.
pub(crate) fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut data = fs::read(path).unwrap();
    change(&mut data);
    fs::write(path, data).unwrap();
}

fn corrupt(dir: &Path) -> (PathBuf, u64) {
    match recovered(dir) {
        Err(OpenError::Corrupt { file, offset, .. }) => (file, offset),
        Err(other) => panic!("{other}"),
        Ok((_, blocks)) => panic!("recovered {blocks:?}"),
    }
}

#[test]
fn an_empty_directory_is_an_empty_log() {
    let dir = tempfile::tempdir().unwrap();
    let (recovered, blocks) = recovered(dir.path()).unwrap();
    assert!(blocks.is_empty());
    assert_eq!(recovered.next_base, 0);
    assert_eq!(recovered.durable(), 0);
}

#[test]
fn blocks_come_back_over_segments_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 200, &[&["a", "b"], &["c"], &["d"]], false);
    write(dir.path(), 200, &[&["e"]], true);
    write(dir.path(), 200, &[], true);
    let (recovered, blocks) = recovered(dir.path()).unwrap();
    assert_eq!(blocks, ["a", "b", "c", "d", "e"]);
    // 64 + 40 + 18, then a group of 49 fits into 200 and the next does not.
    assert_eq!(recovered.segments.len(), 3);
    // The segment of the last start had no groups.
    assert_eq!(recovered.void.len(), 1);
    assert!(recovered.next_base > recovered.void[0]);
    assert_eq!(recovered.link.unwrap().base, recovered.segments[2].base);
}

#[test]
fn a_torn_last_group_is_dropped_and_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["first"], &["second", "third"]], false);
    let path = segments(dir.path()).remove(0);
    let size = fs::metadata(&path).unwrap().len();
    for lost in [1, 10, 50] {
        // A hole in the group, as if its first page had not made it.
        edit(&path, |data| {
            let end = data.len();
            data[end - lost..].fill(0);
        });
        let (recovered, blocks) = recovered(dir.path()).unwrap();
        assert_eq!(blocks, ["first"]);
        assert!(recovered.next_base > recovered.durable());
        assert_eq!(fs::metadata(&path).unwrap().len(), 64 + 40 + 8 + 5);
        edit(&path, |data| data.resize(size as usize, 0xff));
    }
}

#[test]
fn a_hole_below_a_later_group_is_corruption() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["first"], &["second"], &["third"]], false);
    let path = segments(dir.path()).remove(0);
    let second = 64 + 40 + 8 + 5;
    edit(&path, |data| data[second..second + 30].fill(0));
    assert_eq!(corrupt(dir.path()), (path, second as u64));
}

#[test]
fn a_seal_makes_damage_to_the_last_group_show() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["only"]], true);
    let path = segments(dir.path()).remove(0);
    edit(&path, |data| data[64 + 40 + 8] ^= 1);
    assert_eq!(corrupt(dir.path()), (path, 64 + 40));
}

#[test]
fn a_restart_makes_damage_to_the_last_group_show() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["only"]], false);
    write(dir.path(), 4096, &[], false);
    let path = segments(dir.path()).remove(0);
    edit(&path, |data| data.truncate(64 + 40));
    assert_eq!(corrupt(dir.path()), (path, 64));
}

#[test]
fn a_missing_middle_segment_is_named() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 64, &[&["a"], &["b"], &["c"]], false);
    let paths = segments(dir.path());
    assert_eq!(paths.len(), 3);
    fs::remove_file(&paths[1]).unwrap();
    assert_eq!(corrupt(dir.path()), (paths[1].clone(), 0));
    // Without the oldest it is a log after a checkpoint.
    fs::remove_file(&paths[0]).unwrap();
    assert_eq!(recovered(dir.path()).unwrap().1, ["c"]);
}

#[test]
fn an_unfinished_segment_is_void_and_a_damaged_header_before_groups_is_not() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["a"]], false);
    let used = segments(dir.path()).remove(0);
    let torn = dir.path().join(file_name(0x1000));
    fs::write(&torn, [0; SEGMENT_HEADER]).unwrap();
    let (recovered, blocks) = recovered(dir.path()).unwrap();
    assert_eq!(blocks, ["a"]);
    assert_eq!(recovered.void, [0x1000]);
    assert_eq!(recovered.next_base, 0x1000 + 64);

    fs::remove_file(&torn).unwrap();
    edit(&used, |data| data[20] ^= 1);
    assert_eq!(corrupt(dir.path()), (used, 0));
}

#[test]
fn leftovers_behind_the_end_that_the_next_segment_names_are_ignored() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["a"], &["failed"]], false);
    let path = segments(dir.path()).remove(0);
    // The next segment says that only the first group counts.
    let header =
        SegmentHeader { base: 0x1000, salt: 1, link: Some(Link { base: 0, end: 64 + 40 + 8 + 1 }) };
    fs::write(dir.path().join(file_name(0x1000)), header.encode()).unwrap();
    assert_eq!(recovered(dir.path()).unwrap().1, ["a"]);
    edit(&path, |data| data.truncate(100));
    assert_eq!(corrupt(dir.path()), (path, 64));
}

#[test]
fn a_renamed_file_and_a_newer_version_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["a"]], false);
    let path = segments(dir.path()).remove(0);
    let other = dir.path().join(file_name(5));
    fs::rename(&path, &other).unwrap();
    assert_eq!(corrupt(dir.path()), (other.clone(), 0));

    edit(&other, |data| {
        data[8] = 9;
        let checksum = crc32fast::hash(&data[..60]);
        data[60..64].copy_from_slice(&checksum.to_le_bytes());
    });
    let error = recovered(dir.path()).err().unwrap();
    assert!(matches!(error, OpenError::Version { found: 9, .. }));
}

#[test]
fn an_error_of_the_caller_stops_the_replay() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["a", "b"]], true);
    let mut calls = 0;
    let stopped = recover(&OsStorage, dir.path(), &mut |_, _, _| {
        calls += 1;
        Err(io::Error::other("no"))
    });
    let position = Position::new(64 + 40);
    assert!(matches!(stopped, Err(OpenError::Replay { position: at, .. }) if at == position));
    assert_eq!(calls, 1);
}

#[test]
fn a_lone_segment_without_groups_stays_and_keeps_the_positions() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["a"]], true);
    write(dir.path(), 4096, &[], false);
    // As a checkpoint leaves it that has passed everything.
    fs::remove_file(&segments(dir.path())[0]).unwrap();
    let (found, blocks) = recovered(dir.path()).unwrap();
    assert!(blocks.is_empty());
    assert!(found.void.is_empty());
    let base = found.segments[0].base;
    assert_eq!(found.segments.len(), 1);
    assert_eq!(found.segments[0].blocks_end, 0);
    assert_eq!(found.link, Some(Link { base, end: base + 64 }));
    assert_eq!(found.next_base, base + 64);

    // Starts without a block do not gather files.
    for _ in 0..3 {
        write(dir.path(), 4096, &[], false);
        assert_eq!(segments(dir.path()).len(), 2);
    }
    write(dir.path(), 4096, &[&["b"]], false);
    let (found, blocks) = recovered(dir.path()).unwrap();
    assert_eq!(blocks, ["b"]);
    assert_eq!(found.segments[0].base, base);
    assert!(found.segments[1].base >= base + 64);
}
