use std::sync::Arc;

use tracekeep_segment::{Batches, Segment};

use crate::chunk::Chunk;
use crate::mask::Mask;

/// All of one project's units at one moment. Nothing in it changes.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// Rows of the head.
    pub(crate) head: Arc<Batches>,
    pub(crate) chunks: Vec<MaskedChunk>,
    pub(crate) segments: Vec<MaskedSegment>,
}

/// A chunk and the rows of it that are no longer there.
#[derive(Clone, Debug)]
pub(crate) struct MaskedChunk {
    pub(crate) chunk: Arc<Chunk>,
    pub(crate) mask: Arc<Mask>,
}

/// A segment and the rows of it that are no longer there.
#[derive(Clone, Debug)]
pub(crate) struct MaskedSegment {
    pub(crate) number: u64,
    pub(crate) segment: Arc<Segment>,
    pub(crate) mask: Arc<Mask>,
}
