//! Cohere's `POST /v2/chat`, as a provider's protocol: what is sent to it and read from it. Its
//! shapes were held against cohere 7.3.1; see `fixtures/llm/cohere_chat/record.py`.

pub mod embed;
mod error;
#[cfg(test)]
mod fixtures;
mod request;
mod response;
mod stream;
mod usage;

pub use error::read_error;
pub use request::write_request;
pub use response::read_response;
pub use stream::Reader;
pub use usage::count;
