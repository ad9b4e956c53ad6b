//! The archive itself: merging, snapshots, look-ups.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use async_trait::async_trait;
use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;
use tracekeep_archive::{
    Archive, ArchiveError, ArchiveStatus, Expiry, Full, ModelCosts, Position, Relations,
};
use tracekeep_model::block::Block;
use tracekeep_model::{
    Micros, NoPrices, Pricing, ProjectPrices, RecordKey, State, Text, TraceUnit, Unit, UnitKey,
};
use tracekeep_query::{Page, Query};
use tracekeep_segment::{Disk, Footers, OsDisk, Segment, SegmentError};

use crate::ahead::Ahead;
use crate::chunk::{self, Chunk};
use crate::engine::Engine;
use crate::full::FullTraces;
use crate::key_filter::KeyFilter;
use crate::lookup::{There, locate, read};
use crate::manifest::Manifest;
use crate::memtable::{HeadRows, Memtable, unit_key};
use crate::seal::Sealer;
use crate::snapshot::{MaskedSegment, Snapshot};

/// Where and how an embedded archive is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder; made if it is missing.
    pub dir: PathBuf,
    /// Bytes that queries may hold in memory, all together.
    pub query_memory_bytes: usize,
    /// Queries that run at once; further ones wait.
    pub concurrent_queries: usize,
    /// Seconds after which a query is stopped.
    pub query_seconds: u64,
    /// Spans from which on a trace is full: it is held, read and written as a whole.
    pub most_trace_spans: usize,
    /// By which the costs that nobody stated are computed.
    pub prices: Arc<dyn ProjectPrices>,
    /// Where all changes of files go, but for the lock; the system's, but in tests. Reading does not
    /// ask it.
    pub disk: Arc<dyn Disk>,
}

impl Options {
    /// The defaults, for a folder. Without prices: nothing but stated costs is shown.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            query_memory_bytes: 256 << 20,
            concurrent_queries: 4,
            query_seconds: 30,
            most_trace_spans: 100_000,
            prices: Arc::new(NoPrices),
            disk: Arc::new(OsDisk),
        }
    }
}

/// The embedded archive.
pub struct Embedded {
    shared: Arc<Shared>,
    sealer: Sealer,
    engine: Engine,
    /// Frozen chunks go to a thread that makes their rows, so that neither merging nor the first query
    /// has to.
    frozen: SyncSender<Arc<Chunk>>,
    /// Held as long as the archive is open.
    _lock: File,
}

/// Makes the archive's folder, and those above it where they are missing, so that it is not lost with
/// the power.
fn make_dir(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    let parent = match dir.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()),
    };
    if !dir.is_dir() {
        if !parent.is_dir() {
            make_dir(disk, parent)?;
        }
        disk.create_dir(dir)?;
    }
    // Also if it was there: whoever made it may have been killed before this.
    disk.sync_dir(parent)
}

/// Makes sure that no other process has the folder.
fn lock(dir: &Path) -> Result<File, ArchiveError> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(|error| crate::manifest::failed(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(crate::manifest::failed(dir, &"is in use by another process; stop that first"))
        }
        Err(TryLockError::Error(error)) => Err(crate::manifest::failed(&path, &error)),
    }
}

/// Frozen chunks that may wait for their rows; further ones get them from the first query.
const FROZEN_AHEAD: usize = 64;

fn make_rows() -> Result<SyncSender<Arc<Chunk>>, ArchiveError> {
    let (send, receive) = std::sync::mpsc::sync_channel::<Arc<Chunk>>(FROZEN_AHEAD);
    let work = move || {
        for chunk in receive {
            if let Err(error) = chunk.rows() {
                tracing::error!(%error, "rows of a chunk could not be made");
            }
        }
    };
    let thread = std::thread::Builder::new().name("rows".into()).spawn(work);
    thread.map_err(|error| ArchiveError::Failed(format!("no thread for rows: {error}")))?;
    Ok(send)
}

/// What merging, sealing and reading have in common.
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    live: Mutex<Live>,
    /// Bytes of memory that records take, about; read on every write.
    pub(crate) memory_bytes: AtomicU64,
    /// Changed by merging and by what drops segments; asked by every write, without `live`.
    pub(crate) full: FullTraces,
    /// What was read for the blocks that come next. For who merges alone; taken after `live`, if both.
    pub(crate) ahead: Mutex<Ahead>,
    /// Those of all segments.
    pub(crate) footers: Footers,
    pub(crate) prices: Arc<dyn ProjectPrices>,
    most_trace_spans: usize,
}

