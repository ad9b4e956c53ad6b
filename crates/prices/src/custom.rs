//! A project's own prices, which go before the book.

use serde::{Deserialize, Serialize};
use tracekeep_model::Micros;

use crate::amount::StepRule;
use crate::book::fingerprint;
use crate::calculate::Price;
use crate::data::{RawUnits, read_units};
use crate::entry::Units;
use crate::names::Spellings;
use crate::pattern::{MOST_EXPRESSIONS, Pattern};
use crate::window::date_text;

/// A price that a project sets: of a model that the book does not know, or another one than the
/// book's. Read from JSON and written as it was read.
///
/// ```json
/// {"id": "contract-2026", "provider": "openai", "match": ["=gpt-4o", "^gpt-4o-"],
///  "validFrom": "2026-01-01", "units": {"input": "2", "output": ["8", [200000, "16"]]}}
/// ```
///
/// A custom price stands by itself: a usage type that it does not name has the price of its parent
/// *here*, never the book's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomPrice {
    /// Its name, unique in the project; part of the price id of what it computes.
    pub id: String,
    /// The provider by its id in the book, else by the name that calls carry. `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Which models' names it is for.
    pub r#match: Pattern,
    /// The UTC day on which it becomes valid, `2026-01-31`. `None`: always was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Dollars for a million units (for an hour of what is counted in seconds), by usage type.
    units: RawUnits,
    /// What thresholds do.
    #[serde(default)]
    pub steps: StepRule,
    #[serde(skip)]
    checked: Checked,
}

/// What the texts above say, once they are checked.
#[derive(Clone, Debug, Default)]
struct Checked {
    from: Option<Micros>,
    units: Units,
}

/// It follows from the texts, which are compared.
impl PartialEq for Checked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Checked {}

/// Why custom prices were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct CustomPriceError {
    /// Its place in the list; the list's length where the list itself is refused.
    pub index: usize,
    /// The field.
    pub field: String,
    /// What is wrong, and what to send instead.
    pub reason: String,
}

/// Custom prices of a project, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomPrices(Vec<CustomPrice>);

/// Usage types that a price names.
const MOST_UNITS: usize = 50;
/// Bytes of a name.
const LONGEST: usize = 100;
/// Bytes of all regular expressions of a project, compiled. Each that a model's name is held against
/// takes time in proportion.
const MOST_EXPRESSION_BYTES: usize = 256 << 10;
/// Bytes of a model's name on which regular expressions are tried.
const LONGEST_TRIED: usize = 200;

impl CustomPrices {
    /// Prices that a project may have.
    pub const MOST: usize = 1_000;

    /// Checks prices. At most [`CustomPrices::MOST`] a project, with at most 100 regular expressions
    /// that are small together.
    ///
    /// # Errors
    /// Names the price, the field and what to send instead.
    pub fn new(prices: Vec<CustomPrice>) -> Result<Self, CustomPriceError> {
        if prices.len() > Self::MOST {
            let reason =
                format!("has {} prices; a project has at most {}", prices.len(), Self::MOST);
            return Err(CustomPriceError { index: prices.len(), field: "prices".into(), reason });
        }
        let mut checked: Vec<CustomPrice> = Vec::with_capacity(prices.len());
        let (mut expressions, mut expression_bytes) = (0, 0);
        for (index, mut price) in prices.into_iter().enumerate() {
            let refused = |(field, reason): (&str, String)| CustomPriceError {
                index,
                field: field.to_owned(),
                reason,
            };
            price.check().map_err(refused)?;
            expressions += price.r#match.expressions();
            if expressions > MOST_EXPRESSIONS {
                let reason = format!(
                    "makes more than {MOST_EXPRESSIONS} regular expressions in all prices of the \
                     project; write it with =, ^, $ or ~"
                );
                return Err(refused(("match", reason)));
            }
            expression_bytes += price.r#match.expression_bytes();
            if expression_bytes > MOST_EXPRESSION_BYTES {
                let reason = format!(
                    "makes the regular expressions in all prices of the project larger than \
                     {MOST_EXPRESSION_BYTES} bytes, compiled; write it with =, ^, $ or ~, or with \
                     fewer repetitions"
                );
                return Err(refused(("match", reason)));
            }
            if checked.iter().any(|other| other.id == price.id) {
                return Err(refused((
                    "id",
                    format!("`{}` is there twice; each needs its own", price.id),
                )));
            }
            checked.push(price);
        }
        Ok(Self(checked))
    }

