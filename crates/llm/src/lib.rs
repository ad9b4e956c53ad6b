//! What Tracekeep knows of model providers: their protocols, how to call them, how to watch a call.
//!
//! A **protocol** is a shape of requests, answers and streams ([`Protocol`]): OpenAI's chat
//! completions, Anthropic's messages … A **provider** is somewhere that speaks one or more of them
//! ([`provider`]). Each protocol is a folder that reads and writes the one neutral form in [`chat`]:
//!
//! ```text
//! client's bytes -> read_request -> chat::Request -> write_request -> provider's bytes
//! client's bytes <- write stream <- chat::Delta   <- read stream   <- provider's bytes
//! ```
//!
//! Where both sides speak one protocol the bytes are passed on as they are, and are only read to be
//! traced. So a field that Tracekeep does not know survives there; between protocols it cannot.
//!
//! Nothing here knows HTTP servers, projects or traces. The clock and randomness are arguments.

mod asked;
mod bridge;
pub mod chat;
pub mod chat_completions;
pub mod client;
pub mod cohere_chat;
pub mod converse;
pub mod demo;
pub mod embed;
pub mod frame;
pub mod generate_content;
pub mod json;
pub mod messages;
pub mod openai;
mod protocol;
pub mod provider;
pub mod responses;
pub mod sigv4;
mod titan;
pub mod tokens;
mod watch;

pub use asked::Asked;
pub use bridge::{Framing, StreamReader, StreamWriter, write_request};
pub use protocol::Protocol;
pub use watch::{Timing, Watch, Watched};
