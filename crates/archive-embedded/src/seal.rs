//! Memory becomes segments: rows to files, files to the manifest, the manifest to the live lists.
//!
//! 1. Under the lock: freeze heads into chunks; note the chunks, their masks, the segments' masks and
//!    the journal position. All that is replaced later is replaced as of this moment.
//! 2. Without the lock: write a segment per project and shelf from the chunks' unmasked rows.
//! 3. Write the manifest: the new segments, the masks as noted, the position as checkpoint.
//! 4. Under the lock: the new segments join the lists, masked where a unit was re-opened from its
//!    chunk since 1; the chunks go.
//!
//! A crash before 3 leaves folders that the manifest does not name. A crash after 3 leaves nothing to
//! mend: replay starts at the checkpoint and masks again what it re-opens.
//!
//! Invariants, whatever the power does: what a manifest names is durable before that manifest may be
//! found; and what a manifest names that may be found is not removed.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::TimestampMicrosecondType;
use hashbrown::{HashMap, HashSet};
use parking_lot::{Mutex, MutexGuard};
use tracekeep_archive::{ArchiveError, Position};
use tracekeep_model::{Micros, Pricing, Text};
use tracekeep_segment::{Batches, Disk, Footers, Row, Segment, write_segment};

use crate::compact::Shelves;
use crate::full::FullTraces;
use crate::key_filter::KeyFilter;
use crate::manifest::{Manifest, SegmentEntry, Shelf, failed as file_failed};
use crate::mask::Mask;
use crate::memtable::Memtable;
use crate::snapshot::{MaskedChunk, MaskedSegment};
use crate::store::{Live, Shared, failed};

/// Seals; one at a time.
pub(crate) struct Sealer {
    shared: Arc<Shared>,
    manifest: Mutex<Manifest>,
    /// Held by who compacts.
    pub(crate) compacting: Mutex<Shelves>,
    /// Segments whose compaction failed, and when it is tried again.
    given_up: Mutex<HashMap<u64, Micros>>,
    /// Folders of new segments that no manifest names but one of which it is not known whether it was
    /// written. They go once another was.
    in_doubt: Mutex<Vec<PathBuf>>,
}

/// What was noted under the lock.
struct Noted {
    position: Position,
    chunks: Vec<(Text, Vec<MaskedChunk>)>,
    masks: BTreeMap<u64, Arc<Mask>>,
}

/// A segment written in this round, and where its rows came from.
struct Written {
    project: Text,
    entry: SegmentEntry,
    segment: Arc<Segment>,
    /// The new row of each (chunk, row).
    traces: HashMap<Row, u32>,
    scores: HashMap<Row, u32>,
}

impl Sealer {
    pub(crate) fn new(shared: Arc<Shared>, manifest: Manifest) -> Self {
        Self {
            shared,
            manifest: Mutex::new(manifest),
            compacting: Mutex::default(),
            given_up: Mutex::default(),
            in_doubt: Mutex::default(),
        }
    }

