//! Large texts in an archive, from merging to the answer.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tracekeep_archive::{Archive as _, ArchiveError};
use tracekeep_model::block::Block;
use tracekeep_model::{Field, Micros, Rank, RecordKey, State, Step, Text, Version};
use tracekeep_query::{Cell, Query, ResultTable};

use crate::{Embedded, Options};

const NOON: Micros = Micros(1_770_000_000_000_000);
const MIB: usize = 1 << 20;

struct Large {
    archive: Embedded,
    end: u64,
    dir: TempDir,
}

impl Large {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let archive = Embedded::open(Options::new(dir.path())).unwrap();
        Self { archive, end: 0, dir }
    }

    fn merge(&mut self, key: RecordKey, state: State) {
        self.end += 1;
        let block = Block { project_id: "p".into(), received: NOON, patches: vec![(key, state)] };
        self.archive.merge(block, self.end).unwrap();
    }

    /// A trace of one span with this input, which begins so many seconds after noon.
    fn span(&mut self, trace: &str, second: i64, input: &str) {
        let time = NOON.plus(second * Micros::SECOND);
        let version = Version { rank: Rank::Stated, time, step: Step::Start };
        let mut state = State::new(NOON);
        state.set(Field::StartTime, version, time);
        state.set(Field::Input, version, input);
        self.merge(RecordKey::Span { trace_id: trace.into(), span_id: "s".into() }, state);
    }

    async fn asked(&self, json: &str) -> Result<ResultTable, ArchiveError> {
        let query = Query::from_json(json).unwrap();
        self.archive.query("p", &query).await.map(|page| page.table)
    }

    /// The texts of the first column.
    async fn texts(&self, json: &str) -> Vec<String> {
        let rows = self.asked(json).await.unwrap().rows;
        rows.iter().map(|row| row[0].as_text().unwrap_or("-").to_owned()).collect()
    }

    async fn input(&self, trace: &str) -> Option<Text> {
        let unit = self.archive.trace("p", trace).await.unwrap()?;
        unit.spans.get("s").and_then(|state| state.text(Field::Input).cloned())
    }

    fn blobs(&self) -> Vec<PathBuf> {
        blobs(&self.dir.path().join("segments"))
    }
}

/// All files of blobs in a folder.
fn blobs(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(blobs(&path));
        } else if path.file_name().is_some_and(|name| name == "blobs") {
            found.push(path);
        }
    }
    found
}

/// Text of so many bytes that does not compress well.
fn noise(seed: u64, bytes: usize) -> String {
    let mut n = seed + 1;
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(&format!("{:016x}", n ^ (n >> 29)));
    }
    text.truncate(bytes);
    text
}

const INPUTS: &str = r#"{"table":"spans","select":["input"],"order":[{"by":"trace_id"}]}"#;
const FOUND: &str = r#"{"table":"spans","select":["trace_id"],"order":[{"by":"trace_id"}],
    "filter":{"search":"the NEEDLE"}}"#;
