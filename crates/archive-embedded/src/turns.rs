//! Which queries run at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts queries as they begin and end.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// One query, from its beginning until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    /// How many had begun with it.
    begun: u64,
    /// Others were running when it began.
    was_joined: bool,
}

impl Turns {
    /// A query begins.
    pub(crate) fn begin(self: &Arc<Self>) -> Turn {
        // In this order: one that ends in between counts as running, never the other way round.
        let ended = self.ended.load(Ordering::SeqCst);
        let begun = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        Turn { turns: self.clone(), begun, was_joined: begun - 1 > ended }
    }
}

impl Turn {
    /// Whether no other query has run since this one began.
    pub(crate) fn is_alone(&self) -> bool {
        !self.was_joined && self.turns.begun.load(Ordering::SeqCst) == self.begun
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.ended.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
