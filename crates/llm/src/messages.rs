//! Anthropic's Messages: `POST /v1/messages`, `POST /v1/messages/count_tokens`, and the same body in
//! Amazon Bedrock's `InvokeModel`.
//!
//! What its SDK's types say (package `anthropic` of PyPI, the version is in
//! `fixtures/llm/messages/record.py`) is what is read and written here.
//!
//! Notes on what has no field in the neutral form:
//!
//! - **Instructions in the middle** (messages with the role `system`) are appended to
//!   [`crate::chat::Request::system`].
//! - **Redacted thoughts** are sealed thoughts without text. So are thoughts whose text was not asked
//!   for; the seal of redacted ones begins with `redacted_thinking:`, which tells them apart.
//! - **Of the same protocol only**, in [`crate::chat::Request::extra`]: fields of the top level by
//!   their names, among them `thinking` as the client wrote it; in `tools` those that Anthropic runs
//!   or defines itself; in `cache_points` the `cache_control` of blocks, by their places
//!   (`system/0`, `messages/2/1`, `tools/0`).
//! - **What a provider's tools did** in earlier turns (`server_tool_use` and its results) is left out
//!   of messages; the model's text about it stays. A request in its own protocol goes on as the
//!   client's bytes and keeps it.

mod asked;
mod block;
mod count_tokens;
mod crossing;
mod error;
mod fields;
mod invoke;
mod media;
mod read_request;
mod response;
mod stream_reader;
mod stream_writer;
pub(crate) mod thinking;
pub(crate) mod turns;
mod usage;
mod write_request;

pub use asked::asked;
pub use count_tokens::{read_token_count, write_token_count};
pub use crossing::release;
pub use error::{read_error, write_error};
pub use invoke::{invoke_body, invoke_event, write_invoke_request};
pub use read_request::read_request;
pub use response::{read_response, write_response};
pub use stream_reader::Reader;
pub use stream_writer::Writer;
pub use usage::count;
pub use write_request::{VERSION, check, write_request};

pub(crate) use error::cut;
pub(crate) use media::image_type;
pub(crate) use usage::tokens;
pub(crate) use write_request::{ONLY_JSON, at_most_one, input};

/// Begins the seal of thoughts that the provider hides.
pub(crate) const REDACTED: &str = "redacted_thinking:";

#[cfg(test)]
mod tests;
