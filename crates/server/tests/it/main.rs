//! The server as its users meet it: the real binary, over HTTP. Folders mirror the URLs.
#![allow(clippy::unwrap_used, missing_docs)]

mod durability;
mod server;
mod traces;
mod tracing;
mod v1_traces;
