//! The write path, on one page: decode → redact → journal (synced) → join → acknowledge.
//!
//! [`Pipeline::write`] takes decoded patches, masks them, hands their block to the journal and waits.
//! The journal's writer syncs groups of blocks and passes them on, in log order, to the *joiner*: the
//! one thread that changes the archive. When a block is joined its request is acknowledged: it is
//! durable, and any read that begins now sees it. The joiner takes all groups that wait and tells the
//! archive of them first, which then reads together what they need; it joins block by block all the
//! same.

mod in_flight;
pub(crate) mod losses;
mod replay;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};
use tracekeep_archive::{Archive, ArchiveError};
use tracekeep_journal::{
    AppendError, Durable, Extent, Journal, OpenError, Options, OsStorage, Position, Sink,
};
use tracekeep_model::block::Block;
use tracekeep_model::{Micros, RecordKey, State, Text};
use tracekeep_redact::Redactor;

use crate::estimates::Ear;
use crate::live::{Hub, News};
use crate::telemetry::Metrics;
use in_flight::InFlight;
use replay::Replay;

/// Groups that may wait for the joiner before the journal's writer waits for it.
const GROUPS_AHEAD: usize = 8;
/// Groups that are joined together, where so many wait: the archive reads at once what they need.
const GROUPS_TOGETHER: usize = 8;
/// Bytes of blocks from which on no further group is joined with them.
const BYTES_TOGETHER: usize = 4 << 20;
/// Bytes of a body beyond twice what came of it that may stay in memory.
const SLACK: usize = 16 << 10;
/// Bytes of memory that the patches of any OTLP request may take: more than a whole trace may.
const LEAST_MOST_OF_REQUEST: usize = 128 << 20;
/// Bytes of memory that the patches of a large request may take for each of its bytes. Ordinary spans
/// take three to four, so a request of them is taken whole as long as its body is.
const MOST_OF_BYTE: usize = 8;
/// Bytes of memory that patches take which are not joined yet, of all requests.
const MOST_IN_FLIGHT: usize = 2 * LEAST_MOST_OF_REQUEST;
/// How long a writer waits for memory before it is told to come again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Takes patches in and answers when they are durable and readable.
pub(crate) struct Pipeline {
    redactor: Redactor,
    journal: Journal<Waiting>,
    archive: Arc<dyn Archive>,
    metrics: Arc<Metrics>,
    memory: MemoryLimits,
    in_flight: InFlight,
    /// Wakes those that wait for memory.
    sealed: Notify,
}

/// Bytes of memory that records take, about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryLimits {
    /// From here on they are sealed.
    pub(crate) seal: u64,
    /// From here on, writers wait for the next seal, so that senders slow down.
    pub(crate) wait: u64,
    /// From here on, as sealing does not keep up, nothing more is taken.
    pub(crate) refuse: u64,
}

/// Why the write path could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PipelineError {
    /// The journal could not be opened or replayed.
    #[error(transparent)]
    Journal(OpenError),
    /// The journal is damaged: what would be lost with it.
    #[error("{source}. {stake}")]
    Damaged {
        /// Which file, where and how.
        source: OpenError,
        /// What only the journal has, as far as can be told.
        stake: String,
    },
    /// The archive could not be told where the journal ends.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// No thread for the joiner.
    #[error("the joiner did not start: {0}")]
    Thread(std::io::Error),
}

