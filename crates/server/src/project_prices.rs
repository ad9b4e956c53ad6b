//! Each project's own prices and its currency, in memory: prices are looked up for all that is read and
//! written.
//!
//! They come from the control store: all of them at the start; what is changed through this server's API
//! at once; what another process changes within half a minute. Each change has a greater revision than
//! the one before, so that what was read earlier never replaces what was read later.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use tracekeep_control::{Control, ControlError, PriceSettings};
use tracekeep_model::{Micros, Pricing, ProjectPrices};
use tracekeep_prices::{
    BookPrices, CurrencyError, CustomPrice, CustomPrices, DatedRate, OwnPrices, Rate, Rates,
};

/// The prices of all projects.
#[derive(Debug)]
pub(crate) struct PriceTable {
    book: Arc<BookPrices>,
    /// Of projects that have ever set something.
    by_project: RwLock<HashMap<String, Arc<Settings>>>,
    /// Of all others.
    unset: Arc<Settings>,
}

/// What a project has set about prices.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Of the store.
    pub(crate) revision: i64,
    pricing: Arc<OwnPrices>,
    /// The currency beside US dollars, if it wants one.
    pub(crate) display: Option<Display>,
}

/// A currency in which costs are shown beside US dollars.
#[derive(Debug)]
pub(crate) struct Display {
    pub(crate) currency: String,
    rates: Rates,
}

/// How much of the currency a dollar is worth from a day on, as it is sent, stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DayRate {
    pub(crate) from: String,
    pub(crate) rate: String,
}

impl PriceTable {
    /// No project has set anything, as far as is known.
    pub(crate) fn new(book: Arc<BookPrices>) -> Self {
        let pricing = Arc::new(OwnPrices::new(book.clone(), CustomPrices::default()));
        let unset = Arc::new(Settings { revision: 0, pricing, display: None });
        Self { book, by_project: RwLock::default(), unset }
    }

    /// What a project has set.
    pub(crate) fn get(&self, project_id: &str) -> Arc<Settings> {
        self.by_project.read().get(project_id).unwrap_or(&self.unset).clone()
    }

    /// Takes over what was read from the store, unless something later is known; gives back what counts.
    ///
    /// # Errors
    /// What is stored cannot be read; what was known before counts. It is logged.
    pub(crate) fn learn(&self, stored: &PriceSettings) -> Result<Arc<Settings>, String> {
        let known = self.get(&stored.project_id);
        if known.revision >= stored.revision {
            return Ok(known);
        }
        let read = read(stored, &self.book).map_err(|reason| {
            let (project, revision) = (&stored.project_id, stored.revision);
            tracing::error!(project, revision, reason, "a project's prices cannot be read");
            reason
        })?;
        let read = Arc::new(read);
        let mut by_project = self.by_project.write();
        let place = by_project.entry(stored.project_id.clone()).or_insert_with(|| read.clone());
        if place.revision < read.revision {
            *place = read;
        }
        Ok(place.clone())
    }

    /// Reads what has changed in the store.
    ///
    /// # Errors
    /// The control store failed.
    pub(crate) async fn refresh(&self, control: &Control) -> Result<(), ControlError> {
        for (project_id, revision) in control.price_revisions().await? {
            if self.get(&project_id).revision < revision {
                // One that cannot be read was logged, and others can be.
                drop(self.learn(&control.price_settings(&project_id).await?));
            }
        }
        Ok(())
    }
}

impl ProjectPrices for PriceTable {
    fn of(&self, project_id: &str) -> Arc<dyn Pricing> {
        self.get(project_id).pricing.clone()
    }
}

impl Settings {
    /// The project's own prices.
    pub(crate) fn custom(&self) -> &CustomPrices {
        self.pricing.custom()
    }

    /// Names all prices of the project, those of the book too.
    pub(crate) fn version(&self) -> String {
        self.pricing.version().to_string()
    }
}

impl Display {
    /// A currency with its rates.
    ///
    /// # Errors
    /// Names the rate and what to send instead.
    pub(crate) fn new(currency: String, rates: &[DayRate]) -> Result<Self, CurrencyError> {
        let rate = |DayRate { from, rate }: &DayRate| Rate {
            currency: currency.clone(),
            from: from.clone(),
            rate: rate.clone(),
        };
        let rates = Rates::new(&rates.iter().map(rate).collect::<Vec<_>>())?;
        Ok(Self { currency, rates })
    }

    /// The rate that counts at a moment.
    pub(crate) fn rate_at(&self, at: Micros) -> Option<DatedRate> {
        self.rates.rate_at(&self.currency, at)
    }
}

fn read(stored: &PriceSettings, book: &Arc<BookPrices>) -> Result<Settings, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let prices: Vec<CustomPrice> = serde_json::from_str(&stored.prices).map_err(|e| said(&e))?;
    let custom = CustomPrices::new(prices).map_err(|error| said(&error))?;
    let display = match &stored.currency {
        None => None,
        Some(currency) => {
            let rates: Vec<DayRate> = serde_json::from_str(&stored.rates).map_err(|e| said(&e))?;
            Some(Display::new(currency.clone(), &rates).map_err(|error| said(&error))?)
        }
    };
    let pricing = Arc::new(OwnPrices::new(book.clone(), custom));
    Ok(Settings { revision: stored.revision, pricing, display })
}

#[cfg(test)]
mod tests;
