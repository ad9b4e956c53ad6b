//! Looks at an archive's folder without opening the archive, and changes nothing.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use tracekeep_archive::{ArchiveError, Position};
use tracekeep_segment::{Segment, SegmentFacts};

use crate::manifest::Manifest;

/// How much of a folder is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Of each segment the small files whole; of each table the footer and the first record.
    Ends,
    /// All of it.
    Everything,
}

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Segments that the manifest names.
    pub segments: usize,
    /// Their spans.
    pub spans: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Up to where the journal is no longer needed.
    pub checkpoint: Position,
    /// Segments that cannot be read. With one of them the archive does not open, or fails later.
    pub damaged: Vec<Damage>,
    /// Segment folders that the manifest does not name; the next start removes them.
    pub debris: Vec<PathBuf>,
}

/// A segment that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Its folder.
    pub folder: PathBuf,
    /// What is wrong, and with which file.
    pub reason: String,
}

/// Reads the manifest of the archive in `dir` and, of each segment that it names, the index, the
/// links, the hours, the sizes of all files, the footers of tables, the beginning of the blobs, and the
/// first row with its blobs; at [`Extent::Everything`] then all rows and blobs, as
/// [`Segment::check`] does. `read` hears the bytes of each segment that was read so. One segment is open
/// at a time, and little of it is in memory. A missing folder is an empty archive.
///
/// A server may use the folder meanwhile. A segment that it drops in between is no damage; one that it
/// is writing looks like debris, and does not on a second look.
///
/// # Errors
/// The manifest cannot be read, or a newer version wrote it.
pub fn inspect(
    dir: &Path,
    extent: Extent,
    read: &mut dyn FnMut(u64),
) -> Result<Inspection, ArchiveError> {
    let manifest = Manifest::load(dir)?;
    let mut found = Inspection {
        segments: manifest.segments.len(),
        checkpoint: manifest.checkpoint,
        debris: unnamed_folders(dir, &manifest),
        ..Inspection::default()
    };
    for entry in &manifest.segments {
        found.spans += entry.facts.spans;
        found.bytes += entry.facts.bytes;
        let folder = entry.dir(dir);
        let result = look(&folder, &entry.facts, extent);
        if extent == Extent::Everything {
            read(entry.facts.bytes);
        }
        // The server that is at work may have replaced the segment meanwhile.
        if let Err(reason) = result
            && Manifest::load(dir)?.segments.iter().any(|named| named.number == entry.number)
        {
            found.damaged.push(Damage { folder, reason });
        }
    }
    Ok(found)
}

/// Up to where the journal is no longer needed, as the manifest of the archive in `dir` says at this
/// moment; 0 if there is none.
///
/// # Errors
/// The manifest cannot be read, or a newer version wrote it.
pub fn checkpoint(dir: &Path) -> Result<Position, ArchiveError> {
    Ok(Manifest::load(dir)?.checkpoint)
}

/// Segment folders that the manifest does not name.
fn unnamed_folders(root: &Path, manifest: &Manifest) -> Vec<PathBuf> {
    let named: HashSet<PathBuf> = manifest.segments.iter().map(|entry| entry.dir(root)).collect();
    let mut unnamed = Vec::new();
    for project in list(&root.join("segments")) {
        for day in list(&project) {
            unnamed.extend(list(&day).into_iter().filter(|folder| !named.contains(folder)));
        }
    }
    unnamed
}

/// What is in a folder; nothing if it cannot be read.
fn list(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).map(|entries| entries.flatten().map(|e| e.path()).collect());
    entries.unwrap_or_default()
}

/// Files that were made by nobody may do anything to who reads them, but must not end the inspection.
fn look(folder: &Path, facts: &SegmentFacts, extent: Extent) -> Result<(), String> {
    let look = || -> Result<(), String> {
        let segment = look_at_ends(folder, facts)?;
        match extent {
            Extent::Ends => Ok(()),
            Extent::Everything => segment.check().map_err(|error| error.to_string()),
        }
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(look))
        .unwrap_or_else(|_| Err("one of its files is damaged: reading it panicked".into()))
}

fn look_at_ends(folder: &Path, facts: &SegmentFacts) -> Result<Segment, String> {
    let segment = Segment::open(folder, facts.clone()).map_err(|error| error.to_string())?;
    let index = folder.join("index");
    let index = fs::metadata(&index).map_err(|error| format!("{}: {error}", index.display()))?;
    let tables = [segment.spans_file(), segment.traces_file(), segment.scores_file()];
    let tables = tables.iter().map(|table| table.bytes).sum::<u64>();
    let bytes = index.len() + tables + segment.blob_bytes();
    if bytes != facts.bytes {
        let written = facts.bytes;
        return Err(format!("its files have {bytes} bytes, and {written} were written"));
    }
    segment.stored_hourly().map_err(|error| error.to_string())?;
    segment.check_blobs().map_err(|error| error.to_string())?;
    if facts.traces > 0 {
        segment.trace_unit(0).map_err(|error| error.to_string())?;
    }
    if facts.scores > 0 {
        segment.score_state(0).map_err(|error| error.to_string())?;
    }
    Ok(segment)
}

#[cfg(test)]
mod tests;
