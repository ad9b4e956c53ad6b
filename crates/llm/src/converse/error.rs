//! Errors: `{"message"}` with the type in the header `x-amzn-errortype`, or `__type` in the body; and
//! messages of a stream that are exceptions.

use serde_json::Value;

use crate::chat::{ApiError, ErrorKind};
use crate::frame::aws::{Kind, Message};
use crate::messages::cut;

/// The service's exceptions, their status (of the service model) and class. In streams their names
/// begin with a small letter.
static EXCEPTIONS: [(&str, u16, ErrorKind); 11] = [
    ("ValidationException", 400, ErrorKind::BadRequest),
    ("AccessDeniedException", 403, ErrorKind::Forbidden),
    ("UnrecognizedClientException", 403, ErrorKind::Unauthenticated),
    ("ResourceNotFoundException", 404, ErrorKind::NotFound),
    ("ModelTimeoutException", 408, ErrorKind::Timeout),
    // The model failed, not the request, though its status says so.
    ("ModelErrorException", 424, ErrorKind::Provider),
    ("ModelStreamErrorException", 424, ErrorKind::Provider),
    ("ThrottlingException", 429, ErrorKind::RateLimited),
    ("ModelNotReadyException", 429, ErrorKind::Overloaded),
    ("InternalServerException", 500, ErrorKind::Provider),
    ("ServiceUnavailableException", 503, ErrorKind::Overloaded),
];

/// The error that an answer says.
#[must_use]
pub fn read_error(status: u16, body: &[u8]) -> ApiError {
    let json = serde_json::from_slice::<Value>(body).ok();
    let name = json.as_ref().and_then(|body| body.get("__type")).and_then(Value::as_str);
    // `com.amazon.coral.service#AccessDeniedException:http://…`
    let name = name.map(|name| name.rsplit('#').next().unwrap_or(name));
    let name = name.map(|name| name.split(':').next().unwrap_or(name).to_owned());
    let text = || cut(&String::from_utf8_lossy(body), status);
    let message = json.as_ref().and_then(message).unwrap_or_else(text);
    of(Some(status), name, message)
}

/// The failure that a message of a stream says; none where it is an event.
pub(crate) fn exception(frame: &Message) -> Option<ApiError> {
    match &frame.kind {
        Kind::Event(_) => None,
        Kind::Exception(name) => {
            let json = serde_json::from_slice::<Value>(&frame.payload).ok();
            let text = || cut(&String::from_utf8_lossy(&frame.payload), 500);
            let message = json.as_ref().and_then(message).unwrap_or_else(text);
            Some(of(None, Some(name.clone()), message))
        }
        Kind::Error { code, message } => Some(of(None, Some(code.clone()), cut(message, 500))),
    }
}

fn message(body: &Value) -> Option<String> {
    let said = ["message", "Message", "originalMessage"].into_iter();
    let mut said = said.filter_map(|field| body.get(field).and_then(Value::as_str));
    said.find(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn of(status: Option<u16>, name: Option<String>, message: String) -> ApiError {
    let known = name
        .as_deref()
        .and_then(|name| EXCEPTIONS.iter().find(|known| known.0.eq_ignore_ascii_case(name)));
    let status = status.or(known.map(|known| known.1)).unwrap_or(500);
    let kind = match (known, status) {
        (Some(known), _) => known.2,
        (None, 424) => ErrorKind::Provider,
        (None, status) => ErrorKind::of_status(status.max(400)),
    };
    ApiError {
        status,
        kind,
        message,
        r#type: name.filter(|name| !name.is_empty()),
        code: None,
        param: None,
        retry_after: None,
    }
}
