//! What the journal holds and the archive has not got, at start.
//!
//! Blocks are joined some at a time, as the joiner does it: late patches that came fast would be
//! replayed slowly one by one.

use std::collections::VecDeque;
use std::io;

use bytes::Bytes;
use tracekeep_archive::{Archive, ArchiveError};
use tracekeep_model::block::Block;

use super::{MemoryLimits, merge, prepare};

/// Blocks that are held before they are joined.
const MOST_BLOCKS: usize = 1_024;
/// Bytes of blocks that are held, about.
const MOST_BYTES: usize = 4 << 20;

/// Joins the blocks of the journal.
pub(super) struct Replay<'a> {
    archive: &'a dyn Archive,
    memory: MemoryLimits,
    /// Where each ends, in log order.
    held: VecDeque<(u64, Block)>,
    held_bytes: usize,
    /// All that were taken.
    pub(super) blocks: u64,
}

impl<'a> Replay<'a> {
    pub(super) fn new(archive: &'a dyn Archive, memory: MemoryLimits) -> Self {
        Self { archive, memory, held: VecDeque::new(), held_bytes: 0, blocks: 0 }
    }

    /// Takes a block and where it ends. Joins those that are held when they are enough.
    pub(super) fn take(&mut self, end: u64, bytes: &Bytes) -> io::Result<()> {
        self.blocks += 1;
        let block = Block::decode(bytes).map_err(io::Error::other)?;
        self.held.push_back((end, block));
        self.held_bytes += bytes.len();
        if self.held.len() >= MOST_BLOCKS || self.held_bytes >= MOST_BYTES {
            self.join().map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Joins what is held.
    ///
    /// # Errors
    /// Memory is full and cannot be sealed.
    pub(super) fn join(&mut self) -> Result<(), ArchiveError> {
        while !self.held.is_empty() {
            for _ in 0..prepare(self.archive, self.held.iter().map(|(_, block)| block)) {
                let Some((end, block)) = self.held.pop_front() else { break };
                self.join_one(end, block)?;
            }
        }
        prepare(self.archive, std::iter::empty());
        self.held_bytes = 0;
        Ok(())
    }

    fn join_one(&self, end: u64, block: Block) -> Result<(), ArchiveError> {
        // One block that cannot be joined must not keep the server from starting: the checkpoint stays
        // before it, and readiness says so.
        if let Err(error) = merge(self.archive, block, end) {
            tracing::error!(%error, "a block of the journal could not be joined");
            self.archive.give_up(end, &error.to_string());
        }
        if self.archive.memory_bytes() >= self.memory.seal
            && let Err(error) = self.archive.seal()
        {
            tracing::error!(%error, "sealing failed while the journal was replayed");
            if self.archive.memory_bytes() >= self.memory.refuse {
                return Err(error);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
