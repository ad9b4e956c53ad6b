//! Failed calls.

use serde_json::{Value, json};

use crate::chat::{ApiError, ErrorKind};

/// Characters that are kept of a text that is not of the expected form.
const MOST_CHARS: usize = 500;

/// What the body of a failed call says. Nobody agrees on its form: OpenAI's `{"error": {…}}`,
/// Mistral's and vLLM's the same without `error`, FastAPI's `{"detail": …}`, a text, an array.
#[must_use]
pub fn read_error(status: u16, body: &[u8]) -> ApiError {
    let mut error = match serde_json::from_slice::<Value>(body) {
        Ok(value) => described(&value),
        Err(_) => ApiError::new(ErrorKind::Provider, cut(&String::from_utf8_lossy(body))),
    };
    if error.message.is_empty() {
        error.message = format!("the provider answered {status} and gave no reason");
    }
    error.status = status;
    error.kind = ErrorKind::of_status(status);
    error
}

/// An error in OpenAI's form.
#[must_use]
pub fn write_error(error: &ApiError) -> Value {
    let kind = match error.kind {
        ErrorKind::BadRequest => "invalid_request_error",
        ErrorKind::Unauthenticated => "authentication_error",
        ErrorKind::Forbidden => "permission_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::RateLimited => "rate_limit_error",
        ErrorKind::Overloaded => "overloaded_error",
        ErrorKind::Timeout => "timeout_error",
        ErrorKind::Provider => "server_error",
    };
    json!({"error": {
        "message": error.message,
        "type": error.r#type.as_deref().unwrap_or(kind),
        "param": error.param,
        "code": error.code,
    }})
}

/// An error in the middle of a stream, where the HTTP status was 200 long ago.
pub(super) fn read_streamed(value: &Value) -> ApiError {
    let mut error = described(value);
    if error.message.is_empty() {
        "the provider broke the stream off and gave no reason".clone_into(&mut error.message);
    }
    error.status = status_told(value).unwrap_or(500);
    error.kind = ErrorKind::of_status(error.status);
    error
}

/// The status that an error tells by itself: by a number, or by what it is called. The names are OpenAI's
/// and Anthropic's.
pub(crate) fn status_told(value: &Value) -> Option<u16> {
    let inner = inner(value);
    let number = ["code", "status", "status_code"]
        .iter()
        .filter_map(|name| match inner.get(name)? {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        })
        .find_map(|number| u16::try_from(number).ok().filter(|status| (400..600).contains(status)));
    let words = [named(inner.get("type")), named(inner.get("code"))];
    let says = |part: &str| words.iter().flatten().any(|word| word.contains(part));
    number.or_else(|| {
        let known = [
            (429, ["rate_limit", "quota"]),
            (503, ["overloaded", "unavailable"]),
            (504, ["timeout", "timed_out"]),
            (400, ["invalid_request", "context_length"]),
            (401, ["authentication", "api_key"]),
        ];
        let fits = known.into_iter().find(|(_, parts)| parts.iter().any(|part| says(part)));
        fits.map(|(status, _)| status)
    })
}

/// The object that describes the error.
fn inner(value: &Value) -> &Value {
    // Google's compatible endpoint wraps it in an array.
    let value = value.as_array().and_then(|values| values.first()).unwrap_or(value);
    match value.get("error") {
        Some(inner @ Value::Object(_)) => inner,
        _ => value,
    }
}

fn described(value: &Value) -> ApiError {
    let inner = inner(value);
    let first =
        ["message", "detail", "error", "msg"].iter().find_map(|name| said(inner.get(name)?));
    let mut message = first.or_else(|| said(value)).unwrap_or_default();
    // OpenRouter says only "Provider returned error", and puts the provider's own words here.
    let raw = inner.get("metadata").and_then(|metadata| metadata.get("raw"));
    if let Some(raw) = raw.and_then(said) {
        message = format!("{message}: {raw}");
    }
    let mut error = ApiError::new(ErrorKind::Provider, message);
    error.r#type = named(inner.get("type"));
    error.code = named(inner.get("code"));
    error.param = named(inner.get("param"));
    error
}

/// A message as text. Validators give an array of `{loc, msg}`, which is shown as it is.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(_) => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(cut(&other.to_string())),
    }
}

fn named(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn cut(text: &str) -> String {
    text.trim().chars().take(MOST_CHARS).collect()
}

#[cfg(test)]
mod tests;
