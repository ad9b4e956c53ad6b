//! Large texts of one query's snapshot, read when they are needed.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray as _, RecordBatch, StringViewArray};
use arrow::buffer::Buffer;
use bytes::Bytes;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use hashbrown::HashMap;
use tracekeep_segment::{Reference, Segment, SegmentError, with_cells};

use crate::snapshot::Snapshot;

/// Finds the blobs of a snapshot's segments, and keeps these as long as it is there itself.
pub(crate) struct Blobs {
    segments: HashMap<u64, Arc<Segment>>,
    /// Counts the texts that are held together, with all that queries hold.
    memory: Arc<dyn MemoryPool>,
}

impl Blobs {
    /// Of the segments of a snapshot.
    pub(crate) fn new(snapshot: &Snapshot, memory: &Arc<dyn MemoryPool>) -> Self {
        let segments = snapshot.segments.iter().map(|m| (m.number, m.segment.clone())).collect();
        Self { segments, memory: memory.clone() }
    }

    /// The text of a cell: itself, or what it refers to. For who needs one at a time.
    pub(crate) fn text<'c>(&self, cell: &'c str) -> Result<Cow<'c, str>> {
        let Some(reference) = reference(cell.as_bytes()) else { return Ok(Cow::Borrowed(cell)) };
        let text = String::from_utf8(self.read(&reference)?);
        text.map(Cow::Owned).map_err(|error| DataFusionError::External(Box::new(error)))
    }

    /// The column with every text whole; `None` if it is so already. What is read counts as memory of
    /// queries until the column is let go of.
    pub(crate) fn whole(&self, column: &StringViewArray) -> Result<Option<StringViewArray>> {
        with_cells(column, is_marked, |cell| {
            let Some(reference) = reference(cell) else { return Ok(None) };
            let held = MemoryConsumer::new("large texts").register(&self.memory);
            // Before it is read: what a reference says is checked against the file.
            held.try_grow(usize::try_from(reference.whole).unwrap_or(usize::MAX))?;
            let text = Held { text: self.read(&reference)?, _memory: held };
            Ok(Some(Buffer::from(Bytes::from_owner(text))))
        })
    }

    /// An answer with every text whole.
    pub(crate) fn finish(&self, batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
        batches.into_iter().map(|batch| self.finish_batch(batch)).collect()
    }

    fn finish_batch(&self, batch: RecordBatch) -> Result<RecordBatch> {
        let mut columns = batch.columns().to_vec();
        for column in &mut columns {
            let Some(texts) = column.as_string_view_opt() else { continue };
            if let Some(whole) = self.whole(texts)? {
                *column = Arc::new(whole) as ArrayRef;
            }
        }
        Ok(RecordBatch::try_new(batch.schema(), columns)?)
    }

    fn read(&self, at: &Reference) -> Result<Vec<u8>> {
        let segment = self.segments.get(&at.segment).ok_or_else(|| SegmentError::Damaged {
            path: format!("segment {}", at.segment).into(),
            reason: "is referred to, but the manifest does not name it".into(),
        });
        let text = segment.and_then(|segment| segment.blob(at));
        text.map_err(|error| DataFusionError::External(Box::new(error)))
    }
}

/// Whether some text of a column refers to a blob.
pub(crate) fn any_reference(column: &StringViewArray) -> bool {
    // A view is the length in four bytes, then the first bytes of the text.
    column.views().iter().any(|view| *view as u32 != 0 && is_marked(0, (*view >> 32) as u8))
}

fn is_marked(_length: usize, first: u8) -> bool {
    first == Reference::TEXT_MARK
}

fn reference(cell: &[u8]) -> Option<Reference> {
    (cell.first() == Some(&Reference::TEXT_MARK)).then(|| Reference::parse(cell)).flatten()
}

/// A text, and the memory that was asked for it.
struct Held {
    text: Vec<u8>,
    _memory: MemoryReservation,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}
