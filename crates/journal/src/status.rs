//! How a journal is doing.

use crate::Position;

/// How a journal is doing, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Bytes on disk in all segments.
    pub bytes: u64,
    /// Bytes of blocks that wait for the writer, headers included.
    pub queued_bytes: u64,
    /// Number of segments.
    pub segments: usize,
    /// Where the oldest segment begins.
    pub oldest: Position,
    /// End of what was handed to the disk, synced or not.
    pub head: Position,
    /// Everything below is synced.
    pub durable: Position,
    /// The greatest checkpoint since the journal was opened.
    pub checkpoint: Position,
    /// Groups written and synced since the journal was opened.
    pub syncs: u64,
    /// Blocks acknowledged since the journal was opened.
    pub blocks: u64,
    /// The last failure of the disk since the journal was opened, kept after recovery from it.
    pub last_error: Option<String>,
    /// The last write failed and none has succeeded since.
    pub degraded: bool,
}
