//! How events are framed within the bytes of a stream.

pub mod array;
pub mod aws;
pub mod sse;
