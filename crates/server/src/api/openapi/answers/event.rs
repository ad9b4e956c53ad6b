//! The data of server-sent events.

use utoipa::ToSchema;

use crate::api::openapi::bodies::value::{Id, Status};

/// What one message says of a span, or of a trace itself. A deletion says of which, when, and nothing
/// else.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveEvent {
    /// The trace.
    trace_id: Id,
    /// The span; null where the message speaks of the trace itself.
    #[schema(required)]
    span_id: Option<Id>,
    /// The span that it is a step of, where the message says it. A span without one stands beside the
    /// others, not above them: what stands for a trace is the span that has its id, else the earliest
    /// without a parent.
    #[schema(required = false)]
    parent_span_id: Id,
    /// The name, where the message says it.
    #[schema(required)]
    name: Option<String>,
    /// The model, where the message says it.
    #[schema(required)]
    model: Option<String>,
    /// How it stands, where the message says it.
    #[schema(required)]
    status: Option<Status>,
    /// When it began, where the message says it.
    #[schema(required, format = DateTime)]
    start_time: Option<String>,
    /// When it ended, where the message says it.
    #[schema(required, format = DateTime)]
    end_time: Option<String>,
    /// When the message came, or the deletion.
    #[schema(format = DateTime)]
    received_at: String,
    /// What went wrong.
    #[schema(required = false)]
    error: String,
    /// The whole answer so far.
    #[schema(required = false)]
    output: String,
    /// The answer is longer than what is shown here.
    #[schema(required = false)]
    truncated: bool,
}

/// The answer of a span has grown.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TextEvent {
    /// The trace.
    trace_id: Id,
    /// The span whose answer it is.
    span_id: Id,
    /// Where the text belongs, in characters (Unicode scalar values) from the beginning of the answer's
    /// text. What was there is replaced.
    offset: u64,
    /// The answer's text from there on: of the first choice, without thoughts and calls of tools, masked,
    /// up to the last word that is complete. What is behind the first 64 KiB is not shown.
    text: String,
}

/// Events are gone: load the list again, then go on.
#[derive(ToSchema)]
pub(crate) struct LaggedEvent {
    /// How many; null where it is not known.
    #[schema(required)]
    missed: Option<u64>,
    /// What to do.
    message: String,
}
