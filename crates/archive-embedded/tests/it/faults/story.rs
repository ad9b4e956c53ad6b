//! An archive on a faulty disk, its journal, and what it must still know after each restart.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tracekeep_archive::conformance::{Look, says_what_blocks_say};
use tracekeep_archive::{Archive as _, Expiry, Position};
use tracekeep_archive_embedded::{Embedded, Extent, Options, inspect};
use tracekeep_model::Micros;
use tracekeep_model::block::Block;

use super::disk::{FaultyDisk, Trouble};
use super::history::{Deed, NOON, OLD, PROJECT, is_old, life};

/// Compactions after which there must be nothing left to compact.
const ENOUGH: usize = 100;
/// Operations of a start, about.
const START: usize = 8;
/// How long what has been let go of may stay open, in steps of 10 ms.
const PATIENCE: usize = 200;

/// What is past its time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Old {
    Kept,
    /// It was told to go, and the system went down.
    InDoubt,
    Gone,
}

pub(crate) struct Story {
    /// Goes before its folder does.
    archive: Option<Arc<Embedded>>,
    pub(crate) disk: FaultyDisk,
    /// The archive's.
    pub(crate) dir: PathBuf,
    _folder: TempDir,
    /// Every block; that of number n ends at position n + 1.
    journal: Vec<Block>,
    /// The greatest checkpoint that was ever heard of: the journal may have lost all below.
    promised: Position,
    old: Old,
    /// Something failed already.
    is_excused: bool,
    /// What compaction is told.
    now: Micros,
    /// Groups of segments that were compacted.
    pub(crate) compacted: usize,
}

