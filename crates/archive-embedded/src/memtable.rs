//! One project's live units: which are in the head, in a chunk, in a segment.

use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::Mutex;
use tracekeep_archive::Full;
use tracekeep_model::{Micros, Pricing, RecordKey, State, Unit, UnitKey};
use tracekeep_segment::{Batches, Disk, SegmentError, key_hash};

use crate::chunk::{Chunk, ChunkRow};
use crate::key_filter::KeyFilter;
use crate::mask::Mask;
use crate::relations::HeadLinks;
use crate::snapshot::{MaskedChunk, MaskedSegment};

/// Patches in the head before it becomes a chunk: what one query may have to convert.
const HEAD_PATCHES: usize = 4_096;
/// Bytes in the head, registers included, before it becomes a chunk.
const HEAD_BYTES: usize = 16 << 20;
/// A trace of so many spans stays in the head until it is sealed, as long as it goes on growing: to
/// move it to a chunk and back for each patch would cost its size each time.
const LARGE_TRACE: usize = 1_000;
/// So does one that takes so much memory.
const LARGE_TRACE_BYTES: usize = HEAD_BYTES / 4;
/// What a record weighs in a map besides itself, about: its key and its place.
const PLACE_BYTES: usize = 128;
/// A trace that takes so much memory is full: it is held, read and written as a whole.
// Less than the memory at which writers have to wait, as one late patch brings back all of it.
const MOST_TRACE_BYTES: usize = 104 << 20;

/// One project's live units.
#[derive(Debug, Default)]
pub(crate) struct Memtable {
    head: HashMap<UnitKey, Held>,
    /// Patches joined since the head began; counts updates too, so that the head stays small.
    head_patches: usize,
    /// Bytes of what was joined or re-opened since the last chunk was made: makes the next.
    fresh_bytes: usize,
    /// Bytes of what is in the head, about.
    head_bytes: usize,
    pub(crate) head_links: HeadLinks,
    pub(crate) chunks: Vec<MaskedChunk>,
    /// Units in chunks that no mask covers.
    in_chunks: HashMap<UnitKey, ChunkRow>,
    pub(crate) segments: Vec<MaskedSegment>,
    /// Of the keys of all `segments`.
    pub(crate) filter: Arc<KeyFilter>,
    next_chunk: u64,
    /// Changes with every patch: tells whether rows made of the head are still true.
    version: u64,
    /// Changes with the list of segments: tells whether a look-up in them is still true.
    pub(crate) epoch: u64,
    head_rows: Option<(u64, Arc<Batches>)>,
    /// The bytes that were counted when all memory was last added up.
    pub(crate) counted: usize,
    /// Held by who makes rows of the head, so that queries do not make them side by side.
    pub(crate) making: Arc<Mutex<()>>,
}

/// A unit in the head.
#[derive(Debug)]
struct Held {
    unit: Arc<Unit>,
    /// Memory it takes, at most: what a patch replaces is counted until the next measuring.
    bytes: usize,
}

/// The head as a query sees it.
pub(crate) enum HeadRows {
    Ready(Arc<Batches>),
    /// To be made of these units, for this version of the head.
    Make(u64, Vec<(UnitKey, Arc<Unit>)>),
}

/// Where a unit in memory is.
pub(crate) enum Found {
    Head(Arc<Unit>),
    Chunk(Arc<Chunk>, ChunkRow),
}

impl Found {
    /// The unit as it was when it was found.
    pub(crate) fn read(self, key: &UnitKey) -> Result<Arc<Unit>, SegmentError> {
        match self {
            Self::Head(unit) => Ok(unit),
            Self::Chunk(chunk, place) => chunk.unit(key, place),
        }
    }
}

/// The unit that a record belongs to.
pub(crate) fn unit_key(key: &RecordKey) -> UnitKey {
    match key {
        RecordKey::Trace { trace_id } | RecordKey::Span { trace_id, .. } => {
            UnitKey::Trace(trace_id.clone())
        }
        RecordKey::Score { score_id } => UnitKey::Score(score_id.clone()),
    }
}

impl Memtable {
    /// Whether a unit is in memory.
    pub(crate) fn holds(&self, key: &UnitKey) -> bool {
        self.head.contains_key(key) || self.in_chunks.contains_key(key)
    }

    /// Where a unit in memory is, to be read without holding the memtable.
    pub(crate) fn find(&self, key: &UnitKey) -> Option<Found> {
        if let Some(held) = self.head.get(key) {
            return Some(Found::Head(held.unit.clone()));
        }
        let place = self.in_chunks.get(key)?;
        let chunk = self.chunk(place.chunk)?;
        Some(Found::Chunk(chunk.clone(), *place))
    }

    /// Whether a unit may lie in a segment.
    pub(crate) fn may_be_in_segments(&self, key: &UnitKey) -> bool {
        let (UnitKey::Trace(id) | UnitKey::Score(id)) = key;
        self.filter.may_hold(key_hash(id))
    }

