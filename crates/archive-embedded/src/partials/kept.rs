use arrow::array::RecordBatch;

use crate::segment_cache::{SegmentCache, Weight};

/// Bytes of states that are kept, at most.
const MOST_BYTES: usize = 64 << 20;
/// What a question weighs besides its text, about.
const QUESTION_BYTES: usize = 1_024;
/// What a state weighs besides its rows, about.
const STATE_BYTES: usize = 128;

/// States by question and segment.
pub(super) type KeptStates = SegmentCache<Key, State>;

/// None yet.
pub(super) fn no_states() -> KeptStates {
    SegmentCache::within(MOST_BYTES)
}

/// What is known of a question in one segment.
#[derive(Clone, Debug)]
pub(super) enum State {
    Rows(RecordBatch),
    /// It is not worth keeping, and the segment is read each time.
    TooLarge,
}

impl Weight for State {
    fn bytes(&self) -> usize {
        match self {
            Self::Rows(rows) => STATE_BYTES + rows.get_array_memory_size(),
            Self::TooLarge => STATE_BYTES,
        }
    }
}

/// One question about one project. The text itself, so that no two are taken for one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    project: String,
    statement: String,
}

impl Key {
    pub(super) fn new(project: &str, statement: &str) -> Self {
        Self { project: project.to_owned(), statement: statement.to_owned() }
    }
}

impl Weight for Key {
    fn bytes(&self) -> usize {
        QUESTION_BYTES + self.project.len() + self.statement.len()
    }
}

#[cfg(test)]
mod tests;
