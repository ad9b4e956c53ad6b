//! Prices of units, and their product with a count.

use rust_decimal::Decimal;
use tracekeep_model::{MOST_TOKENS, Money};

/// Dollars for as many units as [`units_per_price`](crate::units_per_price) says, in 10⁻¹² dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitPrice(i128);

/// Why an amount of prices was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a decimal number.
    #[error("`{0}` is no decimal number; send text such as \"2.50\"")]
    Unreadable(String),
    /// Below zero.
    #[error("{0} is below zero; a price is zero or more")]
    Negative(String),
    /// Larger than a price can be.
    #[error("{0} is above a billion dollars")]
    TooLarge(String),
    /// More digits than are kept.
    #[error("{0} has more than twelve digits after the point; round it")]
    TooFine(String),
    /// A multiplier that is none.
    #[error(
        "{0} is no multiplier; send a number above 0, at most 100, with at most nine digits after the point"
    )]
    Factor(String),
}

/// Bytes of an amount's text: more than any price takes.
const LONGEST: usize = 64;
const DIGITS: u32 = Money::SCALE;

impl UnitPrice {
    /// Reads a price as `data/prices.json` and custom prices write it.
    ///
    /// # Errors
    /// Text that is no number, is negative, above a billion dollars, or finer than 10⁻¹² dollars.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let shown = || text.chars().take(LONGEST).collect::<String>();
        let decimal = read(text).ok_or_else(|| AmountError::Unreadable(shown()))?;
        if decimal.is_sign_negative() && !decimal.is_zero() {
            return Err(AmountError::Negative(shown()));
        }
        if decimal > Decimal::from(1_000_000_000u32) {
            return Err(AmountError::TooLarge(shown()));
        }
        let decimal = decimal.normalize();
        if decimal.scale() > DIGITS {
            return Err(AmountError::TooFine(shown()));
        }
        Ok(Self(decimal.mantissa() * 10i128.pow(DIGITS - decimal.scale())))
    }

    /// The price as an amount: dollars for as many units as
    /// [`units_per_price`](crate::units_per_price) says.
    #[must_use]
    pub fn money(self) -> Money {
        Money(self.0)
    }

    fn times(self, factor: Factor) -> Self {
        Self(divide(self.0 * factor.mantissa, 10i128.pow(factor.scale)))
    }
}

/// What multiplies prices: a region's surcharge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    mantissa: i128,
    scale: u32,
}

impl Factor {
    /// Reads a multiplier.
    ///
    /// # Errors
    /// Text that is no number above 0 and at most 100, with at most nine digits after the point.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let refused = || AmountError::Factor(text.chars().take(LONGEST).collect());
        let decimal = read(text).ok_or_else(refused)?.normalize();
        if decimal <= Decimal::ZERO || decimal > Decimal::ONE_HUNDRED || decimal.scale() > 9 {
            return Err(refused());
        }
        Ok(Self { mantissa: decimal.mantissa(), scale: decimal.scale() })
    }
}

fn read(text: &str) -> Option<Decimal> {
    if text.len() > LONGEST {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

/// What a threshold of a request's input does to its price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepRule {
    /// The whole request has the price above the highest threshold that its input passed. So do all
    /// providers in the book.
    #[default]
    Whole,
    /// Only the units of a type above a threshold have its price; those below keep theirs.
    Part,
}

/// The price of one usage type: below all thresholds, and above each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ladder {
    pub(crate) base: UnitPrice,
    /// Tokens and the price above them, rising.
    pub(crate) steps: Vec<(i64, UnitPrice)>,
}

/// How one type of a request is charged.
pub(crate) struct Charge {
    /// Tokens of all the request's input.
    pub(crate) input_tokens: i64,
    pub(crate) rule: StepRule,
    pub(crate) factor: Option<Factor>,
    /// Units that a price is for.
    pub(crate) per: i128,
}

impl Ladder {
    /// What `count` units cost, rounded once.
    pub(crate) fn cost(&self, count: i64, charge: &Charge) -> Money {
        // Within these bounds no product below leaves 128 bits: 10¹² units of 10²¹.
        let count = count.clamp(0, MOST_TOKENS);
        let price = |unit: UnitPrice| charge.factor.map_or(unit, |factor| unit.times(factor)).0;
        let sum = match charge.rule {
            StepRule::Whole => i128::from(count) * price(self.at(charge.input_tokens)),
            StepRule::Part => {
                let starts = self.steps.iter().map(|(start, _)| (*start).min(count));
                let ends = starts.clone().chain([count]);
                let prices =
                    [self.base].into_iter().chain(self.steps.iter().map(|(_, unit)| *unit));
                let parts = [0].into_iter().chain(starts).zip(ends).zip(prices);
                parts.map(|((from, to), unit)| i128::from(to - from) * price(unit)).sum()
            }
        };
        Money(divide(sum, charge.per))
    }

    fn at(&self, input_tokens: i64) -> UnitPrice {
        let passed = self.steps.iter().rev().find(|(start, _)| input_tokens > *start);
        passed.map_or(self.base, |(_, unit)| *unit)
    }
}

/// Rounded half to even. Both are zero or more.
fn divide(amount: i128, by: i128) -> i128 {
    let (whole, rest) = (amount / by, amount % by);
    let up = match (rest * 2).cmp(&by) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    whole + i128::from(up)
}

#[cfg(test)]
mod tests;