    /// Whether a segment is there, and this row of its traces is not gone.
    pub(crate) fn has_trace_row(&self, segment: u64, row: u32) -> bool {
        let masked = self.segments.iter().find(|masked| masked.number == segment);
        masked.is_some_and(|masked| !masked.mask.traces.contains(row))
    }

    /// Why a trace in the head takes no more spans, if it does not.
    pub(crate) fn full(&mut self, key: &UnitKey, most_spans: usize) -> Option<Full> {
        self.head.get_mut(key)?.full(most_spans)
    }

    fn chunk(&self, id: u64) -> Option<&Arc<Chunk>> {
        self.chunks.iter().map(|masked| &masked.chunk).find(|chunk| chunk.id == id)
    }

    /// Moves a unit of a segment into the head; its row is masked from now on. Says whether the
    /// segment was there.
    pub(crate) fn reopen(&mut self, segment: u64, row: u32, key: &UnitKey, unit: Unit) -> bool {
        let Some(masked) = self.segments.iter_mut().find(|masked| masked.number == segment) else {
            return false;
        };
        let mask = Arc::make_mut(&mut masked.mask);
        let rows =
            if matches!(key, UnitKey::Trace(_)) { &mut mask.traces } else { &mut mask.scores };
        rows.insert(row);
        self.version += 1;
        self.hold(key, Arc::new(unit));
        true
    }

    fn hold(&mut self, key: &UnitKey, unit: Arc<Unit>) {
        let bytes = memory(&unit);
        self.weigh(bytes);
        self.head_links.add_unit(&unit);
        self.head.insert(owned(key), Held { unit, bytes });
    }

    /// Joins one patch.
    pub(crate) fn join(&mut self, key: RecordKey, patch: State) -> Result<(), SegmentError> {
        let unit_key = unit_key(&key);
        if !self.head.contains_key(&unit_key) {
            self.open(&unit_key, patch.received())?;
        }
        self.version += 1;
        self.head_patches += 1;
        let bytes = patch.memory() + PLACE_BYTES;
        self.weigh(bytes);
        self.head_links.add_patch(&key, &patch);
        let Some(held) = self.head.get_mut(&unit_key) else { return Ok(()) };
        held.bytes += bytes;
        let is_deletion = patch.deleted_at().is_some();
        match (Arc::make_mut(&mut held.unit), key) {
            (Unit::Trace(trace), RecordKey::Trace { .. }) => trace.join_trace(patch),
            (Unit::Trace(trace), RecordKey::Span { span_id, .. }) => {
                trace.join_span(span_id, patch)
            }
            (Unit::Score(score), RecordKey::Score { .. }) => score.join(patch),
            _ => debug_assert!(false, "a unit is kept under a key of its kind"),
        }
        if is_deletion {
            held.bytes = memory(&held.unit);
        }
        Ok(())
    }

    /// Makes room for a unit in the head: out of its chunk, or new.
    fn open(&mut self, key: &UnitKey, received: Micros) -> Result<(), SegmentError> {
        let unit = match self.in_chunks.get(key).copied() {
            Some(place) => {
                let chunk = self.chunk(place.chunk).cloned().ok_or_else(|| gone(place.chunk))?;
                let unit = chunk.unit(key, place)?;
                self.in_chunks.remove(key);
                if let Some(masked) = self.chunks.iter_mut().find(|m| m.chunk.id == place.chunk) {
                    let mask = Arc::make_mut(&mut masked.mask);
                    match key {
                        UnitKey::Trace(_) => mask.traces.insert(place.row),
                        UnitKey::Score(_) => mask.scores.insert(place.row),
                    };
                }
                unit
            }
            None => Arc::new(crate::store::empty(key, received)),
        };
        self.hold(key, unit);
        Ok(())
    }

    fn weigh(&mut self, bytes: usize) {
        self.fresh_bytes += bytes;
        self.head_bytes += bytes;
    }

    /// Whether the head is large enough to become a chunk.
    pub(crate) fn head_is_full(&self) -> bool {
        self.head_patches >= HEAD_PATCHES || self.fresh_bytes >= HEAD_BYTES
    }

    /// Turns the head into a chunk with costs by these prices, but for large traces; `None` if nothing
    /// else is in it.
    pub(crate) fn freeze(&mut self, pricing: Arc<dyn Pricing>) -> Option<Arc<Chunk>> {
        let is_small =
            |held: &Held| spans_of(&held.unit) < LARGE_TRACE && held.bytes < LARGE_TRACE_BYTES;
        let units = self.head.extract_if(|_, held| is_small(held));
        let units = units.map(|(key, held)| (key, held.unit)).collect();
        self.make_chunk(units, pricing)
    }

