#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    KeyPair, Presented,
    test_support::{NOW, first_start, rng},
};

/// Whether any file of the folder has these bytes.
fn on_disk(folder: &Path, needle: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    })
}

#[tokio::test]
async fn a_file_store_is_as_durable_as_it_must_be() {
    let dir = tempfile::tempdir().unwrap();
    let control = Control::open(&dir.path().join("control.db")).await.unwrap();
    let journal_mode =
        sqlx::query_scalar::<Sqlite, String>("PRAGMA journal_mode").fetch_one(&control.pool).await;
    assert_eq!(journal_mode.unwrap(), "wal");
    let synchronous =
        sqlx::query_scalar::<Sqlite, i64>("PRAGMA synchronous").fetch_one(&control.pool).await;
    assert_eq!(synchronous.unwrap(), 2, "2 is FULL");
    let foreign_keys =
        sqlx::query_scalar::<Sqlite, i64>("PRAGMA foreign_keys").fetch_one(&control.pool).await;
    assert_eq!(foreign_keys.unwrap(), 1);
}

#[tokio::test]
async fn reopening_keeps_everything_and_migrates_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    let control = Control::open(&path).await.unwrap();
    let (project, pair) = first_start(&control).await;
    control.close().await;

    let control = Control::open(&path).await.unwrap();
    assert_eq!(control.projects().await.unwrap(), std::slice::from_ref(&project));
    let secret = pair.secret().expose();
    let credential = control.authenticate_secret(secret).await.unwrap().unwrap();
    assert_eq!(*credential.project_id, *project.id);
    let sql = "SELECT COUNT(*) FROM _sqlx_migrations";
    let applied = sqlx::query_scalar::<Sqlite, i64>(sql).fetch_one(&control.pool).await.unwrap();
    assert_eq!(usize::try_from(applied).unwrap(), migrations::all().iter().count());
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    let control = Control::open(&path).await.unwrap();
    let sql = "INSERT INTO _sqlx_migrations
                   (version, description, success, checksum, execution_time)
               VALUES (9999, 'from the future', TRUE, X'00', 0)";
    sqlx::query::<Sqlite>(sql).execute(&control.pool).await.unwrap();
    control.close().await;

    let error = Control::open(&path).await.unwrap_err();
    assert!(matches!(error, ControlError::NewerSchema { version: 9999, .. }));
    assert!(error.to_string().contains("control.db"));
    assert!(error.to_string().contains("newer Tracekeep"));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    std::fs::write(&path, "this is a text file, not a database; ".repeat(100)).unwrap();
    let error = Control::open(&path).await.unwrap_err();
    assert!(error.to_string().contains("control.db"), "{error}");
}

#[tokio::test]
async fn a_missing_folder_is_an_error_that_names_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("missing").join("control.db");
    let error = Control::open(&path).await.unwrap_err();
    assert!(matches!(error, ControlError::Open { .. }));
    assert!(error.to_string().contains("missing"));
}

#[tokio::test]
async fn secrets_are_never_on_disk_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    let control = Control::open(&dir.path().join("control.db")).await.unwrap();
    let (project, first) = first_start(&control).await;
    let second = KeyPair::generate(&mut rng(2));
    control.create_key(&project.id, &second, "second", NOW).await.unwrap();
    for pair in [&first, &second] {
        let presented = Presented::Secret(pair.secret().expose());
        assert!(control.authenticate(presented, NOW).await.unwrap().is_some());
    }

    // Once with the write-ahead log, once when it is folded into the file.
    for closed in [false, true] {
        if closed {
            control.close().await;
        }
        for pair in [&first, &second] {
            assert!(on_disk(dir.path(), pair.public()), "else the scan is blind");
            assert!(!on_disk(dir.path(), pair.secret().expose()));
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    let control = Control::open(&path).await.unwrap();
    first_start(&control).await;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", entry.path());
    }
}
