//! Many small segments become few; rows that are gone leave the disk.
//!
//! A row may be left out only if the manifest says that it is gone: a row that was merely re-opened
//! in memory is still needed by the next start. Such rows are copied, and masked again in memory.
//!
//! Rows are copied beside sealing, without the manifest. What the manifest says is gone by the time they
//! are copied is masked in the new segment.
//!
//! Costs that were computed by prices of another version are computed anew on the way (`reprice.rs`).
//!
//! As with sealing, a crash before the manifest is written leaves a folder that it does not name.

mod cold;

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashSet;
use roaring::RoaringBitmap;
use tracekeep_archive::{ArchiveError, Expiry};
use tracekeep_model::{Micros, Text};
use tracekeep_segment::{Segment, Source, compact};

use crate::manifest::{Manifest, SegmentEntry, Shelf};
use crate::mask::Mask;
use crate::memtable::Memtable;
use crate::seal::{Sealer, remove, sync_parents};
use crate::snapshot::MaskedSegment;
use crate::store::failed;
pub(crate) use cold::Shelves;

/// Segments of one shelf that are worth making one.
const MANY: usize = 8;
/// A segment is not made larger than this.
const MOST_SPANS: u64 = 2_000_000;
/// Nor larger than this, in bytes.
const MOST_BYTES: u64 = 1 << 30;
/// A segment of whose rows this share is gone is worth writing anew: one in so many.
const GONE_SHARE: u64 = 4;
/// Rows that are gone stay on disk for so long at most: within a day, with sealing and writing.
const KEPT_MASKED: i64 = 20 * Micros::HOUR;
/// Segments whose compaction failed are let alone for so long: the same again may well fail the same
/// way, after as much work.
const TRY_AGAIN: i64 = Micros::HOUR;

/// Segments that become one.
pub(crate) struct Chosen {
    entries: Vec<SegmentEntry>,
    /// What is left of each.
    sources: Vec<Source>,
    /// The version of the prices by which all costs are computed then.
    prices: Text,
}

impl Sealer {
    /// Compacts one group of segments, if any is worth it; says whether one was. One call at a time.
    ///
    /// Rows are copied without the manifest, so that sealing goes on: what is masked meanwhile is
    /// masked in the copy, too.
    pub(crate) fn compact(&self, now: Micros) -> Result<bool, ArchiveError> {
        let mut shelves = self.compacting.lock();
        let Some(chosen) = self.chosen(&mut shelves, now)? else { return Ok(false) };
        let made = self.make_one(&chosen);
        if made.is_err() {
            let numbers = chosen.entries.iter().map(|entry| entry.number);
            self.give_up(numbers, now, now.plus(TRY_AGAIN));
        }
        made.map(|()| true)
    }

    fn chosen(&self, shelves: &mut Shelves, now: Micros) -> Result<Option<Chosen>, ArchiveError> {
        let mut manifest = self.manifest();
        if date_masks(&mut manifest, now) {
            self.store(&manifest, &[])?;
        }
        let worn = self.worn(&manifest);
        let is_given_up = |number| self.is_given_up(number, now);
        let chosen = choose(&manifest.segments, &worn, now, is_given_up)
            .or_else(|| shelves.choose(&manifest.segments, now, is_given_up));
        chosen.map(|entries| self.sources(entries)).transpose()
    }

    /// Segments of which much is gone, by the manifest.
    fn worn(&self, manifest: &Manifest) -> HashSet<u64> {
        let live = self.lock();
        let is_worn = |entry: &&SegmentEntry| {
            let facts = &entry.facts;
            let gone = entry.mask.traces.len() + entry.mask.scores.len();
            if gone * GONE_SHARE > facts.traces + facts.scores {
                return true;
            }
            let memtable = live.projects.get(entry.project.as_str());
            let segments = memtable.map(|memtable| &memtable.segments[..]).unwrap_or_default();
            let open = segments.iter().find(|masked| masked.number == entry.number);
            let spans = open.map_or(0, |masked| {
                let index = masked.segment.index();
                entry.mask.traces.iter().map(|row| index.spans(row).len() as u64).sum::<u64>()
            });
            spans * GONE_SHARE > facts.spans
        };
        let masked = manifest.segments.iter().filter(|entry| !entry.mask.is_empty());
        masked.filter(is_worn).map(|entry| entry.number).collect()
    }

    /// Replaces some segments of one shelf by one.
    pub(crate) fn make_one(&self, chosen: &Chosen) -> Result<(), ArchiveError> {
        let Chosen { entries: chosen, sources, prices } = chosen;
        let disk = &**self.disk();
        let (project, shelf) = (chosen[0].project.clone(), chosen[0].shelf);
        let (number, dir) = self.manifest().next_place(self.root(), &project, shelf);
        let made = compact(disk, &dir, sources)
            .and_then(|facts| {
                let segment = Segment::open_within(&dir, facts.clone(), self.footers())?;
                // As those that it replaces were: who asks next need not wait for its footers, if there
                // is room for them.
                segment.warm()?;
                Ok((segment, facts))
            })
            .map_err(failed);
        let synced = made.and_then(|made| {
            sync_parents(disk, self.root(), &project, &[shelf])?;
            Ok(made)
        });
        let (segment, facts) = match synced {
            Ok((segment, facts)) => (Arc::new(segment), facts),
            Err(error) => {
                // Half a segment is of no use.
                remove(disk, &dir);
                return Err(error);
            }
        };
        let mut manifest = self.manifest();
        let Some(mask) = masked_meanwhile(&manifest, chosen) else {
            // Retention or a seal has dropped one of them: what is left is looked at again.
            remove(disk, &dir);
            return Ok(());
        };
        let prices = Some(prices.to_string());
        let entry =
            SegmentEntry { project, shelf, number, facts, mask, masked_since: None, prices };
        let mut next = manifest.clone();
        next.segments.retain(|e| !chosen.iter().any(|c| c.number == e.number));
        next.segments.push(entry.clone());
        self.store(&next, &[dir])?;
        *manifest = next;
        self.replace(chosen, sources, &entry, segment);
        Ok(())
    }

