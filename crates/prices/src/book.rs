//! The book: models by name, prices by moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use tracekeep_model::{Cost, Micros, Text, Usage};

use crate::amount::StepRule;
use crate::calculate::Price;
use crate::calls::CallPrices;
use crate::custom::CustomPrices;
use crate::data::{self, DataError, Package, Provider};
use crate::entry::{Model, Period, TierPeriod};
use crate::names::{Spellings, of_resource};
use crate::pattern::{Kind, Pattern};

static EMBEDDED: LazyLock<PriceBook> = LazyLock::new(|| {
    PriceBook::from_json(include_str!("../data/prices.json"))
        .expect("a test reads the data that is compiled in")
});

/// Prices of models, with the dates from which they are valid.
pub struct PriceBook {
    fingerprint: String,
    sources: BTreeMap<String, Package>,
    providers: Vec<(Box<str>, Provider)>,
    /// Names of providers in lower case, and their places in `providers`.
    aliases: HashMap<Box<str>, usize>,
    /// The same places, in the order in which they are asked for a model of unknown provider.
    makers: Vec<usize>,
    models: Vec<Model>,
    /// Of each provider.
    names: Vec<Names>,
}

/// Which names mean which model of one provider. Models are places in `PriceBook::models`.
#[derive(Default)]
struct Names {
    /// Ids of models that have no pattern.
    exact: HashMap<Box<str>, usize>,
    /// Names that a pattern asks to be equal to; the first model that does.
    equal: HashMap<Box<str>, usize>,
    /// All other patterns.
    patterns: Vec<(Pattern, usize)>,
    /// Ids of models that have a pattern, in lower case: an id always means its model.
    ids: HashMap<Box<str>, usize>,
}

/// A call of a model, as far as its price depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The provider by any of its names. `None`: the model's name says who it is.
    pub provider: Option<&'a str>,
    /// The model's name as it was sent or answered.
    pub model: &'a str,
    /// When the call began.
    pub at: Micros,
    /// The service tier: `batch`, `flex`, `priority`, … `None` or any other: the standard price.
    pub tier: Option<&'a str>,
    /// The provider's region.
    pub region: Option<&'a str>,
}

/// A model that a name means.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The model.
    pub model: &'a Model,
    /// Whether it is the model of another provider, whose standard price stands in. That one's
    /// tiers and regions are not this one's.
    pub borrowed: bool,
}

/// Who set a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The project itself.
    Custom,
    /// The book.
    Book,
}

impl Origin {
    /// Its name in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Book => "book",
        }
    }
}

/// A computed cost, and what it was computed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computed {
    /// The amounts.
    pub cost: Cost,
    /// See [`Price::id`].
    pub price_id: String,
    /// The id of the provider whose price it is; none, where a custom price names none.
    pub provider: Option<String>,
    /// The id of the model, or of the custom price.
    pub model: String,
    /// Who set the price.
    pub origin: Origin,
    /// Usage types that have no price, and so no part in the cost.
    pub unpriced: Vec<Text>,
}

impl PriceBook {
    /// The prices that are compiled in, read at the first call.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads price data in the format of `data/prices.json`.
    ///
    /// # Errors
    /// Data of another format, or a model that says something impossible.
    pub fn from_json(json: &str) -> Result<Self, DataError> {
        let (data, models) = data::read(json)?;
        let mut book = Self {
            fingerprint: fingerprint(json),
            sources: data.sources,
            providers: data.providers.into_iter().map(|(id, facts)| (id.into(), facts)).collect(),
            aliases: HashMap::new(),
            makers: Vec::new(),
            names: Vec::new(),
            models,
        };
        book.index();
        Ok(book)
    }

