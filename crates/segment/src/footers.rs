//! Footers of tables that stay in memory, within a bound for all segments of an archive.
//!
//! Who looks for a row needs the footer of its file: it says where row groups, columns and pages are.
//! It is read and decoded as a whole, which is too much for each row again; and to keep those of all files
//! would take memory without end.
//!
//! Who reads a kept footer locks nothing but that one footer, and only to copy three pointers. The queue
//! of all is locked when a footer comes or goes. So there is no exact order of use: each footer says
//! whether it was asked for, and one that was asked for since it was looked at last stays for another
//! round, as by the hand of a clock.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use parquet::arrow::arrow_reader::ArrowReaderMetadata;

/// Bytes of footers that are kept, at most: a quarter of the memory of queries. By what Parquet holds of a
/// column, those of a segment's spans and traces take about 100 KiB together, and 24 bytes a page. So this
/// is enough for several hundred segments, and those that are asked again and again are fewer.
const MOST_BYTES: usize = 64 << 20;
/// What a column takes besides what Parquet and Arrow count, about: how one's is read as the other's.
const COLUMN_BYTES: usize = 128;

/// The footers that the segments of an archive keep, all together. A clone is the same.
#[derive(Clone, Debug)]
pub struct Footers {
    most: usize,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// With the bytes of each. The first is the first to be let go.
    queue: VecDeque<(Arc<Slot>, usize)>,
    bytes: usize,
}

/// The place for one footer.
#[derive(Debug, Default)]
struct Slot {
    /// Changed only by who holds the lock of the queue, which is taken first.
    metadata: RwLock<Option<ArrowReaderMetadata>>,
    /// Whether it was asked for since it was looked at last.
    asked: AtomicBool,
}

/// The footer of one file, as long as the file is open.
#[derive(Debug)]
pub(crate) struct Footer {
    slot: Arc<Slot>,
    all: Footers,
}

/// Why a footer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It is needed: others that were not asked for make room.
    Asked,
    /// It may be needed: it is kept if there is room, and is the first to go.
    Ahead,
}

impl Default for Footers {
    fn default() -> Self {
        Self::within(MOST_BYTES)
    }
}

impl Footers {
    /// Keeps so many bytes of footers, at most, and those of no file yet.
    #[must_use]
    pub fn within(most: usize) -> Self {
        Self { most, kept: Arc::default() }
    }

    /// Bytes of those that are kept, about. Who still reads with one that was let go holds it besides.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.kept().bytes
    }

    /// The place for the footer of one more file.
    pub(crate) fn of_file(&self) -> Footer {
        Footer { slot: Arc::default(), all: self.clone() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing in it panics half-way.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, slot: &Arc<Slot>, metadata: &ArrowReaderMetadata, reading: Reading) -> bool {
        let bytes = memory(metadata);
        // These are freed after the lock.
        let mut gone = Vec::new();
        let kept = &mut *self.kept();
        if slot.get().is_some() {
            // Another reader was faster.
            return true;
        }
        if bytes > self.most {
            return false;
        }
        match reading {
            Reading::Ahead if kept.bytes > self.most - bytes => return false,
            Reading::Ahead => kept.queue.push_front((slot.clone(), bytes)),
            Reading::Asked => {
                kept.shrink_to(self.most - bytes, &mut gone);
                kept.queue.push_back((slot.clone(), bytes));
            }
        }
        kept.bytes += bytes;
        slot.asked.store(false, Ordering::Relaxed);
        slot.put(Some(metadata.clone()));
        true
    }

    fn forget(&self, slot: &Arc<Slot>) {
        let kept = &mut *self.kept();
        let place = kept.queue.iter().position(|(other, _)| Arc::ptr_eq(other, slot));
        if let Some((_, bytes)) = place.and_then(|place| kept.queue.remove(place)) {
            kept.bytes -= bytes;
        }
    }
}

impl Kept {
    /// Lets footers go until so many bytes are left, at most.
    fn shrink_to(&mut self, most: usize, gone: &mut Vec<ArrowReaderMetadata>) {
        // Each at most once: who asks meanwhile must not keep this from ending.
        let mut spared = self.queue.len();
        while self.bytes > most {
            let Some((slot, bytes)) = self.queue.pop_front() else { return };
            if spared > 0 && slot.asked.swap(false, Ordering::Relaxed) {
                spared -= 1;
                self.queue.push_back((slot, bytes));
                continue;
            }
            self.bytes -= bytes;
            gone.extend(slot.put(None));
        }
    }
}

impl Slot {
    fn get(&self) -> Option<ArrowReaderMetadata> {
        self.metadata.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives back what was there.
    fn put(&self, metadata: Option<ArrowReaderMetadata>) -> Option<ArrowReaderMetadata> {
        let mut there = self.metadata.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *there, metadata)
    }
}

impl Footer {
    /// The footer, if it is kept.
    pub(crate) fn get(&self) -> Option<ArrowReaderMetadata> {
        let metadata = self.slot.get()?;
        self.slot.asked.store(true, Ordering::Relaxed);
        Some(metadata)
    }

    /// Keeps the footer that was read; `false`: there is no room for it, and it is read again when it is
    /// needed.
    pub(crate) fn keep(&self, metadata: &ArrowReaderMetadata, reading: Reading) -> bool {
        self.all.keep(&self.slot, metadata, reading)
    }
}

impl Drop for Footer {
    fn drop(&mut self) {
        // Nobody else can keep it now; that it is let go meanwhile does no harm.
        if self.slot.get().is_some() {
            self.all.forget(&self.slot);
        }
    }
}

/// What a footer takes in memory, about.
fn memory(metadata: &ArrowReaderMetadata) -> usize {
    let fields = metadata.schema().fields();
    metadata.metadata().memory_size() + fields.size() + fields.len() * COLUMN_BYTES
}

#[cfg(test)]
mod tests;
