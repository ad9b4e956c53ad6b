//! The native lifecycle API: start, update, complete, score and batches of them and of spans.
//!
//! Pure: the time of receipt, what the request's headers say and randomness are arguments.
//!
//! - A field is written in camelCase or snake_case. One that is not known is refused by name, with
//!   the nearest known one; one that is sent twice, in either spelling, is refused.
//! - `null` says nothing in what opens or ends a trace (start, complete) and clears the field in what
//!   changes a record (update, span, score). Metadata is cleared key by key.
//! - `metadata`, `tags`, usage and cost add up over messages: each key has its own register. An
//!   array of tags adds them to those that are there.
//! - JSON that is kept (parameters, metadata values, structured prompts and answers) stays the
//!   sender's text, so that numbers keep their digits; one that no double holds is refused. Text sent as JSON text is kept unquoted.
//! - U+0000 in text becomes U+FFFD and is counted; half of a surrogate pair, as JavaScript writes it
//!   when it cuts text within an emoji, becomes U+FFFD too. An id with either is refused.
//! - What began before the project's retention is refused in the name of the field that says so.
//! - What adds to a trace that is full is refused; what ends it is not (`room.rs`).
//! - A lifecycle trace has one root GENERATION span whose id is the trace's. Update and complete
//!   assert it with the lowest rank, so that either may come before start.

mod amounts;
mod attributes;
mod batch;
mod complete;
mod cost;
mod fields;
mod json;
mod metadata;
mod model_cost;
mod moment;
mod names;
mod nearest;
mod patch;
mod problem;
mod room;
mod score;
mod sent;
mod span;
mod span_fields;
mod start;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
mod update;
mod usage;

pub use amounts::TYPES as USAGE_TYPES;
pub use batch::{Batch, BatchItem, MAX_EVENTS, batch};
pub use complete::complete;
pub use model_cost::{CostCall, CostRequest, MAX_COST_CALLS, model_cost};
pub use score::{Scored, score};
pub use start::{Started, start};
pub use update::update;

use tracekeep_model::{Micros, RecordKey, State, Text};

use self::sent::Sent;
use crate::{FieldError, Full, past_retention};

/// What a request brings besides its body.
pub struct Context<'a> {
    /// When it was received.
    pub received: Micros,
    /// What began before is past the project's retention, and refused.
    pub keeps_from: Micros,
    /// What adds to a trace that is full is refused.
    pub full: Full<'a>,
    /// Its `User-Agent`: what a trace that it opens carries unless the body says otherwise.
    pub user_agent: Option<&'a str>,
    /// The client's address, likewise.
    pub ip: Option<&'a str>,
    /// Draws 32 lower-case hex digits: a trace's id; a span's and a score's are the first 16.
    pub fresh_ids: &'a mut dyn FnMut() -> Text,
}

/// What a message about a known trace says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patched {
    /// The trace.
    pub trace_id: Text,
    /// What to join.
    pub patches: Vec<(RecordKey, State)>,
    /// How many times U+0000 was replaced by U+FFFD.
    pub replaced_nulls: u64,
}

impl Context<'_> {
    /// A fresh id of a trace.
    fn fresh_trace_id(&mut self) -> Text {
        (self.fresh_ids)()
    }

    /// A fresh id of a span or a score.
    fn fresh_short_id(&mut self) -> Text {
        let id = (self.fresh_ids)();
        // Its end: the beginning is the time, the same for all of a millisecond.
        id.get(id.len().saturating_sub(16)..).map_or_else(|| id.clone(), Text::from)
    }

    /// Refuses a record that began before the project's retention, in the name of the first of
    /// `said` that says so.
    fn check_age(
        &self,
        start: Option<Micros>,
        said: &[Option<Sent<'_>>],
    ) -> Result<(), FieldError> {
        let Some(start) = start.filter(|start| *start < self.keeps_from) else { return Ok(()) };
        let reason = past_retention(start, self.keeps_from);
        let says_so = |sent: &&Sent<'_>| sent.time(self.received).is_ok_and(|time| time == start);
        Err(match said.iter().flatten().find(says_so) {
            Some(sent) => sent.error(reason),
            None => FieldError::new("startTime", reason),
        })
    }
}

/// The key of a lifecycle trace's root span: its id is the trace's.
fn root(trace_id: &Text) -> RecordKey {
    RecordKey::Span { trace_id: trace_id.clone(), span_id: trace_id.clone() }
}
