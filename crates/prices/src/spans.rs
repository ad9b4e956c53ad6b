//! The book as what prices spans.
//!
//! To find the model that a name means takes patterns and some tens of microseconds, and is done for
//! every row that is built. The names of a deployment are few, so what was found is kept.

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use tracekeep_model::{Cost, Pricing, Span, Text, Usage};

use crate::asked::Asked;
use crate::book::{Call, Chosen, Found, PriceBook};
use crate::calculate::Price;

/// Raised when the same data gives other costs, or other spans get one.
const RULES: u32 = 3;
/// Names that are kept; a sender may make up any number of them.
const MOST_KEPT: usize = 10_000;

/// Computes the costs of spans by the prices of a book.
///
/// The model is the one that answered, else the one that was asked for; the provider is of the kind
/// that the metadata name, else the span's; the price is the one that was valid when the span began;
/// the service tier is the one that metadata or parameters name, the region that of the metadata.
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

/// What names a provider, a tier and a region beside that of a model.
struct Names {
    provider: Option<Box<str>>,
    tier: Option<Box<str>>,
    region: Option<Box<str>>,
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

    /// What usage of a call cost by the book, and the id of that price.
    pub(crate) fn cost(&self, call: &Call<'_>, usage: &Usage) -> Option<(Cost, Text)> {
        {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(names) = kept.get(call) {
                let chosen = names.found?.chosen(call);
                if let Some(priced) = names.priced.iter().find(|priced| priced.chosen == chosen) {
                    return priced.cost(usage);
                }
            }
        }
        self.learn(call, usage)
    }

    /// The book.
    pub(crate) fn book(&self) -> &'static PriceBook {
        self.book
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
        let asked = Asked::of(span)?;
        self.cost(&asked.call(), &span.usage)
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
                region: call.region.map(Into::into),
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
        self.provider.as_deref() == call.provider
            && self.tier.as_deref() == call.tier
            && self.region.as_deref() == call.region
    }
}

#[cfg(test)]
mod tests;
