use arrow::array::RecordBatch;
use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::task::block_in_place;
use tracekeep_segment::SegmentError;

use crate::snapshot::MaskedSegment;

/// Bytes of hours that are kept, at most.
const MOST_BYTES: usize = 64 << 20;
/// What an entry weighs besides its rows, about.
const ENTRY_BYTES: usize = 4_096;

/// Hours of segments, as read or as computed without masked traces, as far as there is room: those
/// that were not used for longest go first.
#[derive(Debug)]
pub(crate) struct KeptHours {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By number of the segment; numbers are of one segment for ever.
    segments: HashMap<u64, Entry>,
    bytes: usize,
    /// Grows with each use.
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    /// How many traces were masked. A mask only ever grows, so that this says which it was.
    masked: u64,
    /// `None`: there are too many.
    hours: Option<RecordBatch>,
    bytes: usize,
    used: u64,
}

impl Default for KeptHours {
    fn default() -> Self {
        Self::within(MOST_BYTES)
    }
}

impl KeptHours {
    fn within(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// The hours of a segment without its masked traces; `None`: there are too many.
    pub(crate) fn of_segment(
        &self,
        masked: &MaskedSegment,
    ) -> Result<Option<RecordBatch>, SegmentError> {
        let gone = masked.mask.traces.len();
        if let Some(hours) = self.find(masked.number, gone) {
            return Ok(hours);
        }
        let segment = &masked.segment;
        let spans = masked.mask.span_rows(|trace| segment.index().spans(trace));
        let hours = block_in_place(|| segment.hourly(&spans))?;
        self.keep(masked.number, gone, hours.clone());
        Ok(hours)
    }

    fn find(&self, number: u64, masked: u64) -> Option<Option<RecordBatch>> {
        let kept = &mut *self.kept.lock();
        let entry = kept.segments.get_mut(&number).filter(|entry| entry.masked == masked)?;
        kept.uses += 1;
        entry.used = kept.uses;
        Some(entry.hours.clone())
    }

    fn keep(&self, number: u64, masked: u64, hours: Option<RecordBatch>) {
        let rows = hours.as_ref().map_or(0, RecordBatch::get_array_memory_size);
        let bytes = ENTRY_BYTES + rows;
        let kept = &mut *self.kept.lock();
        kept.uses += 1;
        let entry = Entry { masked, hours, bytes, used: kept.uses };
        kept.bytes += bytes;
        if let Some(old) = kept.segments.insert(number, entry) {
            kept.bytes -= old.bytes;
        }
        while kept.bytes > self.most {
            let oldest = kept.segments.iter().min_by_key(|(_, entry)| entry.used);
            let oldest = oldest.map(|(number, _)| *number);
            let Some(entry) = oldest.and_then(|number| kept.segments.remove(&number)) else {
                return;
            };
            kept.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests;
