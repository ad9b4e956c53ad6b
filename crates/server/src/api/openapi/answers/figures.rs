use utoipa::ToSchema;

/// Performance figures of the traces that were chosen. Null where there is nothing to compute from.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    /// Milliseconds, on average.
    #[schema(required)]
    avg_latency: Option<f64>,
    /// Traces a second.
    #[schema(required)]
    throughput: Option<f64>,
    /// Percent.
    #[schema(required)]
    error_rate: Option<f64>,
    /// Costs over time, the earliest first. A step without traces is left out.
    cost_trends: Vec<CostStep>,
    /// The same figures of each model.
    model_comparison: Vec<ModelFigures>,
    /// How many traces.
    total_requests: u64,
    /// Milliseconds that half of them do not exceed.
    #[schema(required)]
    p50_latency: Option<f64>,
    /// Milliseconds that 95 % of them do not exceed.
    #[schema(required)]
    p95_latency: Option<f64>,
    /// Milliseconds that 99 % of them do not exceed.
    #[schema(required)]
    p99_latency: Option<f64>,
    /// Milliseconds to the first token that 95 % of them do not exceed.
    #[schema(required)]
    p95_first_token: Option<f64>,
    /// US dollars.
    #[schema(required)]
    total_cost: Option<f64>,
    /// Tokens.
    #[schema(required)]
    total_tokens: Option<i64>,
    /// The first moment that is looked at.
    #[schema(format = DateTime)]
    start_date: String,
    /// The first moment after it.
    #[schema(format = DateTime)]
    end_date: String,
}

/// One step of time.
#[derive(ToSchema)]
pub(crate) struct CostStep {
    /// When the step begins, in UTC.
    #[schema(format = DateTime)]
    bucket: String,
    /// US dollars.
    #[schema(required)]
    cost: Option<f64>,
    /// How many traces.
    requests: u64,
    /// Tokens.
    #[schema(required)]
    tokens: Option<i64>,
}

/// The figures of one model.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModelFigures {
    /// The model; null where none is known.
    #[schema(required)]
    model: Option<String>,
    /// How many traces.
    requests: u64,
    /// Milliseconds, on average.
    #[schema(required)]
    avg_latency: Option<f64>,
    /// Milliseconds that half of them do not exceed.
    #[schema(required)]
    p50_latency: Option<f64>,
    /// Milliseconds that 95 % of them do not exceed.
    #[schema(required)]
    p95_latency: Option<f64>,
    /// Milliseconds that 99 % of them do not exceed.
    #[schema(required)]
    p99_latency: Option<f64>,
    /// Milliseconds to the first token that 95 % of them do not exceed.
    #[schema(required)]
    p95_first_token: Option<f64>,
    /// Percent.
    #[schema(required)]
    error_rate: Option<f64>,
    /// Traces a second.
    #[schema(required)]
    throughput: Option<f64>,
    /// US dollars.
    #[schema(required)]
    cost: Option<f64>,
    /// Tokens.
    #[schema(required)]
    tokens: Option<i64>,
}
