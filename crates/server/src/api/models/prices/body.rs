//! What a body says of a price.

use serde_json::{Map, Value};
use tracekeep_decode::FieldError;
use tracekeep_prices::{CustomPrice, Pattern};

use crate::api::members::Known;

const FIELDS: [&str; 5] = ["provider", "match", "validFrom", "units", "steps"];

/// The price of this id that a body holds. Its texts are still to be checked.
pub(super) fn price(id: &str, body: &[u8]) -> Result<CustomPrice, FieldError> {
    let mut known = Known::of_body(body, &FIELDS)?;
    let mut members = Map::new();
    members.insert("id".to_owned(), id.into());
    for name in ["provider", "validFrom"] {
        if let Some(Some(text)) = known.text(name)? {
            members.insert(name.to_owned(), text.into());
        }
    }
    members.insert("match".to_owned(), pattern(known.take("match"))?);
    match known.take("steps") {
        None | Some(Value::Null) => {}
        Some(Value::String(rule)) if rule == "whole" || rule == "part" => {
            members.insert("steps".to_owned(), rule.into());
        }
        Some(_) => {
            return Err(FieldError::new(
                "steps",
                "is neither `whole` nor `part`; send one of them",
            ));
        }
    }
    let remedy = "send texts by usage type, such as {\"input\": \"2.50\", \"output\": [\"10\", \
                  [200000, \"15\"]]}";
    match known.take("units") {
        None | Some(Value::Null) => {
            return Err(FieldError::new("units", format!("is missing; {remedy}")));
        }
        Some(units) => members.insert("units".to_owned(), units),
    };
    // All else was looked at.
    serde_json::from_value(Value::Object(members))
        .map_err(|_| FieldError::new("units", format!("is no object of prices; {remedy}")))
}

fn pattern(value: Option<Value>) -> Result<Value, FieldError> {
    match value {
        None | Some(Value::Null) => {
            let reason = "is missing; send which models it is for, such as \"=gpt-4o\", \"^gpt-4o-\" \
                          or a list of these";
            Err(FieldError::new("match", reason))
        }
        Some(value) => match Pattern::read(&value) {
            Ok(_) => Ok(value),
            Err(error) => Err(FieldError::new("match", format!("is no pattern: {error}"))),
        },
    }
}

#[cfg(test)]
mod tests;
