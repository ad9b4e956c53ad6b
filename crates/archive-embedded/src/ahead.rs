//! Traces of segments that are read ahead of the blocks that bring them back.
//!
//! A late patch needs its trace in the head. To read a single one costs a page of every column of two
//! files; to read its neighbours with it costs little more. So before some blocks are merged, what they
//! will bring back is read, in one pass over each segment.
//!
//! Invariants:
//!
//! - What is here is a copy. The trace lies in its segment, for every query, until merging moves it
//!   into the head and masks its row.
//! - Merging takes it only for a trace that is nowhere in memory, while its segment is in the list and
//!   its row is not masked. As a trace that lives is in one place, this row is it. And it is what was
//!   read: rows never change, and the number of a segment is never given to another.
//! - It is a hint. What is not here is looked for by merging itself, which also meets the errors.
//! - It goes when the next blocks are told of, or that there are none.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};
use tracekeep_model::block::Block;
use tracekeep_model::{RecordKey, Text, TraceUnit, UnitKey};
use tracekeep_segment::{Candidate, Segment, key_hash};

use crate::key_filter::KeyFilter;
use crate::memtable::Memtable;
use crate::snapshot::MaskedSegment;
use crate::store::{Shared, deleted};

/// Traces that are read ahead, at most. The answer to the first block waits for all of them.
const MOST_TRACES: usize = 4_096;
/// Bytes of memory that they take, at most, about.
const MOST_BYTES: usize = 32 << 20;
/// Bytes of content that a byte of a segment stands for: a guess.
const PACKED: u64 = 4;
/// Bytes that a record takes in memory besides its content, about.
const REGISTERS: u64 = 2 << 10;

/// Traces that were read ahead, by project and id.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    traces: HashMap<Text, HashMap<Text, TraceAhead>>,
}

/// A trace as its row has it.
#[derive(Debug)]
pub(crate) struct TraceAhead {
    /// The number of its segment.
    pub(crate) segment: u64,
    pub(crate) row: u32,
    pub(crate) unit: TraceUnit,
}

impl Ahead {
    /// Whether a unit that is not in memory was read, and is still where it was.
    pub(crate) fn has(&self, project: &str, key: &UnitKey, memtable: &Memtable) -> bool {
        let UnitKey::Trace(id) = key else { return false };
        let read = self.traces.get(project).and_then(|traces| traces.get(id));
        read.is_some_and(|read| memtable.has_trace_row(read.segment, read.row))
    }

    /// Gives it away.
    pub(crate) fn take(&mut self, project: &str, key: &UnitKey) -> Option<TraceAhead> {
        let UnitKey::Trace(id) = key else { return None };
        self.traces.get_mut(project)?.remove(id)
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.traces.values().map(|traces| traces.len()).sum()
    }
}

impl Shared {
    /// Reads ahead what the first of some blocks will bring back; says how many blocks these are. What
    /// was read before goes.
    pub(crate) fn prepare(&self, blocks: &[&Block]) -> usize {
        drop(std::mem::take(&mut *self.ahead.lock()));
        let mut room = Room { traces: MOST_TRACES, bytes: MOST_BYTES };
        let mut projects: HashMap<&Text, Option<Wanted<'_>>> = HashMap::new();
        let mut count = 0;
        for &block in blocks {
            if room.is_scarce() {
                break;
            }
            let project = &block.project_id;
            if let Some(wanted) = projects.entry(project).or_insert_with(|| self.wanted(project)) {
                let mut ids = wanted.unseen(block);
                self.leave_out_held(project, &mut ids);
                ids.into_iter().for_each(|id| wanted.locate(id, &mut room));
            }
            count += 1;
        }
        let mut left = MOST_BYTES;
        let mut ahead = Ahead::default();
        for (project, wanted) in projects {
            if let Some(wanted) = wanted {
                ahead.traces.insert(project.clone(), wanted.read(&mut left));
            }
        }
        *self.ahead.lock() = ahead;
        count
    }

    /// Leaves out traces that are in memory: no segment has them, and to find that out takes a look
    /// into the index of each.
    fn leave_out_held(&self, project: &str, ids: &mut Vec<&Text>) {
        if ids.is_empty() {
            return;
        }
        let live = self.lock();
        if let Some(memtable) = live.projects.get(project) {
            ids.retain(|id| !memtable.holds(&UnitKey::Trace((*id).clone())));
        }
    }

