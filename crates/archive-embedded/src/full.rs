//! Traces that take no more spans.
//!
//! Every request asks about its traces. So they are kept beside the archive's lock, which is held
//! while blocks are merged; and as there is mostly none, asking mostly takes no lock at all.

use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;
use parking_lot::RwLock;
use tracekeep_archive::Full;
use tracekeep_model::Text;

/// The full traces of all projects, as far as they are known: a trace in a segment is known to be full
/// once it was re-opened.
#[derive(Debug, Default)]
pub(crate) struct FullTraces {
    /// How many there are.
    count: AtomicUsize,
    by_project: RwLock<HashMap<Text, HashMap<Text, Full>>>,
}

impl FullTraces {
    /// Why a trace takes no more spans.
    pub(crate) fn get(&self, project: &str, trace_id: &str) -> Option<Full> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        self.by_project.read().get(project)?.get(trace_id).copied()
    }

    /// Notes how it is with a trace now: one that was deleted is no longer full.
    pub(crate) fn note(&self, project: &str, trace_id: &str, full: Option<Full>) {
        if full.is_none() && self.get(project, trace_id).is_none() {
            return;
        }
        let mut by_project = self.by_project.write();
        // Ids of their own memory: one that shares a request's body would keep all of it.
        let traces = by_project.entry(Text::from(project)).or_default();
        match full {
            Some(full) => traces.insert(Text::from(trace_id), full),
            None => traces.remove(trace_id),
        };
        self.recount(&by_project);
    }

    /// Forgets those of a project: some may be gone. One that is not is known again as after a
    /// restart, with the next patch that is merged into it.
    pub(crate) fn forget(&self, project: &str) {
        let mut by_project = self.by_project.write();
        by_project.remove(project);
        self.recount(&by_project);
    }

    fn recount(&self, by_project: &HashMap<Text, HashMap<Text, Full>>) {
        let count = by_project.values().map(|traces| traces.len()).sum();
        self.count.store(count, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