    /// Sealing and compaction take turns: whoever holds the manifest may replace it.
    pub(crate) fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock()
    }

    pub(crate) fn is_given_up(&self, number: u64, now: Micros) -> bool {
        self.given_up.lock().get(&number).is_some_and(|until| now < *until)
    }

    /// Does not try to compact these segments again before a moment.
    pub(crate) fn give_up(&self, numbers: impl Iterator<Item = u64>, now: Micros, until: Micros) {
        let mut given_up = self.given_up.lock();
        given_up.retain(|_, until| now < *until);
        given_up.extend(numbers.map(|number| (number, until)));
    }

    pub(crate) fn root(&self) -> &Path {
        &self.shared.dir
    }

    pub(crate) fn disk(&self) -> &Arc<dyn Disk> {
        &self.shared.disk
    }

    /// Writes a manifest that names the new segments in these folders. The caller has the lock on the
    /// manifest, and where this fails keeps the one that it has.
    pub(crate) fn store(&self, next: &Manifest, new: &[PathBuf]) -> Result<(), ArchiveError> {
        let disk = &**self.disk();
        if let Err(error) = next.prepare(disk, self.root()) {
            // Nothing names them, and on a full disk their room is needed.
            new.iter().for_each(|dir| remove(disk, dir));
            return Err(error);
        }
        let committed = Manifest::commit(disk, self.root());
        let mut in_doubt = self.in_doubt.lock();
        match &committed {
            Ok(()) => in_doubt.drain(..).for_each(|dir| remove(disk, &dir)),
            Err(_) => in_doubt.extend_from_slice(new),
        }
        committed
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Live> {
        self.shared.lock()
    }

    pub(crate) fn footers(&self) -> &Footers {
        &self.shared.footers
    }

    pub(crate) fn pricing(&self, project: &str) -> Arc<dyn Pricing> {
        self.shared.prices.of(project)
    }

    pub(crate) fn full(&self) -> &FullTraces {
        &self.shared.full
    }

    pub(crate) fn seal(&self) -> Result<(), ArchiveError> {
        let mut manifest = self.manifest.lock();
        let noted = self.note();
        if noted.chunks.is_empty() && noted.position == manifest.checkpoint {
            return Ok(());
        }
        let mut next = manifest.clone();
        let written = self.write(&mut next, &noted.chunks);
        // Whatever comes of this round, its numbers are not used again: a manifest that names them may
        // be on disk even if writing it seemed to fail.
        manifest.next_segment = next.next_segment;
        let written = written?;
        for entry in &mut next.segments {
            if let Some(mask) = noted.masks.get(&entry.number) {
                entry.mask = (**mask).clone();
            }
        }
        let gone = |entry: &SegmentEntry| {
            entry.mask.traces.len() == entry.facts.traces
                && entry.mask.scores.len() == entry.facts.scores
        };
        let (dropped, kept): (Vec<_>, Vec<_>) = next.segments.drain(..).partition(gone);
        next.segments = kept;
        next.segments.extend(written.iter().map(|w| w.entry.clone()));
        next.checkpoint = noted.position;
        let new: Vec<_> = written.iter().map(|w| w.segment.dir().to_path_buf()).collect();
        self.store(&next, &new)?;
        *manifest = next;
        // Before the segments can be seen: a key that the filter lacks is not looked for.
        let filters = self.grown_filters(&written);
        self.install(noted, written, filters, &dropped);
        Ok(())
    }

    /// Each project's filter with the keys of new segments in it. Only the sealer changes the lists
    /// of segments, and it has the manifest.
    fn grown_filters(&self, written: &[Written]) -> HashMap<Text, Arc<KeyFilter>> {
        let mut filters: HashMap<Text, Arc<KeyFilter>> = HashMap::new();
        for new in written {
            let (segments, filter) = match self.shared.lock().projects.get(&new.project) {
                Some(memtable) => (memtable.segments.clone(), memtable.filter.clone()),
                None => continue,
            };
            let same = written.iter().filter(|w| w.project == new.project).map(|w| &*w.segment);
            let all = segments.iter().map(|masked| &*masked.segment).chain(same);
            let grown = filters.get(&new.project).unwrap_or(&filter).grown(&new.segment, all);
            filters.insert(new.project.clone(), grown);
        }
        filters
    }

    /// The journal begins anew at `end`.
    pub(crate) fn rewind(&self, end: Position) -> Result<(), ArchiveError> {
        let mut manifest = self.manifest.lock();
        let mut next = manifest.clone();
        next.checkpoint = end;
        self.store(&next, &[])?;
        *manifest = next;
        let mut live = self.shared.lock();
        (live.checkpoint, live.merged) = (end, end);
        Ok(())
    }

    fn note(&self) -> Noted {
        let mut live = self.shared.lock();
        let position = match &live.stuck {
            Some((position, _)) => live.checkpoint.max(*position),
            None => live.merged,
        };
        let mut noted = Noted { position, chunks: Vec::new(), masks: BTreeMap::new() };
        for (project, memtable) in &mut live.projects {
            memtable.freeze_all(self.shared.prices.of(project));
            if !memtable.chunks.is_empty() {
                noted.chunks.push((project.clone(), memtable.chunks.clone()));
            }
            noted.masks.extend(memtable.segments.iter().map(|m| (m.number, m.mask.clone())));
        }
        noted
    }

    /// Writes the segments of all projects. Where one fails, none is left.
    fn write(
        &self,
        manifest: &mut Manifest,
        projects: &[(Text, Vec<MaskedChunk>)],
    ) -> Result<Vec<Written>, ArchiveError> {
        let mut written = Vec::new();
        for (project, chunks) in projects {
            if let Err(error) = self.write_project(manifest, project, chunks, &mut written) {
                // On a full disk their room is needed.
                written.iter().for_each(|w: &Written| remove(&**self.disk(), w.segment.dir()));
                return Err(error);
            }
        }
        Ok(written)
    }

    fn write_project(
        &self,
        manifest: &mut Manifest,
        project: &Text,
        chunks: &[MaskedChunk],
        written: &mut Vec<Written>,
    ) -> Result<(), ArchiveError> {
        let disk = &**self.disk();
        let inputs: Result<Vec<Arc<Batches>>, _> = chunks.iter().map(|m| m.chunk.rows()).collect();
        let inputs = inputs.map_err(failed)?;
        let mut shelves: BTreeMap<Shelf, Rows> = BTreeMap::new();
        for (n, (input, masked)) in inputs.iter().zip(chunks).enumerate() {
            pick(&mut shelves, n, &input.traces, "start_time", &masked.mask.traces, |rows| {
                &mut rows.traces
            });
            pick(&mut shelves, n, &input.scores, "timestamp", &masked.mask.scores, |rows| {
                &mut rows.scores
            });
        }
        let before = written.len();
        for (shelf, rows) in shelves {
            let (number, dir) = manifest.next_place(self.root(), project, shelf);
            let made =
                write_segment(disk, &dir, &inputs, rows.traces, rows.scores).and_then(|made| {
                    let segment = Segment::open_within(&dir, made.facts.clone(), self.footers())?;
                    Ok((segment, made))
                });
            let (segment, made) = match made {
                Ok(made) => made,
                Err(error) => {
                    // Half a segment is of no use.
                    remove(disk, &dir);
                    return Err(failed(error));
                }
            };
            let segment = Arc::new(segment);
            let facts = made.facts;
            let entry = SegmentEntry {
                project: project.to_string(),
                shelf,
                number,
                facts,
                mask: Mask::default(),
                masked_since: None,
                prices: prices_of(&inputs),
            };
            written.push(Written {
                project: project.clone(),
                entry,
                segment,
                traces: made.traces.into_iter().zip(0..).collect(),
                scores: made.scores.into_iter().zip(0..).collect(),
            });
        }
        let shelves: Vec<Shelf> = written[before..].iter().map(|w| w.entry.shelf).collect();
        sync_parents(disk, self.root(), project, &shelves)
    }

    fn install(
        &self,
        noted: Noted,
        written: Vec<Written>,
        filters: HashMap<Text, Arc<KeyFilter>>,
        dropped: &[SegmentEntry],
    ) {
        let mut live = self.shared.lock();
        live.checkpoint = noted.position;
        for (project, filter) in filters {
            if let Some(memtable) = live.projects.get_mut(&project) {
                memtable.filter = filter;
            }
        }
        for written in written {
            let Some(memtable) = live.projects.get_mut(&written.project) else { continue };
            let before = noted.chunks.iter().find(|(project, _)| *project == written.project);
            let mask = reopened_since(memtable, before.map_or(&[], |(_, chunks)| chunks), &written);
            memtable.segments.push(MaskedSegment {
                number: written.entry.number,
                segment: written.segment,
                mask: Arc::new(mask),
            });
        }
        for (project, chunks) in &noted.chunks {
            if let Some(memtable) = live.projects.get_mut(project) {
                let ids: Vec<u64> = chunks.iter().map(|m| m.chunk.id).collect();
                memtable.forget_chunks(&ids);
            }
        }
        let is_dropped = |number: u64| dropped.iter().any(|entry| entry.number == number);
        let mut taken = Vec::new();
        for memtable in live.projects.values_mut() {
            if memtable.segments.iter().any(|m| is_dropped(m.number)) {
                taken.extend(memtable.take_segments(is_dropped, &self.shared.disk));
            }
        }
        self.shared.memory_bytes.store(live.count_all() as u64, Ordering::Relaxed);
        drop(live);
        // Removes files.
        drop(taken);
    }
}

