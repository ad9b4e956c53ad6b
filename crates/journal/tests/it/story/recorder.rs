//! A sink that remembers, and that can hold the writer while more blocks queue.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tracekeep_journal::{AppendError, Durable, Position, Sink};

/// Longer than any test should wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Durable {
        position: Position,
        end: Position,
        /// Which durable group it was part of, counted from 1.
        group: u64,
    },
    Failed(AppendError),
}

/// A sink that remembers; clones share the memory.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<(Mutex<Memory>, Condvar)>);

#[derive(Default)]
struct Memory {
    outcomes: BTreeMap<u64, Outcome>,
    groups: u64,
    /// The writer must wait in the sink.
    gate_closed: bool,
    /// The writer waits there.
    held: bool,
}

impl Recorder {
    /// Waits until the fate of block `id` is known.
    pub(crate) fn outcome(&self, id: u64) -> Outcome {
        let (memory, changed) = &*self.0;
        let mut memory = memory.lock();
        loop {
            if let Some(outcome) = memory.outcomes.get(&id) {
                return outcome.clone();
            }
            let waited = changed.wait_for(&mut memory, PATIENCE);
            assert!(!waited.timed_out(), "nobody heard of block {id}");
        }
    }

    /// The next group that reaches the sink stays there.
    pub(crate) fn close_gate(&self) {
        self.0.0.lock().gate_closed = true;
    }

    /// Waits until a group is there.
    pub(crate) fn wait_until_held(&self) {
        let (memory, changed) = &*self.0;
        let mut memory = memory.lock();
        while !memory.held {
            let waited = changed.wait_for(&mut memory, PATIENCE);
            assert!(!waited.timed_out(), "no group reached the sink");
        }
    }

    /// Lets it go on, and waits until it has.
    pub(crate) fn open_gate(&self) {
        let (memory, changed) = &*self.0;
        let mut memory = memory.lock();
        memory.gate_closed = false;
        changed.notify_all();
        while memory.held {
            let waited = changed.wait_for(&mut memory, PATIENCE);
            assert!(!waited.timed_out(), "the writer does not leave the sink");
        }
    }

    /// Remembers, and waits while the gate is closed.
    fn remember(&self, outcomes: Vec<(u64, Outcome)>) {
        let (memory, changed) = &*self.0;
        let mut memory = memory.lock();
        for (id, outcome) in outcomes {
            let known = memory.outcomes.insert(id, outcome);
            assert!(known.is_none(), "block {id} reached the sink twice");
        }
        memory.held = true;
        changed.notify_all();
        while memory.gate_closed {
            // A test that panics meanwhile must be able to join the writer.
            if changed.wait_for(&mut memory, PATIENCE).timed_out() {
                break;
            }
        }
        memory.held = false;
        changed.notify_all();
    }
}

impl Sink<u64> for Recorder {
    fn durable(&mut self, group: Vec<Durable<u64>>) {
        let number = {
            let mut memory = self.0.0.lock();
            memory.groups += 1;
            memory.groups
        };
        let outcome = |durable: Durable<u64>| {
            let outcome =
                Outcome::Durable { position: durable.position, end: durable.end, group: number };
            (durable.item, outcome)
        };
        self.remember(group.into_iter().map(outcome).collect());
    }

    fn failed(&mut self, items: Vec<u64>, error: &AppendError) {
        let outcome = |item| (item, Outcome::Failed(error.clone()));
        self.remember(items.into_iter().map(outcome).collect());
    }
}
