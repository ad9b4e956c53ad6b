//! `PUT /api/keys/{publicKey}/limits`: limits what a key may ask of models. Permission: `keys:write`,
//! which every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;
use tracekeep_control::{Budget, KeyLimits, Period};
use tracekeep_decode::FieldError;
use tracekeep_model::Money;

use super::Shown;
use crate::api::members::Known;
use crate::api::openapi::answers::{ErrorAnswer, Limits};
use crate::api::openapi::bodies::LimitKey;
use crate::api::openapi::refusals::ChangeRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;
use crate::intake::body::Whole;

const FIELDS: [&str; 4] = ["requestsPerMinute", "tokensPerMinute", "budget", "budgetPeriod"];
/// As many as a number in JSON counts exactly.
const MOST: u64 = 1 << 53;

/// Limit a key
///
/// All limits at once: those that are not sent, or are null, go. Periods begin at midnight, on Monday
/// and on the first, in UTC. A change counts from the next call on; what the key has spent in the period
/// stays spent.
///
/// Permission: `keys:write`.
#[utoipa::path(
    put,
    path = "/api/keys/{publicKey}/limits",
    operation_id = "putKeyLimits",
    tag = "Providers",
    params(("publicKey" = String, Path, description = "The public key.", example = "pk-tk-1")),
    request_body = LimitKey,
    responses(
        (status = 200, description = "They are in force", body = Limits),
        (status = 404, description = "The project has no such key", body = ErrorAnswer),
        ChangeRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(public_key): Path<String>,
    body: Whole,
) -> Result<Json<Shown>, ApiError> {
    let limits = limits(&body.bytes)?;
    let (project_id, now) = (&*reader.project_id, clock::now_micros());
    let key_id = app.control.set_key_limits(project_id, &public_key, &limits, now).await?;
    app.limits.forget(&key_id);
    Ok(Json(Shown::now(&app, key_id, limits).await?))
}

fn limits(body: &[u8]) -> Result<KeyLimits, FieldError> {
    let mut known = Known::of_body(body, &FIELDS)?;
    let mut count = |name: &str| {
        let number = known.number(name, 1..=MOST)?;
        Ok::<_, FieldError>(number.and_then(|number| i64::try_from(number).ok()))
    };
    let (requests_per_minute, tokens_per_minute) =
        (count("requestsPerMinute")?, count("tokensPerMinute")?);
    let amount = known.take("budget").filter(|value| !value.is_null()).map(amount).transpose()?;
    let period = known.text("budgetPeriod")?.flatten().map(|name| period(&name)).transpose()?;
    let budget = match (amount, period) {
        (Some(amount), Some(period)) => Some(Budget { amount, period }),
        (None, None) => None,
        (Some(_), None) => {
            return Err(FieldError::new("budgetPeriod", "is missing; send day, week or month"));
        }
        (None, Some(_)) => {
            let reason = "is missing beside budgetPeriod; send US dollars, such as \"12.50\"";
            return Err(FieldError::new("budget", reason));
        }
    };
    Ok(KeyLimits { requests_per_minute, tokens_per_minute, budget })
}

/// US dollars as they are kept: with all their digits.
fn amount(value: Value) -> Result<String, FieldError> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => {
            let reason = "is no amount; send US dollars, such as \"12.50\"";
            return Err(FieldError::new("budget", reason));
        }
    };
    let amount = Money::parse_cost(&text).map_err(|error| FieldError::new("budget", error))?;
    Ok(amount.to_string())
}

fn period(name: &str) -> Result<Period, FieldError> {
    let wrong = || {
        let shown: String = name.chars().take(64).collect();
        FieldError::new("budgetPeriod", format!("is `{shown}`; send day, week or month"))
    };
    Period::of(name).ok_or_else(wrong)
}

#[cfg(test)]
mod tests;
