//! Errors: `{"type": "error", "error": {"type", "message", "details"?}, "request_id"?}`.

use serde_json::{Map, Value, json};

use crate::chat::{ApiError, ErrorKind};

/// Characters of a body that is no error of this protocol that are kept.
const MOST_TEXT: usize = 500;

/// The types, their status and class: `ErrorType` of the SDK, and `request_too_large` of the
/// documentation (<https://docs.anthropic.com/en/api/errors>).
static TYPES: [(&str, u16, ErrorKind); 11] = [
    ("invalid_request_error", 400, ErrorKind::BadRequest),
    ("request_too_large", 413, ErrorKind::BadRequest),
    ("conflict_error", 409, ErrorKind::BadRequest),
    ("authentication_error", 401, ErrorKind::Unauthenticated),
    ("permission_error", 403, ErrorKind::Forbidden),
    ("billing_error", 402, ErrorKind::Forbidden),
    ("not_found_error", 404, ErrorKind::NotFound),
    ("rate_limit_error", 429, ErrorKind::RateLimited),
    ("timeout_error", 504, ErrorKind::Timeout),
    ("api_error", 500, ErrorKind::Provider),
    ("overloaded_error", 529, ErrorKind::Overloaded),
];

/// The error that an answer says.
#[must_use]
pub fn read_error(status: u16, body: &[u8]) -> ApiError {
    match serde_json::from_slice::<Value>(body) {
        Ok(body) => of_body(Some(status), &body),
        Err(_) => {
            let mut error = ApiError::new(ErrorKind::of_status(status), "");
            error.status = status;
            error.message = cut(&String::from_utf8_lossy(body), status);
            error
        }
    }
}

/// The error of a body. An event within a stream has no status of its own.
pub(super) fn of_body(status: Option<u16>, body: &Value) -> ApiError {
    let said = body.get("error").unwrap_or(body);
    let text = |field: &str| said.get(field).and_then(Value::as_str).map(str::to_owned);
    let r#type = text("type").filter(|r#type| r#type != "error");
    let known = r#type.as_deref().and_then(|name| TYPES.iter().find(|known| known.0 == name));
    let status = status.or(known.map(|known| known.1)).unwrap_or(500);
    let kind = match known {
        // A status that says more than "failed" is surer: proxies change it rarely, types often.
        Some(known) if status < 400 || status == 500 => known.2,
        _ => ErrorKind::of_status(status.max(400)),
    };
    let message = text("message").or_else(|| said.as_str().map(str::to_owned));
    let message = message.filter(|message| !message.trim().is_empty());
    ApiError {
        status,
        kind,
        message: message.unwrap_or_else(|| cut(&body.to_string(), status)),
        r#type,
        code: said.pointer("/details/error_code").and_then(Value::as_str).map(str::to_owned),
        param: None,
        retry_after: None,
    }
}

/// A cut of a text that nobody can read a message from.
pub(crate) fn cut(text: &str, status: u16) -> String {
    let text: String = text.trim().chars().take(MOST_TEXT).collect();
    if text.is_empty() { format!("the provider answered {status} without a reason") } else { text }
}

/// The error in this protocol's shape.
#[must_use]
pub fn write_error(error: &ApiError) -> Value {
    let mut inner = Map::new();
    inner.insert("type".to_owned(), json!(type_of(error)));
    inner.insert("message".to_owned(), json!(error.message));
    if let Some(code) = &error.code {
        inner.insert("details".to_owned(), json!({"error_code": code}));
    }
    json!({"type": "error", "error": inner})
}

/// The provider's type only where it is one of this protocol's for that class: OpenAI calls nearly
/// everything `invalid_request_error`.
fn type_of(error: &ApiError) -> &'static str {
    let of_kind = |known: &&(&'static str, u16, ErrorKind)| known.2 == error.kind;
    let said = error.r#type.as_deref();
    TYPES
        .iter()
        .filter(of_kind)
        .find(|known| Some(known.0) == said)
        .or_else(|| TYPES.iter().filter(of_kind).find(|known| known.1 == error.status))
        .or_else(|| TYPES.iter().find(of_kind))
        .map_or("api_error", |known| known.0)
}
