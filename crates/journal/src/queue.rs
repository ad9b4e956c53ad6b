//! Blocks on their way to the writer thread.

use std::convert::Infallible;
use std::sync::mpsc;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex, MutexGuard};
use tokio::sync::Semaphore;

use crate::format::FRAME_HEADER;
use crate::ledger::Ledger;
use crate::options::charge;
use crate::{AppendError, Options};

/// A block that waits, with what its sender handed in.
pub(crate) struct Entry<T> {
    pub(crate) block: Bytes,
    pub(crate) item: T,
}

/// What is written and synced together.
pub(crate) struct Group<T> {
    pub(crate) entries: Vec<Entry<T>>,
    /// Sum of the entries' [`charge`], to be given back.
    charge: u64,
}

/// What the writer does next.
pub(crate) enum Work<T> {
    /// Write these blocks.
    Write(Group<T>),
    /// Begin a new segment, if nothing in the log is needed. Whoever asked waits until this is dropped.
    Rotate(mpsc::Sender<Infallible>),
}

/// Blocks on their way to the writer thread.
pub(crate) struct Queue<T> {
    /// Held for a push or for taking a group, never during a file operation or a sink's call.
    state: Mutex<State<T>>,
    /// Wakes the writer.
    ready: Condvar,
    /// A permit per byte that may still be queued. Taken before the lock, given back with a group.
    room: Semaphore,
    queue_bytes: usize,
    max_group_bytes: usize,
    max_bytes: u64,
}

struct State<T> {
    entries: Vec<Entry<T>>,
    /// Sum of the charges of the entries and of the group that is being written.
    charged: u64,
    /// Someone asks for a new segment.
    rotation: Option<mpsc::Sender<Infallible>>,
    /// A group is being written.
    busy: bool,
    /// The writer sleeps, and whoever pushes next wakes it.
    asleep: bool,
    closed: bool,
    /// Why the last group, or the first segment, could not be written.
    failing: Option<AppendError>,
}

impl<T> Queue<T> {
    /// An empty queue. The options must be valid.
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            state: Mutex::new(State {
                entries: Vec::new(),
                charged: 0,
                rotation: None,
                busy: false,
                asleep: false,
                closed: false,
                failing: None,
            }),
            ready: Condvar::new(),
            room: Semaphore::new(options.queue_bytes),
            queue_bytes: options.queue_bytes,
            max_group_bytes: options.max_group_bytes,
            max_bytes: options.max_bytes,
        }
    }

    /// Waits for room, then queues the block unless the journal cannot take it now.
    pub(crate) async fn push(
        &self,
        block: Bytes,
        item: T,
        ledger: &Ledger,
    ) -> Result<(), (AppendError, T)> {
        let permits = self.permits(block.len()) as u32;
        let Ok(room) = self.room.acquire_many(permits).await else {
            return Err((AppendError::Closed, item));
        };
        self.enqueue(Entry { block, item }, ledger)?;
        // The writer gives it back.
        room.forget();
        Ok(())
    }

    fn enqueue(&self, entry: Entry<T>, ledger: &Ledger) -> Result<(), (AppendError, T)> {
        let charge = charge(entry.block.len());
        let mut state = self.state.lock();
        if let Err(error) = self.admit(&state, charge, ledger) {
            return Err((error, entry.item));
        }
        state.entries.push(entry);
        state.charged += charge;
        self.wake(state);
        Ok(())
    }

    /// Has the writer begin a new segment if no block waits and nothing in the log is needed. Blocks
    /// the thread until it has.
    pub(crate) fn rotate(&self) {
        let (asked, done) = mpsc::channel();
        let mut state = self.state.lock();
        if state.closed {
            return;
        }
        state.rotation = Some(asked);
        self.wake(state);
        // Nothing is ever sent: it ends when the other side is dropped.
        let _ = done.recv();
    }

    fn wake(&self, mut state: MutexGuard<'_, State<T>>) {
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
            self.ready.notify_one();
        }
    }

    fn admit(&self, state: &State<T>, charge: u64, ledger: &Ledger) -> Result<(), AppendError> {
        if state.closed {
            return Err(AppendError::Closed);
        }
        // While the disk fails, one block at a time finds out whether it still does; the others
        // need not wait for that.
        if let Some(error) = &state.failing
            && (state.busy || !state.entries.is_empty())
        {
            return Err(error.clone());
        }
        let bytes = ledger.bytes() + state.charged;
        if bytes + charge > self.max_bytes {
            return Err(AppendError::Full { bytes, limit: self.max_bytes });
        }
        Ok(())
    }

    /// Waits for something to do; none once the queue is closed and empty.
    pub(crate) fn next_work(&self) -> Option<Work<T>> {
        let mut state = self.state.lock();
        while state.entries.is_empty() {
            if let Some(asked) = state.rotation.take() {
                state.asleep = false;
                return Some(Work::Rotate(asked));
            }
            if state.closed {
                return None;
            }
            state.asleep = true;
            self.ready.wait(&mut state);
        }
        state.asleep = false;
        // Blocks came first.
        state.rotation = None;
        state.busy = true;
        let count = self.group_len(&state.entries);
        let rest = state.entries.split_off(count);
        let entries = std::mem::replace(&mut state.entries, rest);
        drop(state);

        let permits = entries.iter().map(|entry| self.permits(entry.block.len()));
        self.room.add_permits(permits.sum());
        let charge = entries.iter().map(|entry| charge(entry.block.len())).sum();
        Some(Work::Write(Group { entries, charge }))
    }

    /// How many entries make up the next group: at least one.
    fn group_len(&self, entries: &[Entry<T>]) -> usize {
        let mut bytes = 0;
        let fits = entries.iter().take_while(|entry| {
            bytes += FRAME_HEADER + entry.block.len();
            bytes <= self.max_group_bytes
        });
        fits.count().max(1)
    }

    /// A group was written, or was not, for this reason. Called before the sink, so that a sender
    /// who tries again at once finds the queue as it is now.
    pub(crate) fn finished(&self, group: &Group<T>, failing: Option<AppendError>) {
        let mut state = self.state.lock();
        state.charged -= group.charge;
        state.busy = false;
        state.failing = failing;
    }

    /// The disk fails already before the first group.
    pub(crate) fn start_failing(&self, error: AppendError) {
        self.state.lock().failing = Some(error);
    }

    /// Takes no more blocks; the writer ends when it has written those that wait.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.room.close();
        self.ready.notify_all();
    }

    /// Closes, and drops what waits: nobody will write it.
    pub(crate) fn abandon(&self) {
        self.close();
        let mut state = self.state.lock();
        state.rotation = None;
        let entries = std::mem::take(&mut state.entries);
        drop(state);
        // Outside the lock: an item's drop may do anything.
        drop(entries);
    }

    /// Bytes that wait or are being written, headers included, and whether the disk fails.
    pub(crate) fn status(&self) -> (u64, bool) {
        let state = self.state.lock();
        (state.charged, state.failing.is_some())
    }

    /// A block larger than the queue takes all of it, else it could never pass.
    fn permits(&self, size: usize) -> usize {
        (FRAME_HEADER + size).min(self.queue_bytes)
    }
}

#[cfg(test)]
mod tests;
