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
}
