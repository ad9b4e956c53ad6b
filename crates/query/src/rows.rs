//! What each column holds: the one definition. Every archive is tested against it.

mod json;
mod span;
mod trace;

use tracekeep_model::ScoreRow;

use crate::{Cell, Row};

pub use span::span_row;
pub use trace::trace_row;

/// The row of a score in `scores`.
#[must_use]
pub fn score_row(score: &ScoreRow) -> Row {
    Row::from([
        ("score_id", Cell::from(&score.score_id)),
        ("name", Cell::from(&score.name)),
        ("value", Cell::from(score.value)),
        ("string_value", Cell::from(&score.string_value)),
        ("data_type", Cell::from(&score.data_type)),
        ("source", Cell::from(&score.source)),
        ("comment", Cell::from(&score.comment)),
        ("author", Cell::from(&score.author)),
        ("config_id", Cell::from(&score.config_id)),
        ("trace_id", Cell::from(&score.trace_id)),
        ("span_id", Cell::from(&score.span_id)),
        ("session_id", Cell::from(&score.session_id)),
        ("dataset_run_id", Cell::from(&score.dataset_run_id)),
        ("timestamp", Cell::from(score.timestamp)),
        ("metadata", json::metadata(&score.metadata)),
        ("received_at", Cell::from(score.received_at)),
        ("updated_at", Cell::from(score.updated_at)),
    ])
}

#[cfg(test)]
mod tests;
