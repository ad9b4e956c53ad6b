//! The `scores` table.

use std::sync::LazyLock;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use tracekeep_model::block::{decode_state, encode_state};
use tracekeep_model::{ScoreRow, State};

use crate::SegmentError;
use crate::batch::{Cell, Column, Null, RowReader, RowWriter, schema};
use crate::json::json_map;

use Cell::{Bytes, Float, Text as Str, Time};
use Null::{Maybe, Never};

/// In the order of [`append`].
pub(crate) const COLUMNS: &[Column] = &[
    Column("score_id", Str, Never),
    Column("name", Str, Maybe),
    Column("value", Float, Maybe),
    Column("string_value", Str, Maybe),
    Column("data_type", Str, Maybe),
    Column("source", Str, Maybe),
    Column("comment", Str, Maybe),
    Column("author", Str, Maybe),
    Column("config_id", Str, Maybe),
    Column("trace_id", Str, Maybe),
    Column("span_id", Str, Maybe),
    Column("session_id", Str, Maybe),
    Column("dataset_run_id", Str, Maybe),
    Column("timestamp", Time, Never),
    Column("metadata", Str, Maybe),
    Column("received_at", Time, Never),
    Column("updated_at", Time, Never),
    Column("deleted_at", Time, Maybe),
    Column("state", Bytes, Never),
];

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| schema(COLUMNS));

/// The columns of the `scores` table.
#[must_use]
pub fn score_schema() -> SchemaRef {
    SCHEMA.clone()
}

pub(crate) fn append(row: &mut RowWriter, score: &ScoreRow, state: &State) {
    row.text(Some(&score.score_id));
    row.opt_text(&score.name);
    row.float(score.value);
    row.opt_text(&score.string_value);
    row.opt_text(&score.data_type);
    row.opt_text(&score.source);
    row.opt_text(&score.comment);
    row.opt_text(&score.author);
    row.opt_text(&score.config_id);
    row.opt_text(&score.trace_id);
    row.opt_text(&score.span_id);
    row.opt_text(&score.session_id);
    row.opt_text(&score.dataset_run_id);
    row.time(Some(score.timestamp));
    row.text(json_map(&score.metadata).as_deref());
    row.time(Some(score.received_at));
    row.time(Some(score.updated_at));
    row.time(state.deleted_at());
    row.bytes(Some(&encode_state(state)));
    row.end_row();
}

/// Reads a row's state back.
pub(crate) fn state(batch: &RecordBatch, row: usize) -> Result<State, SegmentError> {
    let bytes = RowReader::new(batch, row).bytes("state").unwrap_or_default();
    decode_state(&bytes).map_err(|error| SegmentError::Damaged {
        path: "scores.parquet".into(),
        reason: error.to_string(),
    })
}
