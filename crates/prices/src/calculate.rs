//! What usage costs at a price.

use tracekeep_model::{Cost, CostSource, Text, Usage, UsageType};

use crate::amount::{Charge, Factor, Ladder, StepRule};
use crate::entry::Units;
use crate::usage_type::{parent, units_per_price};

/// The unit that is charged once for each call.
const REQUESTS: &str = "requests";

/// The price of one call: of a model, at a moment, in a service tier and a region.
#[derive(Clone, Debug)]
pub struct Price<'a> {
    pub(crate) id: String,
    pub(crate) standard: &'a Units,
    /// What the service tier changes.
    pub(crate) tier: Option<&'a Units>,
    /// What the region multiplies the prices of tokens by.
    pub(crate) factor: Option<Factor>,
    pub(crate) least: &'a [(Box<str>, i64)],
    pub(crate) rule: StepRule,
}

impl<'a> Price<'a> {
    /// Names the model, from when the price is valid, and the tier and region that changed it:
    /// `openai/gpt-4o@start+batch`. The same price has the same name in every release whose data
    /// still has it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What usage costs, a part for each type that has a price or whose parent has one. `None`
    /// where there is no such type: the cost is not known, which is not zero.
    ///
    /// A fee for the call itself is charged once where nothing says how many calls there were.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Option<Cost> {
        let input_tokens = usage
            .types()
            .filter(|(name, _)| UsageType::is_input_tokens(name))
            .fold(0i64, |sum, (_, count)| sum.saturating_add(count.max(0)));
        let part = |name: &str, count: i64| {
            let ladder = self.ladder(name)?;
            let charge = Charge {
                input_tokens,
                rule: self.rule,
                factor: self.factor.filter(|_| UsageType::is_tokens(name)),
                per: i128::from(units_per_price(name)),
            };
            Some((Text::from(name), ladder.cost(self.at_least(name, count), &charge)))
        };
        let mut parts: Vec<_> =
            usage.types().filter_map(|(name, count)| part(name, count)).collect();
        if self.charges_the_call(usage) {
            parts.extend(part(REQUESTS, 1));
        }
        (!parts.is_empty()).then(|| Cost {
            source: CostSource::Computed,
            parts,
            stated_total: None,
        })
    }

    /// The types of usage that have no price here, and so no part in the cost.
    pub fn unpriced<'u>(&self, usage: &'u Usage) -> impl Iterator<Item = &'u str> {
        usage.types().map(|(name, _)| name).filter(move |name| self.ladder(name).is_none())
    }

    /// The type's own price, else the nearest parent's.
    fn ladder(&self, usage_type: &str) -> Option<&'a Ladder> {
        let own = |name: &str| {
            self.tier.and_then(|units| units.get(name)).or_else(|| self.standard.get(name))
        };
        let mut found = own(usage_type);
        let mut above = parent(usage_type);
        while let (None, Some(name)) = (found, above) {
            found = own(name);
            above = parent(name);
        }
        found
    }

    /// A span that tells no usage at all would show the fee as if it were the whole cost, unless
    /// the fee is all that there is.
    fn charges_the_call(&self, usage: &Usage) -> bool {
        let stated = usage.types().any(|(name, _)| name == REQUESTS);
        let counted = usage.types().next().is_some();
        let only_fee = self.standard.0.len() == 1;
        !stated && self.ladder(REQUESTS).is_some() && (counted || only_fee)
    }

    fn at_least(&self, usage_type: &str, count: i64) -> i64 {
        let least = self.least.iter().find(|(name, _)| **name == *usage_type);
        least.filter(|_| count > 0).map_or(count, |(_, least)| count.max(*least))
    }
}

#[cfg(test)]
mod tests;
