//! Looks at a journal's directory without opening the journal, and changes nothing.

use std::io;
use std::ops::Range;
use std::path::Path;

use crate::format::{GROUP_HEADER, SEGMENT_HEADER, file_name, parse_file_name};
use crate::recovery::{link_to, linked_files, read_content};
use crate::storage::Storage;
use crate::{OpenError, Position};

/// How much of a journal is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The beginning of each file: which files there are, and whether one is missing between them.
    Headers,
    /// All blocks too, each against its checksum.
    Blocks,
}

/// What a directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Files of the journal; 0 if there is none, or no directory.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
    /// Blocks that are intact; 0 where they were not read.
    pub blocks: u64,
    /// Where the log ends: everything below is synced. Where blocks were not read, no file reaches
    /// further.
    pub end: Position,
    /// Bytes at the end that were being written when the journal stopped. Nobody was told that they are
    /// durable; the next start drops them.
    pub torn: u64,
    /// What the oldest file says of the one before it, which is not there: what could be needed of it.
    before: Option<Range<u64>>,
}

impl Inspection {
    /// Positions that are needed and in no file, as the oldest file says: whoever needs the log from
    /// `checkpoint` on needs them, and files that no checkpoint has removed are gone. `None`: none that
    /// the files know of.
    #[must_use]
    pub fn missing_before(&self, checkpoint: Position) -> Option<Range<Position>> {
        let before = self.before.clone()?;
        let start = before.start.max(checkpoint.get());
        // A file that was closed ends with a group without blocks, which nobody needs.
        let needed = before.end.saturating_sub(start) > GROUP_HEADER as u64;
        needed.then(|| Position::new(start)..Position::new(before.end))
    }
}

/// Reads the journal in `dir` by the rules of [`Journal::open`](crate::Journal::open): what this
/// refuses, that refuses. `read` hears the bytes of each file when it was read. One file at a time is in
/// memory. A missing directory is an empty journal.
///
/// A journal may be open meanwhile: a file that a checkpoint removes in between looks missing, and does
/// not on a second look.
///
/// # Errors
/// [`OpenError::Corrupt`] where acknowledged bytes are damaged or missing, [`OpenError::Version`] and
/// [`OpenError::Io`].
pub fn inspect(
    storage: &dyn Storage,
    dir: &Path,
    extent: Extent,
    read: &mut dyn FnMut(u64),
) -> Result<Inspection, OpenError> {
    let files = match linked_files(storage, dir) {
        Err(OpenError::Io { path, source, .. })
            if path == dir && source.kind() == io::ErrorKind::NotFound =>
        {
            return Ok(Inspection::default());
        }
        files => files?,
    };
    let mut found = Inspection { files: files.len(), ..Inspection::default() };
    let oldest = files.first().and_then(|file| file.header.as_ref()?.link);
    found.before = oldest.map(|link| link.base + SEGMENT_HEADER as u64..link.end);
    for (index, file) in files.iter().enumerate() {
        found.bytes += file.size;
        let Some(header) = &file.header else { continue };
        if extent == Extent::Headers {
            found.end = found.end.max(Position::new(file.base + file.size));
            continue;
        }
        let content = read_content(storage, file, header, link_to(&files, index))?;
        read(file.size);
        found.blocks += content.scan.frames.len() as u64;
        found.end = found.end.max(Position::new(file.base + content.scan.end as u64));
        // What is behind the end of a file that another follows was given up long ago.
        found.torn = if index + 1 == files.len() { content.torn() } else { 0 };
    }
    Ok(found)
}

/// Beyond every position that a file in `dir` reaches, by the names and sizes of files alone: of a
/// journal that cannot be opened, the most that it may hold.
///
/// # Errors
/// What the system says.
pub fn reach(storage: &dyn Storage, dir: &Path) -> io::Result<Position> {
    let mut end = 0;
    for base in storage.list(dir)?.iter().filter_map(|name| parse_file_name(name)) {
        end = end.max(base.saturating_add(storage.size(&dir.join(file_name(base)))?));
    }
    Ok(Position::new(end))
}

#[cfg(test)]
mod tests;
