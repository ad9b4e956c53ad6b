//! Numbers and times.

use tracekeep_model::{MOST_TOKENS, Micros, Money, TimeError};

use super::Sent;
use crate::FieldError;
use crate::native::json::Json;

/// Over 30 years.
const MAX_MILLIS: f64 = 1e12;

impl Sent<'_> {
    /// A finite number.
    pub(in crate::native) fn number(self) -> Result<f64, FieldError> {
        if self.json() != Json::Number {
            return Err(self.wrong("a number"));
        }
        match self.raw.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.unfit("a finite number")),
        }
    }

    /// A whole number from 0; `10.0` and `1e3` are whole.
    pub(in crate::native) fn count(self) -> Result<i64, FieldError> {
        const WANTED: &str = "a whole number from 0 to 1e12";
        if self.json() != Json::Number {
            return Err(self.wrong(WANTED));
        }
        if let Ok(count) = self.raw.parse::<i64>() {
            let fits = (0..=MOST_TOKENS).contains(&count);
            return if fits { Ok(count) } else { Err(self.unfit(WANTED)) };
        }
        match self.raw.parse::<f64>() {
            Ok(count) if (0.0..=MOST_TOKENS as f64).contains(&count) && count.fract() == 0.0 => {
                Ok(count as i64)
            }
            _ => Err(self.unfit(WANTED)),
        }
    }

    /// Milliseconds from 0, fractions allowed, as microseconds.
    pub(in crate::native) fn millis(self) -> Result<i64, FieldError> {
        const WANTED: &str = "milliseconds, from 0 to 1e12";
        if self.json() != Json::Number {
            return Err(self.wrong(WANTED));
        }
        match self.number()? {
            millis if (0.0..=MAX_MILLIS).contains(&millis) => Ok((millis * 1_000.0).round() as i64),
            _ => Err(self.unfit(WANTED)),
        }
    }

    /// An exact amount of US dollars: a number, or text that is one.
    pub(in crate::native) fn money(self) -> Result<Money, FieldError> {
        let amount = match self.json() {
            Json::Number => Money::parse_cost(self.raw),
            Json::Text => Money::parse_cost(&self.unquoted()?),
            _ => return Err(self.wrong("a number of US dollars")),
        };
        amount.map_err(|error| self.error(error))
    }

    /// A moment that a record received at `received` may carry.
    pub(in crate::native) fn time(self, received: Micros) -> Result<Micros, FieldError> {
        let time = match self.json() {
            Json::Text => Micros::parse(&self.unquoted()?),
            Json::Number => from_epoch_millis(self.raw),
            _ => {
                return Err(self.wrong("RFC 3339 (2026-01-31T12:00:00Z) or epoch milliseconds"));
            }
        };
        time.and_then(|time| time.check(received)).map_err(|error| self.error(error))
    }
}

/// JavaScript and Python clocks send fractions of milliseconds.
fn from_epoch_millis(raw: &str) -> Result<Micros, TimeError> {
    if let Ok(millis) = raw.parse::<i64>() {
        return Micros::from_millis(millis);
    }
    let millis = raw.parse::<f64>().unwrap_or(f64::NAN);
    let whole = millis.floor();
    Ok(Micros::from_millis(whole as i64)?.plus(((millis - whole) * 1_000.0).round() as i64))
}
