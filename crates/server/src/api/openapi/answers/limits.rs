use utoipa::ToSchema;

use crate::api::openapi::bodies::BudgetPeriod;

/// What a key may ask of models. Null is no limit.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    /// Requests a minute.
    #[schema(required)]
    requests_per_minute: Option<u64>,
    /// Tokens a minute, in and out together.
    #[schema(required)]
    tokens_per_minute: Option<u64>,
    /// US dollars in each period, with all their digits.
    #[schema(required)]
    budget: Option<String>,
    /// The period of the budget.
    #[schema(required)]
    budget_period: Option<BudgetPeriod>,
    /// What is used of them now.
    used: LimitsUsed,
}

/// What a key has used of its limits. Null where it has no such limit: then nothing is counted.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LimitsUsed {
    /// Requests in the last minute.
    #[schema(required)]
    requests: Option<u64>,
    /// Tokens in the last minute.
    #[schema(required)]
    tokens: Option<u64>,
    /// US dollars in the period that runs, with all their digits.
    #[schema(required)]
    spent: Option<String>,
    /// When the period began.
    #[schema(required, format = DateTime)]
    period_start: Option<String>,
    /// When the next one begins.
    #[schema(required, format = DateTime)]
    period_end: Option<String>,
}