/// Why patches were not acknowledged. They may or may not be seen later.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum WriteError {
    /// The journal did not take them.
    #[error(transparent)]
    Journal(#[from] AppendError),
    /// They are durable but could not be joined; the next start joins them.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

/// Bytes of memory that the patches of an OTLP request of so many bytes may take.
pub(crate) fn most_of_request(sent: usize) -> usize {
    sent.saturating_mul(MOST_OF_BYTE).max(LEAST_MOST_OF_REQUEST)
}

/// A block on its way, and who waits for it.
pub(crate) struct Waiting {
    block: Block,
    /// Of the memory of patches on their way. Here, as who waits may go before the block does.
    share: OwnedSemaphorePermit,
    done: oneshot::Sender<Result<(), WriteError>>,
}

impl Pipeline {
    /// Opens the journal of a data folder, joins what the archive has not got, and starts the joiner.
    ///
    /// # Errors
    /// The journal is damaged or locked, or a block could not be joined.
    pub(crate) fn open(
        data: &Path,
        redactor: Redactor,
        archive: Arc<dyn Archive>,
        live: Arc<Hub>,
        ear: Ear,
        metrics: Arc<Metrics>,
        memory: MemoryLimits,
    ) -> Result<Self, PipelineError> {
        let (send, receive) = sync_channel(GROUPS_AHEAD);
        let checkpoint = archive.checkpoint();
        let mut replay = Replay::new(&*archive, memory);
        let take = |_: Position, end: Position, bytes: bytes::Bytes| {
            if end.get() <= checkpoint { Ok(()) } else { replay.take(end.get(), &bytes) }
        };
        let dir = data.join("journal");
        // What cannot be looked at cannot be opened either, which says why.
        let seen = tracekeep_journal::inspect(&OsStorage, &dir, Extent::Headers, &mut |_| {});
        let missing = seen.ok().and_then(|seen| seen.missing_before(Position::new(checkpoint)));
        let options = Options::new(&dir);
        let journal = Journal::open(options, Arc::new(OsStorage), take, ToJoiner(send))
            .map_err(|error| losses::at_stake(error, &dir, checkpoint))?;
        replay.join()?;
        tracing::info!(blocks = replay.blocks, "journal replayed");
        if let Some(missing) = missing {
            tracing::error!("{}", losses::of_first_files(&missing));
        }
        let durable = journal.status().durable.get();
        if durable < checkpoint {
            tracing::error!("{}", losses::of_end(checkpoint, durable));
            archive.rewind(durable)?;
        }
        let joiner = std::thread::Builder::new().name("joiner".into());
        let joined = archive.clone();
        let joining = move || join(&receive, &*joined, &live, &ear);
        joiner.spawn(joining).map_err(PipelineError::Thread)?;
        let sealed = Notify::new();
        let in_flight = InFlight::new(MOST_IN_FLIGHT);
        Ok(Self { redactor, journal, archive, metrics, memory, in_flight, sealed })
    }

    /// Makes patches durable and readable. `sent` is the size of the body that their texts are parts
    /// of, 0 if they are of their own.
    ///
    /// # Errors
    /// They are not acknowledged.
    pub(crate) async fn write(
        &self,
        project_id: Text,
        received: Micros,
        mut patches: Vec<(RecordKey, State)>,
        sent: usize,
    ) -> Result<(), WriteError> {
        if patches.is_empty() {
            return Ok(());
        }
        // Before it waits for anything: they are in memory already.
        let Some(share) = self.in_flight.share(&patches) else {
            self.metrics.refused_blocks.inc();
            return Err(ArchiveError::Busy("too many records wait to be written".into()).into());
        };
        if !self.has_memory().await {
            self.metrics.refused_blocks.inc();
            return Err(ArchiveError::Busy("memory is full until more is sealed".into()).into());
        }
        let began = Instant::now();
        self.metrics.masked.inc_by(self.redactor.redact(&mut patches));
        let count = patches.len() as u64;
        let block = Block { project_id, received, patches };
        let bytes = block.encode();
        // Texts are parts of the body: a short one would keep all of a long body in memory.
        let block = match sent > 2 * bytes.len() + SLACK {
            true => {
                // So that it is not there twice.
                drop(block);
                Block::decode(&bytes).map_err(|e| ArchiveError::Failed(e.to_string()))?
            }
            false => block,
        };
        let (done, outcome) = oneshot::channel();
        let appended = self.journal.append(bytes, Waiting { block, share, done }).await;
        let result = match appended {
            Ok(()) => outcome.await.unwrap_or(Err(WriteError::Stopping)),
            Err((error, _)) => Err(error.into()),
        };
        match &result {
            Ok(()) => {
                self.metrics.patches.inc_by(count);
                self.metrics.acknowledged_blocks.inc();
                self.metrics.acknowledge_seconds.observe(began.elapsed().as_secs_f64());
            }
            Err(_) => {
                self.metrics.refused_blocks.inc();
            }
        }
        result
    }

    /// What masks all that is written.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Waits a while for memory, where little is left; says whether there is enough.
    async fn has_memory(&self) -> bool {
        let until = tokio::time::Instant::now() + LONGEST_WAIT;
        loop {
            // Before looking, so that no seal in between is missed.
            let sealed = self.sealed.notified();
            let bytes = self.archive.memory_bytes();
            if bytes < self.memory.wait {
                return true;
            }
            if bytes >= self.memory.refuse || tokio::time::timeout_at(until, sealed).await.is_err()
            {
                return false;
            }
        }
    }

    /// Says that memory was sealed.
    pub(crate) fn sealed(&self) {
        self.sealed.notify_waiters();
    }

    /// Whether so much is in memory that it should be sealed.
    pub(crate) fn is_full(&self) -> bool {
        self.archive.memory_bytes() >= self.memory.seal
    }

    /// How the journal is doing.
    pub(crate) fn journal(&self) -> tracekeep_journal::Status {
        self.journal.status()
    }

    /// Lets go of what the archive has. Blocks the thread for the removal of files.
    pub(crate) fn checkpoint(&self, position: u64) {
        if let Err(error) = self.journal.checkpoint(Position::new(position)) {
            tracing::warn!(%error, "the journal keeps segments that are no longer needed");
        }
    }

    /// Lets go of the journal's newest file too, if the archive has all that is in it: what was deleted
    /// would stay in there for as long as nothing comes in. Blocks the thread.
    pub(crate) fn rotate_if_idle(&self) {
        if let Err(error) = self.journal.rotate_if_idle() {
            tracing::warn!(%error, "the journal keeps segments that are no longer needed");
        }
    }
}

/// Passes durable groups on, in log order. Waits where the joiner is behind, and so slows the intake.
struct ToJoiner(SyncSender<Vec<Durable<Waiting>>>);

impl Sink<Waiting> for ToJoiner {
    fn durable(&mut self, group: Vec<Durable<Waiting>>) {
        // The joiner lives until this sender goes; were it gone, dropping the group says `Stopping`.
        let _ = self.0.send(group);
    }

    fn failed(&mut self, items: Vec<Waiting>, error: &AppendError) {
        for waiting in items {
            let _ = waiting.done.send(Err(error.clone().into()));
        }
    }
}

/// How often a block is tried before it is left to the next start, and how long it waits in between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

fn join(groups: &Receiver<Vec<Durable<Waiting>>>, archive: &dyn Archive, live: &Hub, ear: &Ear) {
    while let Ok(group) = groups.recv() {
        let mut blocks = with_those_that_wait(group, groups);
        while !blocks.is_empty() {
            for _ in 0..prepare(archive, blocks.iter().map(|durable| &durable.item.block)) {
                let Some(durable) = blocks.pop_front() else { break };
                join_and_answer(durable, archive, live, ear);
            }
        }
        prepare(archive, std::iter::empty());
    }
}

/// A group's blocks, and those of groups that wait behind it. Large groups have enough to be read at
/// once without, and as many as are taken here may wait besides.
fn with_those_that_wait(
    group: Vec<Durable<Waiting>>,
    groups: &Receiver<Vec<Durable<Waiting>>>,
) -> VecDeque<Durable<Waiting>> {
    let mut bytes = bytes_of(&group);
    let mut blocks = VecDeque::from(group);
    for _ in 1..GROUPS_TOGETHER {
        if bytes >= BYTES_TOGETHER {
            break;
        }
        let Ok(group) = groups.try_recv() else { break };
        bytes += bytes_of(&group);
        blocks.extend(group);
    }
    blocks
}

fn bytes_of(group: &[Durable<Waiting>]) -> usize {
    group.iter().map(|durable| durable.block.len()).sum()
}

fn join_and_answer(durable: Durable<Waiting>, archive: &dyn Archive, live: &Hub, ear: &Ear) {
    let Durable { end, block: bytes, item: Waiting { block, share, done }, .. } = durable;
    let unread = News::unread(&block);
    let news = unharmed("reading a block for listeners", || live.news(&block));
    // What is heard of is looked up seconds later, when it is joined or never will be.
    unharmed("picking calls out of a block", || ear.hear(&block));
    let result = join_one(archive, end.get(), block, &bytes);
    let is_joined = result.is_ok();
    // Before the answer: who has it may send again at once.
    drop(share);
    // Who no longer waits does not want to know.
    let _ = done.send(result.map_err(WriteError::from));
    if is_joined {
        // Of what could not be read, listeners hear that they missed it.
        let news = news.unwrap_or(unread);
        unharmed("telling listeners", || live.publish(news));
    }
}

/// Tells the archive what comes next; says how many of these blocks to join before it is told of the
/// others: one at least.
fn prepare<'b>(archive: &dyn Archive, blocks: impl Iterator<Item = &'b Block>) -> usize {
    let blocks: Vec<&Block> = blocks.collect();
    let ready = unharmed("getting ready for blocks", || archive.prepare(&blocks));
    ready.unwrap_or(blocks.len()).max(1)
}