impl Story {
    /// A story that has not opened its archive yet.
    pub(crate) fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the disk");
        let root = fs::canonicalize(folder.path()).expect("the folder has a path");
        Self {
            archive: None,
            dir: root.join("archive"),
            disk: FaultyDisk::new(root, seed),
            _folder: folder,
            journal: Vec::new(),
            promised: 0,
            old: Old::Kept,
            is_excused: false,
            now: NOON,
            compacted: 0,
        }
    }

    /// Everything, until the system goes down.
    pub(crate) async fn live(&mut self) {
        self.live_until(|_| false).await;
    }

    /// Everything before a deed.
    pub(crate) async fn live_until(&mut self, is_end: fn(&Deed) -> bool) {
        self.open();
        for deed in life() {
            if is_end(&deed) || self.disk.down().is_some() {
                return;
            }
            self.act(deed).await;
        }
    }

    async fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Merge(block) => {
                self.journal.push(block.clone());
                self.opened().merge(block, self.end()).expect("merging needs no disk");
            }
            Deed::Seal => self.seal(),
            Deed::Compact => self.compact(),
            Deed::Expire => self.expire().await,
            Deed::Reopen => {
                self.close();
                self.open();
                self.replay();
            }
        }
    }

    /// Sees to it that nothing was lost, doubled or resurrected, now and after some more of what an
    /// archive does.
    pub(crate) async fn end_well(mut self) {
        if let Some(trouble) = self.disk.down() {
            self.recover(trouble);
        }
        self.disk.heal();
        self.check(Look::Brief).await;
        self.seal();
        self.expire().await;
        self.compact();
        if !self.disk.is_littered() {
            self.expect_tidy();
        }
        self.close();
        // All that it had is durable.
        self.disk.cut_power();
        self.open();
        self.expect_tidy();
        assert_eq!(self.promised, self.end(), "nothing is left to replay");
        self.check(Look::Thorough).await;
        assert!(self.old == Old::Gone, "what is past its time is still there");
        self.close();
        self.expect_nothing_open().await;
        assert_eq!(self.disk.violations(), Vec::<String>::new());
    }

    /// Starts again after the process or the machine has ended.
    fn recover(&mut self, trouble: Trouble) {
        self.restart();
        // The power may go while it starts, too.
        self.disk.plan_within(START, Trouble::PowerCut);
        self.open();
        if self.disk.down().is_some() {
            self.restart();
            self.open();
        }
        self.disk.heal();
        if trouble == Trouble::Kill {
            // What the process left in the system's memory may still be lost, once another has begun
            // with it.
            self.close();
            self.disk.cut_power();
            self.open();
        }
        self.expect_tidy();
        self.replay();
    }

    fn restart(&mut self) {
        self.close();
        self.disk.restart();
        self.is_excused = false;
    }

    pub(crate) fn opened(&self) -> Arc<Embedded> {
        self.archive.clone().expect("the archive is open")
    }

    /// Opens the archive, the second time if the first one fails; not if the system goes down.
    fn open(&mut self) {
        let disk = Arc::new(self.disk.clone());
        let options = Options { disk, ..Options::new(&self.dir) };
        let opened = match Embedded::open(options.clone()) {
            Ok(archive) => archive,
            Err(error) => {
                self.excuse(&error);
                if self.disk.down().is_some() {
                    return;
                }
                Embedded::open(options).expect("it opens at the second time")
            }
        };
        let checkpoint = opened.checkpoint();
        assert!(checkpoint >= self.promised, "{checkpoint} is before {}", self.promised);
        assert!(checkpoint <= self.end(), "{checkpoint} is beyond {}", self.end());
        self.promised = checkpoint;
        self.archive = Some(Arc::new(opened));
    }

    fn close(&mut self) {
        if let Some(archive) = self.archive.take() {
            assert_eq!(Arc::strong_count(&archive), 1, "somebody holds the archive");
        }
    }

    /// As the server does from its journal.
    fn replay(&self) {
        let Some(archive) = &self.archive else { return };
        let checkpoint = archive.checkpoint();
        for (block, end) in self.journal.iter().zip(1..) {
            if end > checkpoint {
                archive.merge(block.clone(), end).expect("replaying needs no disk");
            }
        }
    }

    /// Behind the last block.
    fn end(&self) -> Position {
        self.journal.len() as Position
    }

    /// Something failed: there must be a reason, which is gone then.
    fn excuse(&mut self, error: &dyn std::fmt::Display) {
        let struck = self.disk.struck();
        assert!(struck.is_some() && !self.is_excused, "nothing was wrong: {error}");
        self.is_excused = true;
        self.disk.heal();
    }

    fn seal(&mut self) {
        let archive = self.opened();
        if let Err(error) = archive.seal() {
            self.excuse(&error);
            if self.disk.down().is_some() {
                return;
            }
            archive.seal().expect("it seals at the second time");
        }
        assert_eq!(archive.checkpoint(), self.end(), "everything is sealed");
        self.promised = self.end();
    }

    fn compact(&mut self) {
        self.now = self.now.plus(11 * Micros::HOUR);
        let archive = self.opened();
        for _ in 0..ENOUGH {
            match archive.compact(self.now) {
                Ok(true) => self.compacted += 1,
                Ok(false) => return,
                Err(error) => self.excuse(&error),
            }
            if self.disk.down().is_some() {
                return;
            }
        }
        panic!("compaction has no end");
    }

    async fn expire(&mut self) {
        let archive = self.opened();
        let expiry = Expiry::after_days(10, NOON);
        if self.old == Old::Kept {
            self.old = Old::InDoubt;
        }
        if let Err(error) = archive.expire(PROJECT, expiry) {
            self.excuse(&error);
            if self.disk.down().is_some() {
                return;
            }
            archive.expire(PROJECT, expiry).expect("it expires at the second time");
        }
        assert!(!self.has_old().await, "what is past its time is still there");
        self.old = Old::Gone;
    }

    async fn has_old(&self) -> bool {
        self.opened().trace(PROJECT, OLD).await.expect("a trace can be read").is_some()
    }

    /// Compares the archive with what was said to it.
    async fn check(&self, look: Look) {
        let was_told = self.journal.iter().any(is_old);
        let is_there = self.has_old().await;
        match self.old {
            Old::Kept => assert_eq!(is_there, was_told, "what is past its time was not told to go"),
            Old::InDoubt => {}
            Old::Gone => assert!(!is_there, "what is past its time came back"),
        }
        let counts = |block: &&Block| is_there || !is_old(block);
        let blocks: Vec<Block> = self.journal.iter().filter(counts).cloned().collect();
        says_what_blocks_say(self.opened(), &blocks, look).await;
    }

    /// What the manifest names can be read, and nothing else is there.
    pub(crate) fn expect_tidy(&self) {
        let found = inspect(&self.dir, Extent::Everything, &mut |_| {})
            .expect("the archive can be looked at");
        assert!(found.damaged.is_empty(), "damaged: {:?}", found.damaged);
        assert!(found.debris.is_empty(), "debris: {:?}", found.debris);
    }

    /// No file of the archive is open in this process.
    async fn expect_nothing_open(&self) {
        // Threads of queries may end a little later than their answers come.
        for _ in 0..PATIENCE {
            if open_files(&self.dir).is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still open: {:?}", open_files(&self.dir));
    }
}

/// Files in a folder that this process has open, removed ones too; none where the system does not say.
fn open_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(handles) = fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let files = handles.flatten().filter_map(|handle| fs::read_link(handle.path()).ok());
    files.filter(|file| file.starts_with(dir)).collect()
}
