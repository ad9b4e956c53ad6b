//! What a key may ask of models: requests and tokens a minute, US dollars in a period.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod put;

use serde::Serialize;
use tracekeep_control::KeyLimits;

/// Limits as they are shown; null for none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    requests_per_minute: Option<i64>,
    tokens_per_minute: Option<i64>,
    budget: Option<String>,
    budget_period: Option<&'static str>,
}

impl Shown {
    fn of(limits: KeyLimits) -> Self {
        let KeyLimits { requests_per_minute, tokens_per_minute, budget } = limits;
        let budget_period = budget.as_ref().map(|budget| budget.period.as_str());
        Self {
            requests_per_minute,
            tokens_per_minute,
            budget: budget.map(|budget| budget.amount),
            budget_period,
        }
    }
}
