use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

/// A price of the project.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({
    "provider": "openai",
    "match": ["=gpt-4o", "^gpt-4o-"],
    "validFrom": "2026-01-01",
    "units": { "input": "2", "output": ["8", [200000, "16"]] }
})))]
pub(crate) struct SetPrice {
    /// The provider that it is of, by its id in the price book or as calls name it. Else of any.
    #[schema(max_length = 100)]
    provider: Option<String>,
    /// Which names of models it is for: `=gpt-4o` is this, `^gpt-4o-` begins so, `$-latest` ends so,
    /// `~sonnet` has this in it, `/^o[134]` is a regular expression; `!` before these is not. A list is
    /// any of them, `{"all": [...]}` all.
    #[serde(rename = "match")]
    pattern: Value,
    /// The UTC day from which it is valid, such as `2026-01-31`. Else it always was.
    valid_from: Option<String>,
    /// By usage type, dollars for a million units, for an hour of what is counted in seconds: a text such
    /// as `2.50`, or a list of one and of `[tokens, text]` for each threshold of input.
    units: BTreeMap<String, Value>,
    /// What thresholds do: the `whole` request has the price above, or only the `part` above it.
    steps: Option<String>,
}

/// The currency in which the project wants to see costs.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "currency": "EUR",
    "rates": [{ "from": "2026-01-01", "rate": "0.92" }]
})))]
pub(crate) struct SetCurrency {
    /// Three capital letters; null is US dollars.
    #[schema(required)]
    currency: Option<String>,
    /// How much of it a dollar is worth, from which day on: one rate a day. With a currency at least one.
    #[schema(max_items = 10000)]
    rates: Option<Vec<DatedRate>>,
}

/// How much a dollar is worth from a day on.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatedRate {
    /// The UTC day, such as `2026-01-31`.
    from: String,
    /// Units of the currency for one dollar, as a text such as `0.9213`.
    rate: String,
}
