//! How the events of a stream are framed.

use crate::Protocol;

/// How the events of a stream are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Events,
    /// The elements of a JSON array (Gemini without `alt=sse`).
    Array,
    /// Amazon's event stream.
    Amazon,
}

impl Framing {
    /// The content type that says so.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Events => "text/event-stream",
            Self::Array => "application/json",
            Self::Amazon => "application/vnd.amazon.eventstream",
        }
    }

    /// How a provider frames a stream that is asked for as [`crate::provider::Operation::Stream`].
    #[must_use]
    pub fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Converse => Self::Amazon,
            _ => Self::Events,
        }
    }
}
