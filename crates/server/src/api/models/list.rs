//! `GET /api/models`: the models that have prices. Permission: `traces:read`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tracekeep_model::{Micros, Money};
use tracekeep_prices::{
    Call, CustomPrice, CustomPrices, Found, Model, Package, Pattern, PriceBook, UnitPrice,
    units_per_price,
};

use crate::api::listing::Parameters;
use crate::api::openapi::answers::PricedModels;
use crate::api::openapi::parameters::ModelFilters;
use crate::api::openapi::refusals::ReadRefusals;
use crate::api::pairs::Pairs;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;

/// A page of models, and where their prices come from.
#[derive(Debug, Serialize)]
pub(crate) struct Models {
    models: Vec<ShownModel>,
    /// The project's own prices, on every page.
    custom: Vec<CustomPrice>,
    /// How many there are on all pages.
    total: usize,
    sources: BTreeMap<&'static str, Source>,
}

#[derive(Debug, Serialize)]
struct Source {
    version: &'static str,
    retrieved: &'static str,
    licence: &'static str,
    url: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownModel {
    provider: &'static str,
    provider_name: &'static str,
    model: &'static str,
    /// `None`: only its id means it.
    matches: Option<&'static Pattern>,
    source: &'static str,
    /// Of the price that is valid now.
    price_id: String,
    /// The project's own price that goes before it now.
    custom_price: Option<String>,
    /// The prices that are valid now.
    units: Units,
    /// All prices, the earliest first.
    prices: Vec<ShownPrice>,
    tiers: Vec<ShownTier>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownPrice {
    valid_from: Option<Micros>,
    hours: Option<String>,
    units: Units,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownTier {
    tier: &'static str,
    valid_from: Option<Micros>,
    units: Units,
}

type Units = BTreeMap<&'static str, ShownUnit>;

#[derive(Debug, Serialize)]
struct ShownUnit {
    price: Money,
    /// How many units that is for.
    per: i64,
    above: Vec<Above>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Above {
    input_tokens: i64,
    price: Money,
}

/// List models and their prices
///
/// By provider. Prices are US dollars for `per` units of a usage type; above a number of tokens of
/// a request's input, the whole request has the price that stands there. A price holds from
/// `validFrom` on, null where nobody says since when, and where it has `hours`, only in these of
/// UTC; the last that holds counts. `customPrice` names the project's own price that counts now instead
/// of the model's; `custom` has these prices, on every page.
///
/// Permission: `traces:read`.
#[utoipa::path(
    get,
    path = "/api/models",
    operation_id = "listModels",
    tag = "Models",
    params(ModelFilters),
    responses((status = 200, description = "The models", body = PricedModels), ReadRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    reader: Reader,
    Pairs(pairs): Pairs,
) -> Result<Json<Models>, ApiError> {
    let parameters = Parameters::only(pairs, &["search", "provider", "limit", "offset"])?;
    let limit = parameters.number("limit", 50, 1..=1_000)?;
    let offset = parameters.number("offset", 0, 0..=1_000_000)?;
    let book = PriceBook::embedded();
    let provider = match parameters.get("provider") {
        None => None,
        Some(name) => Some(book.provider_id(name).ok_or_else(|| {
            let shown: String = name.chars().take(64).collect();
            let reason = format!(
                "is `{shown}`, which is no provider that is known; leave it out to see all"
            );
            ApiError::parameter("provider", reason)
        })?),
    };
    let words = parameters.get("search").map(str::to_lowercase);
    let has_words = |name: &dyn Fn() -> String| {
        words.as_deref().is_none_or(|words| name().to_lowercase().contains(words))
    };
    let wanted = |model: &&Model| {
        provider.is_none_or(|provider| model.provider() == provider)
            && has_words(&|| format!("{}/{}", model.provider(), model.id()))
    };
    let settings = app.prices.get(&reader.project_id);
    let own = settings.custom();
    let is_own_wanted = |price: &&CustomPrice| {
        let of_provider =
            |id| price.provider.as_deref().is_none_or(|name| book.provider_id(name) == Some(id));
        provider.is_none_or(of_provider) && has_words(&|| text_of(price))
    };
    let custom = own.as_slice().iter().filter(is_own_wanted).cloned().collect();
    let mut models: Vec<&'static Model> = book.models().iter().filter(wanted).collect();
    models.sort_by_key(|model| (model.provider(), model.id()));
    let total = models.len();
    let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
    let taken = usize::try_from(limit).unwrap_or(usize::MAX);
    let now = clock::now();
    let page = models.into_iter().skip(skipped).take(taken);
    let sources = book.sources().map(|(name, package)| (name, source(package))).collect();
    let models = page.map(|model| shown(model, own, now)).collect();
    Ok(Json(Models { models, custom, total, sources }))
}

/// What is searched of a project's own price.
fn text_of(price: &CustomPrice) -> String {
    let provider = price.provider.as_deref().unwrap_or_default();
    let pattern = serde_json::to_string(&price.r#match).unwrap_or_default();
    format!("{provider}/{} {pattern}", price.id)
}

fn source(package: &'static Package) -> Source {
    let Package { version, retrieved, licence, url } = package;
    Source { version, retrieved, licence, url }
}

fn shown(model: &'static Model, own: &CustomPrices, now: Micros) -> ShownModel {
    let call = Call {
        provider: Some(model.provider()),
        model: model.id(),
        at: now,
        tier: None,
        region: None,
    };
    let price = |period: &'static tracekeep_prices::Period| ShownPrice {
        valid_from: period.valid_from(),
        hours: period.hours(),
        units: units(period.units()),
    };
    let tier = |tier: &'static tracekeep_prices::TierPeriod| ShownTier {
        tier: tier.tier(),
        valid_from: tier.valid_from(),
        units: units(tier.units()),
    };
    ShownModel {
        provider: model.provider(),
        provider_name: PriceBook::embedded().provider_name(model.provider()),
        model: model.id(),
        matches: model.pattern(),
        source: model.source().as_str(),
        price_id: Found { model, borrowed: false }.price(&call).id().to_owned(),
        custom_price: own.of_model(model.provider(), model.id(), now).map(|own| own.id.clone()),
        units: units(model.period_at(now).units()),
        prices: model.periods().iter().map(price).collect(),
        tiers: model.tiers().iter().map(tier).collect(),
    }
}

/// A usage type, its price, and what it is above numbers of tokens.
type Unit = (&'static str, UnitPrice, &'static [(i64, UnitPrice)]);

fn units(units: impl Iterator<Item = Unit>) -> Units {
    let above = |(input_tokens, price): &(i64, UnitPrice)| Above {
        input_tokens: *input_tokens,
        price: price.money(),
    };
    let unit = |(name, price, steps): Unit| {
        let per = units_per_price(name);
        (name, ShownUnit { price: price.money(), per, above: steps.iter().map(above).collect() })
    };
    units.map(unit).collect()
}
