//! The conformance suite of archives, run against the embedded one; and what earlier versions wrote.

mod faults;
mod formats;

mod hourly;
mod prices;

use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use tracekeep_archive::Archive;
use tracekeep_archive::conformance::{Disturbance, Subject, prices};
use tracekeep_archive_embedded::{Embedded, Options};
use tracekeep_model::Micros;

/// Compactions after which there must be nothing left to compact.
const ENOUGH: usize = 1_000;

/// An archive in a folder of its own. The archive goes first.
struct Folder {
    archive: Option<Arc<Embedded>>,
    dir: TempDir,
    /// What compaction is told; goes on by hours, so that what was masked falls due.
    now: Micros,
}

async fn folder() -> Folder {
    let dir = tempfile::tempdir().expect("a folder for the archive");
    let mut folder = Folder { archive: None, dir, now: Micros(1_770_000_000_000_000) };
    folder.open();
    folder
}

impl Folder {
    fn open(&mut self) {
        let options = Options { prices: prices(), ..Options::new(self.dir.path()) };
        let archive = Embedded::open(options);
        self.archive = Some(Arc::new(archive.expect("the archive opens")));
    }

    fn opened(&self) -> Arc<Embedded> {
        self.archive.clone().expect("the archive is open")
    }
}

#[async_trait]
impl Subject for Folder {
    async fn archive(&self) -> Arc<dyn Archive> {
        self.opened()
    }

    async fn disturb(&mut self, how: Disturbance) {
        match how {
            Disturbance::Seal => self.opened().seal().expect("it seals"),
            Disturbance::Compact => {
                self.now = self.now.plus(11 * Micros::HOUR);
                for _ in 0..ENOUGH {
                    if !self.opened().compact(self.now).expect("it compacts") {
                        return;
                    }
                }
                panic!("compaction has no end");
            }
            Disturbance::Reopen => {
                let archive = self.archive.take().expect("the archive is open");
                assert_eq!(Arc::strong_count(&archive), 1, "somebody holds the archive");
                drop(archive);
                self.open();
            }
        }
    }
}

tracekeep_archive::conformance_tests!(folder);
