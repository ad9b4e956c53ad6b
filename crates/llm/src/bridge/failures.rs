//! Answers whose HTTP status says that all went well, and whose body says that it did not.
//!
//! | body | told by |
//! |---|---|
//! | `{"error": {…}}` in place of an answer, with 200 | OpenRouter, whose provider failed after it had sent the status; other gateways |
//! | `"status": "failed"` or `"cancelled"` | OpenAI's responses |
//! | `"status": "queued"` or `"in_progress"` | OpenAI's responses with `background`; no answer yet |
//!
//! `"error": null` is in every one of OpenAI's responses, and `"status": "incomplete"` is an answer that
//! met a limit: neither is a failure.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::chat::{ApiError, ErrorKind};
use crate::chat_completions::{status_told, top_level};
use crate::{Protocol, responses};

// Within a JSON string a quote has a backslash before it, so what a model says never looks like these.
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"error\""));
static STATUS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"status\""));

impl Protocol {
    /// The failure that the body of an answer with a status of success tells; `None` where it is an answer,
    /// or cannot be read. Its status is the one that it tells by itself, otherwise 502.
    #[must_use]
    pub fn failure_within(self, body: &[u8]) -> Option<ApiError> {
        let has_status = self == Self::Responses && STATUS.find(body).is_some();
        if !has_status && ERROR.find(body).is_none() {
            return None;
        }
        let fields = top_level(body).ok()?;
        let error = value(&fields, "error").filter(tells).map(|error| {
            // As it would be with a status of its own, but for the rest of the answer.
            let error = serde_json::json!({ "error": error });
            let status = status_told(&error).or_else(|| self.status_named(&error));
            let status = status.unwrap_or(502);
            self.read_error(status, error.to_string().as_bytes())
        });
        error.or_else(|| {
            let status = has_status.then(|| status(&fields)).flatten()?;
            matches!(status.as_str(), "failed" | "cancelled").then(|| {
                let message = format!("the provider's response is {status}, and gives no reason");
                ApiError::new(ErrorKind::Provider, message)
            })
        })
    }

    /// The status of a failure that the protocol has a name for.
    fn status_named(self, error: &Value) -> Option<u16> {
        let code = error["error"]["code"].as_str().filter(|_| self == Self::Responses)?;
        Some(responses::status_of(code)).filter(|status| *status != 500)
    }

    /// Whether the body of an answer with a status of success says that the answer is still to come, and has
    /// to be asked for by its id.
    #[must_use]
    pub fn is_pending(self, body: &[u8]) -> bool {
        if self != Self::Responses || STATUS.find(body).is_none() {
            return false;
        }
        let status = top_level(body).ok().and_then(|fields| status(&fields));
        status.is_some_and(|status| matches!(status.as_str(), "queued" | "in_progress"))
    }
}

/// Of a name that is there twice, the last counts.
fn value(fields: &[(String, &RawValue)], name: &str) -> Option<Value> {
    let (_, value) = fields.iter().rev().find(|(known, _)| known == name)?;
    serde_json::from_str(value.get()).ok()
}

fn status(fields: &[(String, &RawValue)]) -> Option<String> {
    match value(fields, "status")? {
        Value::String(status) => Some(status),
        _ => None,
    }
}

/// Some write an error that is none as something empty.
fn tells(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests;
