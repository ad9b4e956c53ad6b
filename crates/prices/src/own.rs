//! A project's own prices, and the book where they say nothing, as what prices spans.
//!
//! To hold a model's name against a thousand patterns takes long, and is done for every row that is
//! built. So it is kept which prices mean a name; which of them is valid follows from the span's start.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tracekeep_model::{Cost, Pricing, Span, Text};

use crate::asked::Asked;
use crate::custom::{CustomPrice, CustomPrices};
use crate::spans::BookPrices;

/// Names that are kept of a project; a sender may make up any number of them.
const MOST_KEPT: usize = 1_000;

/// Computes the costs of a project's spans: by its own prices, which never change here, else by the
/// book's.
pub struct OwnPrices {
    book: Arc<BookPrices>,
    custom: CustomPrices,
    version: Text,
    kept: RwLock<Kept>,
}

impl fmt::Debug for OwnPrices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnPrices").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Which prices names were found to mean.
#[derive(Default)]
struct Kept {
    by_model: HashMap<Box<str>, Vec<Names>>,
    count: usize,
}

/// What names a provider and a region beside a model's name.
struct Names {
    name: Option<Box<str>>,
    kind: Option<Box<str>>,
    region: Option<Box<str>>,
    /// Places of the project's prices.
    prices: Box<[usize]>,
}

impl OwnPrices {
    /// These prices before those of a book.
    #[must_use]
    pub fn new(book: Arc<BookPrices>, custom: CustomPrices) -> Self {
        let version = match custom.is_empty() {
            true => book.version(),
            false => Text::from(format!("{}+{}", book.version(), custom.fingerprint())),
        };
        Self { book, custom, version, kept: RwLock::default() }
    }

    /// The project's own prices.
    #[must_use]
    pub fn custom(&self) -> &CustomPrices {
        &self.custom
    }

    /// The project's price for a call.
    fn own(&self, asked: &Asked<'_>) -> Option<&CustomPrice> {
        if self.custom.is_empty() {
            return None;
        }
        {
            let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(names) = kept.get(asked) {
                return self.custom.latest(&names.prices, asked.at);
            }
        }
        let places = self.matching(asked);
        let own = self.custom.latest(&places, asked.at);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.add(asked, places);
        own
    }

    fn matching(&self, asked: &Asked<'_>) -> Vec<usize> {
        let book = self.book.book();
        let mut providers = book.names_of(asked.provider(), book.find(&asked.call()));
        // Where the kind says whose prices count, the project's name for the provider still means it.
        providers.extend(asked.name);
        providers.extend(asked.kind());
        self.custom.matching(&providers, asked.model)
    }
}

impl Pricing for OwnPrices {
    fn price(&self, span: &Span) -> Option<(Cost, Text)> {
        let asked = Asked::of(span)?;
        match self.own(&asked) {
            Some(own) => {
                let price = own.price();
                Some((price.cost(&span.usage)?, Text::from(price.id)))
            }
            None => self.book.cost(&asked.call(), &span.usage),
        }
    }

    fn version(&self) -> Text {
        self.version.clone()
    }
}

impl Kept {
    fn get(&self, asked: &Asked<'_>) -> Option<&Names> {
        self.by_model.get(asked.model)?.iter().find(|names| names.are_of(asked))
    }

    /// Another thread may have been faster; then there is nothing to add.
    fn add(&mut self, asked: &Asked<'_>, prices: Vec<usize>) {
        if self.get(asked).is_some() {
            return;
        }
        if self.count >= MOST_KEPT {
            *self = Self::default();
        }
        self.count += 1;
        self.by_model.entry(asked.model.into()).or_default().push(Names {
            name: asked.name.map(Into::into),
            kind: asked.kind().map(Into::into),
            region: asked.region.as_deref().map(Into::into),
            prices: prices.into(),
        });
    }
}

impl Names {
    fn are_of(&self, asked: &Asked<'_>) -> bool {
        self.name.as_deref() == asked.name
            && self.kind.as_deref() == asked.kind()
            && self.region.as_deref() == asked.region.as_deref()
    }
}

#[cfg(test)]
mod tests;
