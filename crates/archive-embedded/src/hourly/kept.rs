use arrow::array::RecordBatch;
use tokio::task::block_in_place;
use tracekeep_segment::SegmentError;

use crate::segment_cache::{SegmentCache, Weight};
use crate::snapshot::MaskedSegment;

/// Bytes of hours that are kept, at most.
const MOST_BYTES: usize = 64 << 20;
/// What an entry weighs besides its rows, about.
const ENTRY_BYTES: usize = 4_096;

/// Hours of segments, as read or as computed without masked traces.
#[derive(Debug)]
pub(crate) struct KeptHours {
    kept: SegmentCache<Whole, SegmentHours>,
}

/// A segment by its number, whatever is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Whole(u64);

/// `None`: there are too many.
#[derive(Clone, Debug)]
struct SegmentHours(Option<RecordBatch>);

impl Weight for Whole {
    fn bytes(&self) -> usize {
        // It is counted with its only entry.
        0
    }
}

impl Weight for SegmentHours {
    fn bytes(&self) -> usize {
        ENTRY_BYTES + self.0.as_ref().map_or(0, RecordBatch::get_array_memory_size)
    }
}

impl Default for KeptHours {
    fn default() -> Self {
        Self { kept: SegmentCache::within(MOST_BYTES) }
    }
}

impl KeptHours {
    /// The hours of a segment without its masked traces; `None`: there are too many.
    pub(crate) fn of_segment(
        &self,
        masked: &MaskedSegment,
    ) -> Result<Option<RecordBatch>, SegmentError> {
        let (number, gone) = (masked.number, masked.mask.traces.len());
        let mask = [(number, gone)].into_iter().collect();
        if let Some(SegmentHours(hours)) = self.kept.find(&Whole(number), &mask).remove(&number) {
            return Ok(hours);
        }
        let segment = &masked.segment;
        let spans = masked.mask.span_rows(|trace| segment.index().spans(trace));
        let hours = block_in_place(|| segment.hourly(&spans))?;
        self.kept.keep(&Whole(number), number, gone, SegmentHours(hours.clone()));
        Ok(hours)
    }
}

#[cfg(test)]
mod tests;
