//! Reads `data/prices.json`. docs/prices.md describes the format.
//!
//! A price is text, or a list of the text below all thresholds and of `[tokens, text]` for each:
//! `["1.25", [200000, "2.5"]]`.

use std::collections::BTreeMap;

use serde::Deserialize;
use tracekeep_model::Micros;

use crate::amount::{AmountError, Factor, Ladder, UnitPrice};
use crate::entry::{Model, ModelSource, Period, TierPeriod, Units};
use crate::pattern::Pattern;
use crate::window::{Window, read_days, read_hours};

/// The only format that is read.
const FORMAT: u32 = 1;

/// Why price data was refused.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Not the JSON that is expected.
    #[error("the price data cannot be read: {0}; regenerate it with `xtask prices`")]
    Json(#[from] serde_json::Error),
    /// Of another format.
    #[error("the price data has format {0}, and this program reads format {FORMAT}")]
    Format(u32),
    /// A model that says something impossible.
    #[error("the price data's model {model}: {reason}")]
    Model {
        /// Provider and id.
        model: String,
        /// What is wrong.
        reason: String,
    },
}

/// A package that prices were taken from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// The day on which it was taken, `2026-01-31`.
    pub retrieved: String,
    /// The licence of its data.
    pub licence: String,
    /// Where it is developed.
    pub url: String,
}

#[derive(Deserialize)]
pub(crate) struct Data {
    format: u32,
    pub(crate) sources: BTreeMap<String, Package>,
    pub(crate) providers: BTreeMap<String, Provider>,
    models: Vec<RawModel>,
}

/// How a provider is found, and whose models it also serves.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Provider {
    pub(crate) name: Option<String>,
    /// Other names, in lower case.
    pub(crate) aliases: Vec<String>,
    /// What other names of the provider are like.
    pub(crate) named: Option<Pattern>,
    /// What names of models are like that it alone serves; asked before `makes`.
    pub(crate) makes_first: Option<Pattern>,
    /// What names of models are like that it makes.
    pub(crate) makes: Option<Pattern>,
    /// Its place among those who are asked for a model that no pattern assigns.
    pub(crate) maker: Option<u32>,
    /// Providers whose prices stand in for models without a price of its own.
    pub(crate) fallback: Vec<String>,
}

#[derive(Deserialize)]
struct RawModel {
    provider: String,
    id: String,
    r#match: Option<Pattern>,
    prices: Vec<RawPeriod>,
    #[serde(default)]
    tiers: Vec<RawTier>,
    #[serde(default)]
    regions: BTreeMap<String, String>,
    #[serde(default)]
    least: BTreeMap<String, i64>,
    source: String,
}

#[derive(Deserialize)]
struct RawPeriod {
    from: Option<String>,
    #[serde(default)]
    hours: Vec<String>,
    #[serde(default)]
    days: Vec<u8>,
    units: RawUnits,
}

#[derive(Deserialize)]
struct RawTier {
    tier: String,
    from: Option<String>,
    units: RawUnits,
}

/// Prices by usage type, in their JSON form.
pub(crate) type RawUnits = BTreeMap<String, RawPrice>;

/// A price in its JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum RawPrice {
    Flat(String),
    Steps(Vec<RawStep>),
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum RawStep {
    Base(String),
    Above(i64, String),
}

/// Reads the whole.
pub(crate) fn read(json: &str) -> Result<(Data, Vec<Model>), DataError> {
    let mut data: Data = serde_json::from_str(json)?;
    if data.format != FORMAT {
        return Err(DataError::Format(data.format));
    }
    let raw = std::mem::take(&mut data.models);
    let models = raw.into_iter().map(|raw| {
        let model = format!("{}/{}", raw.provider, raw.id);
        if !data.providers.contains_key(&raw.provider) {
            return Err(DataError::Model { model, reason: "its provider is not listed".into() });
        }
        read_model(raw).map_err(|reason| DataError::Model { model, reason })
    });
    let models = models.collect::<Result<_, _>>()?;
    Ok((data, models))
}

fn read_model(raw: RawModel) -> Result<Model, String> {
    if raw.prices.is_empty() {
        return Err("has no price".to_owned());
    }
    let source = match &*raw.source {
        "genai-prices" => ModelSource::GenaiPrices,
        "litellm" => ModelSource::Litellm,
        other => return Err(format!("its source is `{other}`")),
    };
    let period = |raw: RawPeriod| -> Result<Period, String> {
        let window = read_window(raw.from.as_deref(), &raw.hours, &raw.days)?;
        Ok(Period { window, units: read_units(&raw.units)? })
    };
    let tier = |raw: RawTier| -> Result<TierPeriod, String> {
        let window = read_window(raw.from.as_deref(), &[], &[])?;
        Ok(TierPeriod { tier: raw.tier.into(), window, units: read_units(&raw.units)? })
    };
    let region = |(name, factor): (String, String)| -> Result<(Box<str>, Factor), String> {
        Ok((name.into(), Factor::parse(&factor).map_err(|error| error.to_string())?))
    };
    Ok(Model {
        provider: raw.provider.into(),
        id: raw.id.into(),
        pattern: raw.r#match,
        periods: raw.prices.into_iter().map(period).collect::<Result<_, _>>()?,
        tiers: raw.tiers.into_iter().map(tier).collect::<Result<_, _>>()?,
        regions: raw.regions.into_iter().map(region).collect::<Result<_, _>>()?,
        least: raw.least.into_iter().map(|(name, count)| (name.into(), count)).collect(),
        source,
    })
}

fn read_window(from: Option<&str>, hours: &[String], days: &[u8]) -> Result<Window, String> {
    let from = from
        .map(|text| Micros::parse_day(text).ok_or_else(|| format!("`{text}` is no date")))
        .transpose()?;
    let hours = hours
        .iter()
        .map(|text| read_hours(text).ok_or_else(|| format!("`{text}` is no hours of a day")))
        .collect::<Result<_, _>>()?;
    let days = read_days(days).ok_or_else(|| format!("{days:?} are no weekdays"))?;
    Ok(Window { from, hours, days })
}

pub(crate) fn read_units(raw: &RawUnits) -> Result<Units, String> {
    let unit = |(name, price): (&String, &RawPrice)| -> Result<(Box<str>, Ladder), String> {
        let ladder = read_price(price).map_err(|reason| format!("{name}: {reason}"))?;
        Ok((name.clone().into_boxed_str(), ladder))
    };
    Ok(Units(raw.iter().map(unit).collect::<Result<_, _>>()?))
}

fn read_price(raw: &RawPrice) -> Result<Ladder, String> {
    let price = |text: &str| UnitPrice::parse(text).map_err(|error: AmountError| error.to_string());
    let steps = match raw {
        RawPrice::Flat(text) => return Ok(Ladder { base: price(text)?, steps: Vec::new() }),
        RawPrice::Steps(steps) => steps,
    };
    let Some((RawStep::Base(base), above)) = steps.split_first() else {
        return Err("a list of prices begins with the price below all thresholds".to_owned());
    };
    let mut ladder = Ladder { base: price(base)?, steps: Vec::with_capacity(above.len()) };
    for step in above {
        let RawStep::Above(start, text) = step else {
            return Err(format!("{step:?} is no [tokens, price]"));
        };
        if ladder.steps.last().map_or(*start < 0, |(before, _)| start <= before) {
            return Err(format!("the threshold {start} does not rise"));
        }
        ladder.steps.push((*start, price(text)?));
    }
    Ok(ladder)
}

#[cfg(test)]
mod tests;
