//! Google's Gemini: `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`, as the
//! Gemini API and Vertex AI speak it.
//!
//! The model, and whether the answer comes as a stream, are in the address. A stream is framed as
//! server-sent events where `alt=sse` is asked for, and as a JSON array otherwise
//! ([`crate::frame::array`]); its objects are the same. What is said of a request was held against
//! google-genai 3.4.0; see `fixtures/llm/generate_content/record.py`.

mod asked;
mod config;
pub mod count_tokens;
pub mod embed;
mod error;
mod field;
#[cfg(test)]
mod fixtures;
mod part;
mod partial_args;
mod request;
mod response;
mod schema;
mod seal;
mod stream;
mod usage;
mod written_stream;

pub use asked::asked;
pub use error::{read_error, write_error};
pub use request::{read_request, write_request};
pub use response::{read_response, write_response};
pub use stream::Reader;
pub use usage::count;
pub use written_stream::Writer;
