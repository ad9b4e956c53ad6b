use super::ColumnType::{Float, Json, Text, Time};
use super::{Column, optional, required};

/// One row a score.
pub(super) const COLUMNS: &[Column] = &[
    required("score_id", Text),
    optional("name", Text),
    optional("value", Float),
    optional("string_value", Text),
    optional("data_type", Text),
    optional("source", Text),
    optional("comment", Text),
    optional("author", Text),
    optional("config_id", Text),
    optional("trace_id", Text),
    optional("span_id", Text),
    optional("session_id", Text),
    optional("dataset_run_id", Text),
    required("timestamp", Time),
    required("metadata", Json),
    required("received_at", Time),
    required("updated_at", Time),
];
