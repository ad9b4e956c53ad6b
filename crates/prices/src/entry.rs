//! A model of the book and its prices.

use tracekeep_model::Micros;

use crate::amount::{Factor, Ladder, UnitPrice};
use crate::pattern::Pattern;
use crate::window::Window;

/// Which package a model's prices come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// genai-prices, with what litellm adds.
    GenaiPrices,
    /// litellm alone.
    Litellm,
}

impl ModelSource {
    /// The package's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GenaiPrices => "genai-prices",
            Self::Litellm => "litellm",
        }
    }
}

/// A model that has prices.
#[derive(Clone, Debug)]
pub struct Model {
    pub(crate) provider: Box<str>,
    pub(crate) id: Box<str>,
    /// `None`: only its id means it.
    pub(crate) pattern: Option<Pattern>,
    /// The last that holds counts; the first where none does.
    pub(crate) periods: Vec<Period>,
    /// The last of a tier that holds counts.
    pub(crate) tiers: Vec<TierPeriod>,
    /// Regions and what multiplies the prices of tokens there; `*` is any but `global`.
    pub(crate) regions: Vec<(Box<str>, Factor)>,
    /// The least that is charged of a usage type, where any of it was used.
    pub(crate) least: Vec<(Box<str>, i64)>,
    pub(crate) source: ModelSource,
}

/// Prices, and when they hold.
#[derive(Clone, Debug)]
pub struct Period {
    pub(crate) window: Window,
    pub(crate) units: Units,
}

/// What a service tier changes, and when.
#[derive(Clone, Debug)]
pub struct TierPeriod {
    pub(crate) tier: Box<str>,
    pub(crate) window: Window,
    pub(crate) units: Units,
}

/// Prices by usage type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Units(pub(crate) Vec<(Box<str>, Ladder)>);

impl Units {
    pub(crate) fn get(&self, usage_type: &str) -> Option<&Ladder> {
        self.0.iter().find(|(name, _)| **name == *usage_type).map(|(_, ladder)| ladder)
    }

    fn prices(&self) -> impl Iterator<Item = (&str, UnitPrice, &[(i64, UnitPrice)])> {
        self.0.iter().map(|(name, ladder)| (&**name, ladder.base, &*ladder.steps))
    }
}

impl Model {
    /// The id of the provider that serves it.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Its id; unique with the provider.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which names mean it. `None`: its id alone.
    #[must_use]
    pub fn pattern(&self) -> Option<&Pattern> {
        self.pattern.as_ref()
    }

    /// Where its prices come from.
    #[must_use]
    pub fn source(&self) -> ModelSource {
        self.source
    }

    /// Every price it has or had. The last that holds counts; the first where none does.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// What service tiers change. The last of a tier that holds counts.
    #[must_use]
    pub fn tiers(&self) -> &[TierPeriod] {
        &self.tiers
    }

    /// The price that is valid at a moment.
    #[must_use]
    pub fn period_at(&self, at: Micros) -> &Period {
        let valid = self.periods.iter().rev().find(|period| period.window.holds(at));
        // A model without a price is refused when the data is read.
        valid.unwrap_or(&self.periods[0])
    }

    /// `fast` is what some providers call `priority` now.
    pub(crate) fn tier_at(&self, tier: &str, at: Micros) -> Option<&TierPeriod> {
        let named = |name: &str| {
            let valid = |period: &&TierPeriod| {
                period.tier.eq_ignore_ascii_case(name) && period.window.holds(at)
            };
            self.tiers.iter().rev().find(valid)
        };
        named(tier)
            .or_else(|| tier.eq_ignore_ascii_case("fast").then(|| named("priority")).flatten())
    }

    /// The region as the model knows it, and its factor: `eu-west-1` is also `eu`.
    pub(crate) fn region(&self, region: &str) -> Option<(&str, Factor)> {
        if region.eq_ignore_ascii_case("global") {
            return None;
        }
        let continent = region.split('-').next().unwrap_or(region);
        [region, continent, "*"].into_iter().find_map(|wanted| {
            let found = self.regions.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some((&*found.0, found.1))
        })
    }
}

impl Period {
    /// The first moment at which it is valid. `None`: as long as the source knows.
    #[must_use]
    pub fn valid_from(&self) -> Option<Micros> {
        self.window.from
    }

    /// Hours and days in UTC outside which it does not hold, as text; `None`: at any hour.
    #[must_use]
    pub fn hours(&self) -> Option<String> {
        let name = self.window.name();
        name.split_once(',').map(|(_, hours)| hours.to_owned())
    }

    /// Usage types, their prices, and what they are above each number of tokens of input.
    pub fn units(&self) -> impl Iterator<Item = (&str, UnitPrice, &[(i64, UnitPrice)])> {
        self.units.prices()
    }
}

impl TierPeriod {
    /// The tier's name: `batch`, `flex`, `priority`, `fast`, …
    #[must_use]
    pub fn tier(&self) -> &str {
        &self.tier
    }

    /// The first moment at which it is valid. `None`: as long as the source knows.
    #[must_use]
    pub fn valid_from(&self) -> Option<Micros> {
        self.window.from
    }

    /// The usage types whose prices it changes, as in [`Period::units`].
    pub fn units(&self) -> impl Iterator<Item = (&str, UnitPrice, &[(i64, UnitPrice)])> {
        self.units.prices()
    }
}
