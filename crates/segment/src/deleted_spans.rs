//! Spans that were deleted from a trace that lives on.
//!
//! They have no rows, but a late message about one must find that it is deleted. The column
//! `deleted_spans` of `traces` holds their states, as the patches of a [`Block`] whose other parts are
//! empty; it is null where there are none.

use bytes::Bytes;
use tracekeep_model::block::Block;
use tracekeep_model::{Micros, RecordKey, State, Text, TraceUnit};

use crate::SegmentError;

/// What to store; `None`: nothing.
pub(crate) fn encode(unit: &TraceUnit) -> Option<Bytes> {
    let deleted = unit.spans.iter().filter(|(_, state)| state.deleted_at().is_some());
    let patch = |(id, state): (&Text, &State)| {
        (RecordKey::Span { trace_id: Text::new(), span_id: id.clone() }, state.clone())
    };
    let patches: Vec<_> = deleted.map(patch).collect();
    if patches.is_empty() {
        return None;
    }
    Some(Block { project_id: Text::new(), received: Micros(0), patches }.encode())
}

/// The deleted spans, by their ids.
pub(crate) fn decode(bytes: Bytes) -> Result<Vec<(Text, State)>, SegmentError> {
    let block = Block::decode(&bytes).map_err(|error| damaged(error.to_string()))?;
    let span = |(key, state): (RecordKey, State)| match key {
        RecordKey::Span { span_id, .. } => Ok((span_id, state)),
        other => Err(damaged(format!("holds {other} among the deleted spans"))),
    };
    block.patches.into_iter().map(span).collect()
}

fn damaged(reason: String) -> SegmentError {
    SegmentError::Damaged { path: "traces.parquet".into(), reason }
}

#[cfg(test)]
mod tests;
