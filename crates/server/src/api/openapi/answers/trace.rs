use std::collections::BTreeMap;

use utoipa::ToSchema;

use super::{InteractionRow, ScoreRow, SpanRow};

/// One trace, whole.
#[derive(ToSchema)]
pub(crate) struct WholeTrace {
    /// Its row.
    trace: InteractionRow,
    /// In tree order: a span before its children, siblings by start.
    spans: Vec<SpanRow>,
    /// At most 1,000.
    scores: Vec<ScoreRow>,
    /// Sums of its spans.
    totals: TraceTotals,
    /// Traces that name this one as their parent, at most 1,000. They are not in the totals.
    children: Vec<InteractionRow>,
    /// There are more scores than are shown.
    more_scores: bool,
    /// There are more children than are shown.
    more_children: bool,
}

/// Sums of the spans of a trace.
#[derive(ToSchema)]
pub(crate) struct TraceTotals {
    /// Milliseconds from the earliest start to the latest end; null until a span has ended.
    #[schema(required)]
    latency_ms: Option<i64>,
    /// How many spans.
    spans: u64,
    /// How many of them failed.
    errors: u64,
    /// How many of them still run.
    open_spans: u64,
    /// Input tokens, cached included.
    #[schema(required)]
    input_tokens: Option<i64>,
    /// Output tokens.
    #[schema(required)]
    output_tokens: Option<i64>,
    /// Tokens in all.
    #[schema(required)]
    total_tokens: Option<i64>,
    /// Some of them were counted by Tracekeep, as their senders counted none: `usage_given` of those spans
    /// says by which vocabulary.
    tokens_estimated: bool,
    /// Tokens by usage type.
    usage: BTreeMap<String, i64>,
    /// US dollars of all input.
    #[schema(required)]
    input_cost: Option<f64>,
    /// US dollars of all output.
    #[schema(required)]
    output_cost: Option<f64>,
    /// US dollars in all; null where no span has a cost.
    #[schema(required)]
    total_cost: Option<f64>,
    /// US dollars by usage type.
    cost: BTreeMap<String, f64>,
}
