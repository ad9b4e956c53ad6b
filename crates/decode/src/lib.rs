//! From the bytes of each protocol to patches. Pure: no I/O, no clock, no randomness.
//!
//! A malformed item is rejected by itself, with its index, the field and the reason; its neighbours
//! are kept.

mod depth;
pub mod native;
pub mod otlp;

use tracekeep_model::{Micros, RecordKey, State};

/// When a request came, and what its project keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// When it was received.
    pub at: Micros,
    /// What began before is past the project's retention, and refused.
    pub keeps_from: Micros,
}

/// Of a project that keeps everything.
impl From<Micros> for Receipt {
    fn from(at: Micros) -> Self {
        Self { at, keeps_from: Micros::EARLIEST }
    }
}

/// What a request says.
#[derive(Debug, Default)]
pub struct Decoded {
    /// What to join, in the order it was sent.
    pub patches: Vec<(RecordKey, State)>,
    /// Items that were refused.
    pub rejected: Vec<Rejected>,
    /// How many times U+0000 was replaced by U+FFFD.
    pub replaced_nulls: u64,
}

/// One refused item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Which item of the request, from 0 (OTLP: the how-manieth span).
    pub index: usize,
    /// What is wrong with it.
    pub error: FieldError,
}

/// What is wrong with one item: names the field, the reason and, in the reason, the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct FieldError {
    /// The field's path as the sender wrote it, such as `result.tokens.input`.
    pub field: String,
    /// Why it was refused and what to send instead; continues the sentence `field …`.
    pub reason: String,
}

/// Why what began at `start` is refused.
fn past_retention(start: Micros, keeps_from: Micros) -> String {
    format!(
        "is {start}, past the project's retention: it keeps what began at {keeps_from} or later; \
         send newer records or lengthen the retention"
    )
}

impl FieldError {
    /// From a path and the rest of the sentence.
    pub fn new(field: impl Into<String>, reason: impl ToString) -> Self {
        Self { field: field.into(), reason: reason.to_string() }
    }
}
