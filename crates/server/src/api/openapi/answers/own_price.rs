use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

/// The project's own prices.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnPriceList {
    /// In the order in which they were made.
    prices: Vec<OwnPrice>,
    /// When they were last changed; null where never.
    #[schema(required, format = DateTime)]
    updated_at: Option<String>,
}

/// A project's own price.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnPrice {
    /// Its name, unique in the project.
    id: String,
    /// The provider that it is of; not there: of any.
    provider: Option<String>,
    /// Which names of models it is for: a pattern, or a list of patterns.
    #[serde(rename = "match")]
    pattern: Value,
    /// The UTC day from which it is valid; not there: always.
    valid_from: Option<String>,
    /// By usage type, dollars for a million units, for an hour of what is counted in seconds: a text, or a
    /// list of one and of `[tokens, text]` for each threshold of input.
    units: BTreeMap<String, Value>,
    /// What thresholds do: `whole`, or `part`.
    steps: String,
}

/// The currency in which the project wants to see costs.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisplayCurrency {
    /// Three letters; null is US dollars.
    #[schema(required)]
    currency: Option<String>,
    /// How much of it a dollar is worth, from which day on.
    rates: Vec<CurrencyRate>,
    /// When it was last changed; null where never.
    #[schema(required, format = DateTime)]
    updated_at: Option<String>,
}

/// How much a dollar is worth from a day on.
#[derive(ToSchema)]
pub(crate) struct CurrencyRate {
    /// The UTC day.
    from: String,
    /// Units of the currency for one dollar, as a decimal number.
    rate: String,
}
