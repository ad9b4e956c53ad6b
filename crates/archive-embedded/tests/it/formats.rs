//! What earlier versions wrote stays readable.
//!
//! Each folder `tests/fixtures/format-<n>` was written by the last version that wrote segments of
//! format n: an archive with every kind of content, and in `answers.json` what that version said of
//! it, at once and after the story of [`content::afterwards`].
//!
//! To add one, *before* `tracekeep_segment::FORMAT` is raised:
//!
//! ```text
//! tools/cargo test --workspace --test it -- --ignored write_fixture
//! ```
//!
//! What comes later in [`content`] is also told to the archives of earlier formats: it may not change.

mod answers;
mod content;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tracekeep_archive::Archive as _;
use tracekeep_archive_embedded::{Embedded, Options};
use tracekeep_model::Micros;
use tracekeep_model::block::Block;

use answers::{Asked, PROJECT};
use content::Said;

/// Receipt of the blocks.
const RECEIVED: Micros = Micros(1_770_000_700_000_000);
/// Compactions after which there must be nothing left to compact.
const ENOUGH: usize = 100;

fn fixtures() -> PathBuf {
    // What cargo says now: the tests may have been built for another checkout.
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    Path::new(&folder).join("tests/fixtures")
}

fn open(dir: &Path) -> Embedded {
    Embedded::open(Options::new(dir)).expect("the archive opens")
}

fn merge(archive: &Embedded, end: u64, patches: Vec<Said>) {
    let block = Block { project_id: PROJECT.into(), received: RECEIVED, patches };
    archive.merge(block, end).expect("the archive merges");
}

/// Fills an empty archive, in two seals, the second of which re-opens a trace of the first.
fn fill(archive: &Embedded) {
    let mut end = 0;
    for blocks in content::rounds() {
        for patches in blocks {
            end += 1;
            merge(archive, end, patches);
        }
        archive.seal().expect("the archive seals");
    }
}

/// What comes afterwards: late patches, a deletion, more seals; then old and new become one.
fn live_on(archive: &Embedded) {
    let mut end = archive.checkpoint() + 1;
    merge(archive, end, content::afterwards());
    archive.seal().expect("the archive seals");
    for patches in content::further() {
        end += 1;
        merge(archive, end, patches);
        archive.seal().expect("the archive seals");
    }
    let segments = archive.status().segments;
    for _ in 0..ENOUGH {
        if !archive.compact(Micros(0)).expect("the archive compacts") {
            assert!(archive.status().segments + 7 <= segments, "eight segments became one");
            return;
        }
    }
    panic!("compaction has no end");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("an entry can be read");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("an entry has a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// Says where two answers differ first.
fn compare(found: &Json, wanted: &Json, place: &str) {
    match (found, wanted) {
        (Json::Object(found), Json::Object(wanted)) => {
            assert_eq!(found.len(), wanted.len(), "{place}");
            for (key, value) in wanted {
                compare(&found[key], value, &format!("{place}/{key}"));
            }
        }
        (Json::Array(found), Json::Array(wanted)) => {
            assert_eq!(found.len(), wanted.len(), "{place}");
            for (n, (found, wanted)) in found.iter().zip(wanted).enumerate() {
                compare(found, wanted, &format!("{place}/{n}"));
            }
        }
        _ => assert_eq!(found, wanted, "{place}"),
    }
}

/// A folder of an earlier version says what it said, and goes on as it would have gone on.
async fn stays_readable(folder: &Path) {
    let said = fs::read(folder.join("answers.json")).expect("the answers can be read");
    let said: Json = serde_json::from_slice(&said).expect("the answers are JSON");
    let scratch = tempfile::tempdir().expect("a folder for the copy");
    copy(&folder.join("archive"), scratch.path());
    let name = folder.display().to_string();
    let mut archive = open(scratch.path());
    for (story, when) in [("before", "at once"), ("after", "afterwards")] {
        let wanted = &said[story];
        let asked = Asked::before(wanted);
        if story == "after" {
            live_on(&archive);
        }
        compare(&asked.answers(&archive).await, wanted, &format!("{name}, {when}"));
        drop(archive);
        archive = open(scratch.path());
        compare(&asked.answers(&archive).await, wanted, &format!("{name}, {when}, opened again"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_of_earlier_formats_stay_readable() {
    let entries = fs::read_dir(fixtures()).expect("there are fixtures");
    let mut folders: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).collect();
    folders.sort();
    for format in 1..tracekeep_segment::FORMAT {
        let folder = fixtures().join(format!("format-{format}"));
        assert!(folders.contains(&folder), "{} was written before", folder.display());
    }
    for folder in folders {
        stays_readable(&folder).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes a folder into the source tree"]
async fn write_fixture() {
    let folder = fixtures().join(format!("format-{}", tracekeep_segment::FORMAT));
    assert!(!folder.exists(), "{} is there already; remove it first", folder.display());
    let kept = folder.join("archive");
    fs::create_dir_all(&kept).expect("a folder can be made");
    let archive = open(&kept);
    fill(&archive);
    let before = Asked::today().answers(&archive).await;
    drop(archive);
    fs::remove_file(kept.join("lock")).expect("the lock can be removed");
    let scratch = tempfile::tempdir().expect("a folder for the copy");
    copy(&kept, scratch.path());
    let archive = open(scratch.path());
    live_on(&archive);
    let after = Asked::today().answers(&archive).await;
    let said: Json = json!({"before": before, "after": after});
    let said = serde_json::to_string_pretty(&said).expect("answers are JSON") + "\n";
    fs::write(folder.join("answers.json"), said).expect("the answers can be written");
}
