//! Many small segments become few; rows that are gone leave the disk.
//!
//! A row may be left out only if the manifest says that it is gone: a row that was merely re-opened
//! in memory is still needed by the next start. Such rows are copied, and masked again in memory.
//!
//! As with sealing, a crash before the manifest is written leaves a folder that it does not name.

use std::sync::Arc;

use roaring::RoaringBitmap;
use tracekeep_archive::ArchiveError;
use tracekeep_segment::{Segment, Source, compact};

use crate::manifest::{Manifest, SegmentEntry, segment_dir};
use crate::mask::Mask;
use crate::seal::{Sealer, sync_parents};
use crate::snapshot::MaskedSegment;
use crate::store::failed;

/// Segments of one day that are worth making one.
const MANY: usize = 8;
/// A segment is not made larger than this.
const MOST_SPANS: u64 = 2_000_000;
/// A segment of whose rows this share is gone is worth writing anew: one in so many.
const GONE_SHARE: u64 = 4;

impl Sealer {
    /// Compacts one group of segments, if any is worth it; says whether one was.
    pub(crate) fn compact(&self) -> Result<bool, ArchiveError> {
        let mut manifest = self.manifest();
        let Some(chosen) = choose(&manifest.segments) else { return Ok(false) };
        let project = chosen[0].project.clone();
        let sources = self.sources(&chosen)?;
        let mut next = manifest.clone();
        let number = next.next_segment;
        next.next_segment += 1;
        let dir = segment_dir(self.root(), &project, chosen[0].day, number);
        manifest.next_segment = next.next_segment;
        let facts = compact(&dir, &sources).map_err(failed)?;
        let segment = Arc::new(Segment::open(&dir, facts.clone()).map_err(failed)?);
        sync_parents(self.root(), &project)?;
        let entry =
            SegmentEntry { project, day: chosen[0].day, number, facts, mask: Mask::default() };
        next.segments.retain(|e| !chosen.iter().any(|c| c.number == e.number));
        next.segments.push(entry.clone());
        next.store(self.root())?;
        *manifest = next;
        self.replace(&chosen, &sources, &entry, segment);
        Ok(true)
    }

    /// Drops the segments of a project whose days are wholly before a day; says how many.
    pub(crate) fn expire(&self, project: &str, before: i32) -> Result<u64, ArchiveError> {
        let mut manifest = self.manifest();
        let is_old = |e: &SegmentEntry| e.project == project && e.day < before;
        if !manifest.segments.iter().any(is_old) {
            return Ok(0);
        }
        let mut next: Manifest = manifest.clone();
        let (old, kept): (Vec<_>, Vec<_>) = next.segments.drain(..).partition(is_old);
        next.segments = kept;
        next.store(self.root())?;
        *manifest = next;
        let is_old = |number| old.iter().any(|entry| entry.number == number);
        let taken =
            self.lock().projects.get_mut(project).map(|memtable| memtable.take_segments(is_old));
        // Removes files, without the lock.
        drop(taken);
        Ok(old.len() as u64)
    }

    /// What the manifest, not the memory, says is left of some segments.
    fn sources(&self, chosen: &[SegmentEntry]) -> Result<Vec<Source>, ArchiveError> {
        let live = self.lock();
        let memtable = live.projects.get(chosen[0].project.as_str());
        let segments = memtable.map(|memtable| &memtable.segments[..]).unwrap_or_default();
        let source = |entry: &SegmentEntry| {
            let found = segments.iter().find(|masked| masked.number == entry.number);
            let found = found.ok_or_else(|| {
                ArchiveError::Failed(format!("segment {} is not open", entry.number))
            })?;
            Ok(Source {
                segment: found.segment.clone(),
                gone_traces: entry.mask.traces.iter().collect(),
                gone_scores: entry.mask.scores.iter().collect(),
            })
        };
        chosen.iter().map(source).collect()
    }

    fn replace(
        &self,
        chosen: &[SegmentEntry],
        sources: &[Source],
        entry: &SegmentEntry,
        segment: Arc<Segment>,
    ) {
        let mut live = self.lock();
        let Some(memtable) = live.projects.get_mut(entry.project.as_str()) else { return };
        let mut mask = Mask::default();
        let (mut traces, mut scores) = (0, 0);
        for (old, source) in chosen.iter().zip(sources) {
            if let Some(masked) = memtable.segments.iter().find(|m| m.number == old.number) {
                moved(&masked.mask.traces, &old.mask.traces, traces, &mut mask.traces);
                moved(&masked.mask.scores, &old.mask.scores, scores, &mut mask.scores);
            }
            let facts = source.segment.facts();
            traces += facts.traces - old.mask.traces.len();
            scores += facts.scores - old.mask.scores.len();
        }
        let taken = memtable.take_segments(|number| chosen.iter().any(|old| old.number == number));
        memtable.segments.push(MaskedSegment {
            number: entry.number,
            segment,
            mask: Arc::new(mask),
        });
        drop(live);
        // Removes files once the sources are let go of, too.
        drop(taken);
    }
}

/// Rows masked in memory but copied, at their new places: after `base` rows of earlier segments, and
/// without the rows that were left out.
fn moved(now: &RoaringBitmap, left_out: &RoaringBitmap, base: u64, to: &mut RoaringBitmap) {
    for row in now - left_out {
        let before = left_out.rank(row);
        to.insert(u32::try_from(base + u64::from(row) - before).unwrap_or(u32::MAX));
    }
}

/// The segments of one project and day that are worth making one, oldest first.
fn choose(segments: &[SegmentEntry]) -> Option<Vec<SegmentEntry>> {
    let gone = |e: &SegmentEntry| e.mask.traces.len() + e.mask.scores.len();
    let worn = segments.iter().find(|e| gone(e) * GONE_SHARE > e.facts.traces + e.facts.scores);
    if let Some(worn) = worn {
        return Some(vec![worn.clone()]);
    }
    for entry in segments {
        let same = |e: &&SegmentEntry| e.project == entry.project && e.day == entry.day;
        let mut day: Vec<&SegmentEntry> = segments.iter().filter(same).collect();
        day.sort_by_key(|e| e.facts.spans);
        let mut spans = 0;
        let small: Vec<&SegmentEntry> = day
            .into_iter()
            .take_while(|e| {
                spans += e.facts.spans;
                spans <= MOST_SPANS
            })
            .collect();
        if small.len() >= MANY {
            let mut chosen: Vec<SegmentEntry> = small.into_iter().cloned().collect();
            chosen.sort_by_key(|e| (e.facts.min_start, e.number));
            return Some(chosen);
        }
    }
    None
}
