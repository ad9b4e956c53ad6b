//! Where a journal lives and how large it may get.

use std::path::PathBuf;

use crate::OpenError;
use crate::format::{FRAME_HEADER, GROUP_HEADER, SEGMENT_HEADER};

const MIB: usize = 1024 * 1024;

/// Where a journal lives and how large it may get. All sizes are bytes.
#[derive(Clone, Debug)]
pub struct Options {
    /// The journal's directory; made if it is missing. Nothing else should be kept in it.
    pub dir: PathBuf,
    /// A segment takes no further group that would make it larger (default 64 MiB). One group
    /// always fits.
    pub segment_bytes: u64,
    /// Size limit of the whole journal on disk (default 8 GiB). It must leave room for the newest
    /// segment, which no checkpoint removes, and one more block.
    pub max_bytes: u64,
    /// Size limit of one block (default 128 MiB), at most 4 GiB less one byte.
    pub max_block_bytes: usize,
    /// Bytes that may wait for the writer (default 64 MiB), at most 4 GiB less one byte. A larger
    /// block waits alone.
    pub queue_bytes: usize,
    /// Bytes that are written and synced together (default 8 MiB). One block always fits.
    pub max_group_bytes: usize,
}

impl Options {
    /// The defaults, in `dir`.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            segment_bytes: 64 * MIB as u64,
            max_bytes: 8 * 1024 * MIB as u64,
            max_block_bytes: 128 * MIB,
            queue_bytes: 64 * MIB,
            max_group_bytes: 8 * MIB,
        }
    }

    /// Refuses options with which the journal could not work, or could fill up for good.
    pub(crate) fn validate(&self) -> Result<(), OpenError> {
        let limit = u32::MAX as usize;
        if self.max_block_bytes > limit {
            return refuse(format!("max_block_bytes must be at most {limit}"));
        }
        if self.queue_bytes == 0 || self.queue_bytes > limit {
            return refuse(format!("queue_bytes must be 1 to {limit}"));
        }
        // Were the limit lower, a full newest segment would refuse all that could replace it.
        let group = (self.max_block_bytes + FRAME_HEADER).max(self.max_group_bytes);
        let headers = (SEGMENT_HEADER + GROUP_HEADER) as u64;
        let segment = self.segment_bytes.max(headers.saturating_add(group as u64));
        let needed = segment.saturating_add(charge(self.max_block_bytes));
        if self.max_bytes < needed {
            return refuse(format!(
                "max_bytes must be at least {needed}: the largest segment and the largest block"
            ));
        }
        Ok(())
    }
}

/// The most that a block of `size` bytes can add to the disk: it may open a segment and a group.
pub(crate) fn charge(size: usize) -> u64 {
    size as u64 + (FRAME_HEADER + GROUP_HEADER + SEGMENT_HEADER) as u64
}

fn refuse(message: String) -> Result<(), OpenError> {
    Err(OpenError::Options { message })
}

#[cfg(test)]
mod tests;
