//! Costs in another currency, for display. What is stored and added up is always US dollars.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tracekeep_model::{Micros, Money};

use crate::window::date_text;

/// How much of a currency a dollar is worth from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rate {
    /// Three capital letters (ISO 4217).
    pub currency: String,
    /// The UTC day from which it counts, `2026-01-31`.
    pub from: String,
    /// Units of the currency for one dollar, as text: `0.9213`.
    pub rate: String,
}

/// Why rates were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rate {index}: {reason}")]
pub struct CurrencyError {
    /// Its place in the list.
    pub index: usize,
    /// What is wrong, and what to send instead.
    pub reason: String,
}

/// Dated rates of currencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates(BTreeMap<String, BTreeMap<Micros, Exact>>);

/// A rate of a currency, and since when it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatedRate {
    from: Micros,
    exact: Exact,
}

/// `mantissa` · 10^-`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Exact {
    mantissa: i128,
    scale: u32,
}

/// An amount in a currency, with all its digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Converted(Exact);

const MOST_RATES: usize = 100_000;
/// Digits after the point of a rate.
const MOST_DIGITS: u32 = 9;

impl Rates {
    /// Checks rates. At most 100,000, one a currency and day.
    ///
    /// # Errors
    /// Names the rate and what to send instead.
    pub fn new(rates: &[Rate]) -> Result<Self, CurrencyError> {
        let mut found = Self::default();
        for (index, rate) in rates.iter().enumerate() {
            let refused = |reason: String| CurrencyError { index, reason };
            if index >= MOST_RATES {
                return Err(refused(format!(
                    "there are more than {MOST_RATES}; leave out old ones"
                )));
            }
            let (day, exact) = check(rate).map_err(refused)?;
            let of_currency = found.0.entry(rate.currency.clone()).or_default();
            if of_currency.insert(day, exact).is_some() {
                let (currency, from) = (&rate.currency, &rate.from);
                return Err(refused(format!("{currency} has a rate from {from} already")));
            }
        }
        Ok(found)
    }

    /// An amount at the rate that counts at a moment. `None` where no rate is known then, or the
    /// amount is beyond 128 bits (a trillion dollars is not).
    #[must_use]
    pub fn convert(&self, amount: Money, currency: &str, at: Micros) -> Option<Converted> {
        self.rate_at(currency, at)?.convert(amount)
    }

    /// The rate that counts at a moment. `None` where none is known then.
    #[must_use]
    pub fn rate_at(&self, currency: &str, at: Micros) -> Option<DatedRate> {
        let (from, exact) = self.0.get(currency)?.range(..=at).next_back()?;
        Some(DatedRate { from: *from, exact: *exact })
    }
}

impl DatedRate {
    /// The UTC day from which it counts: `2026-01-31`.
    #[must_use]
    pub fn day(&self) -> String {
        date_text(self.from)
    }

    /// An amount at this rate. `None`: it is beyond 128 bits.
    #[must_use]
    pub fn convert(&self, amount: Money) -> Option<Converted> {
        let mantissa = amount.0.checked_mul(self.exact.mantissa)?;
        Some(Converted(Exact { mantissa, scale: Money::SCALE + self.exact.scale }))
    }
}

/// Units of the currency for one dollar, without zeros at the end: `0.92`.
impl fmt::Display for DatedRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Checked when it was read: a normalised decimal.
        f.write_str(&Converted(self.exact).rounded(self.exact.scale))
    }
}

impl Converted {
    /// The amount with this many digits after the point, rounded half to even. Round only what is
    /// shown, never what is added up.
    #[must_use]
    pub fn rounded(&self, digits: u32) -> String {
        let Exact { mantissa, scale } = self.0;
        let digits = digits.min(scale);
        let unit = 10u128.pow(scale - digits);
        let (mut whole, rest) = (mantissa.unsigned_abs() / unit, mantissa.unsigned_abs() % unit);
        if rest * 2 > unit || (rest * 2 == unit && whole % 2 == 1) {
            whole += 1;
        }
        let sign = if mantissa < 0 && whole > 0 { "-" } else { "" };
        if digits == 0 {
            return format!("{sign}{whole}");
        }
        let one = 10u128.pow(digits);
        let width = digits as usize;
        format!("{sign}{}.{:0width$}", whole / one, whole % one)
    }
}

fn check(rate: &Rate) -> Result<(Micros, Exact), String> {
    let shown = |text: &str| text.chars().take(40).collect::<String>();
    let letters = rate.currency.bytes().filter(u8::is_ascii_uppercase).count();
    if letters != 3 || rate.currency.len() != 3 {
        return Err(format!(
            "`{}` is no currency; send three capital letters such as EUR",
            shown(&rate.currency)
        ));
    }
    let day = Micros::parse_day(&rate.from)
        .ok_or_else(|| format!("`{}` is no day; send one such as 2026-01-31", shown(&rate.from)))?;
    let decimal = Some(&*rate.rate).filter(|text| text.len() <= 40);
    let decimal =
        decimal.and_then(|text| Decimal::from_str_exact(text).ok()).map(|d| d.normalize());
    match decimal {
        Some(d)
            if d > Decimal::ZERO
                && d <= Decimal::from(1_000_000u32)
                && d.scale() <= MOST_DIGITS =>
        {
            Ok((day, Exact { mantissa: d.mantissa(), scale: d.scale() }))
        }
        _ => Err(format!(
            "`{}` is no rate; send a number above 0, at most 1000000, with at most {MOST_DIGITS} digits \
             after the point",
            shown(&rate.rate)
        )),
    }
}

#[cfg(test)]
mod tests;