    /// Drops the segments of a project of which all is past its time; says how many.
    pub(crate) fn expire(&self, project: &str, expiry: Expiry) -> Result<u64, ArchiveError> {
        let mut manifest = self.manifest();
        let is_old = |e: &SegmentEntry| e.project == project && e.shelf.is_past(expiry);
        if !manifest.segments.iter().any(is_old) {
            return Ok(0);
        }
        let mut next: Manifest = manifest.clone();
        let (old, kept): (Vec<_>, Vec<_>) = next.segments.drain(..).partition(is_old);
        next.segments = kept;
        self.store(&next, &[])?;
        *manifest = next;
        let is_old = |number| old.iter().any(|entry| entry.number == number);
        let take = |memtable: &mut Memtable| memtable.take_segments(is_old, self.disk());
        let taken = self.lock().projects.get_mut(project).map(take);
        self.full().forget(project);
        // Removes files, without the lock.
        drop(taken);
        Ok(old.len() as u64)
    }

    /// What the manifest, not the memory, says is left of some segments of a project. Costs are computed
    /// anew where they were by other prices.
    pub(crate) fn sources(&self, chosen: Vec<SegmentEntry>) -> Result<Chosen, ArchiveError> {
        let pricing = self.pricing(&chosen[0].project);
        let prices = pricing.version();
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
                pricing: entry.is_stale(&prices).then(|| pricing.clone()),
            })
        };
        let sources = chosen.iter().map(source).collect::<Result<_, ArchiveError>>()?;
        Ok(Chosen { entries: chosen, sources, prices })
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
        let is_chosen = |number: u64| chosen.iter().any(|old| old.number == number);
        let taken = memtable.take_segments(is_chosen, self.disk());
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

/// Notes since when segments have masked rows; says whether anything was noted.
fn date_masks(manifest: &mut Manifest, now: Micros) -> bool {
    let mut noted = false;
    for entry in &mut manifest.segments {
        if !entry.mask.is_empty() && entry.masked_since.is_none() {
            entry.masked_since = Some(now.0);
            noted = true;
        }
    }
    noted
}

/// Rows that the manifest says are gone by now, at their places in the copy; `None` if a segment is.
fn masked_meanwhile(manifest: &Manifest, chosen: &[SegmentEntry]) -> Option<Mask> {
    let mut mask = Mask::default();
    let (mut traces, mut scores) = (0, 0);
    for old in chosen {
        let now = manifest.segments.iter().find(|entry| entry.number == old.number)?;
        moved(&now.mask.traces, &old.mask.traces, traces, &mut mask.traces);
        moved(&now.mask.scores, &old.mask.scores, scores, &mut mask.scores);
        traces += old.facts.traces - old.mask.traces.len();
        scores += old.facts.scores - old.mask.scores.len();
    }
    Some(mask)
}

/// Rows masked in memory but copied, at their new places: after `base` rows of earlier segments, and
/// without the rows that were left out.
fn moved(now: &RoaringBitmap, left_out: &RoaringBitmap, base: u64, to: &mut RoaringBitmap) {
    for row in now - left_out {
        let before = left_out.rank(row);
        to.insert(u32::try_from(base + u64::from(row) - before).unwrap_or(u32::MAX));
    }
}

/// The segments that are worth making one, oldest first: one of which much is gone, or many of one
/// project, shelf and size. Of one size, so that a large one is not copied for each small one.
fn choose(
    segments: &[SegmentEntry],
    worn: &HashSet<u64>,
    now: Micros,
    is_given_up: impl Fn(u64) -> bool,
) -> Option<Vec<SegmentEntry>> {
    let mut alike: BTreeMap<(&str, Shelf, u32), Vec<&SegmentEntry>> = BTreeMap::new();
    for entry in segments.iter().filter(|entry| !is_given_up(entry.number)) {
        let is_due = entry.masked_since.is_some_and(|since| Micros(since).plus(KEPT_MASKED) <= now);
        if is_due || worn.contains(&entry.number) {
            return Some(vec![entry.clone()]);
        }
        let facts = &entry.facts;
        let size = (facts.spans + facts.traces + facts.scores).max(1).ilog(MANY as u64);
        alike.entry((&entry.project, entry.shelf, size)).or_default().push(entry);
    }
    for mut group in alike.into_values().filter(|group| group.len() >= MANY) {
        group.sort_by_key(|entry| (entry.facts.min_start, entry.number));
        if let Some(fitting) = fitting(&group) {
            return Some(fitting.iter().map(|entry| (*entry).clone()).collect());
        }
    }
    None
}

/// The first run of neighbours that fit one segment: as many as can be, two at least.
fn fitting<'g, 'e>(group: &'g [&'e SegmentEntry]) -> Option<&'g [&'e SegmentEntry]> {
    (0..group.len()).find_map(|first| {
        let (mut spans, mut bytes) = (0, 0);
        let mut fits = |entry: &&&SegmentEntry| {
            spans += entry.facts.spans;
            bytes += entry.facts.bytes;
            spans <= MOST_SPANS && bytes <= MOST_BYTES
        };
        let count = group[first..].iter().take(MANY).take_while(&mut fits).count();
        (count >= 2).then(|| &group[first..first + count])
    })
}
