//! Thin shells that carry requests to the decoders.

pub(crate) mod body;
pub(crate) mod otlp_grpc;
pub(crate) mod otlp_http;
