//! What of calls could not be written, or only in part: counted each time, but logged now and then. Where
//! the disk is full, thousands a second are lost, and a line for each would fill it again.

use std::sync::Arc;

use parking_lot::Mutex;
use tracekeep_model::Micros;

use crate::telemetry::Metrics;

/// From one line to the next, at least.
const PAUSE: i64 = 10 * Micros::SECOND;

/// Notes each loss.
pub(super) struct Losses {
    metrics: Arc<Metrics>,
    lines: Mutex<Lines>,
}

/// When a line is due.
#[derive(Debug, Default)]
struct Lines {
    last: Option<Micros>,
    since: u64,
}

impl Losses {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, lines: Mutex::default() }
    }

    /// Something was lost, or cut, at `at`.
    pub(super) fn note(&self, reason: &str, at: Micros) {
        self.metrics.lost_call_records.inc();
        let due = self.lines.lock().due(at);
        if let Some(times) = due {
            tracing::warn!(
                reason,
                times,
                "what is known of calls was not written, or only in part; `times` since the last line \
                 like this, tracekeep_lost_call_records_total counts all"
            );
        }
    }
}

impl Lines {
    /// Counts one more. The number since the last line, if it is time for the next.
    fn due(&mut self, at: Micros) -> Option<u64> {
        self.since += 1;
        // A clock that was set back must not silence the log until it is there again.
        let waits = self.last.is_some_and(|last| (0..PAUSE).contains(&(at.0 - last.0)));
        if waits {
            return None;
        }
        self.last = Some(at);
        Some(std::mem::take(&mut self.since))
    }
}

#[cfg(test)]
mod tests;
