#![allow(clippy::unwrap_used)]

use std::path::Path;

use tempfile::TempDir;
use tracekeep_journal::{OsStorage, Storage as _};

use super::*;
use crate::config::Switch;

const NOW: Micros = Micros(1_770_000_000_000_000);

fn config(data: &Path) -> Config {
    Config {
        data: data.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        otlp_grpc: "127.0.0.1:0".parse().unwrap(),
        masking: Switch::On,
        max_body_mib: 64,
        max_in_flight_mib: 64,
        max_trace_spans: 100_000,
        seal_mib: 64,
        seal_seconds: 900,
        secret_key: None,
        demo_seed: 1,
        providers: Vec::new(),
    }
}

async fn report(data: &Path) -> Report {
    examine(&config(data), NOW).await
}

/// A data folder with an archive, a journal and a control store, all empty.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["archive", "journal"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
    }
    std::fs::write(dir.path().join("control.db"), b"SQLite format 3\0 and more").unwrap();
    dir
}

#[tokio::test]
async fn a_folder_that_is_not_there_yet_is_fine_and_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("new/data");
    let report = report(&data).await;
    assert!(!report.failed(), "{report}");
    assert!(report.to_string().contains("the first start makes it"), "{report}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_healthy_folder_is_fine_and_nothing_is_left_in_it() {
    let dir = folder();
    let report = report(dir.path()).await;
    assert!(!report.failed(), "{report}");
    assert!(report.to_string().contains("ok    lock           no server has the folder\n"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[tokio::test]
async fn a_file_in_the_place_of_the_folder_fails() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::write(&data, "").unwrap();
    let report = report(&data).await;
    assert!(report.failed());
    assert!(report.to_string().contains("is no folder\n                     name one"), "{report}");
}

#[tokio::test]
async fn damage_fails_and_is_named() {
    let dir = folder();
    std::fs::write(dir.path().join("archive/manifest.json"), "{\"format\": 99}").unwrap();
    std::fs::write(dir.path().join("control.db"), "no database").unwrap();
    let report = report(dir.path()).await;
    assert!(report.failed());
    let text = report.to_string();
    assert!(text.contains("manifest.json: has format 99"), "{text}");
    assert!(text.contains("control.db is no SQLite file"), "{text}");
    assert!(text.contains("\n2 failed, "), "{text}");
}

#[tokio::test]
async fn a_control_store_that_went_missing_is_worth_a_look() {
    let dir = folder();
    std::fs::remove_file(dir.path().join("control.db")).unwrap();
    let report = report(dir.path()).await;
    assert!(!report.failed());
    assert!(report.to_string().contains("restore it from a copy"), "{report}");
}

#[tokio::test]
async fn a_locked_folder_belongs_to_a_server() {
    let dir = folder();
    let lock = OsStorage.lock(&dir.path().join("journal")).unwrap();
    let report = report(dir.path()).await;
    drop(lock);
    assert!(!report.failed(), "{report}");
    let text = report.to_string();
    assert!(text.contains("a running server has the folder"), "{text}");
    assert!(text.contains("say where it listens"), "{text}");
}

#[tokio::test]
async fn an_address_in_use_fails() {
    let dir = folder();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(dir.path());
    config.otlp_grpc = listener.local_addr().unwrap();
    let report = examine(&config, NOW).await;
    assert!(report.failed());
    assert!(report.to_string().contains("choose another with --otlp-grpc"), "{report}");
}

#[test]
fn a_clock_before_our_time_fails() {
    for (now, failed) in [(Micros(0), true), (NOW, false)] {
        let mut report = Report::default();
        machine::check_clock(now, &mut report);
        assert_eq!(report.failed(), failed, "{report}");
    }
}

#[test]
fn free_space_is_the_number_before_the_percentage() {
    let text = "Filesystem 1024-blocks Used Available Capacity Mounted on
/dev/my disk 1000 900 100 90% /a mount 5
";
    assert_eq!(machine::free_of_df(text), Some(102_400));
    for text in ["", "Filesystem\n", "Filesystem\nproc 0 0 0 - /proc\n", "Filesystem\nx y 9%\n"] {
        assert_eq!(machine::free_of_df(text), None, "{text}");
    }
}