const CONTAINS: &str = r#"{"table":"spans","select":["trace_id"],"order":[{"by":"trace_id"}],
    "filter":{"field":"input","op":"contains","value":"the needle"}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_come_back_and_are_searched_to_their_end() {
    let mut it = Large::new();
    let long = format!("{}the needle", noise(1, 20 * MIB));
    it.span("large", 0, &long);
    it.span("small", 1, "not that one");
    it.archive.seal().unwrap();
    assert_eq!(it.blobs().len(), 1);
    assert!(it.input("large").await.is_some_and(|input| *input == *long));
    assert!(it.texts(INPUTS).await == [long.as_str(), "not that one"]);
    assert_eq!(it.texts(FOUND).await, ["large"]);
    assert_eq!(it.texts(CONTAINS).await, ["large"]);
    let newest = r#"{"table":"spans","select":["input"],"limit":1}"#;
    assert_eq!(it.texts(newest).await, ["not that one"]);
    // A late patch re-opens the trace, and the next segment has the text.
    let version = Version { rank: Rank::Stated, time: NOON, step: Step::End };
    let mut end = State::new(NOON);
    end.set(Field::Output, version, "done");
    it.merge(RecordKey::Span { trace_id: "large".into(), span_id: "s".into() }, end);
    assert_eq!(it.texts(FOUND).await, ["large"]);
    it.archive.seal().unwrap();
    while it.archive.compact(Micros(0)).unwrap() {}
    let Large { archive, dir, end } = it;
    drop(archive);
    let it = Large { archive: Embedded::open(Options::new(dir.path())).unwrap(), dir, end };
    assert_eq!(it.blobs().len(), 1);
    assert!(it.texts(INPUTS).await == [long.as_str(), "not that one"]);
    assert!(it.input("large").await.is_some_and(|input| *input == *long));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_damaged_blob_is_told_with_its_file() {
    let mut it = Large::new();
    it.span("large", 0, &noise(1, MIB));
    it.span("small", 1, "not that one");
    it.archive.seal().unwrap();
    let path = it.blobs().remove(0);
    let whole = std::fs::read(&path).unwrap();
    let mut bad = whole.clone();
    bad[1_000] ^= 1;
    for damaged in [Some(bad), None] {
        match damaged {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        for question in [INPUTS, FOUND, CONTAINS] {
            let error = it.asked(question).await.unwrap_err();
            assert!(matches!(error, ArchiveError::Failed(_)), "{error}");
            assert!(error.to_string().contains("blobs"), "{error}");
        }
        let error = it.archive.trace("p", "large").await.unwrap_err().to_string();
        assert!(error.contains("blobs"), "{error}");
        // What needs no blob is answered.
        assert_eq!(it.input("small").await.as_deref(), Some("not that one"));
        let ids = r#"{"table":"spans","select":["trace_id"],"order":[{"by":"trace_id"}]}"#;
        assert_eq!(it.texts(ids).await, ["large", "small"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_queries_may_hold_is_refused_but_searched() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { query_memory_bytes: 16 * MIB, ..Options::new(dir.path()) };
    let mut it = Large { archive: Embedded::open(options).unwrap(), end: 0, dir };
    for n in 0..10 {
        let input = format!("{}the needle", noise(n, 3 * MIB));
        it.span(&format!("t{n}"), i64::try_from(n).unwrap(), &input);
    }
    it.archive.seal().unwrap();
    assert_eq!(it.texts(FOUND).await.len(), 10);
    assert_eq!(it.texts(CONTAINS).await.len(), 10);
    let error = it.asked(INPUTS).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Budget(_)), "{error}");
    let two = r#"{"table":"spans","select":["input"],"limit":2}"#;
    let texts = it.texts(two).await;
    assert!(texts[0] == format!("{}the needle", noise(9, 3 * MIB)));
    assert_eq!(texts.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_texts_are_compared_and_sorted_by() {
    let mut it = Large::new();
    let mut inputs: Vec<String> = (0..6).map(|n| noise(n * 7, MIB / 2)).collect();
    for (n, input) in inputs.iter().enumerate() {
        it.span(&format!("t{n}"), 0, input);
    }
    it.archive.seal().unwrap();
    let prefix = &inputs[3][..40];
    let starts = format!(
        r#"{{"table":"spans","select":["trace_id"],
            "filter":{{"field":"input","op":"starts_with","value":"{prefix}"}}}}"#
    );
    assert_eq!(it.texts(&starts).await, ["t3"]);
    let equal = r#"{"table":"spans","select":["trace_id"],
        "filter":{"field":"input","op":"eq","value":"something else"}}"#;
    assert!(it.texts(equal).await.is_empty());
    let sorted = r#"{"table":"spans","select":["input"],"order":[{"by":"input"}]}"#;
    inputs.sort();
    assert!(it.texts(sorted).await == inputs);
    let counted = r#"{"table":"spans","measures":[{"fn":"count_distinct","field":"input"}]}"#;
    assert_eq!(it.asked(counted).await.unwrap().rows, [[Cell::Int(6)]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_texts_leave_the_disk() {
    let mut it = Large::new();
    for n in 0..10 {
        it.span(&format!("t{n}"), i64::try_from(n).unwrap(), &noise(n, MIB));
    }
    it.archive.seal().unwrap();
    let bytes = |it: &Large| -> u64 {
        it.blobs().iter().map(|path| std::fs::metadata(path).unwrap().len()).sum()
    };
    let before = bytes(&it);
    assert!(it.archive.status().stored_bytes > before, "the blobs count");
    for n in 0..6 {
        it.merge(RecordKey::Trace { trace_id: format!("t{n}").into() }, State::deleted(NOON));
    }
    it.archive.seal().unwrap();
    while it.archive.compact(Micros(0)).unwrap() {}
    assert!(bytes(&it) * 2 < before, "{} of {before} bytes are left", bytes(&it));
    let inputs: Vec<String> = (6..10).map(|n| noise(n, MIB)).collect();
    assert!(it.texts(INPUTS).await == inputs);
}
