//! Which traces the rows of a segment point to: resident, 8 bytes a trace pointed to.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::SegmentError;
use crate::disk::Disk;
use crate::frame::{Frame, put_count, put_u64s};
use crate::writer::{io, write_file};

/// Its name in a segment's folder.
const FILE: &str = "links";
const FRAME: Frame = Frame { magic: *b"TKLK", format: 1, name: "list of links" };

/// Traces that rows point to, by [the hash](crate::key_hash) of their ids.
///
/// A hash may stand for several ids, and a row that points may be gone since. So what is found here
/// *may* have a child or a score; what is not found has none in these rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Parents of traces; ascending, distinct.
    parents: Vec<u64>,
    /// Traces that scores judge; ascending, distinct.
    judged: Vec<u64>,
}

impl Links {
    /// Of the hashes of all parents of traces, and of all traces that scores judge.
    #[must_use]
    pub fn new(mut parents: Vec<u64>, mut judged: Vec<u64>) -> Self {
        for hashes in [&mut parents, &mut judged] {
            hashes.sort_unstable();
            hashes.dedup();
            hashes.shrink_to_fit();
        }
        Self { parents, judged }
    }

    /// Whether a trace whose id has this hash may be the parent of one.
    #[must_use]
    pub fn may_have_children(&self, trace: u64) -> bool {
        self.parents.binary_search(&trace).is_ok()
    }

    /// Whether a trace whose id has this hash may have a score.
    #[must_use]
    pub fn may_have_scores(&self, trace: u64) -> bool {
        self.judged.binary_search(&trace).is_ok()
    }

    /// As bytes: in a frame the counts, then the hashes.
    fn encode(&self) -> Vec<u8> {
        FRAME.encode(16 + (self.parents.len() + self.judged.len()) * 8, |out| {
            put_count(out, self.parents.len());
            put_count(out, self.judged.len());
            put_u64s(out, &self.parents);
            put_u64s(out, &self.judged);
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut parts = FRAME.decode(bytes)?;
        let counts = [parts.count()?, parts.count()?];
        Ok(Self { parents: parts.u64s(counts[0])?, judged: parts.u64s(counts[1])? })
    }

    /// Writes them into a segment's folder.
    pub(crate) fn write(&self, disk: &dyn Disk, dir: &Path) -> Result<(), SegmentError> {
        write_file(disk, &dir.join(FILE), &self.encode())
    }

    /// Those of a segment; `None` if it was written before there were any.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, SegmentError> {
        let path = dir.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io(&path, source)),
        };
        Self::decode(&bytes).map(Some).map_err(|reason| SegmentError::Damaged {
            path,
            reason: format!("{reason}; a segment does without this file, so remove it"),
        })
    }
}

#[cfg(test)]
mod tests;
