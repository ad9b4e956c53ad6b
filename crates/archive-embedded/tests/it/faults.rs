//! Whatever fails while an archive seals, compacts, deletes or starts, and wherever it stops: nothing is
//! lost, nothing is doubled, and what was deleted stays so.
//!
//! One history is told again and again, each time with trouble at another operation of the disk. In an
//! ordinary run these are a few, spread evenly, and those around the last rename of the manifest;
//! `TRACEKEEP_FAULTS` says how many, and 10,000 is all of them.

mod disk;
mod history;
mod nodes;
mod order;
mod story;

use std::collections::BTreeSet;

use tokio::sync::OnceCell;
use tracekeep_archive::Archive as _;
use tracekeep_archive_embedded::{Extent, inspect};
use tracekeep_model::Micros;

use disk::{At, FaultyDisk, Trouble};
use history::{Deed, NOON};
use story::Story;

/// Operations at which there is trouble, of each kind, in an ordinary run.
const FAULTS: usize = 5;
/// Kinds of trouble.
const KINDS: usize = 4;

fn faults() -> usize {
    match std::env::var("TRACEKEEP_FAULTS") {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("`{text}` is no number of faults")),
        Err(_) => FAULTS,
    }
}

/// The operations of the history without trouble.
async fn operations() -> &'static [String] {
    static LOG: OnceCell<Vec<String>> = OnceCell::const_new();
    LOG.get_or_init(live_without_trouble).await
}

async fn live_without_trouble() -> Vec<String> {
    let mut story = Story::new(0);
    story.live().await;
    story.disk.log()
}

/// Where trouble of one kind begins. All kinds together are spread evenly.
fn places(log: &[String], trouble: Trouble) -> BTreeSet<usize> {
    let count = faults().clamp(1, log.len());
    let spread = (0..count).map(|n| (n * KINDS + trouble as usize) * log.len() / (count * KINDS));
    let renamed = log.iter().rposition(|call| call.starts_with("rename"));
    let renamed = renamed.expect("a manifest was written");
    // Before it is known, done, and known to be done.
    spread.chain(renamed - 1..=renamed + 1).collect()
}

/// Says, where a test fails, what it was about.
struct Says {
    what: String,
    disk: FaultyDisk,
}

impl Drop for Says {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let struck = self.disk.struck().unwrap_or_else(|| "nothing".to_owned());
            eprintln!("{}, which struck `{struck}`", self.what);
        }
    }
}

async fn live_with(trouble: Trouble) {
    let log = operations().await;
    for place in places(log, trouble) {
        let seed = (place * KINDS + trouble as usize) as u64;
        let mut story = Story::new(seed);
        let what = format!("{trouble:?} at operation {place} of {}", log.len());
        let _says = Says { what, disk: story.disk.clone() };
        story.disk.plan(At::Number(place), trouble);
        story.live().await;
        story.end_well().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_loses_nothing() {
    live_with(Trouble::Fail).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing() {
    live_with(Trouble::DiskFull).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_nothing() {
    live_with(Trouble::Kill).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_nothing() {
    live_with(Trouble::PowerCut).await;
}

/// What the other tests rely on: there is something to do for everything that may fail.
#[tokio::test(flavor = "multi_thread")]
async fn the_history_has_something_of_everything() {
    let mut story = Story::new(0);
    story.live().await;
    assert!(story.compacted >= 6, "{} compactions", story.compacted);
    let log = story.disk.log();
    for (operation, file, least) in [
        // By two seals, and by a compaction that takes one along.
        ("sync ", "/blobs", 3),
        ("rename ", "/manifest.json", 8),
        ("remove_dir_all ", "", 5),
    ] {
        let is_it = |call: &&String| call.starts_with(operation) && call.ends_with(file);
        let count = log.iter().filter(is_it).count();
        assert!(count >= least, "{count} times {operation}{file}");
    }
    story.end_well().await;
}

/// A disk that only says that it syncs: what the manifest names is not durable when it is renamed.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_forgets_is_noticed() {
    for operation in ["sync", "sync_dir"] {
        let mut story = Story::new(0);
        story.disk.pretend(operation);
        story.live_until(|deed| matches!(deed, Deed::Expire)).await;
        let violations = story.disk.violations();
        let named = violations.iter().filter(|violation| violation.contains("is named before"));
        assert!(named.count() > 0, "{operation}: {violations:?}");
    }
}

/// However often sealing fails, it leaves nothing behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_gets_its_room_back() {
    let places = ["spans.parquet", "links", "manifest.json.new"];
    let mut story = Story::new(0);
    story.live_until(|deed| matches!(deed, Deed::Seal)).await;
    for place in places {
        story.disk.plan(At::Next(place), Trouble::DiskFull);
        let error = story.opened().seal().expect_err("the disk is full").to_string();
        assert!(error.contains(place), "{error}");
        story.expect_tidy();
        story.disk.heal();
    }
    story.end_well().await;
}

/// Who does not know whether the manifest was renamed keeps what both of them name, until one is sure.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_named_stays_until_it_is_known() {
    let mut story = Story::new(0);
    story.live_until(|deed| matches!(deed, Deed::Seal)).await;
    story.disk.plan(At::Next("manifest.json"), Trouble::Fail);
    story.opened().seal().expect_err("the rename fails");
    let inspection =
        inspect(&story.dir, Extent::Everything, &mut |_| {}).expect("the archive can be looked at");
    assert_eq!(inspection.segments + inspection.debris.len(), 4, "all new segments are there");
    story.opened().seal().expect("it seals at the second time");
    story.expect_tidy();
    story.end_well().await;
}

/// What failed for a while goes on within the same run of the process.
#[tokio::test(flavor = "multi_thread")]
async fn a_compaction_that_failed_is_tried_again_an_hour_later() {
    let mut story = Story::new(0);
    story.live_until(|deed| matches!(deed, Deed::Compact)).await;
    let (archive, now) = (story.opened(), NOON.plus(Micros::HOUR));
    story.disk.plan(At::Next("spans.parquet"), Trouble::DiskFull);
    archive.compact(now).expect_err("the disk is full");
    story.disk.heal();
    // The other one that is worth it.
    assert!(archive.compact(now).expect("it compacts"));
    assert!(!archive.compact(now).expect("it compacts"), "not at once");
    let later = now.plus(Micros::HOUR);
    assert!(archive.compact(later).expect("it compacts"), "but later");
    drop(archive);
    story.end_well().await;
}
