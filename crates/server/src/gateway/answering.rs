//! What every answer of the gateway has: headers, and the form of errors.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tracekeep_llm::Protocol;
use tracekeep_model::Text;

use super::call::{Failed, Said, is_of_connection};

/// A provider's headers without those about its connection to us.
pub(super) fn passed_back(headers: &HeaderMap) -> HeaderMap {
    let stays = |name: &HeaderName| {
        is_of_connection(headers, name)
            || matches!(name.as_str(), "content-length" | "alt-svc" | "set-cookie")
            || name.as_str().starts_with("access-control-")
            || name.as_str() == "strict-transport-security"
    };
    let passed = headers.iter().filter(|(name, _)| !stays(name));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}

pub(super) fn mark(headers: &mut HeaderMap, trace_id: &Text) {
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert("x-tracekeep-trace-id", value);
    }
}

/// A call that came to nothing.
pub(super) struct Refused {
    pub(super) failed: Failed,
    /// Its trace, if it has one.
    pub(super) trace_id: Option<Text>,
    /// What is left of the key's limits.
    pub(super) limits: HeaderMap,
}

impl From<Failed> for Refused {
    fn from(failed: Failed) -> Self {
        Self { failed, trace_id: None, limits: HeaderMap::new() }
    }
}

impl Refused {
    /// As a client of this protocol understands it.
    pub(super) fn response(self, protocol: Protocol) -> Response {
        let mut response = refuse(protocol, self.failed, self.trace_id.as_ref());
        response.headers_mut().extend(self.limits);
        response
    }
}

/// An error in the client's protocol: the provider's own words where it speaks that.
pub(super) fn refuse(protocol: Protocol, failed: Failed, trace_id: Option<&Text>) -> Response {
    let Failed { error, said, .. } = failed;
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = match said {
        Some(said) => {
            let Said { status, headers, body } = *said;
            (status, passed_back(&headers), body).into_response()
        }
        None => {
            let mut response = (status, axum::Json(protocol.write_error(&error))).into_response();
            if let Some(pause) = error.retry_after {
                let seconds = HeaderValue::from(pause.as_secs().max(1));
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            response
        }
    };
    if let Some(trace_id) = trace_id {
        mark(response.headers_mut(), trace_id);
    }
    response
}
