//! The currency in which a project wants to see costs beside US dollars. What is stored and added up is
//! always US dollars.

mod body;
pub(crate) mod get;
pub(crate) mod put;

use serde::Serialize;
use tracekeep_control::PriceSettings;
use tracekeep_model::Micros;

use super::prices::damaged;
use crate::error::ApiError;
use crate::project_prices::DayRate;

/// The currency as it is shown; null is US dollars.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    currency: Option<String>,
    rates: Vec<DayRate>,
    updated_at: Option<Micros>,
}

impl Shown {
    fn of(stored: PriceSettings) -> Result<Self, ApiError> {
        let rates = serde_json::from_str(&stored.rates).map_err(|error| {
            tracing::error!(%error, project = stored.project_id, "rates of a currency are no JSON");
            damaged()
        })?;
        let updated_at = stored.currency_updated_at.map(Micros);
        Ok(Self { currency: stored.currency, rates, updated_at })
    }
}
