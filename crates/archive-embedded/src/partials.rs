//! Aggregates, with what is known of each segment by itself.
//!
//! An aggregate is computed in two steps anyway: of each part of the rows a *state* (a count, a sum, a
//! histogram), then one result of all states. A segment never changes, so the state that a question has
//! there is remembered, and the next time only memory is read, and segments that the question's time
//! cuts in two.
//!
//! A segment is
//!
//! - *inside*, where all its rows lie within the time asked about: its state is that of the question
//!   without any time, and so serves all times;
//! - *outside*, and left out;
//! - on the *edge*: it is read, as memory is.
//!
//! What is not as it is expected to be is answered by an ordinary scan: this may cost time, never an
//! answer.

mod apart;
mod bounds;
mod compact;
mod kept;
mod physical;
mod question;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arrow::array::RecordBatch;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};

use crate::asking::{Asking, Planned};
use crate::snapshot::{MaskedSegment, Snapshot};
use bounds::Split;
use kept::{KeptStates, Key, State, no_states};

pub(crate) use question::Question;

/// What is remembered of segments.
#[derive(Debug)]
pub(crate) struct Partials {
    kept: KeptStates,
    /// How many states were computed, of all questions.
    computed: AtomicU64,
}

/// A plan that goes on from states.
pub(crate) struct Merging {
    pub(crate) planned: Planned,
    /// Counts the states as memory of queries, as long as the plan runs.
    pub(crate) memory: MemoryReservation,
}

impl Default for Partials {
    fn default() -> Self {
        Self { kept: no_states(), computed: AtomicU64::new(0) }
    }
}

impl Partials {
    /// The plan of a statement that is this question; `None`: it is to be answered by a scan.
    pub(crate) async fn merging(
        &self,
        asking: &Asking,
        question: &Question,
        sql: &str,
    ) -> Result<Option<Merging>> {
        match self.of_segments(asking, question, sql).await {
            Err(error) if matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)) => {
                tracing::debug!(%error, "no memory for an aggregate of each segment");
                Ok(None)
            }
            other => other,
        }
    }

    async fn of_segments(
        &self,
        asking: &Asking,
        question: &Question,
        sql: &str,
    ) -> Result<Option<Merging>> {
        let snapshot = &asking.snapshot;
        let Split { inside, mut edge } = Split::new(question, snapshot);
        let key = Key::new(&asking.project, &question.timeless);
        let masks =
            snapshot.segments.iter().map(|masked| (masked.number, masked.mask.traces.len()));
        let mut known = self.kept.find(&key, &masks.collect());
        let missing: Vec<MaskedSegment> =
            inside.iter().filter(|masked| !known.contains_key(&masked.number)).cloned().collect();
        if !missing.is_empty() {
            let Some(found) = self.ask_each(asking, question, &key, missing).await? else {
                return Ok(None);
            };
            known.extend(found);
        }
        let mut states: Vec<RecordBatch> = Vec::new();
        for masked in inside {
            match known.remove(&masked.number) {
                Some(State::Rows(rows)) if rows.num_rows() == 0 => {}
                Some(State::Rows(rows)) => states.push(rows),
                Some(State::TooLarge) | None => edge.push(masked),
            }
        }
        tracing::debug!(states = states.len(), read = edge.len(), "an aggregate of each segment");
        let memory = MemoryConsumer::new("aggregates of segments")
            .register(&asking.state.runtime_env().memory_pool);
        memory.try_grow(states.iter().map(RecordBatch::get_array_memory_size).sum())?;
        let (head, chunks) = (snapshot.head.clone(), snapshot.chunks.clone());
        let rest = Arc::new(Snapshot { head, chunks, segments: edge });
        if states.is_empty() {
            let planned = asking.planned(&asking.state, &rest, sql).await?;
            return Ok(Some(Merging { planned, memory }));
        }
        let Planned { plan, context } =
            asking.planned(&physical::merging(&asking.state), &rest, sql).await?;
        let plan = physical::with_states(&plan, &states)?;
        if plan.is_none() {
            tracing::debug!(part = ?question.part, "a plan of an aggregate is not as expected");
        }
        Ok(plan.map(|plan| Merging { planned: Planned { plan, context }, memory }))
    }
}

#[cfg(test)]
mod tests;
