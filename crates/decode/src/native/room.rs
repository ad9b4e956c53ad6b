//! What a full trace still takes.
//!
//! It must be possible to end a trace that is full, and to correct what is said of it. So what is said
//! of the trace itself or of its lifecycle span passes, as far as it replaces what is there: there is
//! one of each field. What adds to the trace does not pass: spans, and what has names of the sender's
//! own, which are metadata, tags and types of usage. Whether a span is new cannot be told without
//! reading the trace, so each but the lifecycle span is taken for new.

use tracekeep_model::{RecordKey, Register, State, Text};

use super::names::shortened;
use super::sent::Sent;
use super::{Context, USAGE_TYPES, root};
use crate::{FieldError, full_trace};

impl Context<'_> {
    /// Refuses what adds to a full trace, in the name of the field that says which trace it is. A trace
    /// that no field says has a fresh id, and so room.
    pub(super) fn check_room(
        &self,
        said: Option<Sent<'_>>,
        trace_id: &Text,
        patches: &[(RecordKey, State)],
    ) -> Result<(), FieldError> {
        let Some(said) = said.filter(|_| adds(trace_id, patches)) else { return Ok(()) };
        match (self.full)(trace_id) {
            None => Ok(()),
            Some(why) => Err(said.error(full_trace(&shortened(trace_id), &why))),
        }
    }
}

fn adds(trace_id: &Text, patches: &[(RecordKey, State)]) -> bool {
    let lifecycle = root(trace_id);
    patches.iter().any(|(key, patch)| {
        let is_span = matches!(key, RecordKey::Span { .. });
        (is_span && *key != lifecycle)
            || patch.entries().iter().any(|entry| has_own_name(&entry.register))
    })
}

/// Whether the sender made the register's name up, so that there may be any number of them.
fn has_own_name(register: &Register) -> bool {
    match register {
        Register::Field(_) => false,
        Register::Usage(name) | Register::Cost(name) => !USAGE_TYPES.contains(&&**name),
        Register::Metadata(_) | Register::Tag(_) => true,
    }
}

#[cfg(test)]
mod tests;
