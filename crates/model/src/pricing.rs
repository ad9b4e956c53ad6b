//! What a span cost where its sender did not say so.

use std::fmt;
use std::sync::Arc;

use crate::{Cost, CostSource, Span, Text};

/// Computes what spans cost. What it says of a span depends on nothing but the span and
/// [`version`](Pricing::version), so that every reader and every store shows the same.
pub trait Pricing: fmt::Debug + Send + Sync {
    /// The cost of a span's usage at the price that was valid when it began, and the id of that price.
    /// `None`: no price is known, which is not a cost of zero.
    ///
    /// Asked for every row that is built of a span with usage and without a stated cost, so it has to
    /// be fast. Of the span nothing may matter but `start_time`, `model`, `response_model`, `provider`,
    /// `parameters`, `metadata` and `usage`: where costs are computed anew, nothing else is there.
    fn price(&self, span: &Span) -> Option<(Cost, Text)>;

    /// Names the prices and the rules by which they apply: of one version, every span always has the
    /// same cost. Kept beside rows that were built with it.
    fn version(&self) -> Text;
}

/// The prices of each project.
pub trait ProjectPrices: fmt::Debug + Send + Sync {
    /// Those of one project, as they are now.
    fn of(&self, project_id: &str) -> Arc<dyn Pricing>;
}

/// No price is known for anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoPrices;

impl Pricing for NoPrices {
    fn price(&self, _: &Span) -> Option<(Cost, Text)> {
        None
    }

    fn version(&self) -> Text {
        Text::from_static("none")
    }
}

impl ProjectPrices for NoPrices {
    fn of(&self, _: &str) -> Arc<dyn Pricing> {
        Arc::new(Self)
    }
}

/// Every project has the same prices.
#[derive(Clone, Debug)]
pub struct SamePrices(pub Arc<dyn Pricing>);

impl ProjectPrices for SamePrices {
    fn of(&self, _: &str) -> Arc<dyn Pricing> {
        self.0.clone()
    }
}

impl Span {
    /// The span with a computed cost, if its sender stated none, counted usage, and there is a price
    /// for it. A cost that was stated always stays.
    #[must_use]
    pub fn priced(mut self, pricing: &dyn Pricing) -> Self {
        // A total alone does not say how much of it was input.
        if self.cost.source == CostSource::None
            && self.usage.types().next().is_some()
            && let Some((mut cost, price_id)) = pricing.price(&self)
        {
            // As those of stated costs are.
            cost.parts.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            self.cost = Cost { source: CostSource::Computed, ..cost };
            self.price_id = Some(price_id);
        }
        self
    }
}

#[cfg(test)]
mod tests;
