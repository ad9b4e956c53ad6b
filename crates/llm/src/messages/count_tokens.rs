//! The answer of `POST /v1/messages/count_tokens`. What is asked there is read as any request is.

use serde_json::{Value, json};

use super::usage::tokens;
use crate::chat::Unreadable;

/// An answer that says this many tokens.
#[must_use]
pub fn write_token_count(input_tokens: u64) -> Value {
    json!({"input_tokens": input_tokens})
}

/// The tokens that an answer says.
///
/// # Errors
/// The body is no such answer.
pub fn read_token_count(body: &[u8]) -> Result<u64, Unreadable> {
    let answer: Value = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not JSON: {error}")))?;
    let count = tokens(answer.get("input_tokens")).and_then(|count| u64::try_from(count).ok());
    count.ok_or_else(|| Unreadable::new("input_tokens", "must be a whole number, 0 or more"))
}
