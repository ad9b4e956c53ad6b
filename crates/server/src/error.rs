//! The only place where an error becomes a status code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tracekeep_archive::ArchiveError;
use tracekeep_control::ControlError;
use tracekeep_decode::FieldError;
use tracekeep_decode::otlp::OtlpError;
use tracekeep_journal::AppendError;
use tracekeep_query::QueryError;

use crate::pipeline::WriteError;

/// An answer that says what is wrong: `{"error":{"code","message","details?"}}`.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    code: &'static str,
    pub(crate) message: String,
    /// Boxed to keep results small.
    details: Option<Box<Value>>,
    /// Seconds after which the same request may work.
    retry_after: Option<u32>,
    /// The content codings that are read, where a body came in another.
    accept_encoding: Option<&'static str>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, code, message, details: None, retry_after: None, accept_encoding: None }
    }

    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message =
            "this path does not take this method; the header `Allow` names those it takes";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_body", message)
    }

    pub(crate) fn media_type(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }

    /// A body is in another content coding than those of `accepted`.
    pub(crate) fn content_coding(accepted: &'static str) -> Self {
        let mut error = Self::media_type(format!(
            "this content-encoding cannot be read; send one of {accepted}, or none"
        ));
        error.accept_encoding = Some(accepted);
        error
    }

    pub(crate) fn uri_too_long(limit: usize) -> Self {
        let message = format!(
            "the path and query are longer than {limit} bytes; send fewer or shorter parameters"
        );
        Self::new(StatusCode::URI_TOO_LONG, "uri_too_long", message)
    }

    /// Of a refusal that no handler wrote: what it says, if anything, is kept.
    pub(crate) fn of_status(status: StatusCode, said: &str) -> Self {
        let said = if said.is_empty() { "the request cannot be read" } else { said };
        match status {
            StatusCode::BAD_REQUEST => Self::new(
                status,
                "invalid_request",
                format!("{said}; percent-encode paths and parameters as UTF-8"),
            ),
            status if status.is_server_error() => {
                Self::new(status, "internal", "the server failed; its log says why")
            }
            status => Self::new(status, "refused", said),
        }
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!(
            "the body is larger than the limit of {limit} bytes after decompression; send smaller \
             requests, or raise --max-body-mib"
        );
        let mut error = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message);
        error.details = Some(Box::new(json!({ "limit_bytes": limit })));
        error
    }

    /// What is stored cannot be read. The log says more.
    pub(crate) fn damaged(what: &str) -> Self {
        let message = format!("{what} is damaged; store it again");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "damaged", message)
    }

    pub(crate) fn busy(message: &str) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message);
        error.retry_after = Some(1);
        error
    }

    /// A call of a model that came to nothing, on a path of our own.
    pub(crate) fn of_call(error: tracekeep_llm::chat::ApiError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut answer = Self::new(status, "model_call_failed", error.message);
        answer.details = Some(Box::new(json!({ "code": error.code, "field": error.param })));
        let pause = error.retry_after.map(|pause| pause.as_secs().max(1));
        answer.retry_after = pause.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
        answer
    }

    /// A parameter of the query string or path.
    pub(crate) fn parameter(name: &str, reason: impl ToString) -> Self {
        FieldError::new(name, reason).into()
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        let mut answer = Self::new(StatusCode::BAD_REQUEST, "invalid_field", error.to_string());
        answer.details = Some(Box::new(json!({ "field": error.field, "reason": error.reason })));
        answer
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        let mut answer = Self::new(StatusCode::BAD_REQUEST, "invalid_query", error.to_string());
        answer.details = Some(Box::new(json!({ "path": error.path, "reason": error.reason })));
        answer
    }
}

impl From<OtlpError> for ApiError {
    fn from(error: OtlpError) -> Self {
        Self::unreadable(error.to_string())
    }
}

impl From<ArchiveError> for ApiError {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Invalid(error) => error.into(),
            ArchiveError::Budget(_) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "over_budget", error.to_string())
            }
            ArchiveError::Busy(_) => Self::busy(&error.to_string()),
            ArchiveError::Failed(_) => {
                tracing::error!(%error, "the archive failed");
                let mut answer = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "archive_failed",
                    "the archive failed; the server's log says why",
                );
                answer.retry_after = Some(5);
                answer
            }
        }
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        // What the journal and the archive say names files: it is for the log.
        let message = match &error {
            WriteError::Journal(AppendError::BlockTooLarge { .. }) => {
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                return Self::new(status, "block_too_large", error.to_string());
            }
            WriteError::Archive(ArchiveError::Busy(_)) => return Self::busy(&error.to_string()),
            WriteError::Journal(AppendError::Full { .. }) => {
                "the journal is full until the archive has caught up; send this again later"
            }
            WriteError::Journal(AppendError::Storage { .. }) => {
                "the journal cannot be written; send this again later. The server's log says why"
            }
            WriteError::Stopping | WriteError::Journal(AppendError::Closed) => {
                "the server is stopping; send this again in a moment"
            }
            WriteError::Archive(_) => {
                "this is on disk and cannot be read yet, and the server's log says why; sending it \
                 again does no harm"
            }
        };
        tracing::error!(%error, "a request was not acknowledged");
        let mut answer = Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_durable", message);
        answer.retry_after = Some(1);
        answer
    }
}

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        match &error {
            ControlError::Invalid { field, problem } => {
                return FieldError::new(*field, problem).into();
            }
            ControlError::Unknown { .. } => return Self::not_found(error.to_string()),
            ControlError::Taken { .. } | ControlError::TooMany { .. } => {
                return Self::new(StatusCode::CONFLICT, "conflict", error.to_string());
            }
            ControlError::NoSecretKey(_)
            | ControlError::OtherSecretKey { .. }
            | ControlError::DamagedSeal { .. } => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                return Self::new(status, "secret_key", error.to_string());
            }
            _ => {}
        }
        tracing::error!(%error, "the control store failed");
        let mut answer = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "control_failed",
            "credentials cannot be checked now",
        );
        answer.retry_after = Some(1);
        answer
    }
}

/// The error goes along in the response's extensions, for who writes it in another shape.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(details) = &self.details {
            error["details"] = (**details).clone();
        }
        let mut response = (self.status, Json(json!({ "error": error }))).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(accepted) = self.accept_encoding {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests;
