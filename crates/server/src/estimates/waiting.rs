//! Calls whose own usage may still come, by trace: a trace is read once for all of its calls that ended
//! meanwhile.

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

use super::ear::Ended;

/// Calls that may wait; beyond them they are not counted.
const MOST: usize = 65_536;

/// Calls of one trace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OfTrace {
    pub(super) project_id: Box<str>,
    pub(super) trace_id: Box<str>,
    pub(super) spans: Vec<Box<str>>,
}

/// Project and trace.
type Trace = (Box<str>, Box<str>);

#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// In the order in which they are due: all wait equally long. Each trace once.
    due: VecDeque<(Instant, Trace)>,
    spans: HashMap<Trace, Vec<Box<str>>>,
    /// How many spans there are in all.
    count: usize,
}

impl Waiting {
    /// Has this one wait until `due`, or as long as others of its trace do. `false`: too many wait.
    pub(super) fn add(&mut self, ended: Ended, due: Instant) -> bool {
        if self.count >= MOST {
            return false;
        }
        let trace = (ended.project_id, ended.trace_id);
        match self.spans.get_mut(&trace) {
            Some(spans) => spans.push(ended.span_id),
            None => {
                self.due.push_back((due, trace.clone()));
                self.spans.insert(trace, vec![ended.span_id]);
            }
        }
        self.count += 1;
        true
    }

    /// When the first of them is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.front().map(|(due, _)| *due)
    }

    /// Takes whole traces that are due, until they have `most` calls or more.
    pub(super) fn take_due(&mut self, now: Instant, most: usize) -> Vec<OfTrace> {
        let (mut taken, mut count) = (Vec::new(), 0);
        while count < most && self.next_due().is_some_and(|due| due <= now) {
            let Some((_, trace)) = self.due.pop_front() else { break };
            let mut spans = self.spans.remove(&trace).unwrap_or_default();
            self.count -= spans.len();
            // A call may end several times: in every message that tells it whole.
            spans.sort_unstable();
            spans.dedup();
            count += spans.len();
            let (project_id, trace_id) = trace;
            taken.push(OfTrace { project_id, trace_id, spans });
        }
        taken
    }
}

#[cfg(test)]
mod tests;
