use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;

use rust_decimal::Decimal;

/// An exact amount of US dollars, in units of 10⁻¹² dollars.
///
/// Sums of up to 10²⁶ dollars are exact; adding past that saturates.
// Packed to the alignment of everything else, so that it does not widen every register of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(8))]
pub struct Money(pub i128);

/// Bytes of an amount's text. Its parser may go one call deeper with each digit.
const LONGEST: usize = 256;

/// Why an amount was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("is `{0}`, which is no decimal number")]
    Unreadable(String),
    /// Longer than any amount.
    #[error("is {0} bytes long; send at most {LONGEST}")]
    TooLong(usize),
    /// Below zero.
    #[error("is {0}, but a cost cannot be negative")]
    Negative(String),
    /// Too large to be a cost.
    #[error("is {0}, more than a billion dollars for one call")]
    TooLarge(String),
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Digits after the point.
    pub const SCALE: u32 = 12;

    /// Reads a cost as it is written in JSON. Digits beyond the twelfth are rounded half to even.
    ///
    /// # Errors
    /// Text that is no number, is too long for one, is negative, or is above a billion dollars.
    pub fn parse_cost(text: &str) -> Result<Self, MoneyError> {
        if text.len() > LONGEST {
            return Err(MoneyError::TooLong(text.len()));
        }
        let shown = || text.chars().take(64).collect::<String>();
        let decimal = Decimal::from_str(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| MoneyError::Unreadable(shown()))?;
        if decimal.is_sign_negative() && !decimal.is_zero() {
            return Err(MoneyError::Negative(shown()));
        }
        if decimal > Decimal::from(1_000_000_000u32) {
            return Err(MoneyError::TooLarge(shown()));
        }
        let rounded = decimal.round_dp(Self::SCALE);
        let missing = Self::SCALE - rounded.scale();
        Ok(Self(rounded.mantissa() * 10i128.pow(missing)))
    }
}

/// All digits, no trailing zeros: also a JSON number.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNIT: u128 = 1_000_000_000_000;
        let (whole, fraction) = (self.0.unsigned_abs() / UNIT, self.0.unsigned_abs() % UNIT);
        let sign = if self.0 < 0 { "-" } else { "" };
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:012}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// A JSON number with all its digits.
impl serde::Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let raw = serde_json::value::RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?;
        serde::Serialize::serialize(&raw, s)
    }
}

#[cfg(test)]
mod tests;
