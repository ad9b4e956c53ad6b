//! What a body says of a virtual model.

use serde_json::Value;
use tracekeep_decode::FieldError;

use crate::api::members::Known;
use crate::gateway::provider_settings::LONGEST_MODEL;
use crate::gateway::virtual_model::{
    Definition, LONGEST_CACHE_S, LONGEST_TIMEOUT_MS, MOST_RETRIES, MOST_ROUTES, MOST_WEIGHT, Route,
};

const FIELDS: [&str; 5] = ["routes", "fallbacks", "retries", "timeoutMs", "cacheSeconds"];
const OF_ROUTE: [&str; 2] = ["model", "weight"];

/// The definition that a body holds.
pub(super) fn definition(body: &[u8]) -> Result<Definition, FieldError> {
    let mut known = Known::of_body(body, &FIELDS)?;
    let fallbacks = known.texts("fallbacks")?.unwrap_or_default();
    if fallbacks.len() > MOST_ROUTES {
        return Err(FieldError::new("fallbacks", format!("are more than {MOST_ROUTES}")));
    }
    for (n, model) in fallbacks.iter().enumerate() {
        check_model(&format!("fallbacks.{n}"), model)?;
    }
    Ok(Definition {
        routes: routes(known.take("routes"))?,
        fallbacks,
        retries: known.number("retries", 0..=MOST_RETRIES)?,
        timeout_ms: known.number("timeoutMs", 1..=LONGEST_TIMEOUT_MS)?,
        cache_seconds: known.number("cacheSeconds", 1..=LONGEST_CACHE_S)?,
    })
}

fn routes(value: Option<Value>) -> Result<Vec<Route>, FieldError> {
    let remedy = format!("send a list of 1 to {MOST_ROUTES} objects, each with a model");
    let routes = match value {
        Some(Value::Array(routes)) if (1..=MOST_ROUTES).contains(&routes.len()) => routes,
        None => return Err(FieldError::new("routes", format!("is missing; {remedy}"))),
        Some(_) => return Err(FieldError::new("routes", format!("is no such list; {remedy}"))),
    };
    routes.into_iter().enumerate().map(|(n, value)| route(value, &format!("routes.{n}"))).collect()
}

fn route(value: Value, path: &str) -> Result<Route, FieldError> {
    let mut known = Known::of_value(value, path, &OF_ROUTE)?;
    let model_path = known.path("model");
    let model = known.text("model")?.flatten().unwrap_or_default();
    check_model(&model_path, &model)?;
    let weight = match known.take("weight") {
        None | Some(Value::Null) => 1.0,
        Some(value) => {
            let weight = value.as_f64().filter(|weight| *weight > 0.0 && *weight <= MOST_WEIGHT);
            weight.ok_or_else(|| {
                let reason = format!(
                    "is no number above 0 and up to {MOST_WEIGHT}; send one, or leave it out"
                );
                FieldError::new(known.path("weight"), reason)
            })?
        }
    };
    Ok(Route { model, weight })
}

fn check_model(path: &str, model: &str) -> Result<(), FieldError> {
    let is_name = (1..=LONGEST_MODEL).contains(&model.chars().count())
        && !model.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_name {
        return Ok(());
    }
    let reason = format!(
        "is no model's name; send `provider/model`, a model or a virtual model, of 1 to \
         {LONGEST_MODEL} characters without spaces"
    );
    Err(FieldError::new(path, reason))
}

#[cfg(test)]
mod tests;
