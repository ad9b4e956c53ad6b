//! Calls whose own usage may still come, by trace: a trace is read once for many of its calls that ended
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
    /// In the order in which they are due: all wait equally long. Each trace once, here or in `ready`.
    due: VecDeque<(Instant, Trace)>,
    /// Traces that were due when some were taken last, by project. None is empty.
    ready: HashMap<Box<str>, VecDeque<(Instant, Box<str>)>>,
    /// The projects of `ready`, the next first.
    turns: VecDeque<Box<str>>,
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

    /// When the first of them is due: what was due before, if there is any.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let ready = self.turns.front().and_then(|project| self.ready.get(project)?.front());
        ready.map(|(due, _)| *due).or_else(|| self.due.front().map(|(due, _)| *due))
    }

    /// Takes at most `most` calls that are due. Projects take turns, and have equal shares of it, so that
    /// none waits for all that another one has.
    pub(super) fn take_due(&mut self, now: Instant, most: usize) -> Vec<OfTrace> {
        self.make_ready(now);
        let share = most.checked_div(self.turns.len()).unwrap_or_default().max(1);
        let (mut taken, mut left) = (Vec::new(), most);
        while left > 0 {
            let Some(project_id) = self.turns.pop_front() else { break };
            left -= self.take_turn(&project_id, share.min(left), &mut taken);
            match self.ready.get(&project_id).is_none_or(VecDeque::is_empty) {
                true => drop(self.ready.remove(&project_id)),
                false => self.turns.push_back(project_id),
            }
        }
        taken
    }

    fn make_ready(&mut self, now: Instant) {
        while self.due.front().is_some_and(|(due, _)| *due <= now) {
            let Some((due, (project_id, trace_id))) = self.due.pop_front() else { break };
            if !self.ready.contains_key(&project_id) {
                self.turns.push_back(project_id.clone());
            }
            self.ready.entry(project_id).or_default().push_back((due, trace_id));
        }
    }

    /// Takes at most `most` calls of a project; says how many. The rest of a trace is first in its next
    /// turn.
    fn take_turn(&mut self, project_id: &str, most: usize, taken: &mut Vec<OfTrace>) -> usize {
        let mut left = most;
        let Some(traces) = self.ready.get_mut(project_id) else { return 0 };
        while left > 0 {
            let Some((due, trace_id)) = traces.pop_front() else { break };
            let trace: Trace = (project_id.into(), trace_id);
            let mut spans = self.spans.remove(&trace).unwrap_or_default();
            self.count -= spans.len();
            // A call may end several times: in every message that tells it whole.
            spans.sort_unstable();
            spans.dedup();
            let rest = spans.split_off(left.min(spans.len()));
            left -= spans.len();
            if !rest.is_empty() {
                self.count += rest.len();
                traces.push_front((due, trace.1.clone()));
                self.spans.insert(trace.clone(), rest);
            }
            let (project_id, trace_id) = trace;
            taken.push(OfTrace { project_id, trace_id, spans });
        }
        most - left
    }
}

#[cfg(test)]
mod tests;
