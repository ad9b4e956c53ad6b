//! Whether a key may lie in any segment: one resident filter a project, so that a new key costs one
//! look instead of one a segment.
//!
//! Invariant: every key of every segment in the list is in the filter. Keys of segments that are gone
//! stay in it until it is made anew, which costs a look-up and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastbloom::AtomicBloomFilter;
use tracekeep_segment::Segment;

/// One key in a hundred that is in no segment is looked for in all of them; ten bits a key.
const FALSE_POSITIVES: f64 = 0.01;
/// Keys of the smallest filter.
const FEWEST: usize = 1 << 10;

/// The keys of a project's segments, by hash.
#[derive(Debug)]
pub(crate) struct KeyFilter {
    keys: AtomicBloomFilter,
    /// Keys that were added; one that was added twice counts twice.
    added: AtomicUsize,
    capacity: usize,
}

impl Default for KeyFilter {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl KeyFilter {
    fn with_capacity(keys: usize) -> Self {
        let capacity = keys.max(FEWEST);
        let keys = AtomicBloomFilter::with_false_pos(FALSE_POSITIVES).expected_items(capacity);
        Self { keys, added: AtomicUsize::new(0), capacity }
    }

    /// Of some segments, with room for as many keys again.
    pub(crate) fn of<'a>(segments: impl Iterator<Item = &'a Segment> + Clone) -> Self {
        let count: usize = segments.clone().map(|segment| segment.index().len()).sum();
        let filter = Self::with_capacity(count.saturating_mul(2));
        segments.for_each(|segment| filter.add(segment));
        filter
    }

    /// Whether a key may lie in a segment; never wrong when it says no.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        self.keys.contains_hash(hash)
    }

    /// A filter that holds the keys of `new` besides: this one if there is room, else one made of
    /// `all` the segments.
    pub(crate) fn grown<'a>(
        self: &Arc<Self>,
        new: &'a Segment,
        all: impl Iterator<Item = &'a Segment> + Clone,
    ) -> Arc<Self> {
        if self.added.load(Ordering::Relaxed) + new.index().len() <= self.capacity {
            self.add(new);
            return self.clone();
        }
        Arc::new(Self::of(all.chain([new]).collect::<Vec<_>>().into_iter()))
    }

    fn add(&self, segment: &Segment) {
        for hash in segment.index().hashes() {
            self.keys.insert_hash(hash);
        }
        self.added.fetch_add(segment.index().len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
