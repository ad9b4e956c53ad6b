//! Writes what is known of calls, behind them: a call never waits for its trace, and never fails for it.
//!
//! What calls say goes into one bounded queue. One task takes all that waits, makes blocks of it, each of
//! one project, and writes the blocks as any other request is written. While the journal syncs, more
//! gathers: so thousands of calls a second take some hundred syncs.
//!
//! Without its end a call would seem to run for good. So ends have bounds of their own, beyond which, as
//! where the journal could never take them, they are written without their long texts.

mod blocks;
mod losses;
mod room;
mod shortened;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracekeep_journal::AppendError;
use tracekeep_model::{RecordKey, State, Text};
use tracekeep_redact::Redactor;

use self::losses::Losses;
use self::room::{Room, Share};
use super::live_text::LiveText;
use crate::clock;
use crate::live::Hub;
use crate::pipeline::{Pipeline, WriteError};
use crate::telemetry::Metrics;

/// Messages that may wait. Beyond them calls go on without their traces, which is counted and logged.
const MOST_WAITING: usize = 65_536;
/// The part of them that only ends may take: one in so many.
const FOR_ENDS: usize = 4;
/// Bytes of memory that may wait of all but ends; beyond them calls go on without their traces too.
const MOST_BYTES: usize = 64 << 20;
/// Bytes of memory of ends that may wait; beyond them ends have no long texts.
const MOST_OF_ENDS: usize = 256 << 20;
/// Bytes of the longest text of such an end.
const SHORT: usize = 1 << 10;
/// Messages that are taken at once.
const TOGETHER: usize = 1_024;
/// How long what calls say is gathered before it is written: writing takes turns on the processors with
/// the calls themselves, and one block of many costs less than many.
const GATHER: Duration = Duration::from_millis(5);
/// Blocks that are written at once.
const MOST_WRITES: usize = 8;
/// Attempts to write a block while the journal or memory is full, and the pauses between them.
const ATTEMPTS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(100);
/// Bytes that a text is cut to in a record that the journal cannot take, one after the other until it
/// can: an answer's few texts fit with the first.
const CUTS: [usize; 2] = [16 << 20, 64 << 10];

type Patches = Vec<(RecordKey, State)>;

struct Said {
    project_id: Text,
    patches: Patches,
    /// Of what waits, until it is written.
    share: Share,
}

/// Takes what is known of calls.
#[derive(Clone)]
pub(crate) struct Recorder {
    queue: Sender<Said>,
    /// What waits of beginnings, and of calls that run.
    calls: Room,
    /// What waits of ends.
    ends: Room,
    losses: Arc<Losses>,
    live: Arc<Hub>,
    redactor: Redactor,
    /// Cancelled when calls that still run are to be cut off, as the server stops.
    cut: CancellationToken,
}

impl Recorder {
    /// Starts the task that writes. It ends when the last recorder is dropped and all is written.
    pub(crate) fn start(
        pipeline: Arc<Pipeline>,
        metrics: Arc<Metrics>,
        live: Arc<Hub>,
        cut: CancellationToken,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = channel(MOST_WAITING);
        let redactor = pipeline.redactor().clone();
        let losses = Arc::new(Losses::new(metrics));
        let task = tokio::spawn(write(waiting, pipeline, losses.clone()));
        let (calls, ends) = (Room::default(), Room::default());
        (Self { queue, calls, ends, losses, live, redactor, cut }, task)
    }

    /// Shows the text of a call's answer before it is written.
    pub(super) fn live_text(&self) -> LiveText {
        LiveText::new(self.live.clone(), self.redactor.clone())
    }

