use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

use super::own_price::OwnPrice;

/// What one call cost, or what many did.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum CostAnswer {
    /// Of one call.
    One(Box<ComputedCost>),
    /// Of many calls.
    Many(ComputedCosts),
}

/// What calls cost, in the order in which they were sent.
#[derive(ToSchema)]
pub(crate) struct ComputedCosts {
    /// A cost each.
    items: Vec<ComputedCost>,
}

/// What a call cost, and by which price.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComputedCost {
    /// Null where no price is known for anything that was used.
    #[schema(required)]
    cost: Option<CostParts>,
    /// Names the model, since when its price is valid, and the tier and region that changed it.
    #[schema(required, examples("openai/gpt-4o@start+batch@2026-10-14"))]
    price_id: Option<String>,
    /// The provider whose price it is.
    #[schema(required)]
    provider: Option<String>,
    /// The model whose price it is.
    #[schema(required)]
    model: Option<String>,
    /// Who set the price: `book`, or `custom` for the project itself.
    #[schema(required)]
    origin: Option<String>,
    /// Usage types that have no price, and so no part in the cost.
    unpriced: Vec<String>,
    /// The same in the project's currency; null where it has none, or no rate of then.
    #[schema(required)]
    display: Option<DisplayedCost>,
}

/// A cost in the project's currency, for display: what is stored and added up is US dollars.
#[derive(ToSchema)]
pub(crate) struct DisplayedCost {
    /// Three letters.
    #[schema(examples("EUR"))]
    currency: String,
    /// Units of the currency for one dollar, as a decimal number.
    #[schema(examples("0.92"))]
    rate: String,
    /// The UTC day from which that rate counts.
    #[schema(examples("2026-01-01"))]
    rate_from: String,
    /// Of all input.
    #[schema(required)]
    input_cost: Option<f64>,
    /// Of all output.
    #[schema(required)]
    output_cost: Option<f64>,
    /// In all.
    #[schema(required)]
    total_cost: Option<f64>,
}

/// US dollars, exact.
#[derive(ToSchema)]
pub(crate) struct CostParts {
    /// Of all input.
    #[schema(required)]
    input_cost: Option<f64>,
    /// Of all output.
    #[schema(required)]
    output_cost: Option<f64>,
    /// In all.
    #[schema(required)]
    total_cost: Option<f64>,
    /// By usage type.
    details: BTreeMap<String, f64>,
}

/// Models and their prices.
#[derive(ToSchema)]
pub(crate) struct PricedModels {
    /// A page of them, by provider.
    models: Vec<PricedModel>,
    /// The project's own prices, on every page; with a search or a provider, those that it finds.
    custom: Vec<OwnPrice>,
    /// How many there are on all pages.
    total: u64,
    /// The packages that the prices were taken from, by name.
    sources: BTreeMap<String, PriceSource>,
}

/// A package of published prices.
#[derive(ToSchema)]
pub(crate) struct PriceSource {
    /// Its version.
    version: String,
    /// The day on which it was taken.
    retrieved: String,
    /// The licence of its data.
    licence: String,
    /// Where it is developed.
    url: String,
}

/// A model and its prices.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PricedModel {
    /// The provider's id.
    provider: String,
    /// What the provider is called.
    provider_name: String,
    /// The model's id.
    model: String,
    /// The pattern of names that mean it; null where only its id does.
    #[schema(required)]
    matches: Option<Value>,
    /// The package that leads: `genai-prices` or `litellm`.
    source: String,
    /// Names the price that is valid now.
    price_id: String,
    /// The id of the project's own price that goes before it now.
    #[schema(required)]
    custom_price: Option<String>,
    /// The prices that are valid now, by usage type.
    units: BTreeMap<String, UnitPrices>,
    /// All prices. The last that holds counts; the first where none does.
    prices: Vec<DatedPrices>,
    /// What service tiers change. The last of a tier that holds counts.
    tiers: Vec<TierPrices>,
}

/// Prices that are valid from a date on.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DatedPrices {
    /// The first moment; null where nobody says since when.
    #[schema(required, format = DateTime)]
    valid_from: Option<String>,
    /// Hours and days in UTC outside which they do not hold.
    #[schema(required, examples("00:30-16:30"))]
    hours: Option<String>,
    /// By usage type.
    units: BTreeMap<String, UnitPrices>,
}

/// Prices of a service tier.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TierPrices {
    /// The tier.
    tier: String,
    /// The first moment; null where nobody says since when.
    #[schema(required, format = DateTime)]
    valid_from: Option<String>,
    /// By usage type. Other types have the standard price.
    units: BTreeMap<String, UnitPrices>,
}

/// The price of a usage type.
#[derive(ToSchema)]
pub(crate) struct UnitPrices {
    /// US dollars.
    price: f64,
    /// For how many units.
    per: i64,
    /// What the whole request has instead above numbers of tokens of its input.
    above: Vec<PriceAbove>,
}

/// A price above a threshold.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceAbove {
    /// Tokens of all the request's input.
    input_tokens: i64,
    /// US dollars.
    price: f64,
}

/// What recomputing costs changes.
#[derive(ToSchema)]
pub(crate) struct RecomputedCosts {
    /// Stored spans whose cost nobody stated and that were computed by former prices, by model.
    models: Vec<RecomputedModel>,
    /// US dollars of all of them, as they were shown.
    before: f64,
    /// US dollars of all of them, by today's prices.
    after: f64,
    /// Whether it was written.
    applied: bool,
    /// Whether to send the same again for the rest.
    more: bool,
}

/// The spans of one model.
#[derive(ToSchema)]
pub(crate) struct RecomputedModel {
    /// The model; null for spans that name none, and for those beyond 1,000 models.
    #[schema(required)]
    model: Option<String>,
    /// How many spans.
    spans: u64,
    /// Of how many the cost changes.
    changed: u64,
    /// US dollars, as they were shown; an unknown cost adds nothing.
    before: f64,
    /// US dollars by today's prices; an unknown cost adds nothing.
    after: f64,
}
