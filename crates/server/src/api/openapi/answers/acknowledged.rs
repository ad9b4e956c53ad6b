//! Answers to what was sent: it is on disk, and every read sees it.

use utoipa::ToSchema;

use crate::api::openapi::bodies::value::{Id, Status};

/// A trace was opened.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Started {
    /// The trace's id, as sent or as the server made it.
    trace_id: Id,
    /// `pending`.
    status: Status,
    /// When it began, as far as this message knows.
    #[schema(format = DateTime)]
    start_time: String,
}

/// What was sent is accepted.
#[derive(ToSchema)]
pub(crate) struct Accepted {
    /// Always true.
    success: bool,
}

/// What became of the events of a batch.
#[derive(ToSchema)]
pub(crate) struct BatchAnswer {
    /// One of each event, in the order they were sent.
    results: Vec<BatchResult>,
}

/// What became of one event.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchResult {
    /// Its place in the batch, from 0.
    index: u64,
    /// The trace that it speaks of, as far as that could be read.
    #[schema(required)]
    trace_id: Option<Id>,
    /// Whether it was accepted.
    status: BatchStatus,
    /// Why it was refused.
    #[schema(required = false)]
    error: BatchError,
}

/// Whether an event was accepted.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BatchStatus {
    /// It was.
    Ok,
    /// It was not.
    Error,
}

/// Why an event was refused.
#[derive(ToSchema)]
pub(crate) struct BatchError {
    /// The path of the field within the event.
    field: String,
    /// What is wrong with it and what to send instead.
    message: String,
}

/// A score was given.
#[derive(ToSchema)]
pub(crate) struct ScoreGiven {
    /// The score's id, as sent or as the server made it.
    id: Id,
}

/// A trace was taken away.
#[derive(ToSchema)]
pub(crate) struct Deleted {
    /// How many there were: 1, or 0 where there was none. Either way the id is closed.
    deleted: u64,
}

/// Traces were taken away.
#[derive(ToSchema)]
pub(crate) struct DeletedMany {
    /// How many there were.
    deleted: u64,
    /// Whether to send the same again for the rest.
    more: bool,
}
