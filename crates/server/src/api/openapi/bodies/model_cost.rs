use utoipa::ToSchema;

use super::amounts::TokenCounts;
use super::value::{Id, Time};

/// One call, or many.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(examples(json!({
    "provider": "openai", "model": "gpt-4o", "inputTokens": 1200, "outputTokens": 80
})))]
pub(crate) enum ComputeCost {
    /// One call.
    One(CostCall),
    /// Many calls.
    Many(CostCalls),
}

/// Many calls at once. One that is malformed refuses the request.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CostCalls {
    /// The calls; the answer has the same order.
    #[schema(max_items = 10000)]
    items: Vec<CostCall>,
}

/// A call of a model, as far as its cost depends on it.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CostCall {
    /// Who runs the model, by any name: `openai`, `azure.ai.openai`, `aws.bedrock`, `vertex_ai`, …
    /// Where none is sent, or one that nobody knows, the model's name says who it is.
    provider: Option<Id>,
    /// The model's name.
    model: Id,
    /// What it used.
    usage: Option<TokenCounts>,
    /// All tokens of input, instead of `usage`.
    #[schema(minimum = 0)]
    input_tokens: Option<i64>,
    /// All tokens of output, instead of `usage`.
    #[schema(minimum = 0)]
    output_tokens: Option<i64>,
    /// When it began: its price is the one that was valid then. Else it is the time of receipt.
    at: Option<Time>,
    /// The service tier, such as `batch`, `flex` or `priority`.
    service_tier: Option<Id>,
    /// The provider's region, such as `eu` or `us-east-1`.
    region: Option<Id>,
    /// The trace that gets usage and cost.
    trace_id: Option<Id>,
    /// When this message was made. It decides which of two messages is the later one.
    timestamp: Option<Time>,
}