    /// As they were sent.
    #[must_use]
    pub fn as_slice(&self) -> &[CustomPrice] {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells these prices from any others.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&serde_json::to_string(&self.0).expect("texts and numbers become JSON"))
    }

    /// The price that counts for a model at a moment. `provider` is the id of one in the book, as of
    /// its own list of models.
    #[must_use]
    pub fn of_model(&self, provider: &str, model: &str, at: Micros) -> Option<&CustomPrice> {
        self.find(&[provider], model, at)
    }

    /// The price for a call. `providers` are all names of the one that serves it.
    pub(crate) fn find(&self, providers: &[&str], model: &str, at: Micros) -> Option<&CustomPrice> {
        self.latest(&self.matching(providers, model), at)
    }

    /// The places of the prices for a model, whenever they are valid.
    pub(crate) fn matching(&self, providers: &[&str], model: &str) -> Vec<usize> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let model = model.trim().to_lowercase();
        let spellings = Spellings::of(&[&model]);
        let matches = |place: &usize| self.0[*place].matches(providers, &spellings);
        (0..self.0.len()).filter(matches).collect()
    }

    /// Of the prices at these places, in ascending order, and valid at a moment the latest; of equally
    /// late ones the last in the list.
    pub(crate) fn latest(&self, places: &[usize], at: Micros) -> Option<&CustomPrice> {
        let prices = places.iter().filter_map(|place| self.0.get(*place));
        let valid = prices.filter(|price| price.checked.from.is_none_or(|from| at >= from));
        valid.max_by_key(|price| price.checked.from)
    }
}

impl CustomPrice {
    /// Prices by usage type, as they were sent.
    #[must_use]
    pub fn units(&self) -> serde_json::Value {
        serde_json::to_value(&self.units).unwrap_or_default()
    }

    pub(crate) fn price(&self) -> Price<'_> {
        let from = self.checked.from.map_or_else(|| "start".to_owned(), date_text);
        Price {
            id: format!("custom/{}@{from}", self.id),
            standard: &self.checked.units,
            tier: None,
            factor: None,
            least: &[],
            rule: self.steps,
        }
    }

    fn matches(&self, providers: &[&str], spellings: &Spellings) -> bool {
        let wanted = self.provider.as_deref();
        let theirs = wanted.is_none_or(|wanted| {
            providers.iter().any(|name| name.trim().eq_ignore_ascii_case(wanted.trim()))
        });
        theirs
            && spellings.stated.iter().any(|name| self.r#match.matches_within(name, LONGEST_TRIED))
    }

    fn check(&mut self) -> Result<(), (&'static str, String)> {
        check_name("id", &self.id)?;
        if let Some(provider) = &self.provider {
            check_name("provider", provider)?;
        }
        self.checked.from = match &self.valid_from {
            None => None,
            Some(day) => Some(Micros::parse_day(day).ok_or_else(|| {
                let shown: String = day.chars().take(40).collect();
                ("validFrom", format!("is `{shown}`, which is no day; send one such as 2026-01-31"))
            })?),
        };
        if self.units.is_empty() || self.units.len() > MOST_UNITS {
            let count = self.units.len();
            let reason = format!(
                "names {count} usage types; send 1 to {MOST_UNITS}, such as input and output"
            );
            return Err(("units", reason));
        }
        for usage_type in self.units.keys() {
            let plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if usage_type.is_empty() || usage_type.len() > LONGEST || !usage_type.bytes().all(plain)
            {
                let shown: String = usage_type.chars().take(40).collect();
                let reason = format!("has the usage type `{shown}`; send one of a-z, 0-9 and _");
                return Err(("units", reason));
            }
        }
        self.checked.units = read_units(&self.units).map_err(|reason| ("units", reason))?;
        Ok(())
    }
}

fn check_name(field: &'static str, name: &str) -> Result<(), (&'static str, String)> {
    let bad = name.trim().is_empty() || name.len() > LONGEST || name.chars().any(char::is_control);
    if bad {
        let reason = format!("is empty, longer than {LONGEST} bytes, or holds control characters");
        return Err((field, reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