/// Everything that changes, under one lock that is never held over I/O.
#[derive(Default)]
pub(crate) struct Live {
    pub(crate) projects: HashMap<Text, Memtable>,
    /// The sum of what is counted of each project.
    bytes: usize,
    /// The journal position behind the last merged block.
    pub(crate) merged: Position,
    pub(crate) checkpoint: Position,
    /// A merge failed here: the checkpoint must not pass it.
    pub(crate) stuck: Option<(Position, String)>,
}

impl Embedded {
    /// Opens or makes the archive of a folder.
    ///
    /// # Errors
    /// The folder or a segment cannot be read, or a newer version wrote it.
    pub fn open(options: Options) -> Result<Self, ArchiveError> {
        make_dir(&*options.disk, &options.dir)
            .map_err(|error| crate::manifest::failed(&options.dir, &error))?;
        // DataFusion reads absolute paths only.
        let dir = std::fs::canonicalize(&options.dir)
            .map_err(|error| crate::manifest::failed(&options.dir, &error))?;
        let options = Options { dir, ..options };
        // Before anything is touched: what looks like debris may be another process's work.
        let lock = lock(&options.dir)?;
        let manifest = Manifest::load(&options.dir)?;
        // Who wrote it may have been killed between renaming it and syncing its name. From here on what
        // it does not name goes, also from the journal: the one before must not come back.
        let synced = options.disk.sync_dir(&options.dir);
        synced.map_err(|error| crate::manifest::failed(&options.dir, &error))?;
        crate::seal::remove_debris(&*options.disk, &options.dir, &manifest);
        let mut live = Live {
            checkpoint: manifest.checkpoint,
            merged: manifest.checkpoint,
            ..Live::default()
        };
        let footers = Footers::default();
        for entry in &manifest.segments {
            let dir = entry.dir(&options.dir);
            let segment =
                Segment::open_within(&dir, entry.facts.clone(), &footers).map_err(failed)?;
            let memtable = live.projects.entry(Text::from(entry.project.as_str())).or_default();
            memtable.segments.push(MaskedSegment {
                number: entry.number,
                segment: Arc::new(segment),
                mask: Arc::new(entry.mask.clone()),
            });
        }
        for memtable in live.projects.values_mut() {
            memtable.filter =
                Arc::new(KeyFilter::of(memtable.segments.iter().map(|masked| &*masked.segment)));
        }
        let memtables = live.projects.values();
        crate::warm::warm(memtables.flat_map(|m| m.segments.iter().map(|masked| &masked.segment)))?;
        let engine = Engine::new(&options)?;
        let shared = Arc::new(Shared {
            dir: options.dir,
            disk: options.disk,
            live: Mutex::new(live),
            memory_bytes: AtomicU64::new(0),
            full: FullTraces::default(),
            ahead: Mutex::default(),
            footers,
            prices: options.prices,
            most_trace_spans: options.most_trace_spans,
        });
        Ok(Self {
            sealer: Sealer::new(shared.clone(), manifest),
            shared,
            engine,
            frozen: make_rows()?,
            _lock: lock,
        })
    }

    /// A unit as it is kept, wherever it is.
    fn unit(&self, project: &str, key: &UnitKey) -> Result<Option<Arc<Unit>>, ArchiveError> {
        loop {
            let (segments, epoch) = {
                let live = self.shared.live.lock();
                let Some(memtable) = live.projects.get(project) else { return Ok(None) };
                match memtable.find(key) {
                    Some(found) => {
                        drop(live);
                        return found.read(key).map(Some).map_err(failed);
                    }
                    None if !memtable.may_be_in_segments(key) => return Ok(None),
                    None => (memtable.segments.clone(), memtable.epoch),
                }
            };
            let found = read(&segments, key).map_err(failed)?.map(|there| there.unit);
            let live = self.shared.live.lock();
            let unchanged = live
                .projects
                .get(project)
                .is_some_and(|memtable| memtable.epoch == epoch && !memtable.holds(key));
            if unchanged {
                return Ok(found.map(Arc::new));
            }
        }
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> parking_lot::MutexGuard<'_, Live> {
        self.live.lock()
    }

