//! What waits to be written, in bytes of memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes of what waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    taken: Arc<AtomicUsize>,
}

/// A part of what is taken, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    taken: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    /// Takes so many bytes, whatever is taken already.
    pub(super) fn take(&self, bytes: usize) -> Share {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
        Share { taken: self.taken.clone(), bytes }
    }

    /// Takes so many bytes, if no more than `most` are taken then. A single one may be larger than all
    /// that may wait, if nothing else does.
    pub(super) fn take_within(&self, bytes: usize, most: usize) -> Option<Share> {
        let before = self.taken.fetch_add(bytes, Ordering::Relaxed);
        let share = Share { taken: self.taken.clone(), bytes };
        (before == 0 || before.saturating_add(bytes) <= most).then_some(share)
    }

    /// Bytes that are taken.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Share {
    /// Bytes of the share.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
