//! The writer thread: takes a group, writes it, tells the sink.

use std::sync::Arc;

use crate::format::FRAME_HEADER;
use crate::log::Log;
use crate::queue::{Entry, Group, Queue, Work};
use crate::{AppendError, Durable, Position, Sink};

/// The writer thread's own.
pub(crate) struct Writer<T, S> {
    pub(crate) queue: Arc<Queue<T>>,
    pub(crate) log: Log,
    pub(crate) sink: S,
}

impl<T, S: Sink<T>> Writer<T, S> {
    /// Runs until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let _last = AbandonOnDrop(Arc::clone(&self.queue));
        while let Some(work) = self.queue.next_work() {
            match work {
                Work::Write(group) => self.commit(group),
                Work::Rotate(_asked) => self.log.rotate_if_passed(),
            }
        }
        self.log.seal();
    }

    fn commit(&mut self, group: Group<T>) {
        let blocks = group.entries.iter().map(|entry| &entry.block);
        match self.log.append(blocks) {
            Ok(first) => {
                self.queue.finished(&group, None);
                self.sink.durable(place(first, group.entries));
            }
            Err(error) => {
                let error = AppendError::Storage { message: error.to_string() };
                self.queue.finished(&group, Some(error.clone()));
                let items = group.entries.into_iter().map(|entry| entry.item);
                self.sink.failed(items.collect(), &error);
            }
        }
    }
}

/// Gives each block its position: the first frame is at `first`, the others follow without gaps.
fn place<T>(first: Position, entries: Vec<Entry<T>>) -> Vec<Durable<T>> {
    let mut position = first;
    let place = |Entry { block, item }| {
        let start = position;
        position = position.advance((FRAME_HEADER + block.len()) as u64);
        Durable { position: start, end: position, block, item }
    };
    entries.into_iter().map(place).collect()
}

/// Closes the queue however the thread ends: were a sink to panic, senders would wait for ever.
struct AbandonOnDrop<T>(Arc<Queue<T>>);

impl<T> Drop for AbandonOnDrop<T> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
