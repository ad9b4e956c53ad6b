//! One shape for every refusal, also for those that no handler wrote: a path that cannot be decoded,
//! a panic. Under [`otlp_http::PATH`] it is the protocol's shape.
//!
//! A request line of over 64 KiB does not get here: the HTTP library answers 414 without a body.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::error::ApiError;
use crate::intake::otlp_http::{self, Encoding};

/// Bytes of a path and its query.
const LONGEST_URI: usize = 32 * 1_024;

/// Bytes of a refusal in somebody else's words that are kept.
const MOST_SAID: usize = 1_024;

/// Passes a request on, and sees to the shape of its refusal.
pub(crate) async fn mend(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let otlp = (uri.path() == otlp_http::PATH)
        .then(|| otlp_http::encoding(request.headers()).unwrap_or(Encoding::Json));
    let length = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    let response = if length > LONGEST_URI {
        ApiError::uri_too_long(LONGEST_URI).into_response()
    } else {
        next.run(request).await
    };
    match (otlp, error_of(&response)) {
        (Some(encoding), Some(error)) => rewritten(&response, otlp_http::refuse(encoding, error)),
        (None, Some(_)) => response,
        (_, None) if is_bare(&response) => {
            let (parts, body) = response.into_parts();
            let said = to_bytes(body, MOST_SAID).await.unwrap_or_default();
            let error = ApiError::of_status(parts.status, &String::from_utf8_lossy(&said));
            let mended = match otlp {
                Some(encoding) => otlp_http::refuse(encoding, error),
                None => error.into_response(),
            };
            rewritten(&Response::from_parts(parts, Body::empty()), mended)
        }
        _ => response,
    }
}

/// The error that a handler answered with.
fn error_of(response: &Response) -> Option<ApiError> {
    response.extensions().get::<ApiError>().cloned()
}

/// A refusal without a body, or in plain text.
fn is_bare(response: &Response) -> bool {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE);
    let is_plain = content_type.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    (status.is_client_error() || status.is_server_error()) && is_plain
}

/// What tells the sender how to do better goes along.
fn rewritten(response: &Response, mut mended: Response) -> Response {
    if let Some(value) = response.headers().get(ALLOW) {
        mended.headers_mut().insert(ALLOW, value.clone());
    }
    mended
}
