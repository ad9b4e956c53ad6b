use serde_json::Value;
use utoipa::ToSchema;

use super::amounts::{Costs, TokenCounts};
use super::value::{Failure, Id, Time};

/// Ends a trace. It may come before its start, and more than once. null says nothing.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({
    "traceId": "tour-1",
    "result": {
        "status": "success",
        "response": "Athens.",
        "tokens": { "input": 14, "output": 3 },
        "cost": { "input": 0.000007, "output": 0.000012 }
    }
})))]
pub(crate) struct CompleteTrace {
    /// The trace's id.
    trace_id: Id,
    /// How it ended.
    result: TraceResult,
    /// When this message was made. It decides which of two messages is the later one.
    timestamp: Option<Time>,
}

/// How a trace ended.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TraceResult {
    /// Well or badly.
    status: Ended,
    /// What came back. Text is kept as it is, all else as its JSON text.
    response: Option<Value>,
    /// What went wrong.
    error: Option<Failure>,
    /// What it used.
    tokens: Option<TokenCounts>,
    /// What it cost.
    cost: Option<Costs>,
    /// When it ended. Where it is not sent, `timestamp`, else the moment of receipt.
    end_time: Option<Time>,
    /// Milliseconds from the start to the first token.
    #[schema(minimum = 0, maximum = 1e12)]
    first_token_latency_ms: Option<f64>,
}

/// How something ended.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ended {
    /// Well.
    Success,
    /// Badly.
    Error,
}
