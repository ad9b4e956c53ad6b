#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn files_are_made_once_written_cut_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wal");
    let mut file = OsStorage.create(&path).unwrap();
    file.write_all(b"hello ").unwrap();
    file.write_all(b"world").unwrap();
    file.sync_data().unwrap();
    assert_eq!(OsStorage.size(&path).unwrap(), 11);
    assert_eq!(OsStorage.read(&path, u64::MAX).unwrap(), b"hello world");
    assert_eq!(OsStorage.read(&path, 5).unwrap(), b"hello");

    let error = OsStorage.create(&path).err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);

    let mut file = OsStorage.open(&path).unwrap();
    file.overwrite(6, b"W").unwrap();
    file.set_len(8).unwrap();
    assert_eq!(OsStorage.read(&path, u64::MAX).unwrap(), b"hello Wo");

    assert_eq!(OsStorage.list(dir.path()).unwrap(), ["a.wal"]);
    OsStorage.remove(&path).unwrap();
    OsStorage.sync_dir(dir.path()).unwrap();
    let error = OsStorage.remove(&path).err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_directory_is_locked_once_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let nested = dir.path().join("data/journal");
    OsStorage.create_dir(&nested).unwrap();
    OsStorage.create_dir(&nested).unwrap();
    let guard = OsStorage.lock(&nested).unwrap();
    let error = OsStorage.lock(&nested).err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    drop(guard);
    OsStorage.lock(&nested).unwrap();
}

#[test]
fn salts_differ() {
    assert_ne!(OsStorage.salt(), OsStorage.salt());
}