    /// Where a project's traces may lie on disk; `None`: nowhere.
    fn wanted<'b>(&self, project: &str) -> Option<Wanted<'b>> {
        let live = self.lock();
        let memtable = live.projects.get(project)?;
        let (segments, filter) = (memtable.segments.clone(), memtable.filter.clone());
        drop(live);
        let rows = vec![Vec::new(); segments.len()];
        (!segments.is_empty()).then(|| Wanted { filter, segments, seen: HashSet::new(), rows })
    }
}

/// What may still be read.
struct Room {
    traces: usize,
    bytes: usize,
}

impl Room {
    fn take(&mut self, bytes: usize) -> bool {
        if self.traces == 0 || self.bytes < bytes {
            return false;
        }
        self.traces -= 1;
        self.bytes -= bytes;
        true
    }

    /// Whether the next block should have a new room: half of one is enough for most, so that hardly
    /// one is read for only in part.
    fn is_scarce(&self) -> bool {
        self.traces < MOST_TRACES / 2 || self.bytes < MOST_BYTES / 2
    }
}

/// What some blocks need of a project's segments.
struct Wanted<'b> {
    filter: Arc<KeyFilter>,
    segments: Vec<MaskedSegment>,
    /// Traces that a block speaks of: those after it find them in memory.
    seen: HashSet<&'b Text>,
    /// Of each segment the rows to be read.
    rows: Vec<Vec<Candidate<'b>>>,
}

impl<'b> Wanted<'b> {
    /// The traces that may lie in segments and that a block needs first, but for those that it deletes:
    /// what goes is not read.
    fn unseen(&mut self, block: &'b Block) -> Vec<&'b Text> {
        let (deleted, mut last, mut unseen) = (deleted(block), None, Vec::new());
        for (key, _) in &block.patches {
            let (RecordKey::Trace { trace_id: id } | RecordKey::Span { trace_id: id, .. }) = key
            else {
                continue;
            };
            // The spans of a trace mostly come together.
            if last.replace(id) == Some(id) || !self.filter.may_hold(key_hash(id)) {
                continue;
            }
            let is_new = self.seen.insert(id);
            if is_new && !deleted.contains(&UnitKey::Trace(id.clone())) {
                unseen.push(id);
            }
        }
        unseen
    }

    /// Looks into the indexes, newest first. One that has the hash for another id hides those behind
    /// it: then the trace is left to merging.
    fn locate(&mut self, id: &'b Text, room: &mut Room) {
        for (masked, rows) in self.segments.iter().zip(&mut self.rows).rev() {
            let is_gone = |row| masked.mask.traces.contains(row);
            let mut is_there = false;
            for candidate in masked.segment.candidates(id, is_gone) {
                is_there = true;
                if room.take(memory(&masked.segment, candidate.row)) {
                    rows.push(candidate);
                }
            }
            if is_there {
                return;
            }
        }
    }

    /// Reads the rows, and takes what that costs from the bytes that are left.
    fn read(self, left: &mut usize) -> HashMap<Text, TraceAhead> {
        let mut read = HashMap::new();
        for (masked, rows) in self.segments.iter().zip(&self.rows) {
            let units = match masked.segment.trace_units(rows, *left) {
                Ok(units) => units,
                Err(error) => {
                    tracing::debug!(%error, "traces could not be read ahead");
                    continue;
                }
            };
            for (candidate, unit) in units {
                *left = left.saturating_sub(unit.memory());
                let trace = TraceAhead { segment: masked.number, row: candidate.row, unit };
                read.insert(candidate.id.clone(), trace);
            }
        }
        read
    }
}

/// Bytes that a trace of a segment will take in memory, about: how many rows it has is known, and what
/// a row takes on average.
fn memory(segment: &Segment, row: u32) -> usize {
    let facts = segment.facts();
    let each = facts.bytes / (facts.spans + facts.traces + facts.scores).max(1);
    let rows = segment.index().spans(row).len() as u64 + 1;
    let bytes = rows.saturating_mul(each.saturating_mul(PACKED).saturating_add(REGISTERS));
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
