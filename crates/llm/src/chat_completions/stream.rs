//! Streamed answers.

mod reader;
mod writer;

pub use reader::Reader;
pub use writer::{StreamUsage, Writer};

/// Answers of one stream that are told apart; pieces of further ones are dropped.
const MOST_CHOICES: u32 = 128;
/// Calls of one answer that are told apart.
const MOST_CALLS: usize = 1_024;
