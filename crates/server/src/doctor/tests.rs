#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tracekeep_journal::{AppendError, Durable, Journal, Options, OsStorage, Sink, Storage as _};

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
        estimate_tokens: crate::config::Switch::On,
        estimate_tokens_after_seconds: 5,
        demo_seed: 1,
        providers: Vec::new(),
    }
}

async fn report(data: &Path) -> Report {
    report_of(&config(data), Extent::Everything).await
}

async fn report_of(config: &Config, extent: Extent) -> Report {
    examine(config, NOW, extent, &mut Progress::new(&mut |_| {})).await
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

/// Waits for nothing that becomes of its blocks.
struct Nobody;

impl Sink<()> for Nobody {
    fn durable(&mut self, _: Vec<Durable<()>>) {}
    fn failed(&mut self, _: Vec<()>, _: &AppendError) {}
}

/// Puts a journal of some blocks into a folder; says where its first file is.
async fn with_journal(dir: &Path) -> PathBuf {
    let options = Options::new(dir.join("journal"));
    let journal = Journal::open(options, Arc::new(OsStorage), |_, _, _| Ok(()), Nobody).unwrap();
    for _ in 0..20 {
        journal.append(vec![7_u8; 1_000].into(), ()).await.unwrap();
    }
    journal.close();
    dir.join("journal/0000000000000000.wal")
}

/// An archive that needs the journal from a position on.
fn with_checkpoint(dir: &Path, checkpoint: u64) {
    let manifest =
        format!("{{\"format\":2,\"checkpoint\":{checkpoint},\"next_segment\":1,\"segments\":[]}}");
    std::fs::write(dir.join("archive/manifest.json"), manifest).unwrap();
}

#[tokio::test]
async fn a_whole_journal_is_read_to_its_end() {
    let dir = folder();
    let file = with_journal(dir.path()).await;
    let whole = std::fs::read(&file).unwrap();
    let report = report(dir.path()).await;
    assert!(!report.failed(), "{report}");
    assert!(report.to_string().contains("20 blocks read and whole"), "{report}");
    assert_eq!(std::fs::read(&file).unwrap(), whole);
}

#[tokio::test]
async fn a_damaged_block_fails_with_what_is_at_stake_unless_blocks_are_not_read() {
    let dir = folder();
    let file = with_journal(dir.path()).await;
    with_checkpoint(dir.path(), 2_000);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[3_000..3_004].copy_from_slice(b"XXXX");
    std::fs::write(&file, &bytes).unwrap();
    let report = report(dir.path()).await;
    assert!(report.failed(), "{report}");
    let text = report.to_string();
    assert!(text.contains("0000000000000000.wal is damaged at byte "), "{text}");
    let only = bytes.len() - 2_000;
    assert!(text.contains(&format!("in the journal only: up to {only} bytes")), "{text}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "nothing was mended");

    let quick = report_of(&config(dir.path()), Extent::Ends).await;
    assert!(!quick.failed(), "{quick}");
    assert!(quick.to_string().contains("blocks not read"), "{quick}");
}

#[tokio::test]
async fn a_journal_that_ends_before_the_checkpoint_fails() {
    let dir = folder();
    let file = with_journal(dir.path()).await;
    with_checkpoint(dir.path(), 9_000);
    let report_of_whole = report(dir.path()).await;
    assert!(!report_of_whole.failed(), "{report_of_whole}");
    // Cut within its header, and not there at all.
    let whole = std::fs::read(&file).unwrap();
    for (kept, end) in [(Some(64), 64), (None, 0)] {
        match kept {
            Some(kept) => std::fs::write(&file, &whole[..kept]).unwrap(),
            None => std::fs::remove_dir_all(dir.path().join("journal")).unwrap(),
        }
        for extent in [Extent::Ends, Extent::Everything] {
            let report = report_of(&config(dir.path()), extent).await;
            assert!(report.failed(), "{report}");
            let text = report.to_string();
            assert!(text.contains(&format!("it ends at position {end},")), "{text}");
            assert!(text.contains("from 9000 on and not sealed is lost"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_first_file_that_is_still_needed_fails() {
    let dir = folder();
    let file = with_journal(dir.path()).await;
    // The next start begins another file, which names the first.
    with_journal(dir.path()).await;
    with_checkpoint(dir.path(), 5_000);
    assert!(!report(dir.path()).await.failed());
    std::fs::remove_file(&file).unwrap();
    let report = report(dir.path()).await;
    assert!(report.failed(), "{report}");
    assert!(
        report.to_string().contains("first files are missing: of positions 5000 to"),
        "{report}"
    );
}

#[tokio::test]
async fn a_torn_end_is_worth_a_look() {
    let dir = folder();
    let file = with_journal(dir.path()).await;
    let mut bytes = std::fs::read(&file).unwrap();
    // Behind the group that a clean close writes.
    bytes.extend([0; 100]);
    std::fs::write(&file, bytes).unwrap();
    let report = report(dir.path()).await;
    assert!(!report.failed(), "{report}");
    assert!(report.to_string().contains("100 bytes at its end are no whole group"), "{report}");
}

#[tokio::test]
async fn a_journal_that_went_before_anything_was_sealed_is_worth_a_look() {
    let dir = folder();
    let report = report(dir.path()).await;
    assert!(!report.failed(), "{report}");
    assert!(report.to_string().contains("has no journal, though a server ran here"), "{report}");
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
    let report = report_of(&config, Extent::Everything).await;
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
