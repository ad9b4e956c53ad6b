//! Hears of calls that ended, from the joiner, which must not wait.

use prometheus_client::metrics::counter::Counter;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracekeep_model::block::Block;
use tracekeep_model::{Field, Kind, RecordKey, Register, State, Value};

use crate::config::Switch;
use crate::telemetry::Metrics;

/// Calls that may wait to be taken over; beyond them they are not counted.
const MOST_HEARD: usize = 16_384;

/// A call that ended, and of which the message that said so counted nothing. Its ids are copies, so that
/// it does not keep the request that they came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(super) project_id: Box<str>,
    pub(super) trace_id: Box<str>,
    pub(super) span_id: Box<str>,
}

/// What the joiner tells blocks.
#[derive(Clone, Debug)]
pub(crate) struct Ear {
    /// `None`: nothing is to be counted.
    queue: Option<Sender<Ended>>,
    lost: Counter,
}

impl Ear {
    /// One that hears if it is switched on, and then what it passes on.
    pub(crate) fn of(switch: Switch, metrics: &Metrics) -> (Self, Option<Receiver<Ended>>) {
        let (queue, heard) = match switch {
            Switch::On => Some(channel(MOST_HEARD)).unzip(),
            Switch::Off => (None, None),
        };
        (Self { queue, lost: metrics.lost_estimates.clone() }, heard)
    }

    /// Picks the calls out of a block. Does not wait.
    pub(crate) fn hear(&self, block: &Block) {
        let Some(queue) = &self.queue else { return };
        for (key, state) in &block.patches {
            let RecordKey::Span { trace_id, span_id } = key else { continue };
            if !ends_uncounted(state) {
                continue;
            }
            let ended = Ended {
                project_id: (&*block.project_id).into(),
                trace_id: (&**trace_id).into(),
                span_id: (&**span_id).into(),
            };
            if queue.try_send(ended).is_err() {
                self.lost.inc();
            }
        }
    }
}

/// Whether a patch ends what may be a call of a model, and says neither tokens nor costs. What is
/// counted here says no end, so that it is not heard again.
fn ends_uncounted(patch: &State) -> bool {
    let may_be_call = match patch.get(Field::Kind) {
        Some(Value::Kind(kind)) => matches!(kind, Kind::Generation | Kind::Embedding),
        _ => true,
    };
    may_be_call && has_ended(patch) && !patch.entries().iter().any(|entry| counts(&entry.register))
}

fn has_ended(patch: &State) -> bool {
    let status = patch.get(Field::Status);
    let is_over = matches!(status, Some(Value::Status(status)) if status.is_terminal());
    is_over || patch.get(Field::EndTime).is_some()
}

fn counts(register: &Register) -> bool {
    matches!(register, Register::Usage(_) | Register::Cost(_))
}

#[cfg(test)]
mod tests;
