//! OpenAI's chat completions, `POST /v1/chat/completions`, and all who speak it more or less:
//! Azure OpenAI, Mistral, Groq, Together, OpenRouter, SambaNova, DeepSeek, xAI, Ollama, vLLM.
//!
//! Answers and streams are read leniently, in every way those are known to deviate. What is written
//! is OpenAI's own form, held to its SDK; only requests know a [`Dialect`], because some providers
//! refuse what others need. Between protocols call [`release`] on a request that came in as this one,
//! and [`adopt`] on one that goes out as this one.

mod asked;
mod error;
mod message;
mod request;
mod response;
mod stream;
mod stream_usage;
pub(crate) mod usage;

pub use asked::asked;
pub(crate) use asked::top_level;
pub(crate) use error::status_told;
pub use error::{read_error, write_error};
pub use request::{Dialect, adopt, read_request, release, write_request, write_request_in};
pub use response::{read_response, write_response};
pub use stream::{Reader, StreamUsage, Writer};
pub use stream_usage::{Hidden, ask_usage, hide_usage, hide_usage_raw};
pub use usage::count;

#[cfg(test)]
mod fixtures;
