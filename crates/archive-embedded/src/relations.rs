//! Whether a trace may have scores or children, without looking at any row.

use std::sync::Arc;

use hashbrown::HashSet;
use tracekeep_archive::Relations;
use tracekeep_model::{Field, RecordKey, State, Unit};
use tracekeep_segment::{Links, Segment, key_hash};

use crate::store::Shared;

/// Which traces the units of the head point to, or have pointed to since they are in it.
#[derive(Debug, Default)]
pub(crate) struct HeadLinks {
    parents: HashSet<u64>,
    judged: HashSet<u64>,
}

impl HeadLinks {
    /// Of what is left in the head.
    pub(crate) fn of<'a>(units: impl Iterator<Item = &'a Unit>) -> Self {
        let mut links = Self::default();
        units.for_each(|unit| links.add_unit(unit));
        links
    }

    /// Adds a unit that came into the head.
    pub(crate) fn add_unit(&mut self, unit: &Unit) {
        match unit {
            Unit::Trace(trace) => self.parents.extend(parent(&trace.state)),
            Unit::Score(score) => self.judged.extend(judged(score)),
        }
    }

    /// Adds what is joined to a unit of the head: a joined value is that of one of its patches.
    pub(crate) fn add_patch(&mut self, key: &RecordKey, patch: &State) {
        match key {
            RecordKey::Trace { .. } => self.parents.extend(parent(patch)),
            RecordKey::Score { .. } => self.judged.extend(judged(patch)),
            RecordKey::Span { .. } => {}
        }
    }
}

/// What some units point to.
pub(crate) fn links<'a>(units: impl Iterator<Item = &'a Unit>) -> Links {
    let HeadLinks { parents, judged } = HeadLinks::of(units);
    Links::new(parents.into_iter().collect(), judged.into_iter().collect())
}

fn parent(trace: &State) -> Option<u64> {
    trace.text(Field::ParentTraceId).map(|id| key_hash(id))
}

fn judged(score: &State) -> Option<u64> {
    score.text(Field::TargetTraceId).map(|id| key_hash(id))
}

/// What a trace may have, wherever it is.
pub(crate) fn relations(shared: &Shared, project: &str, trace_id: &str) -> Relations {
    let trace = key_hash(trace_id);
    let (mut found, segments) = {
        let live = shared.lock();
        let Some(memtable) = live.projects.get(project) else { return Relations::default() };
        let head = &memtable.head_links;
        let mut found = Relations {
            scores: head.judged.contains(&trace),
            children: head.parents.contains(&trace),
        };
        for masked in &memtable.chunks {
            add(&mut found, &masked.chunk.links, trace);
        }
        // Without their masks, which would be copied at each change while they are held.
        let segments: Vec<Arc<Segment>> =
            memtable.segments.iter().map(|masked| masked.segment.clone()).collect();
        (found, segments)
    };
    for segment in &segments {
        match segment.links() {
            Some(links) => add(&mut found, links, trace),
            None => return Relations::UNKNOWN,
        }
    }
    found
}

fn add(found: &mut Relations, links: &Links, trace: u64) {
    found.scores |= links.may_have_scores(trace);
    found.children |= links.may_have_children(trace);
}

#[cfg(test)]
mod tests;