/// The version of the prices by which rows were built, if it is one.
fn prices_of(inputs: &[Arc<Batches>]) -> Option<String> {
    let (first, others) = inputs.split_first()?;
    let is_one = others.iter().all(|other| other.prices == first.prices);
    is_one.then(|| first.prices.to_string())
}

/// Rows of one shelf, as (input, row).
#[derive(Default)]
struct Rows {
    traces: Vec<Row>,
    scores: Vec<Row>,
}

fn pick(
    shelves: &mut BTreeMap<Shelf, Rows>,
    input: usize,
    rows: &arrow::array::RecordBatch,
    time: &str,
    mask: &roaring::RoaringBitmap,
    part: fn(&mut Rows) -> &mut Vec<Row>,
) {
    let column = |name: &str| {
        rows.column_by_name(name).and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>())
    };
    let (Some(times), Some(deleted)) = (column(time), column("deleted_at")) else { return };
    for (row, time) in times.values().iter().enumerate() {
        if mask.contains(row as u32) {
            continue;
        }
        let shelf = if deleted.is_valid(row) {
            Shelf::deletions(Micros(deleted.value(row)))
        } else {
            Shelf::records(Micros(*time))
        };
        part(shelves.entry(shelf).or_default()).push((input, row));
    }
}

/// Rows of a new segment whose units left their chunk for the head after the chunk was noted.
fn reopened_since(memtable: &Memtable, noted: &[MaskedChunk], written: &Written) -> Mask {
    let mut mask = Mask::default();
    for (input, before) in noted.iter().enumerate() {
        let Some(now) = memtable.chunk_mask(before.chunk.id) else { continue };
        let find = |rows: &HashMap<Row, u32>, row: u32| rows.get(&(input, row as usize)).copied();
        let traces = &now.traces - &before.mask.traces;
        mask.traces.extend(traces.iter().filter_map(|row| find(&written.traces, row)));
        let scores = &now.scores - &before.mask.scores;
        mask.scores.extend(scores.iter().filter_map(|row| find(&written.scores, row)));
    }
    mask
}

