//! What a key may ask of models: requests and tokens a minute, US dollars in a period.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod put;

use std::sync::Arc;

use serde::Serialize;
use tracekeep_control::{ControlError, KeyLimits};
use tracekeep_model::Micros;

use crate::app::App;
use crate::clock;
use crate::gateway::limits::Used;

/// Limits as they are shown, and what is used of them; null for none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    requests_per_minute: Option<i64>,
    tokens_per_minute: Option<i64>,
    budget: Option<String>,
    budget_period: Option<&'static str>,
    used: ShownUse,
}

/// What is used of limits.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownUse {
    requests: Option<u64>,
    tokens: Option<u64>,
    spent: Option<String>,
    period_start: Option<Micros>,
    period_end: Option<Micros>,
}

impl Shown {
    /// Limits that were just read or written, of the key with this id.
    async fn now(app: &App, key_id: String, limits: KeyLimits) -> Result<Self, ControlError> {
        let used = app.limits.used(&Arc::from(key_id), clock::now()).await?;
        let KeyLimits { requests_per_minute, tokens_per_minute, budget } = limits;
        let budget_period = budget.as_ref().map(|budget| budget.period.as_str());
        Ok(Self {
            requests_per_minute,
            tokens_per_minute,
            budget: budget.map(|budget| budget.amount),
            budget_period,
            used: ShownUse::of(used),
        })
    }
}

impl ShownUse {
    fn of(used: Used) -> Self {
        let Used { requests, tokens, spent } = used;
        let period = spent.map(|(_, period)| period);
        Self {
            requests,
            tokens,
            spent: spent.map(|(amount, _)| amount.to_string()),
            period_start: period.map(|period| period.start),
            period_end: period.map(|period| period.end),
        }
    }
}
