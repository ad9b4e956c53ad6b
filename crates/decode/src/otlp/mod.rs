//! OpenTelemetry traces: an `ExportTraceServiceRequest`, as protobuf or as JSON, becomes patches.
//!
//! Both encodings are read into the same `raw` spans, so that what a request means does not depend
//! on how it was written:
//!
//! ```text
//! wire → protobuf ┐                       ┌ genai, exception: semantic conventions
//!                 ├ raw → collect → span ─┤
//!            json ┘                       └ trace, resource: what spans share
//! ```
//!
//! A span that cannot be read, that began before the project's retention, or whose trace is full, is
//! rejected by itself; a resource or scope that cannot be read rejects its own spans. So it is with
//! what holds too many entries (`entries`), and with the spans from the one on with which the request
//! would take too much memory. Only a body whose outer framing is broken is refused as a
//! whole.
//!
//! Specifications: [OTLP], [`trace.proto`], [GenAI semantic conventions].
//!
//! [OTLP]: https://opentelemetry.io/docs/specs/otlp/
//! [`trace.proto`]: https://github.com/open-telemetry/opentelemetry-proto
//! [GenAI semantic conventions]: https://github.com/open-telemetry/semantic-conventions-genai

mod base64;
mod brief;
mod collect;
mod entries;
mod events;
mod exception;
mod genai;
mod hex;
mod json;
mod json_text;
mod protobuf;
mod raw;
mod resource;
mod response;
mod slot;
mod span;
mod trace;
mod value;
mod wire;
mod writer;

use bytes::Bytes;

use crate::{Decoded, Receipt};

pub use response::{response_json, response_protobuf, status_json, status_protobuf};

/// Why a body was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OtlpError {
    /// Broken framing outside of any span.
    #[error("the body is no protobuf ExportTraceServiceRequest: {what} at byte {at}")]
    Protobuf {
        /// What is wrong.
        what: &'static str,
        /// Where, in bytes from the start of the body.
        at: usize,
    },
    /// Not JSON, or not the outer shape of a request.
    #[error("the body is no JSON ExportTraceServiceRequest: {message}")]
    Json {
        /// What is wrong, with line and column.
        message: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

/// Reads an `ExportTraceServiceRequest` in protobuf. All text shares the body's bytes. `receipt` is
/// when it came, and what its project keeps and takes.
///
/// # Errors
/// A body whose outer framing is broken. What is wrong within one span is in [`Decoded::rejected`].
pub fn decode_protobuf<'a>(
    body: &Bytes,
    receipt: impl Into<Receipt<'a>>,
) -> Result<Decoded, OtlpError> {
    protobuf::decode(body, receipt.into())
        .map_err(|error| OtlpError::Protobuf { what: error.what, at: error.at })
}

/// Reads an `ExportTraceServiceRequest` in OTLP/JSON. `receipt` is as for [`decode_protobuf`].
///
/// # Errors
/// A body that is not JSON or has another outer shape. What is wrong within one span is in
/// [`Decoded::rejected`].
pub fn decode_json<'a>(
    body: &Bytes,
    receipt: impl Into<Receipt<'a>>,
) -> Result<Decoded, OtlpError> {
    json::decode(body, receipt.into()).map_err(|error| OtlpError::Json {
        message: brief::text(error.to_string()),
        line: error.line(),
        column: error.column(),
    })
}

#[cfg(test)]
mod tests;
