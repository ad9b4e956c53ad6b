//! The list of segments, replaced as a whole in one rename.

use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tracekeep_archive::{ArchiveError, Expiry, Position};
use tracekeep_model::Micros;
use tracekeep_segment::{Disk, SegmentFacts};

use crate::mask::Mask;

/// The format that is written, and the newest that is read. 2: segments say in which format they are;
/// a Tracekeep that reads 1 alone would take the references of newer ones for texts.
const FORMAT: u32 = 2;
/// The one that counts.
const FILE: &str = "manifest.json";
/// The next one, until it is whole.
const PREPARED: &str = "manifest.json.new";

/// What is on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// Up to where the journal is no longer needed.
    pub(crate) checkpoint: Position,
    /// Number of the next segment.
    pub(crate) next_segment: u64,
    pub(crate) segments: Vec<SegmentEntry>,
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SegmentEntry {
    pub(crate) project: String,
    #[serde(rename = "day")]
    pub(crate) shelf: Shelf,
    pub(crate) number: u64,
    pub(crate) facts: SegmentFacts,
    #[serde(default, skip_serializing_if = "Mask::is_empty")]
    pub(crate) mask: Mask,
    /// When compaction first saw rows masked, in epoch microseconds: what is gone is to leave the disk
    /// some time after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) masked_since: Option<i64>,
    /// The version of the prices by which its costs were computed. `None`: more than one, or it was
    /// written before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prices: Option<String>,
}

/// Where a segment is filed, which tells when it is past its time. In the manifest and in paths a
/// number: days since 1970-01-01 (UTC), and 1,000,000 more for deletions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Shelf(i32);

const DELETIONS: i32 = 1_000_000;

impl Shelf {
    /// Of traces that began on this day, and scores that were given on it.
    pub(crate) fn records(at: Micros) -> Self {
        Self(at.day())
    }

    /// Of what was deleted on this day: that has to be known longer than the records were.
    pub(crate) fn deletions(at: Micros) -> Self {
        Self(at.day().saturating_add(DELETIONS))
    }

    /// Whether all in it is past its time.
    pub(crate) fn is_past(self, expiry: Expiry) -> bool {
        if self.0 >= DELETIONS {
            self.0 - DELETIONS < expiry.deletions.day()
        } else {
            self.0 < expiry.records.day()
        }
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl SegmentEntry {
    /// Whether its costs may be others by prices of this version.
    pub(crate) fn is_stale(&self, version: &str) -> bool {
        self.prices.as_deref() != Some(version)
    }

    /// Its folder.
    pub(crate) fn dir(&self, root: &Path) -> PathBuf {
        segment_dir(root, &self.project, self.shelf, self.number)
    }
}

/// `segments/<project>/<shelf>/<number>`.
fn segment_dir(root: &Path, project: &str, shelf: Shelf, number: u64) -> PathBuf {
    root.join("segments").join(project).join(shelf.to_string()).join(number.to_string())
}

impl Default for Manifest {
    fn default() -> Self {
        Self { format: FORMAT, checkpoint: 0, next_segment: 1, segments: Vec::new() }
    }
}

impl Manifest {
    /// Reads the manifest of a data folder; a missing one is an empty archive.
    pub(crate) fn load(root: &Path) -> Result<Self, ArchiveError> {
        let path = root.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(&path, &error)),
        };
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_slice(&text).map_err(|error| failed(&path, &error))?;
        if head.format > FORMAT {
            let reason = format!("has format {}; start a newer Tracekeep", head.format);
            return Err(failed(&path, &reason));
        }
        let read: Self = serde_json::from_slice(&text).map_err(|error| failed(&path, &error))?;
        Ok(Self { format: FORMAT, ..read })
    }

    /// Writes it beside the one that counts, synced.
    pub(crate) fn prepare(&self, disk: &dyn Disk, root: &Path) -> Result<(), ArchiveError> {
        let path = root.join(PREPARED);
        let text = serde_json::to_vec(self).map_err(|error| failed(&path, &error))?;
        let write = || -> std::io::Result<u64> {
            let mut file = disk.create(&path)?;
            file.write_all(&text)?;
            file.sync()
        };
        match write() {
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// Lets the prepared one count: either the old or the new one is there at any moment, whole. Where
    /// this fails, it may be either, and another after the power was cut.
    pub(crate) fn commit(disk: &dyn Disk, root: &Path) -> Result<(), ArchiveError> {
        let path = root.join(FILE);
        let replaced = disk.rename(&root.join(PREPARED), &path).and_then(|()| disk.sync_dir(root));
        replaced.map_err(|error| failed(&path, &error))
    }

    /// Where the next segment goes, under a number that none had. A folder that is there all the same
    /// is debris that could not be removed: its number is passed over.
    pub(crate) fn next_place(
        &mut self,
        root: &Path,
        project: &str,
        shelf: Shelf,
    ) -> (u64, PathBuf) {
        loop {
            let number = self.next_segment;
            self.next_segment += 1;
            let dir = segment_dir(root, project, shelf, number);
            if !dir.exists() {
                return (number, dir);
            }
        }
    }
}

pub(crate) fn failed(path: &Path, reason: &dyn std::fmt::Display) -> ArchiveError {
    ArchiveError::Failed(format!("{}: {reason}", path.display()))
}