    /// All of a project's units at this moment.
    pub(crate) fn snapshot(&self, project: &str) -> Result<Snapshot, ArchiveError> {
        let pricing = self.prices.of(project);
        let prices = pricing.version();
        let making = self.live.lock().projects.get(project).map(|memtable| memtable.making.clone());
        let _turn = making.as_ref().map(|making| making.lock());
        let (head, chunks, segments) = {
            let live = self.live.lock();
            let Some(memtable) = live.projects.get(project) else {
                return Ok(Snapshot {
                    head: Arc::new(chunk::build(&[], &pricing).map_err(failed)?),
                    chunks: Vec::new(),
                    segments: Vec::new(),
                });
            };
            (memtable.head_rows(&prices), memtable.chunks.clone(), memtable.segments.clone())
        };
        let head = match head {
            HeadRows::Ready(rows) => rows,
            HeadRows::Make(version, units) => {
                let rows = Arc::new(chunk::build(&units, &pricing).map_err(failed)?);
                if let Some(memtable) = self.live.lock().projects.get_mut(project) {
                    memtable.keep_head_rows(version, rows.clone());
                }
                rows
            }
        };
        Ok(Snapshot { head, chunks, segments })
    }

    /// Joins a block: re-opens units that lie in segments, then applies the patches.
    /// Gives back the chunk that the head became, if it did.
    fn merge(&self, block: Block, end: Position) -> Result<Option<Arc<Chunk>>, SegmentError> {
        let mut keys: Vec<UnitKey> = block.patches.iter().map(|(key, _)| unit_key(key)).collect();
        keys.sort_unstable();
        keys.dedup();
        let deleted = deleted(&block);
        'again: loop {
            let (ahead, missing, segments, epoch) = {
                let mut live = self.live.lock();
                let memtable = &*live.projects.entry(block.project_id.clone()).or_default();
                let read = self.ahead.lock();
                let is_missing =
                    |key: &&UnitKey| !memtable.holds(key) && memtable.may_be_in_segments(key);
                let is_ahead = |key: &&UnitKey| read.has(&block.project_id, key, memtable);
                let (ahead, missing): (Vec<&UnitKey>, Vec<&UnitKey>) =
                    keys.iter().filter(is_missing).partition(is_ahead);
                let none = missing.is_empty();
                let segments = if none { Vec::new() } else { memtable.segments.clone() };
                (ahead, missing, segments, memtable.epoch)
            };
            let mut found = Vec::new();
            for key in missing {
                // A thousand large traces may be deleted at once: what goes is not read.
                let there = match deleted.contains(key) {
                    true => locate(&segments, key)?
                        .map(|(masked, row)| There::new(masked, row, empty(key, block.received))),
                    false => read(&segments, key)?,
                };
                found.extend(there.map(|there| (key, there)));
            }
            // Its masks would be copied at each change while another handle on them is alive.
            drop(segments);
            let mut live = self.live.lock();
            let memtable = live.projects.entry(block.project_id.clone()).or_default();
            // Segments came or went meanwhile, and units with them: look again.
            if memtable.epoch != epoch {
                continue;
            }
            // Not before, as each can be taken once. They are still where they were: only this thread
            // masks rows of segments that stay in the list.
            for key in ahead {
                let read = self.ahead.lock().take(&block.project_id, key);
                let Some(read) = read else { continue 'again };
                let unit = match deleted.contains(key) {
                    true => empty(key, block.received),
                    false => Unit::Trace(read.unit),
                };
                found.push((key, There { segment: read.segment, row: read.row, unit }));
            }
            for (key, There { segment, row, unit }) in found {
                if !memtable.reopen(segment, row, key, unit) {
                    return Err(SegmentError::Damaged {
                        path: format!("segment {segment}").into(),
                        reason: "is not open".into(),
                    });
                }
            }
            for (key, patch) in block.patches {
                memtable.join(key, patch)?;
            }
            for key in &keys {
                if let UnitKey::Trace(id) = key {
                    let full = memtable.full(key, self.most_trace_spans);
                    self.full.note(&block.project_id, id, full);
                }
            }
            let frozen = match memtable.head_is_full() {
                true => memtable.freeze(self.prices.of(&block.project_id)),
                false => None,
            };
            live.merged = end;
            self.memory_bytes.store(live.count(&block.project_id) as u64, Ordering::Relaxed);
            return Ok(frozen);
        }
    }
}

impl Live {
    /// Bytes of memory that records take, about. Only one project's are counted anew: this is done for
    /// every block, and there may be thousands of projects.
    fn count(&mut self, project: &str) -> usize {
        if let Some(memtable) = self.projects.get_mut(project) {
            let bytes = memtable.bytes();
            self.bytes = self.bytes - memtable.counted + bytes;
            memtable.counted = bytes;
        }
        self.bytes
    }

