//! Google's errors: `google.rpc.Status` in JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::field::{Object, get, many, object, text, whole};
use crate::chat::{ApiError, ErrorKind};

/// Characters of a text that is no error of Google's.
const MOST_CHARACTERS: usize = 500;
/// A longer wait is as good as none known.
const LONGEST_WAIT: f64 = 7.0 * 24.0 * 3600.0;

/// Reads an error: `{"error": {…}}`, or, where a stream was asked for, that within an array.
#[must_use]
pub fn read_error(status: u16, body: &[u8]) -> ApiError {
    let read: Option<Value> = serde_json::from_slice(body).ok();
    let first = many(read.as_ref()).first().and_then(Value::as_object);
    match first.and_then(|first| object(first, "error")) {
        Some(error) => read_status(status, error),
        None => {
            let text = String::from_utf8_lossy(body);
            let text: String = text.trim().chars().take(MOST_CHARACTERS).collect();
            let mut error = ApiError::new(ErrorKind::of_status(status), text);
            error.status = status;
            error
        }
    }
}

/// Reads a `google.rpc.Status`. Within a stream the HTTP status says nothing, so the error's own
/// code stands where it is one.
pub(super) fn read_status(status: u16, error: &Object) -> ApiError {
    let code = match get(error, "code") {
        Some(Value::Number(code)) => whole(code).and_then(|code| u16::try_from(code).ok()),
        _ => None,
    };
    let status = if status >= 400 { status } else { code.unwrap_or(500).clamp(400, 599) };
    let message = text(error, "message").unwrap_or_default().to_owned();
    let mut read = ApiError::new(ErrorKind::of_status(status), message);
    read.status = status;
    read.r#type = text(error, "status").map(str::to_owned);
    for detail in many(get(error, "details")).iter().filter_map(Value::as_object) {
        let kind = text(detail, "@type").unwrap_or_default();
        match kind.rsplit('.').next().unwrap_or_default() {
            "RetryInfo" => read.retry_after = text(detail, "retryDelay").and_then(read_duration),
            "ErrorInfo" => read.code = text(detail, "reason").map(str::to_owned),
            "BadRequest" => {
                let violations = many(get(detail, "fieldViolations"));
                let first = violations.first().and_then(Value::as_object);
                read.param = first.and_then(|first| text(first, "field")).map(str::to_owned);
            }
            _ => {}
        }
    }
    // A key that is not known is reported as a bad request (400).
    if read.code.as_deref() == Some("API_KEY_INVALID") {
        read.kind = ErrorKind::Unauthenticated;
    }
    read
}

/// Says an error as Google does.
#[must_use]
pub fn write_error(error: &ApiError) -> Value {
    let known = error.r#type.as_deref().filter(|status| is_status(status));
    let status = known.unwrap_or_else(|| status_of(error.kind));
    let mut details = Vec::new();
    if let Some(code) = &error.code {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": code,
            "domain": "googleapis.com",
        }));
    }
    if let Some(param) = &error.param {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": param, "description": error.message}],
        }));
    }
    if let Some(wait) = error.retry_after {
        details.push(json!({
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": write_duration(wait),
        }));
    }
    let mut written = json!({"code": error.status, "message": error.message, "status": status});
    if !details.is_empty() {
        written["details"] = details.into();
    }
    json!({"error": written})
}

/// The names of `google.rpc.Code` that say a failure.
fn is_status(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "UNAUTHENTICATED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
    ];
    NAMES.contains(&name)
}

fn status_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::BadRequest => "INVALID_ARGUMENT",
        ErrorKind::Unauthenticated => "UNAUTHENTICATED",
        ErrorKind::Forbidden => "PERMISSION_DENIED",
        ErrorKind::NotFound => "NOT_FOUND",
        ErrorKind::RateLimited => "RESOURCE_EXHAUSTED",
        ErrorKind::Overloaded => "UNAVAILABLE",
        ErrorKind::Timeout => "DEADLINE_EXCEEDED",
        ErrorKind::Provider => "INTERNAL",
    }
}

/// `34.074824224s`.
fn read_duration(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    (0.0..=LONGEST_WAIT).contains(&seconds).then(|| Duration::from_secs_f64(seconds))
}

fn write_duration(wait: Duration) -> String {
    match wait.subsec_millis() {
        0 => format!("{}s", wait.as_secs()),
        millis => format!("{}.{millis:03}s", wait.as_secs()),
    }
}

#[cfg(test)]
mod tests;
