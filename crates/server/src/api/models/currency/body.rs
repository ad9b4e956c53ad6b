//! What a body says of a currency.

use serde_json::Value;
use tracekeep_decode::FieldError;

use crate::api::members::Known;
use crate::project_prices::{DayRate, Display};

const FIELDS: [&str; 2] = ["currency", "rates"];
const OF_RATE: [&str; 2] = ["from", "rate"];
/// Rates of a currency: one for each of 27 years' days.
const MOST_RATES: usize = 10_000;

/// A currency and its rates, checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// `None`: US dollars, without rates.
    pub(super) currency: Option<String>,
    pub(super) rates: Vec<DayRate>,
}

/// The currency that a body holds.
pub(super) fn currency(body: &[u8]) -> Result<Sent, FieldError> {
    let mut known = Known::of_body(body, &FIELDS)?;
    let remedy = "send three capital letters such as EUR, or null for US dollars";
    let currency = match known.text("currency")? {
        Some(currency) => currency,
        None => return Err(FieldError::new("currency", format!("is missing; {remedy}"))),
    };
    let rates = rates(known.take("rates"))?;
    let Some(currency) = currency else {
        return match rates.is_empty() {
            true => Ok(Sent { currency: None, rates }),
            false => {
                Err(FieldError::new("rates", "are of no currency; leave them out, or send one"))
            }
        };
    };
    let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_code || currency == "USD" {
        let reason = match is_code {
            true => "is US dollars, which costs are in; send null, or another currency".to_owned(),
            false => format!("is no currency; {remedy}"),
        };
        return Err(FieldError::new("currency", reason));
    }
    if rates.is_empty() {
        let reason = "are missing; send at least one, such as {\"from\": \"2026-01-01\", \"rate\": \
                      \"0.92\"}";
        return Err(FieldError::new("rates", reason));
    }
    Display::new(currency.clone(), &rates)
        .map_err(|error| FieldError::new(format!("rates.{}", error.index), error.reason))?;
    Ok(Sent { currency: Some(currency), rates })
}

fn rates(value: Option<Value>) -> Result<Vec<DayRate>, FieldError> {
    let rates = match value {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(rates)) if rates.len() <= MOST_RATES => rates,
        Some(Value::Array(_)) => {
            let reason = format!("are more than {MOST_RATES}; leave out old ones");
            return Err(FieldError::new("rates", reason));
        }
        Some(_) => {
            let reason =
                "are no list; send a list of objects, each with a day and a rate from then on";
            return Err(FieldError::new("rates", reason));
        }
    };
    rates.into_iter().enumerate().map(|(n, value)| rate(value, &format!("rates.{n}"))).collect()
}

fn rate(value: Value, path: &str) -> Result<DayRate, FieldError> {
    let mut known = Known::of_value(value, path, &OF_RATE)?;
    let mut text = |name: &str, example: &str| {
        let text = known.text(name)?.flatten();
        text.ok_or_else(|| {
            FieldError::new(known.path(name), format!("is missing; send a text such as {example}"))
        })
    };
    Ok(DayRate { from: text("from", "2026-01-31")?, rate: text("rate", "0.92")? })
}

#[cfg(test)]
mod tests;