    /// The same, with all projects counted anew.
    pub(crate) fn count_all(&mut self) -> usize {
        for memtable in self.projects.values_mut() {
            memtable.counted = memtable.bytes();
        }
        self.bytes = self.projects.values().map(|memtable| memtable.counted).sum();
        self.bytes
    }
}

/// The units that a block deletes.
pub(crate) fn deleted(block: &Block) -> HashSet<UnitKey> {
    let deletes = |(key, patch): &&(RecordKey, State)| {
        !matches!(key, RecordKey::Span { .. }) && patch.deleted_at().is_some()
    };
    block.patches.iter().filter(deletes).map(|(key, _)| unit_key(key)).collect()
}

/// A unit of which nothing is known yet.
pub(crate) fn empty(key: &UnitKey, received: Micros) -> Unit {
    match key {
        UnitKey::Trace(_) => Unit::Trace(TraceUnit::new(received)),
        UnitKey::Score(_) => Unit::Score(State::new(received)),
    }
}

pub(crate) fn failed(error: SegmentError) -> ArchiveError {
    ArchiveError::Failed(error.to_string())
}

#[async_trait]
impl Archive for Embedded {
    fn merge(&self, block: Block, end: Position) -> Result<(), ArchiveError> {
        if let Some(chunk) = self.shared.merge(block, end).map_err(failed)? {
            // Full: the chunk's first reader makes its rows.
            let _ = self.frozen.try_send(chunk);
        }
        Ok(())
    }

    fn prepare(&self, blocks: &[&Block]) -> usize {
        self.shared.prepare(blocks)
    }

    fn give_up(&self, end: Position, reason: &str) {
        let mut live = self.shared.lock();
        let before = live.merged;
        live.stuck.get_or_insert_with(|| (before, reason.to_owned()));
        live.merged = end;
    }

    fn memory_bytes(&self) -> u64 {
        self.shared.memory_bytes.load(Ordering::Relaxed)
    }

    fn full(&self, project: &str, trace_id: &str) -> Option<Full> {
        self.shared.full.get(project, trace_id)
    }

    async fn trace(
        &self,
        project: &str,
        trace_id: &str,
    ) -> Result<Option<TraceUnit>, ArchiveError> {
        let key = UnitKey::Trace(Text::from(trace_id));
        let unit = tokio::task::block_in_place(|| self.unit(project, &key))?;
        Ok(match unit.map(Arc::unwrap_or_clone) {
            Some(Unit::Trace(unit)) if unit.state.deleted_at().is_none() => Some(unit),
            _ => None,
        })
    }

    fn pricing(&self, project: &str) -> Arc<dyn Pricing> {
        self.shared.prices.of(project)
    }

    async fn relations(&self, project: &str, trace_id: &str) -> Result<Relations, ArchiveError> {
        let find = || crate::relations::relations(&self.shared, project, trace_id);
        Ok(tokio::task::block_in_place(find))
    }

    async fn query(&self, project: &str, query: &Query) -> Result<Page, ArchiveError> {
        self.engine.query(self.shared.clone(), project.into(), query).await
    }

    fn seal(&self) -> Result<(), ArchiveError> {
        self.sealer.seal()
    }

    fn compact(&self, now: Micros) -> Result<bool, ArchiveError> {
        self.sealer.compact(now)
    }

    fn stale_costs(&self, project: &str) -> Result<Vec<ModelCosts>, ArchiveError> {
        self.sealer.stale_costs(project)
    }

    fn recompute_costs(&self, project: &str) -> Result<bool, ArchiveError> {
        self.sealer.recompute_costs(project)
    }

    fn expire(&self, project: &str, expiry: Expiry) -> Result<u64, ArchiveError> {
        self.sealer.expire(project, expiry)
    }

    fn checkpoint(&self) -> Position {
        self.shared.lock().checkpoint
    }

    fn rewind(&self, end: Position) -> Result<(), ArchiveError> {
        self.sealer.rewind(end)
    }

    fn status(&self) -> ArchiveStatus {
        let live = self.shared.lock();
        let mut status = ArchiveStatus {
            checkpoint: live.checkpoint,
            problem: live.stuck.as_ref().map(|(_, problem)| problem.clone()),
            ..ArchiveStatus::default()
        };
        for memtable in live.projects.values() {
            status.memory_spans += memtable.spans();
            for masked in &memtable.segments {
                status.segments += 1;
                status.stored_spans += masked.segment.facts().spans;
                status.stored_bytes += masked.segment.facts().bytes;
            }
        }
        status
    }
}

#[cfg(test)]
mod tests;
