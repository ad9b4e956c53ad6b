//! A real process, killed while it writes to a real disk.

#![allow(clippy::disallowed_methods, reason = "a real process is waited for")]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, thread};

use bytes::Bytes;
use tracekeep_journal::{AppendError, Durable, Journal, Options, OsStorage, Sink};

const DIR: &str = "TRACEKEEP_JOURNAL_KILL_DIR";
const NOTES: &str = "acknowledged";
const ROUNDS: u64 = 5;

/// Notes each acknowledged number in a file, which a killed process leaves behind.
struct Notes(fs::File);

impl Sink<u64> for Notes {
    fn durable(&mut self, group: Vec<Durable<u64>>) {
        let mut lines = String::new();
        for durable in group {
            lines.push_str(&durable.item.to_string());
            lines.push('\n');
        }
        self.0.write_all(lines.as_bytes()).unwrap();
    }

    fn failed(&mut self, _items: Vec<u64>, error: &AppendError) {
        panic!("{error}");
    }
}

fn notes(dir: &Path) -> fs::File {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    options.open(dir.join(NOTES)).unwrap()
}

/// Opens the journal in `dir`; also the numbers that it replays.
fn open(dir: &Path) -> (Journal<u64>, Vec<u64>) {
    let mut options = Options::new(dir.join("journal"));
    options.segment_bytes = 256 * 1024;
    let mut replayed = Vec::new();
    let journal = Journal::open(
        options,
        Arc::new(OsStorage),
        |_, _, block| {
            let text = String::from_utf8_lossy(&block[..20]).into_owned();
            replayed.push(text.trim_start().parse().unwrap());
            Ok(())
        },
        Notes(notes(dir)),
    );
    (journal.unwrap(), replayed)
}

/// Run by the test below, in a process of its own: appends until it is killed.
#[tokio::test]
#[ignore = "the process that gets killed"]
async fn child() {
    let Some(dir) = env::var_os(DIR) else { return };
    let (journal, replayed) = open(Path::new(&dir));
    let mut number = replayed.last().map_or(0, |last| last + 1);
    loop {
        let text = format!("{number:>20}{}", "x".repeat(1000));
        journal.append(Bytes::from(text), number).await.unwrap();
        number += 1;
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..ROUNDS {
        // The last line of the round before may be cut short.
        let _ = fs::remove_file(dir.path().join(NOTES));
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--ignored"])
            .env(DIR, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for_more(dir.path(), 10);
        thread::sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();

        let (journal, replayed) = open(dir.path());
        journal.close();
        // One writer counts up, so nothing may be missing at all.
        let expected: Vec<u64> = (0..replayed.len() as u64).collect();
        assert_eq!(replayed, expected);
        let last = acknowledged(dir.path()).last().copied();
        assert!(replayed.last().copied() >= last, "{last:?} is lost");
    }
}

/// The whole lines of the notes.
fn acknowledged(dir: &Path) -> Vec<u64> {
    let text = fs::read_to_string(dir.join(NOTES)).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| line.parse().unwrap()).collect()
}

fn wait_for_more(dir: &Path, count: usize) {
    let start = Instant::now();
    while acknowledged(dir).len() < count {
        assert!(start.elapsed() < Duration::from_secs(30), "the child does not write");
        thread::sleep(Duration::from_millis(1));
    }
}
