//! The prices of the suite: of some models, with a day on which they change; of others none is known.

use std::sync::Arc;

use tracekeep_model::{
    Cost, CostSource, Micros, Money, NoPrices, Pricing, ProjectPrices, Span, Text, UsageType,
};
use tracekeep_query::arbitrary::{START, WORDS};

/// A model of the stories. Besides it every second word has a price.
pub(super) const PRICED: &str = "m1";
/// Without any price.
pub(super) const FREE_OF_PRICES: &str = "free";
/// When input becomes cheaper: [`EARLY`] before, [`LATE`] from then on.
pub(super) const CHANGE: Micros = Micros(START.0 + 2 * Micros::DAY);
/// For a token of input, in 10⁻¹² dollars. Output is four times as dear, and of [`PRICED`] what is read
/// from the cache half as dear; of other models it costs what input does.
pub(super) const EARLY: i128 = 2_000_000;
/// As [`EARLY`].
pub(super) const LATE: i128 = 1_000_000;

/// The prices with which a [`Subject`](super::Subject) opens its archive.
#[must_use]
pub fn prices() -> Arc<dyn ProjectPrices> {
    Arc::new(SuitePrices)
}

#[derive(Debug)]
struct SuitePrices;

impl ProjectPrices for SuitePrices {
    fn of(&self, project_id: &str) -> Arc<dyn Pricing> {
        if project_id == FREE_OF_PRICES { Arc::new(NoPrices) } else { Arc::new(Self) }
    }
}

impl Pricing for SuitePrices {
    fn price(&self, span: &Span) -> Option<(Cost, Text)> {
        let model = &**span.response_model.as_ref().or(span.model.as_ref())?;
        if model != PRICED && !WORDS.iter().step_by(2).any(|word| *word == model) {
            return None;
        }
        let (rate, since) =
            if span.start_time < CHANGE { (EARLY, "start") } else { (LATE, "change") };
        let part = |(name, count): (&str, i64)| {
            let rate = match name {
                UsageType::INPUT_CACHE_READ if model == PRICED => rate / 2,
                _ if UsageType::is_input(name) => rate,
                _ if UsageType::is_output(name) => rate * 4,
                _ => return None,
            };
            Some((Text::from(name), Money(i128::from(count) * rate)))
        };
        let parts: Vec<_> = span.usage.types().filter_map(part).collect();
        if parts.is_empty() {
            return None;
        }
        let cost = Cost { source: CostSource::Computed, parts, stated_total: None };
        Some((cost, Text::from(format!("suite/{model}@{since}"))))
    }

    fn version(&self) -> Text {
        Text::from_static("suite 1")
    }
}
