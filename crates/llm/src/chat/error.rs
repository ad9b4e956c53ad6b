//! What goes wrong with a call.

use std::time::Duration;

/// A class of failures, one for what all protocols can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong (400, 413, 422).
    BadRequest,
    /// No or a wrong credential (401).
    Unauthenticated,
    /// The credential may not do this (403), or an account has no money (402).
    Forbidden,
    /// No such model or address (404).
    NotFound,
    /// Too much at once, or a budget is used up (429).
    RateLimited,
    /// The provider has no room now (503, Anthropic's 529).
    Overloaded,
    /// The provider did not answer in time (408, 504).
    Timeout,
    /// The provider failed (any other 5xx), or could not be reached.
    Provider,
}

/// A failed call, as a provider reports it or as Tracekeep does in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Its class.
    pub kind: ErrorKind,
    /// For people.
    pub message: String,
    /// The provider's type of it, such as `invalid_request_error`.
    pub r#type: Option<String>,
    /// The provider's code of it, such as `context_length_exceeded`.
    pub code: Option<String>,
    /// The field that is wrong.
    pub param: Option<String>,
    /// When to come again.
    pub retry_after: Option<Duration>,
}

impl ErrorKind {
    /// The class of an HTTP status of 400 and above.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            402 | 403 => Self::Forbidden,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            429 => Self::RateLimited,
            503 | 529 => Self::Overloaded,
            500.. => Self::Provider,
            _ => Self::BadRequest,
        }
    }

    /// The status that says this class.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::RateLimited => 429,
            Self::Overloaded => 503,
            Self::Timeout => 504,
            Self::Provider => 502,
        }
    }

    /// Whether the same call may succeed later, or elsewhere.
    #[must_use]
    pub fn may_pass(self) -> bool {
        matches!(self, Self::RateLimited | Self::Overloaded | Self::Timeout | Self::Provider)
    }
}

impl ApiError {
    /// A failure that Tracekeep itself reports.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            status: kind.status(),
            kind,
            message: message.into(),
            r#type: None,
            code: None,
            param: None,
            retry_after: None,
        }
    }
}

/// Bytes that are not what their protocol says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Unreadable {
    /// Where: a path such as `messages[2].content`; `body` for all of it.
    pub field: String,
    /// What is wrong, and what is expected.
    pub reason: String,
}

impl Unreadable {
    /// That field, for that reason.
    #[must_use]
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}