/// A panic beside joining, as where listeners are told, must not end the joiner: nothing would be
/// acknowledged any more.
fn unharmed<T>(what: &str, work: impl FnOnce() -> T) -> Option<T> {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    if done.is_err() {
        tracing::error!("{what} panicked; the joiner goes on");
    }
    done.ok()
}

/// Joins one block; what fails is tried again from the block's bytes.
fn join_one(
    archive: &dyn Archive,
    end: u64,
    block: Block,
    bytes: &bytes::Bytes,
) -> Result<(), ArchiveError> {
    let mut result = merge(archive, block, end);
    for tried in 1..TRIES {
        let Err(error) = &result else { return Ok(()) };
        tracing::warn!(%error, tried, "a durable block could not be joined; trying again");
        #[allow(clippy::disallowed_methods, reason = "the joiner's own thread")]
        std::thread::sleep(PAUSE * 2u32.pow(tried));
        result = match Block::decode(bytes) {
            Ok(block) => merge(archive, block, end),
            Err(error) => Err(ArchiveError::Failed(error.to_string())),
        };
    }
    if let Err(error) = &result {
        tracing::error!(%error, "a durable block is left to the next start");
        archive.give_up(end, &error.to_string());
    }
    result
}

/// A panic within the archive must not end the joiner: nothing would be acknowledged any more.
fn merge(archive: &dyn Archive, block: Block, end: u64) -> Result<(), ArchiveError> {
    let merge = std::panic::AssertUnwindSafe(|| archive.merge(block, end));
    std::panic::catch_unwind(merge)
        .unwrap_or_else(|_| Err(ArchiveError::Failed("joining a block panicked".into())))
}

#[cfg(test)]
mod tests;
