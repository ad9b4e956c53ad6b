//! The write path, on one page: decode → redact → journal (synced) → join → acknowledge.
//!
//! [`Pipeline::write`] takes decoded patches, masks them, hands their block to the journal and waits.
//! The journal's writer syncs groups of blocks and passes them on, in log order, to the *joiner*: the
//! one thread that changes the archive. When a block is joined its request is acknowledged: it is
//! durable, and any read that begins now sees it.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use tokio::sync::oneshot;
use tracekeep_archive::{Archive, ArchiveError};
use tracekeep_journal::{
    AppendError, Durable, Journal, OpenError, Options, OsStorage, Position, Sink,
};
use tracekeep_model::block::Block;
use tracekeep_model::{Micros, RecordKey, State, Text};
use tracekeep_redact::Redactor;

use crate::telemetry::Metrics;

/// Groups that may wait for the joiner before the journal's writer waits for it.
const GROUPS_AHEAD: usize = 8;

/// Takes patches in and answers when they are durable and readable.
pub(crate) struct Pipeline {
    redactor: Redactor,
    journal: Journal<Waiting>,
    metrics: Arc<Metrics>,
}

/// Why the write path could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PipelineError {
    /// The journal could not be opened or replayed.
    #[error(transparent)]
    Journal(#[from] OpenError),
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

/// A block on its way, and who waits for it.
pub(crate) struct Waiting {
    block: Block,
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
        metrics: Arc<Metrics>,
    ) -> Result<Self, PipelineError> {
        let (send, receive) = sync_channel(GROUPS_AHEAD);
        let checkpoint = archive.checkpoint();
        let mut replayed = 0u64;
        let replay = |_: Position, end: Position, bytes: bytes::Bytes| {
            if end.get() <= checkpoint {
                return Ok(());
            }
            replayed += 1;
            let block = Block::decode(&bytes).map_err(std::io::Error::other)?;
            archive.merge(block, end.get()).map_err(std::io::Error::other)
        };
        let options = Options::new(data.join("journal"));
        let journal = Journal::open(options, Arc::new(OsStorage), replay, ToJoiner(send))?;
        tracing::info!(blocks = replayed, "journal replayed");
        let durable = journal.status().durable.get();
        if durable < checkpoint {
            tracing::warn!("the journal was emptied or replaced; what it held is in the archive");
            archive.rewind(durable)?;
        }
        let joiner = std::thread::Builder::new().name("joiner".into());
        joiner.spawn(move || join(&receive, &*archive)).map_err(PipelineError::Thread)?;
        Ok(Self { redactor, journal, metrics })
    }

    /// Makes patches durable and readable.
    ///
    /// # Errors
    /// They are not acknowledged; [`WriteError::is_retryable`] says whether to send them again.
    pub(crate) async fn write(
        &self,
        project_id: Text,
        received: Micros,
        mut patches: Vec<(RecordKey, State)>,
    ) -> Result<(), WriteError> {
        if patches.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        self.metrics.masked.inc_by(self.redactor.redact(&mut patches));
        let count = patches.len() as u64;
        let block = Block { project_id, received, patches };
        let bytes = block.encode();
        let (done, outcome) = oneshot::channel();
        let appended = self.journal.append(bytes, Waiting { block, done }).await;
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
}

impl WriteError {
    /// Whether the same patches may be taken later.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Journal(error) => error.is_retryable(),
            Self::Archive(error) => error.is_retryable(),
            Self::Stopping => true,
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

fn join(groups: &Receiver<Vec<Durable<Waiting>>>, archive: &dyn Archive) {
    for group in groups {
        for Durable { end, item: Waiting { block, done }, .. } in group {
            let result = archive.merge(block, end.get());
            // Who no longer waits does not want to know.
            let _ = done.send(result.map_err(WriteError::from));
        }
    }
}