    /// Masks what is written.
    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Waits until nothing waits to be written.
    pub(crate) async fn settled(&self) {
        while self.calls.taken() > 0 || self.ends.taken() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Cancelled when calls that still run are to be cut off.
    pub(crate) fn cut(&self) -> &CancellationToken {
        &self.cut
    }

    /// Has this written soon. Does not wait.
    pub(crate) fn say(&self, project_id: &Text, patches: Patches) {
        let has_room = self.queue.capacity() > self.queue.max_capacity() / FOR_ENDS;
        match self.calls.take_within(memory(&patches), MOST_BYTES) {
            Some(share) if has_room => self.queue(project_id, patches, share),
            _ => self.note_overflow(),
        }
    }

    /// Has a call's end written soon, if need be without its long texts: without it the call would seem
    /// to run for good. Does not wait.
    pub(crate) fn say_end(&self, project_id: &Text, mut patches: Patches) {
        if let Some(share) = self.ends.take_within(memory(&patches), MOST_OF_ENDS) {
            return self.queue(project_id, patches, share);
        }
        if shorten(&mut patches, |state| shortened::without_texts(state, SHORT)) {
            self.losses.note("too much waits to be written for all of an answer", clock::now());
        }
        let share = self.ends.take(memory(&patches));
        self.queue(project_id, patches, share);
    }

    fn queue(&self, project_id: &Text, patches: Patches, share: Share) {
        let said = Said { project_id: project_id.clone(), patches, share };
        if self.queue.try_send(said).is_err() {
            self.note_overflow();
        }
    }

    fn note_overflow(&self) {
        self.losses.note("too much waits to be written", clock::now());
    }
}

fn memory(patches: &[(RecordKey, State)]) -> usize {
    patches.iter().map(|(key, state)| key.memory() + state.memory()).sum()
}

/// Puts shorter records in the place of those that `change` has one for; says whether there were any.
fn shorten(patches: &mut [(RecordKey, State)], change: impl Fn(&State) -> Option<State>) -> bool {
    let mut is_shorter = false;
    for (_, state) in patches {
        if let Some(short) = change(state) {
            *state = short;
            is_shorter = true;
        }
    }
    is_shorter
}

async fn write(mut waiting: Receiver<Said>, pipeline: Arc<Pipeline>, losses: Arc<Losses>) {
    let mut taken = Vec::with_capacity(TOGETHER);
    let mut writes = JoinSet::new();
    while waiting.recv_many(&mut taken, TOGETHER).await > 0 {
        if taken.len() < TOGETHER {
            tokio::time::sleep(GATHER).await;
            while taken.len() < TOGETHER
                && let Ok(said) = waiting.try_recv()
            {
                taken.push(said);
            }
        }
        for block in blocks::of(taken.drain(..)) {
            while writes.len() >= MOST_WRITES {
                writes.join_next().await;
            }
            let (pipeline, losses) = (pipeline.clone(), losses.clone());
            writes.spawn(async move {
                write_block(&pipeline, block.project_id, block.patches, &losses).await;
                drop(block.shares);
            });
        }
        // Those that are done are let go of.
        while writes.try_join_next().is_some() {}
    }
    while writes.join_next().await.is_some() {}
}

async fn write_block(pipeline: &Pipeline, project_id: Text, mut patches: Patches, losses: &Losses) {
    let mut pause = PAUSE;
    let mut cuts = CUTS.into_iter();
    for attempt in 1.. {
        // Patches may be written twice: joining is idempotent.
        let result = pipeline.write(project_id.clone(), clock::now(), patches.clone(), 0).await;
        match result {
            Ok(()) => return,
            Err(WriteError::Stopping | WriteError::Journal(AppendError::Closed)) => {
                return losses.note("the server is stopping", clock::now());
            }
            // Trying again does not help, but less of it may fit. It is alone in its block.
            Err(error @ WriteError::Journal(AppendError::BlockTooLarge { .. })) => {
                losses.note(&error.to_string(), clock::now());
                let redactor = pipeline.redactor();
                let is_cut = cuts.any(|most| {
                    shorten(&mut patches, |state| shortened::to_beginnings(state, most, redactor))
                });
                if !is_cut {
                    return;
                }
                continue;
            }
            Err(error) if attempt >= ATTEMPTS => {
                return losses.note(&error.to_string(), clock::now());
            }
            Err(error) => tracing::debug!(%error, attempt, "calls are written later"),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

#[cfg(test)]
mod tests;
