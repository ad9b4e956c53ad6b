//! Which traces a body names.

use serde_json::Value;
use tracekeep_decode::FieldError;
use tracekeep_model::check_id;

use super::AT_ONCE;
use crate::api::members::Members;

const REMEDY: &str = "send one of traceIds (a list), userId, sessionId";

/// The traces to take away.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// Those with these ids.
    Ids(Vec<String>),
    /// Those with this value in a column.
    Where(&'static str, String),
}

impl Chosen {
    pub(super) fn read(body: &[u8]) -> Result<Self, FieldError> {
        let members: Members = serde_json::from_slice(body).map_err(|error| {
            let reason = match error.is_data() {
                true => format!("is no object; {REMEDY}"),
                false => format!("is no JSON: {error}"),
            };
            FieldError::new("body", reason)
        })?;
        match members.0.as_slice() {
            [(name, value)] => Self::of(name, value),
            [(first, _), others @ ..] => Err(Self::too_many(first, others)),
            [] => Err(FieldError::new("body", format!("holds no field; {REMEDY}"))),
        }
    }

    fn of(name: &str, value: &Value) -> Result<Self, FieldError> {
        let text = || {
            let text = value.as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or_else(|| FieldError::new(name, "is no text; send an id"))
        };
        match snake(name) {
            "user_id" => Ok(Self::Where("user_id", text()?)),
            "session_id" => Ok(Self::Where("session_id", text()?)),
            "trace_ids" => {
                let ids: Option<Vec<String>> = value
                    .as_array()
                    .and_then(|ids| ids.iter().map(|id| Some(id.as_str()?.to_owned())).collect());
                let wrong = || FieldError::new(name, format!("is no list of 1 to {AT_ONCE} ids"));
                let ids = ids.filter(|ids| (1..=AT_ONCE).contains(&ids.len())).ok_or_else(wrong)?;
                for id in &ids {
                    check_id(id).map_err(|error| FieldError::new(name, error))?;
                }
                Ok(Self::Ids(ids))
            }
            _ => Err(FieldError::new(name, format!("is unknown; {REMEDY}"))),
        }
    }

    fn too_many(first: &str, others: &[(String, Value)]) -> FieldError {
        match others.iter().find(|(name, _)| snake(name) == snake(first)) {
            Some((name, _)) if name == first => {
                FieldError::new(first, "is sent twice; send it once")
            }
            Some((name, _)) => {
                let reason = format!("says the same as `{first}`; send one of them");
                FieldError::new(name.as_str(), reason)
            }
            None => {
                let fields = others.len() + 1;
                FieldError::new("body", format!("holds {fields} fields; {REMEDY}"))
            }
        }
    }
}

/// The one name of a field that has two.
fn snake(name: &str) -> &str {
    match name {
        "traceIds" => "trace_ids",
        "userId" => "user_id",
        "sessionId" => "session_id",
        other => other,
    }
}

#[cfg(test)]
mod tests;