/// A new folder is safe only once its parents are synced.
pub(crate) fn sync_parents(
    disk: &dyn Disk,
    root: &Path,
    project: &str,
    shelves: &[Shelf],
) -> Result<(), ArchiveError> {
    let project = root.join("segments").join(project);
    let shelves = shelves.iter().map(|shelf| project.join(shelf.to_string()));
    for dir in shelves.chain([project.clone(), root.join("segments"), root.to_path_buf()]) {
        disk.sync_dir(&dir).map_err(|error| file_failed(&dir, &error))?;
    }
    Ok(())
}

/// Removes segment folders that the manifest does not name.
pub(crate) fn remove_debris(disk: &dyn Disk, root: &Path, manifest: &Manifest) {
    let known: HashSet<_> = manifest.segments.iter().map(|entry| entry.dir(root)).collect();
    let list = |dir: &Path| -> Vec<std::path::PathBuf> {
        fs::read_dir(dir).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default()
    };
    for project in list(&root.join("segments")) {
        for day in list(&project) {
            for dir in list(&day).into_iter().filter(|dir| !known.contains(dir)) {
                remove(disk, &dir);
            }
            // Fails unless it is empty, which is what is wanted.
            let _ = disk.remove_dir(&day);
        }
    }
}

pub(crate) fn remove(disk: &dyn Disk, dir: &Path) {
    match disk.remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let dir = dir.display();
            tracing::warn!(%dir, %error, "a segment that is no longer used stays on disk");
        }
        _ => {}
    }
}
