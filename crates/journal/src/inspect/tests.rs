#![allow(clippy::unwrap_used)]

use std::fs;

use super::*;
use crate::OsStorage;
use crate::format::file_name;
use crate::recovery::tests::{edit, recovered, segments, write};

fn look(dir: &Path, extent: Extent) -> Result<Inspection, OpenError> {
    inspect(&OsStorage, dir, extent, &mut |_| {})
}

/// Every file and what is in it.
fn contents(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn what_is_not_there_is_an_empty_journal() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent");
    assert_eq!(look(&absent, Extent::Blocks).unwrap(), Inspection::default());
    assert_eq!(look(dir.path(), Extent::Blocks).unwrap(), Inspection::default());
    assert!(!absent.exists());
    assert_eq!(reach(&OsStorage, dir.path()).unwrap(), Position::new(0));
}

#[test]
fn all_blocks_are_counted_and_all_bytes_are_told() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 200, &[&["a", "b"], &["c"], &["d"]], false);
    write(dir.path(), 200, &[&["e"]], true);
    let before = contents(dir.path());
    let bytes: u64 = before.iter().map(|(_, data)| data.len() as u64).sum();
    let mut told = 0;
    let found = inspect(&OsStorage, dir.path(), Extent::Blocks, &mut |read| told += read).unwrap();
    assert_eq!((found.files, found.blocks, found.torn), (before.len(), 5, 0));
    assert_eq!((found.bytes, told), (bytes, bytes));
    assert_eq!(found.end, reach(&OsStorage, dir.path()).unwrap());
    assert_eq!(look(dir.path(), Extent::Headers).unwrap().blocks, 0);
    assert_eq!(contents(dir.path()), before, "it only looks");
}

#[test]
fn what_recovery_refuses_is_refused_with_the_same_words() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["first"], &["second"], &["third"]], false);
    let path = segments(dir.path()).remove(0);
    edit(&path, |data| data[64 + 40 + 8] ^= 1);
    let before = contents(dir.path());
    let error = look(dir.path(), Extent::Blocks).unwrap_err().to_string();
    assert!(error.contains("damaged at byte 104"), "{error}");
    assert_eq!(contents(dir.path()), before);
    assert_eq!(recovered(dir.path()).err().unwrap().to_string(), error);
    // The headers are whole.
    assert_eq!(look(dir.path(), Extent::Headers).unwrap().files, 1);
}

#[test]
fn a_torn_end_is_no_damage_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["first"], &["second"]], false);
    let path = segments(dir.path()).remove(0);
    edit(&path, |data| {
        let end = data.len();
        data[end - 3..].fill(0);
    });
    let before = contents(dir.path());
    let found = look(dir.path(), Extent::Blocks).unwrap();
    assert_eq!((found.blocks, found.torn), (1, 40 + 8 + 6));
    assert_eq!(found.end, Position::new(64 + 40 + 8 + 5));
    assert_eq!(contents(dir.path()), before);
}

#[test]
fn a_file_that_is_missing_in_the_middle_is_named_without_reading_blocks() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 64, &[&["a"], &["b"], &["c"]], false);
    let paths = segments(dir.path());
    fs::remove_file(&paths[1]).unwrap();
    let error = look(dir.path(), Extent::Headers).unwrap_err().to_string();
    assert!(error.contains(&paths[1].display().to_string()), "{error}");
}

#[test]
fn a_first_file_that_no_checkpoint_removed_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 4096, &[&["a block that is long enough to be one of a server"]], true);
    write(dir.path(), 4096, &[&["b"]], true);
    let blocks_end = 64 + 40 + 8 + 49;
    let whole = look(dir.path(), Extent::Headers).unwrap();
    assert_eq!(whole.missing_before(Position::new(0)), None, "the first file is there");
    fs::remove_file(dir.path().join(file_name(0))).unwrap();
    let found = look(dir.path(), Extent::Headers).unwrap();
    // Behind the block there is only the group that a clean close writes.
    assert_eq!(found.missing_before(Position::new(blocks_end)), None);
    let end = Position::new(blocks_end + 40);
    for checkpoint in [0, 64] {
        let missing = found.missing_before(Position::new(checkpoint));
        assert_eq!(missing, Some(Position::new(64)..end), "{checkpoint}");
    }
}
