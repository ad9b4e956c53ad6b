//! The book as what prices spans.
//!
//! To find the model that a name means takes patterns and some tens of microseconds, and is done for
//! every row that is built. The names of a deployment are few, so what was found is kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use serde::Deserialize;
use tracekeep_model::{Cost, Pricing, Span, Text, Usage};

use crate::book::{Call, Chosen, Found, PriceBook};
use crate::calculate::Price;

/// Raised when the same data gives other costs, or other spans get one.
const RULES: u32 = 1;
/// Names that are kept; a sender may make up any number of them.
const MOST_KEPT: usize = 10_000;
/// Bytes of a name of a model or of a provider. Nothing in the book has one that is longer.
const LONGEST_NAME: usize = 500;
/// Bytes of the name of a service tier.
const LONGEST_TIER: usize = 50;
/// Keys of metadata that name the tier in which a call was served.
const ANSWERED_TIERS: [&str; 3] =
    ["service_tier", "openai.response.service_tier", "gen_ai.openai.response.service_tier"];
/// Keys of metadata that name the tier that was asked for.
const ASKED_TIERS: [&str; 2] =
    ["openai.request.service_tier", "gen_ai.openai.request.service_tier"];

/// Computes the costs of spans by the prices of a book.
///
/// The model is the one that answered, else the one that was asked for, of the span's provider; the
/// price is the one that was valid when the span began; the service tier is the one that metadata or
/// parameters name. Spans tell no region.
pub struct BookPrices {
    book: &'static PriceBook,
    version: Text,
    kept: RwLock<Kept>,
}

impl fmt::Debug for BookPrices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BookPrices").field("version", &self.version).finish_non_exhaustive()
    }
}

/// What names were found to mean.
#[derive(Default)]
struct Kept {
    by_model: HashMap<Box<str>, Vec<Names>>,
    count: usize,
}

/// A provider's and a tier's name beside that of a model.
struct Names {
    provider: Option<Box<str>>,
    tier: Option<Box<str>>,
    /// `None`: no price is known.
    found: Option<Found<'static>>,
    /// One for each date, hour and tier that a span asked for.
    priced: Vec<Priced>,
}

struct Priced {
    chosen: Chosen<'static>,
    price: Price<'static>,
    id: Text,
}

impl BookPrices {
    /// By the prices that are compiled in. Reads them, which takes tens of milliseconds, if nobody has
    /// yet.
    #[must_use]
    pub fn embedded() -> Self {
        Self::of(PriceBook::embedded())
    }

    /// By the prices of a book.
    #[must_use]
    pub fn of(book: &'static PriceBook) -> Self {
        let version = Text::from(format!("book {RULES}-{}", book.fingerprint()));
        Self { book, version, kept: RwLock::default() }
    }

    /// Asks the book, and keeps what it says.
    fn learn(&self, call: &Call<'_>, usage: &Usage) -> Option<(Cost, Text)> {
        let found = self.book.find(call);
        let priced = found.map(|found| {
            let price = found.price(call);
            Priced { chosen: found.chosen(call), id: Text::from(price.id()), price }
        });
        let cost = priced.as_ref().and_then(|priced| priced.cost(usage));
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.add(call, found, priced);
        cost
    }
}

impl Pricing for BookPrices {
    fn price(&self, span: &Span) -> Option<(Cost, Text)> {
        let model = span.response_model.as_ref().or(span.model.as_ref())?;
        let provider = span.provider.as_deref();
        if model.len() > LONGEST_NAME || provider.is_some_and(|name| name.len() > LONGEST_NAME) {
            return None;
        }
        let tier = service_tier(span);
        let call =
            Call { provider, model, at: span.start_time, tier: tier.as_deref(), region: None };
        {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(names) = kept.get(&call) {
                let chosen = names.found?.chosen(&call);
                if let Some(priced) = names.priced.iter().find(|priced| priced.chosen == chosen) {
                    return priced.cost(&span.usage);
                }
            }
        }
        self.learn(&call, &span.usage)
    }

    fn version(&self) -> Text {
        self.version.clone()
    }
}

impl Priced {
    fn cost(&self, usage: &Usage) -> Option<(Cost, Text)> {
        Some((self.price.cost(usage)?, self.id.clone()))
    }
}

impl Kept {
    fn get(&self, call: &Call<'_>) -> Option<&Names> {
        self.by_model.get(call.model)?.iter().find(|names| names.are_of(call))
    }

    /// Another thread may have been faster; then there is nothing to add.
    fn add(&mut self, call: &Call<'_>, found: Option<Found<'static>>, priced: Option<Priced>) {
        if self.count >= MOST_KEPT {
            *self = Self::default();
        }
        let of_model = self.by_model.entry(call.model.into()).or_default();
        let known = of_model.iter().position(|names| names.are_of(call));
        let place = known.unwrap_or_else(|| {
            self.count += 1;
            of_model.push(Names {
                provider: call.provider.map(Into::into),
                tier: call.tier.map(Into::into),
                found,
                priced: Vec::new(),
            });
            of_model.len() - 1
        });
        let names = &mut of_model[place];
        if let Some(priced) = priced
            && names.priced.iter().all(|other| other.chosen != priced.chosen)
        {
            names.priced.push(priced);
        }
    }
}

impl Names {
    fn are_of(&self, call: &Call<'_>) -> bool {
        self.provider.as_deref() == call.provider && self.tier.as_deref() == call.tier
    }
}

/// The tier in which a call was served, else the one that was asked for.
fn service_tier(span: &Span) -> Option<String> {
    let in_metadata = |keys: &[&str]| {
        let named = |(key, _): &&(Text, Text)| keys.contains(&&**key);
        let (_, json) = span.metadata.iter().find(named)?;
        serde_json::from_str::<String>(json).ok()
    };
    let tier = in_metadata(&ANSWERED_TIERS)
        .or_else(|| span.parameters.as_deref().and_then(in_parameters))
        .or_else(|| in_metadata(&ASKED_TIERS));
    tier.filter(|tier| !tier.is_empty() && tier.len() <= LONGEST_TIER)
}

fn in_parameters(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Parameters {
        #[serde(alias = "serviceTier")]
        service_tier: Option<String>,
    }
    // Most name none, and reading them all would cost more than the rest.
    if !json.contains("service_tier") && !json.contains("serviceTier") {
        return None;
    }
    serde_json::from_str::<Parameters>(json).ok()?.service_tier
}

#[cfg(test)]
mod tests;
