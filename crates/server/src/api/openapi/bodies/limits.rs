use utoipa::ToSchema;

/// What a key may ask of models. What is not sent, or is null, is not limited.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({ "requestsPerMinute": 60, "budget": "25", "budgetPeriod": "month" })))]
pub(crate) struct LimitKey {
    /// Requests a minute.
    #[schema(minimum = 1)]
    requests_per_minute: Option<u64>,
    /// Tokens a minute, in and out together.
    #[schema(minimum = 1)]
    tokens_per_minute: Option<u64>,
    /// US dollars in each period, as a decimal number in a text; a number is taken too.
    budget: Option<String>,
    /// The period of the budget, which needs one.
    budget_period: Option<BudgetPeriod>,
}

/// A period of time, in UTC: from midnight, from Monday, from the first.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BudgetPeriod {
    /// From midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first.
    Month,
}
