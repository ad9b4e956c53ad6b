//! Amazon Bedrock's Converse: `POST /model/{model}/converse` and `/converse-stream`. Only as what a
//! provider speaks: no client sends it here.
//!
//! What botocore's service model says (`bedrock-runtime`, the version is in
//! `fixtures/llm/converse/record.py`) is what is written and read here. The model is in the address.

mod error;
mod media;
mod request;
mod response;
mod stream;
mod usage;

pub use error::read_error;
pub use request::{check, write_request};
pub use response::read_response;
pub use stream::Reader;
pub use usage::count;

pub(crate) use error::exception;

#[cfg(test)]
mod tests;
