//! What can go wrong, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::Position;

/// Why a block was not made durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The block can never be stored with these options.
    #[error("the block has {size} bytes and the limit is {limit}: send it in smaller parts")]
    BlockTooLarge {
        /// Bytes of the block.
        size: usize,
        /// [`Options::max_block_bytes`](crate::Options::max_block_bytes).
        limit: usize,
    },
    /// The archive is behind and the journal has reached its size limit.
    #[error(
        "the journal is full ({bytes} of {limit} bytes): send again once the archive has caught up"
    )]
    Full {
        /// Bytes on disk and on their way there.
        bytes: u64,
        /// [`Options::max_bytes`](crate::Options::max_bytes).
        limit: u64,
    },
    /// The disk refused a write or a sync, or is full. A later append tries a new segment.
    #[error("the journal could not be written, send again later: {message}")]
    Storage {
        /// What failed, on which file, and why.
        message: String,
    },
    /// The journal was closed, or its writer has stopped.
    #[error("the journal is closed")]
    Closed,
}

impl AppendError {
    /// Whether the same block may be accepted later by the same journal.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::Storage { .. })
    }
}

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The options contradict each other.
    #[error("journal options: {message}")]
    Options {
        /// Which option, and what it must be.
        message: String,
    },
    /// Another process, or another journal of this one, has the directory open.
    #[error("journal {} is open in another process: stop that one first", .dir.display())]
    Locked {
        /// The journal's directory.
        dir: PathBuf,
    },
    /// Bytes that were synced are not what was written. Nothing was changed.
    #[error(
        "journal file {} is damaged at byte {offset} ({reason}): restore it from a copy. A start \
         without the journal, once it is moved away, loses for good all that was acknowledged and is \
         in the journal only",
        .file.display()
    )]
    Corrupt {
        /// The damaged or missing file.
        file: PathBuf,
        /// Offset in that file, in bytes, of the first header or frame that is not intact.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The file was written by a newer version of this crate.
    #[error(
        "journal file {} has format version {found} and this build reads up to {supported}: use a \
         newer build",
        .file.display()
    )]
    Version {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version this build reads.
        supported: u32,
    },
    /// The caller could not take a replayed block.
    #[error("the journal's block at position {position} could not be replayed: {source}")]
    Replay {
        /// Where the block begins.
        position: Position,
        /// What the caller said.
        source: io::Error,
    },
    /// A file operation failed.
    #[error("{action} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl OpenError {
    /// Adds what was tried, and on what, to an error of the system.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}

/// Why a checkpoint was not, or not wholly, carried out. Trying again is safe.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The archive cannot hold what the journal has not acknowledged: a mistake of the caller.
    #[error("checkpoint {position} is beyond the durable end of the journal, {durable}")]
    BeyondDurable {
        /// What was asked for.
        position: Position,
        /// Everything below this is synced.
        durable: Position,
    },
    /// A segment could not be removed; it and all later ones are still there.
    #[error("removing journal file {}: {source}", .file.display())]
    Io {
        /// The segment.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests;
