//! From the bytes of each protocol to patches. Pure: no I/O, no clock, no randomness.
//!
//! A malformed item is rejected by itself, with its index, the field and the reason; its neighbours
//! are kept.

pub mod call;
mod depth;
mod escapes;
mod finite;
pub mod native;
pub mod otlp;

use tracekeep_model::{Micros, RecordKey, State};

/// Says of a trace, by its id, why it takes nothing that adds to it, such as `has 100000 spans`;
/// `None` where it does.
pub type Full<'a> = &'a dyn Fn(&str) -> Option<String>;

/// When a request came, and what its project keeps and takes.
#[derive(Clone, Copy)]
pub struct Receipt<'a> {
    /// When it was received.
    pub at: Micros,
    /// What began before is past the project's retention, and refused.
    pub keeps_from: Micros,
    /// Spans of a trace that is full are refused. Asked once for spans of one trace that come together.
    pub full: Full<'a>,
    /// Bytes of memory that the patches of the request may take, as [`State::memory`] and
    /// [`RecordKey::memory`] count them. The first span that does not fit is refused, and all after it.
    pub most_memory: usize,
}

/// Of a project that keeps everything and none of whose traces is full, in memory without a bound.
impl From<Micros> for Receipt<'_> {
    fn from(at: Micros) -> Self {
        Self { at, keeps_from: Micros::EARLIEST, full: &|_| None, most_memory: usize::MAX }
    }
}

/// Refused items of a request that are kept in detail; further ones are counted. One may be two bytes
/// long, and what is kept of it is a hundred and more.
const MOST_DETAILED: usize = 1_000;

/// What a request says.
#[derive(Debug, Default)]
pub struct Decoded {
    /// What to join, in the order it was sent.
    pub patches: Vec<(RecordKey, State)>,
    /// Items that were refused: the first of them.
    pub rejected: Vec<Rejected>,
    /// How many were refused after those.
    pub more_rejected: usize,
    /// How many times U+0000 was replaced by U+FFFD.
    pub replaced_nulls: u64,
}

impl Decoded {
    /// How many items were refused.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.rejected.len() + self.more_rejected
    }

    /// Notes a refused item.
    fn reject(&mut self, index: usize, error: FieldError) {
        if self.rejected.len() < MOST_DETAILED {
            self.rejected.push(Rejected { index, error });
        } else {
            self.more_rejected += 1;
        }
    }
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

/// Why what adds to a full trace is refused; `why` is as [`Full`] says it.
fn full_trace(trace_id: &str, why: &str) -> String {
    format!(
        "is {trace_id}, which is full: it {why} and takes no more spans, metadata or tags; \
         begin another trace, with this one as its parentTraceId"
    )
}

impl FieldError {
    /// From a path and the rest of the sentence.
    pub fn new(field: impl Into<String>, reason: impl ToString) -> Self {
        Self { field: field.into(), reason: reason.to_string() }
    }
}
