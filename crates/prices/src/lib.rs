//! What a call of a model cost: prices of models, with the dates from which they are valid.
//!
//! [`PriceBook::embedded`] holds the prices that `xtask prices` made of published data
//! (`data/prices.json`). [`PriceBook::find`] says which model a name means, [`Found::price`] which
//! price is valid at a moment, [`Price::cost`] what usage costs at it. [`PriceBook::cost`] is all
//! three, after a project's own [`CustomPrices`]; [`CallPrices`] does it for many calls. [`BookPrices`] does it for spans, [`OwnPrices`] for
//! those of a project that has prices of its own.
//!
//! ```
//! use tracekeep_model::{Micros, Usage};
//! use tracekeep_prices::{Call, CustomPrices, PriceBook};
//!
//! let usage = Usage { input: Some(1_000_000), output: Some(1_000), ..Usage::default() };
//! let at = Micros::parse("2026-01-31T12:00:00Z").expect("a time");
//! let call = Call { provider: Some("azure.ai.openai"), model: "gpt-4o", at, tier: None, region: None };
//! let computed = PriceBook::embedded().cost(&CustomPrices::default(), &call, &usage);
//! assert_eq!(computed.and_then(|found| found.cost.total()).map(|usd| usd.to_string()), Some("2.51".into()));
//! ```
//!
//! # Exactness
//!
//! A price is a whole number of 10⁻¹² dollars for a million units (for an hour, where the unit is
//! the second), so of 10⁻¹⁸ dollars a token. A count times a price is exact in 128 bits, and is
//! rounded once for each usage type, half to even, to the twelve digits of
//! [`Money`](tracekeep_model::Money). So a sum of parts is the total to the last digit, and the
//! order in which they are added does not matter. Binary floats would give neither.
//!
//! The crate does no I/O and reads no clock.

mod amount;
mod asked;
mod book;
mod calculate;
mod calls;
mod currency;
mod custom;
mod data;
mod entry;
mod names;
mod own;
mod pattern;
mod spans;
mod usage_type;
mod window;

pub use amount::{AmountError, Factor, StepRule, UnitPrice};
pub use asked::LONGEST_NAME;
pub use book::{Call, Computed, Found, Origin, PriceBook};
pub use calculate::Price;
pub use calls::CallPrices;
pub use currency::{Converted, CurrencyError, DatedRate, Rate, Rates};
pub use custom::{CustomPrice, CustomPriceError, CustomPrices};
pub use data::{DataError, Package};
pub use entry::{Model, ModelSource, Period, TierPeriod};
pub use own::OwnPrices;
pub use pattern::{Pattern, PatternError};
pub use spans::BookPrices;
pub use usage_type::{parent, units_per_price};
