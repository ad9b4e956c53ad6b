//! The last events of a project, numbered.

use std::collections::VecDeque;
use std::sync::Arc;

use super::event::Notice;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

/// Invariant: `events` have the numbers up to `next`, without gaps, and fulfil `most`. One that was
/// forgotten keeps its number.
#[derive(Debug)]
pub(super) struct Ring {
    most: Most,
    events: VecDeque<Option<Arc<Notice>>>,
    bytes: usize,
    /// The number of the next event; the first is 1.
    next: u64,
}

/// What is found at a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The first at this number or behind it that was not forgotten.
    Notice { number: u64, notice: Arc<Notice> },
    /// It is gone; this is the oldest number left, or the next.
    Gone { oldest: u64 },
    /// It has not happened yet.
    NotYet,
}

impl Ring {
    pub(super) fn new(most: Most) -> Self {
        Self { most, events: VecDeque::new(), bytes: 0, next: 1 }
    }

    /// The number that the next event will have.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn push(&mut self, notice: Notice) {
        self.bytes += notice.size();
        self.events.push_back(Some(Arc::new(notice)));
        self.next += 1;
        while self.events.len() > self.most.events || self.bytes > self.most.bytes {
            let Some(oldest) = self.events.pop_front() else { return };
            self.bytes -= oldest.map_or(0, |oldest| oldest.size());
        }
    }

    /// Something happened that is not kept, and nothing before it is kept any longer.
    pub(super) fn lose(&mut self, events: u64) {
        self.next += events;
        self.events.clear();
        self.bytes = 0;
    }

    /// Some of what is kept goes; who comes to it skips it and has missed nothing.
    pub(super) fn forget(&mut self, is_gone: impl Fn(&Notice) -> bool) {
        for kept in &mut self.events {
            if let Some(gone) = kept.take_if(|notice| is_gone(notice)) {
                self.bytes -= gone.size();
            }
        }
    }

    pub(super) fn find(&self, number: u64) -> Found {
        let oldest = self.next - self.events.len() as u64;
        if number < oldest {
            return Found::Gone { oldest };
        }
        let at = usize::try_from(number - oldest).unwrap_or(usize::MAX);
        let behind = self.events.range(at.min(self.events.len())..);
        let mut kept = (number..).zip(behind);
        let found = kept.find_map(|(number, kept)| Some((number, kept.as_ref()?.clone())));
        found.map_or(Found::NotYet, |(number, notice)| Found::Notice { number, notice })
    }
}

#[cfg(test)]
mod tests;