    /// Turns all of the head into a chunk with costs by these prices; `None` if it is empty.
    pub(crate) fn freeze_all(&mut self, pricing: Arc<dyn Pricing>) -> Option<Arc<Chunk>> {
        let units = self.head.drain().map(|(key, held)| (key, held.unit)).collect();
        self.make_chunk(units, pricing)
    }

    fn make_chunk(
        &mut self,
        units: Vec<(UnitKey, Arc<Unit>)>,
        pricing: Arc<dyn Pricing>,
    ) -> Option<Arc<Chunk>> {
        self.head_patches = 0;
        self.fresh_bytes = 0;
        self.head_links = HeadLinks::of(self.head.values().map(|held| &*held.unit));
        if units.is_empty() {
            return None;
        }
        let bytes = units.iter().map(|(_, unit)| memory(unit)).sum();
        self.head_bytes = self.head.values().map(|held| held.bytes).sum();
        self.next_chunk += 1;
        let (chunk, places) = Chunk::new(self.next_chunk, units, bytes, pricing);
        self.in_chunks.extend(places);
        self.version += 1;
        self.head_rows = None;
        let chunk = Arc::new(chunk);
        self.chunks.push(MaskedChunk { chunk: chunk.clone(), mask: Arc::default() });
        Some(chunk)
    }

    /// Bytes of memory taken, about.
    pub(crate) fn bytes(&self) -> usize {
        self.head_bytes + self.chunks.iter().map(|masked| masked.chunk.bytes()).sum::<usize>()
    }

    /// Forgets chunks whose units are in segments now.
    pub(crate) fn forget_chunks(&mut self, ids: &[u64]) {
        self.chunks.retain(|masked| !ids.contains(&masked.chunk.id));
        self.in_chunks.retain(|_, place| !ids.contains(&place.chunk));
        self.in_chunks.shrink_to_fit();
        self.epoch += 1;
    }

    /// Takes segments out of the list; their files go from the disk when the last handle on them does.
    /// The caller drops those given back after it has let go of the memtable.
    #[must_use]
    pub(crate) fn take_segments(
        &mut self,
        is_taken: impl Fn(u64) -> bool,
        disk: &Arc<dyn Disk>,
    ) -> Vec<MaskedSegment> {
        let taken: Vec<_> = self.segments.extract_if(.., |m| is_taken(m.number)).collect();
        taken.iter().for_each(|m| m.segment.doom(disk));
        self.epoch += 1;
        taken
    }

    /// The head for a query, with costs by prices of this version.
    pub(crate) fn head_rows(&self, prices: &str) -> HeadRows {
        match &self.head_rows {
            Some((version, rows)) if *version == self.version && *rows.prices == *prices => {
                HeadRows::Ready(rows.clone())
            }
            _ => {
                let units = self.head.iter().map(|(key, held)| (key.clone(), held.unit.clone()));
                HeadRows::Make(self.version, units.collect())
            }
        }
    }

    /// Keeps rows that were made of the head, unless it has changed since.
    pub(crate) fn keep_head_rows(&mut self, version: u64, rows: Arc<Batches>) {
        if version == self.version {
            self.head_rows = Some((version, rows));
        }
    }

    /// Spans in memory.
    pub(crate) fn spans(&self) -> u64 {
        let head: usize = self.head.values().map(|held| spans_of(&held.unit)).sum();
        head as u64 + self.chunks.iter().map(|masked| masked.chunk.spans as u64).sum::<u64>()
    }

    /// The masks of chunks, by chunk.
    pub(crate) fn chunk_mask(&self, id: u64) -> Option<&Mask> {
        self.chunks.iter().find(|masked| masked.chunk.id == id).map(|masked| &*masked.mask)
    }
}

fn spans_of(unit: &Unit) -> usize {
    if let Unit::Trace(trace) = unit { trace.spans.len() } else { 0 }
}

fn memory(unit: &Unit) -> usize {
    match unit {
        Unit::Trace(trace) => trace.memory() + (trace.spans.len() + 1) * PLACE_BYTES,
        Unit::Score(state) => state.memory() + PLACE_BYTES,
    }
}

impl Held {
    fn full(&mut self, most_spans: usize) -> Option<Full> {
        let spans = spans_of(&self.unit);
        if spans >= most_spans {
            return Some(Full::Spans(spans));
        }
        if self.bytes > MOST_TRACE_BYTES {
            self.bytes = memory(&self.unit);
        }
        (self.bytes > MOST_TRACE_BYTES).then_some(Full::Bytes(self.bytes))
    }
}

/// A key of its own memory: one that shares a request's body would keep all of it.
fn owned(key: &UnitKey) -> UnitKey {
    match key {
        UnitKey::Trace(id) => UnitKey::Trace((**id).into()),
        UnitKey::Score(id) => UnitKey::Score((**id).into()),
    }
}

fn gone(chunk: u64) -> SegmentError {
    SegmentError::Damaged { path: "memtable".into(), reason: format!("chunk {chunk} is gone") }
}

#[cfg(test)]
mod tests;