    /// The packages that the prices were taken from, by name.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.sources.iter().map(|(name, package)| (&**name, package))
    }

    /// Tells the data from any other.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// All models, a provider's own beside each other.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The id of the provider that a name means.
    #[must_use]
    pub fn provider_id(&self, name: &str) -> Option<&str> {
        self.provider(name).map(|place| &*self.providers[place].0)
    }

    /// What a provider is called, by its id; the id where nobody says.
    #[must_use]
    pub fn provider_name<'a>(&'a self, id: &'a str) -> &'a str {
        let place = self.aliases.get(id);
        place.and_then(|place| self.providers[*place].1.name.as_deref()).unwrap_or(id)
    }

    /// The model that a name means. `None`: no price is known.
    #[must_use]
    pub fn find(&self, call: &Call<'_>) -> Option<Found<'_>> {
        let model = call.model.trim().to_lowercase();
        if model.is_empty() {
            return None;
        }
        if let Some(place) = call.provider.and_then(|name| self.provider(name)) {
            return self.at_provider(place, &model, call.region);
        }
        let prefixed = model
            .split_once('/')
            .and_then(|(prefix, rest)| Some((*self.aliases.get(prefix)?, rest)))
            .and_then(|(place, rest)| self.at_provider(place, rest, call.region));
        if prefixed.is_some() {
            return prefixed;
        }
        let makes = |pattern: fn(&Provider) -> Option<&Pattern>| {
            self.providers
                .iter()
                .position(|(_, facts)| pattern(facts).is_some_and(|p| p.matches(&model)))
        };
        let maker = makes(|facts| facts.makes_first.as_ref())
            .or_else(|| makes(|facts| facts.makes.as_ref()));
        if let Some(place) = maker {
            return self.at_provider(place, &model, call.region);
        }
        let spellings = Spellings::of(&[&model]);
        let own = self.makers.iter().find_map(|place| self.own(*place, &spellings, call.region));
        own.map(|model| Found { model, borrowed: false })
    }

    /// What usage cost: at a project's own price, else at the book's, in either case the one that
    /// was valid when the call began. `None` where there is none for anything that was used.
    #[must_use]
    pub fn cost(&self, custom: &CustomPrices, call: &Call<'_>, usage: &Usage) -> Option<Computed> {
        CallPrices::new(self, custom).cost(call, usage)
    }

    /// The names by which a custom price may mean the provider of a call: the one that it carries, its
    /// id, and the id of whose model was found. Not that of one whose model only stands in: it does not
    /// serve the call.
    pub(crate) fn names_of<'a>(
        &'a self,
        provider: Option<&'a str>,
        found: Option<Found<'a>>,
    ) -> Vec<&'a str> {
        let known = provider.and_then(|name| self.provider_id(name));
        let serves = found.filter(|found| !found.borrowed).map(|found| found.model.provider());
        [provider, known, serves].into_iter().flatten().collect()
    }

    fn index(&mut self) {
        for (place, (id, facts)) in self.providers.iter().enumerate() {
            self.aliases.insert(id.to_lowercase().into(), place);
            for alias in &facts.aliases {
                self.aliases.entry(alias.to_lowercase().into()).or_insert(place);
            }
        }
        let mut makers: Vec<_> = self.providers.iter().enumerate().collect();
        makers.retain(|(_, (_, facts))| facts.maker.is_some());
        makers.sort_by_key(|(_, (_, facts))| facts.maker);
        self.makers = makers.into_iter().map(|(place, _)| place).collect();
        self.names.resize_with(self.providers.len(), Names::default);
        for (rank, model) in self.models.iter().enumerate() {
            // Reading refuses a model of a provider that is not listed.
            let Some(place) = self.aliases.get(&*model.provider.to_lowercase()) else { continue };
            self.names[*place].add(model, rank);
        }
    }

    /// By a name, by its first part (`openai.chat`, `vertex_ai-anthropic`), or by what it is like.
    fn provider(&self, name: &str) -> Option<usize> {
        let name = name.trim().to_lowercase();
        let part = |separator: char| name.split(separator).next().unwrap_or(&name);
        let known =
            [&*name, part('.'), part('-')].into_iter().find_map(|name| self.aliases.get(name));
        known.copied().or_else(|| {
            let named = |(_, facts): &(Box<str>, Provider)| {
                facts.named.as_ref().is_some_and(|pattern| pattern.matches(&name))
            };
            self.providers.iter().position(named)
        })
    }

    fn at_provider(&self, place: usize, model: &str, region: Option<&str>) -> Option<Found<'_>> {
        let prefix =
            model.split_once('/').filter(|(prefix, _)| self.aliases.get(*prefix) == Some(&place));
        let names: Vec<&str> = [Some(model), prefix.map(|(_, rest)| rest), of_resource(model)]
            .into_iter()
            .flatten()
            .collect();
        let spellings = Spellings::of(&names);
        if let Some(model) = self.own(place, &spellings, region) {
            return Some(Found { model, borrowed: false });
        }
        let mut others =
            self.providers[place].1.fallback.iter().filter_map(|id| self.aliases.get(&**id));
        let model = others.find_map(|other| self.own(*other, &spellings, None))?;
        Some(Found { model, borrowed: true })
    }

    fn own(&self, place: usize, spellings: &Spellings, region: Option<&str>) -> Option<&Model> {
        let names = &self.names[place];
        let rank = names
            .find(&spellings.stated, region)
            .or_else(|| names.find(&spellings.without_snapshot, region))?;
        self.models.get(rank)
    }
}

