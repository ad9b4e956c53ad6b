//! The server as its users meet it: the real binary, over HTTP. Folders mirror the URLs.
#![allow(clippy::unwrap_used, missing_docs)]

mod config;
mod corpus;
mod demo;
mod doctor;
mod durability;
mod estimates;
mod keys;
mod limits;
mod models;
mod openapi;
mod own_prices;
mod providers;
mod server;
mod tail;
mod traces;
mod tracing;
mod v1_traces;
mod virtual_models;
