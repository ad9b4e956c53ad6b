//! What is on disk: written by the writer thread, read by everyone.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::{CheckpointError, Position, Status};

/// A segment and where its synced groups are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) base: u64,
    /// Position up to which it is synced.
    pub(crate) end: u64,
    /// Where its last block ends, 0 if it has none: a checkpoint here has passed all of it.
    pub(crate) blocks_end: u64,
    /// Bytes of the file, with leftovers of a failed write.
    pub(crate) bytes: u64,
}

/// What is on disk.
pub(crate) struct Ledger {
    /// Never held during a file operation.
    state: Mutex<State>,
    /// Sum of the segments in `state`, for [`crate::queue`], which asks once a block.
    bytes: AtomicU64,
}

#[derive(Default)]
struct State {
    /// Segments that are not written any more, oldest first.
    retired: VecDeque<Segment>,
    /// The segment that takes the next group; none after a failure.
    active: Option<Segment>,
    /// The segment that [`Ledger::removable`] named last: its file may be gone already.
    leaving: Option<u64>,
    head: u64,
    durable: u64,
    checkpoint: Position,
    syncs: u64,
    blocks: u64,
    last_error: Option<String>,
}

impl Ledger {
    /// The ledger after recovery of these segments; everything below `durable` is synced.
    pub(crate) fn new(segments: Vec<Segment>, durable: u64) -> Self {
        let ledger = Self { state: Mutex::default(), bytes: AtomicU64::new(0) };
        ledger.update(|state| {
            state.retired = segments.into();
            state.durable = durable;
            state.head = durable;
        });
        ledger
    }

    /// Bytes of all segments.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// A new segment takes the next group.
    pub(crate) fn opened(&self, segment: Segment) {
        self.update(|state| {
            state.active = Some(segment);
            state.durable = segment.end;
            state.head = segment.end;
        });
    }

    /// A group that ends at `end` goes to the disk.
    pub(crate) fn writing(&self, end: u64) {
        self.update(|state| state.head = end);
    }

    /// That group is synced.
    pub(crate) fn synced(&self, end: u64, blocks: u64) {
        self.update(|state| {
            if let Some(active) = &mut state.active {
                active.end = end;
                active.bytes = end - active.base;
                if blocks > 0 {
                    active.blocks_end = end;
                }
            }
            state.durable = end;
            state.syncs += 1;
            state.blocks += blocks;
        });
    }

    /// The active segment takes no more groups.
    pub(crate) fn retired(&self, segment: Segment) {
        self.update(|state| {
            state.active = None;
            state.retired.push_back(segment);
        });
    }

    /// Says whether the active segment, which has no groups, may be removed, and is active no more if
    /// so. Not where no other file stays: were the directory empty when the process is killed,
    /// positions would begin again at zero.
    pub(crate) fn discard(&self) -> bool {
        let mut may_go = false;
        self.update(|state| {
            let leaving = state.leaving;
            may_go = state.retired.iter().any(|segment| Some(segment.base) != leaving);
            if may_go {
                state.active = None;
            }
        });
        may_go
    }

    /// A group, or a new segment, could not be written.
    pub(crate) fn failed(&self, error: String) {
        self.update(|state| state.last_error = Some(error));
    }

    /// Notes that everything below `position` is in the archive.
    pub(crate) fn checkpoint(&self, position: Position) -> Result<(), CheckpointError> {
        let mut state = self.state.lock();
        let durable = Position::new(state.durable);
        if position > durable {
            return Err(CheckpointError::BeyondDurable { position, durable });
        }
        state.checkpoint = state.checkpoint.max(position);
        Ok(())
    }

    /// Whether the checkpoint has passed every block.
    pub(crate) fn is_passed(&self) -> bool {
        let state = self.state.lock();
        state.retired.iter().chain(&state.active).all(|segment| state.has_passed(segment))
    }

    /// The oldest segment, if the checkpoint has passed all of it and another one stays.
    pub(crate) fn removable(&self) -> Option<Segment> {
        let mut state = self.state.lock();
        let oldest = state.retired.front().copied()?;
        let is_only = state.active.is_none() && state.retired.len() == 1;
        if is_only || !state.has_passed(&oldest) {
            return None;
        }
        state.leaving = Some(oldest.base);
        Some(oldest)
    }

    /// The segment that [`Self::removable`] named is gone.
    pub(crate) fn removed(&self, segment: Segment) {
        self.update(|state| {
            state.retired.retain(|kept| kept.base != segment.base);
            state.leaving = None;
        });
    }

    /// The journal's status; the queue knows the rest.
    pub(crate) fn status(&self, queued_bytes: u64, degraded: bool) -> Status {
        let state = self.state.lock();
        let oldest = state.retired.front().or(state.active.as_ref());
        Status {
            bytes: self.bytes(),
            queued_bytes,
            segments: state.retired.len() + usize::from(state.active.is_some()),
            oldest: Position::new(oldest.map_or(state.durable, |segment| segment.base)),
            head: Position::new(state.head),
            durable: Position::new(state.durable),
            checkpoint: state.checkpoint,
            syncs: state.syncs,
            blocks: state.blocks,
            last_error: state.last_error.clone(),
            degraded,
        }
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        change(&mut state);
        let segments = state.retired.iter().chain(&state.active);
        let bytes: u64 = segments.map(|segment| segment.bytes).sum();
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}

impl State {
    fn has_passed(&self, segment: &Segment) -> bool {
        Position::new(segment.blocks_end) <= self.checkpoint
    }
}

#[cfg(test)]
mod tests;
