//! Failures.

use serde_json::{Value, json};

use crate::chat::{ApiError, ErrorKind};

/// Characters that are shown of a body that is no error of this protocol.
const MOST_SHOWN: usize = 500;

/// The failure that a body tells. A body of another shape gives the status and its first 500
/// characters.
#[must_use]
pub fn read_error(status: u16, body: &[u8]) -> ApiError {
    let mut error = ApiError::new(ErrorKind::of_status(status), "");
    error.status = status;
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let found = if value["error"].is_object() { &value["error"] } else { &value };
    // Other servers of this protocol: {"error": "…"}, {"message": "…"}, {"detail": "…"}.
    let messages = [&found["message"], &value["error"], &value["detail"]];
    match messages.into_iter().find_map(|message| message.as_str()) {
        Some(message) if !message.is_empty() => message.clone_into(&mut error.message),
        _ => error.message = shown(status, body),
    }
    error.r#type = text(&found["type"]);
    error.code = text(&found["code"]);
    error.param = text(&found["param"]);
    error
}

fn shown(status: u16, body: &[u8]) -> String {
    // One character is at most four bytes.
    let start = &body[..body.len().min(4 * MOST_SHOWN)];
    let text = String::from_utf8_lossy(start);
    let text: String = text.trim().chars().take(MOST_SHOWN).collect();
    if text.is_empty() { format!("the provider answered {status} without a message") } else { text }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A failure midway: of an event `error`, or of a response's field of that name.
pub(super) fn midway(error: &Value) -> ApiError {
    let code = text(&error["code"]).or_else(|| text(&error["type"]).filter(|kind| kind != "error"));
    let status = code.as_deref().map_or(500, status_of);
    let message = error["message"].as_str().filter(|message| !message.is_empty());
    let message = message.unwrap_or("the provider failed midway without a message");
    let mut failure = ApiError::new(ErrorKind::of_status(status), message);
    failure.status = status;
    failure.r#type = text(&error["type"]).filter(|kind| kind != "error");
    failure.code = code;
    failure.param = text(&error["param"]);
    failure
}

/// The status that OpenAI gives a code where it fails before its answer begins.
pub(crate) fn status_of(code: &str) -> u16 {
    match code {
        "invalid_api_key" => 401,
        "model_not_found" => 404,
        "vector_store_timeout" => 504,
        "rate_limit_exceeded" | "insufficient_quota" => 429,
        "server_is_overloaded" | "slow_down" => 503,
        "context_length_exceeded" | "bio_policy" | "misalignment_policy_violation" => 400,
        "invalid_prompt" | "data_residency_mismatch" | "failed_to_download_image" => 400,
        "empty_image_file" | "unsupported_image_media_type" => 400,
        _ if code.starts_with("image_") || code.starts_with("invalid_") => 400,
        _ => 500,
    }
}

/// The body that tells a failure.
#[must_use]
pub fn write_error(error: &ApiError) -> Value {
    json!({"error": {
        "message": error.message,
        "type": error.r#type.as_deref().unwrap_or_else(|| type_of(error.kind)),
        "param": error.param,
        "code": error.code,
    }})
}

/// The `error` of a response that failed midway. It must have a code.
pub(super) fn write_midway(error: &ApiError) -> Value {
    let code = error.code.as_deref().unwrap_or(match error.kind {
        ErrorKind::RateLimited => "rate_limit_exceeded",
        ErrorKind::BadRequest | ErrorKind::NotFound => "invalid_prompt",
        ErrorKind::Unauthenticated
        | ErrorKind::Forbidden
        | ErrorKind::Overloaded
        | ErrorKind::Timeout
        | ErrorKind::Provider => "server_error",
    });
    json!({"code": code, "message": error.message})
}

fn type_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::BadRequest | ErrorKind::NotFound => "invalid_request_error",
        ErrorKind::Unauthenticated => "authentication_error",
        ErrorKind::Forbidden => "permission_error",
        ErrorKind::RateLimited => "rate_limit_error",
        ErrorKind::Overloaded | ErrorKind::Timeout | ErrorKind::Provider => "server_error",
    }
}

#[cfg(test)]
mod tests;