impl Names {
    fn add(&mut self, model: &Model, rank: usize) {
        let Some(pattern) = &model.pattern else {
            self.exact.entry(model.id.clone()).or_insert(rank);
            return;
        };
        self.ids.entry(model.id.to_lowercase().into()).or_insert(rank);
        let kinds = match pattern.kind() {
            Kind::Any(kinds) => kinds.as_slice(),
            kind => std::slice::from_ref(kind),
        };
        let mut others = false;
        for kind in kinds {
            match kind {
                Kind::Equal(name) => {
                    self.equal.entry(name.clone()).or_insert(rank);
                }
                _ => others = true,
            }
        }
        if others {
            self.patterns.push((pattern.clone(), rank));
        }
    }

    /// An id that is equal goes first, and of those one of the region; then the first model of
    /// which a pattern matches; then ids of models that have a pattern.
    fn find(&self, names: &[String], region: Option<&str>) -> Option<usize> {
        let regional = region.into_iter().flat_map(|region| {
            let region = region.to_lowercase();
            names.iter().map(move |name| format!("{region}/{name}"))
        });
        let mut exact = regional.chain(names.iter().cloned());
        if let Some(rank) = exact.find_map(|name| self.exact.get(&*name)) {
            return Some(*rank);
        }
        let matching = names.iter().find_map(|name| {
            let equal = self.equal.get(&**name).copied();
            let matching = self.patterns.iter().find(|(pattern, _)| pattern.matches(name));
            equal.into_iter().chain(matching.map(|(_, rank)| *rank)).min()
        });
        matching.or_else(|| names.iter().find_map(|name| self.ids.get(&**name).copied()))
    }
}

/// What a price is made of, but for the region's factor.
#[derive(Clone, Copy)]
pub(crate) struct Chosen<'a> {
    period: &'a Period,
    tier: Option<&'a TierPeriod>,
}

/// The same places of one book.
impl PartialEq for Chosen<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.period, other.period)
            && self.tier.map(std::ptr::from_ref) == other.tier.map(std::ptr::from_ref)
    }
}

impl<'a> Found<'a> {
    pub(crate) fn chosen(&self, call: &Call<'_>) -> Chosen<'a> {
        let tier = call.tier.filter(|_| !self.borrowed);
        Chosen {
            period: self.model.period_at(call.at),
            tier: tier.and_then(|tier| self.model.tier_at(tier, call.at)),
        }
    }

    /// The price that is valid when the call begins.
    #[must_use]
    pub fn price(&self, call: &Call<'_>) -> Price<'a> {
        let Chosen { period, tier } = self.chosen(call);
        let mut id = format!("{}/{}@{}", self.model.provider, self.model.id, period.window.name());
        if let Some(tier) = tier {
            id.push('+');
            id.push_str(&tier.tier);
            if tier.window.from.is_some() {
                id.push('@');
                id.push_str(&tier.window.name());
            }
        }
        let region =
            call.region.filter(|_| !self.borrowed).and_then(|name| self.model.region(name));
        if let Some((name, _)) = region {
            id.push('#');
            id.push_str(name);
        }
        Price {
            id,
            standard: &period.units,
            tier: tier.map(|tier| &tier.units),
            factor: region.map(|(_, factor)| factor),
            least: &self.model.least,
            rule: StepRule::Whole,
        }
    }
}

/// FNV-1a of 64 bits: it tells two releases apart, and nobody gains by two that are alike.
pub(crate) fn fingerprint(json: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = json.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests;
