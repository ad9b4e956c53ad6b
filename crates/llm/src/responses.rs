//! OpenAI's Responses API: `POST /v1/responses`.
//!
//! A question is a list of *items* (messages, calls of functions, their results, thoughts), and so
//! is an answer. The shapes are those of OpenAI's Python SDK, `openai` 3.54.0, `types/responses`.
//!
//! Ids of items are OpenAI's own and are not kept. Between protocols call [`release`] on a request
//! that came in as this one, and [`adopt`] on one that goes out as this one.

mod asked;
mod crossing;
mod error;
mod input;
mod object;
mod output;
mod reader;
mod request;
mod response;
mod usage;
mod write;
mod writer;

pub use asked::asked;
pub use crossing::{adopt, release};
pub(crate) use error::status_of;
pub use error::{read_error, write_error};
pub use reader::Reader;
pub use request::read_request;
pub use response::{read_response, write_response};
pub use usage::count;
pub use write::write_request;
pub use writer::Writer;

#[cfg(test)]
mod tests;
