//! The journal's front.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::{fmt, mem};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::format::file_name;
use crate::ledger::Ledger;
use crate::log::Log;
use crate::queue::Queue;
use crate::recovery::recover;
use crate::writer::Writer;
use crate::{AppendError, CheckpointError, OpenError, Options, Position, Sink, Status, Storage};

/// A durable, append-only log of blocks in one directory. See the [crate's documentation](crate).
///
/// `T` is whatever a sender wants back with its block when its fate is known.
pub struct Journal<T: Send + 'static> {
    options: Options,
    storage: Arc<dyn Storage>,
    ledger: Arc<Ledger>,
    queue: Arc<Queue<T>>,
    /// One checkpoint at a time: segments must go oldest first.
    checkpointing: Mutex<()>,
    /// None once it was joined.
    writer: Option<JoinHandle<()>>,
    /// Held until the writer has ended.
    _lock: Box<dyn Send + Sync>,
}

impl<T: Send + 'static> Journal<T> {
    /// Opens the journal in `options.dir`, making it if there is none.
    ///
    /// Calls `replay` for each block that survived, in log order, with its position, its end and its
    /// bytes; each is durable by then. Starts the writer thread, which owns `sink`. If the disk is
    /// full or read-only the journal opens all the same, [degraded](Status::degraded), unless
    /// recovery itself has something to repair.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] where acknowledged bytes are damaged or missing, [`OpenError::Locked`],
    /// [`OpenError::Version`], [`OpenError::Options`], [`OpenError::Io`], and
    /// [`OpenError::Replay`] with what `replay` returned.
    pub fn open(
        options: Options,
        storage: Arc<dyn Storage>,
        mut replay: impl FnMut(Position, Position, Bytes) -> io::Result<()>,
        sink: impl Sink<T>,
    ) -> Result<Self, OpenError> {
        options.validate()?;
        let dir = &options.dir;
        storage.create_dir(dir).map_err(OpenError::io("making journal directory", dir))?;
        let lock = storage.lock(dir).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OpenError::Locked { dir: dir.clone() },
            _ => OpenError::io("locking journal directory", dir)(error),
        })?;
        let mut recovered = recover(&*storage, dir, &mut replay)?;
        let durable = recovered.durable();
        let segments = mem::take(&mut recovered.segments);
        let ledger = Arc::new(Ledger::new(segments, durable));
        let mut log = Log::new(
            Arc::clone(&storage),
            dir.clone(),
            options.segment_bytes,
            Arc::clone(&ledger),
            recovered,
        );
        let queue = Arc::new(Queue::new(&options));
        if let Err(error) = log.prepare() {
            let message = error.to_string();
            queue.start_failing(AppendError::Storage { message });
        }
        let writer = Writer { queue: Arc::clone(&queue), log, sink };
        let writer = thread::Builder::new()
            .name(String::from("journal-writer"))
            .spawn(move || writer.run())
            .map_err(OpenError::io("starting the writer thread for", dir))?;
        Ok(Self {
            options,
            storage,
            ledger,
            queue,
            checkpointing: Mutex::new(()),
            writer: Some(writer),
            _lock: lock,
        })
    }

    /// Hands a block to the writer, waiting only for room in the bounded queue.
    ///
    /// `Ok` means queued, not durable: the sink gets `item` once the block is durable or has failed.
    /// Blocks are logged in the order in which these calls return. Cancelled while it waits, the
    /// call leaves no trace.
    ///
    /// # Errors
    /// The reason, and the item. [`AppendError::is_retryable`] tells whether to try again:
    /// [`AppendError::Full`] until a checkpoint makes room, [`AppendError::Storage`] while the disk
    /// fails and another block is already finding out whether it still does.
    pub async fn append(&self, block: Bytes, item: T) -> Result<(), (AppendError, T)> {
        let (size, limit) = (block.len(), self.options.max_block_bytes);
        if size > limit {
            return Err((AppendError::BlockTooLarge { size, limit }, item));
        }
        self.queue.push(block, item, &self.ledger).await
    }

    /// Notes that everything below `position` is in the archive, and removes the segments whose blocks
    /// all lie below it, except the newest. Blocks the thread for the removal of files.
    ///
    /// # Errors
    /// [`CheckpointError::BeyondDurable`] if `position` is beyond what is durable, and
    /// [`CheckpointError::Io`] if a segment could not be removed; the next checkpoint tries again.
    pub fn checkpoint(&self, position: Position) -> Result<(), CheckpointError> {
        let _one_at_a_time = self.checkpointing.lock();
        self.ledger.checkpoint(position)?;
        self.remove_passed()
    }

    /// If the checkpoint has passed every block and none waits, begins a new segment and removes all
    /// others. Else the newest one would keep what it holds for as long as nothing is appended, also
    /// what was deleted since. Blocks the thread for the writer and for the removal of files.
    ///
    /// A segment that could not be made is noted in [`Status::last_error`]; the next append, or the
    /// next call, tries again.
    ///
    /// # Errors
    /// [`CheckpointError::Io`] if a segment could not be removed; the next call or checkpoint tries
    /// again.
    pub fn rotate_if_idle(&self) -> Result<(), CheckpointError> {
        let _one_at_a_time = self.checkpointing.lock();
        self.queue.rotate();
        self.remove_passed()
    }

    /// How the journal is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        let (queued_bytes, degraded) = self.queue.status();
        self.ledger.status(queued_bytes, degraded)
    }

    /// Writes and syncs what is queued, seals the log, stops the writer and releases the directory.
    /// Blocks the thread meanwhile; dropping the journal does the same.
    pub fn close(self) {
        drop(self);
    }

    fn remove_passed(&self) -> Result<(), CheckpointError> {
        while let Some(segment) = self.ledger.removable() {
            self.remove(segment.base)?;
            self.ledger.removed(segment);
        }
        Ok(())
    }

    /// Removes one segment for good, before the next: a crash in between leaves no gap.
    fn remove(&self, base: u64) -> Result<(), CheckpointError> {
        let file = self.options.dir.join(file_name(base));
        let removed = match self.storage.remove(&file) {
            // An earlier checkpoint got this far, and failed to sync it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        };
        removed
            .and_then(|()| self.storage.sync_dir(&self.options.dir))
            .map_err(|source| CheckpointError::Io { file, source })
    }
}

impl<T: Send + 'static> Drop for Journal<T> {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the journal's writer had panicked");
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Journal<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Journal")
            .field("dir", &self.options.dir)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
