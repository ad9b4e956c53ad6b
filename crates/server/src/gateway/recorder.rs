//! Writes what is known of calls, behind them: a call never waits for its trace, and never fails for it.
//!
//! What calls say goes into one bounded queue. One task takes all that waits, makes a block a project of
//! it, and writes the blocks as any other request is written. While the journal syncs, more gathers: so
//! thousands of calls a second take some hundred syncs.

mod losses;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracekeep_model::{RecordKey, State, Text};
use tracekeep_redact::Redactor;

use self::losses::Losses;
use super::live_text::LiveText;
use crate::clock;
use crate::live::Hub;
use crate::pipeline::{Pipeline, WriteError};
use crate::telemetry::Metrics;

/// What waits, in messages and in bytes of memory; beyond it calls go on without their traces, which is
/// counted and logged.
const MOST_WAITING: usize = 65_536;
const MOST_BYTES: usize = 64 << 20;
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

type Patches = Vec<(RecordKey, State)>;

struct Said {
    project_id: Text,
    patches: Patches,
    bytes: usize,
}

/// Takes what is known of calls.
#[derive(Clone)]
pub(crate) struct Recorder {
    queue: Sender<Said>,
    bytes: Arc<AtomicUsize>,
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
        let bytes = Arc::new(AtomicUsize::new(0));
        let redactor = pipeline.redactor().clone();
        let losses = Arc::new(Losses::new(metrics));
        let task = tokio::spawn(write(waiting, pipeline, bytes.clone(), losses.clone()));
        (Self { queue, bytes, losses, live, redactor, cut }, task)
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
        while self.bytes.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Cancelled when calls that still run are to be cut off.
    pub(crate) fn cut(&self) -> &CancellationToken {
        &self.cut
    }

    /// Has this written soon. Does not wait.
    pub(crate) fn say(&self, project_id: &Text, patches: Patches) {
        self.queue(project_id, patches, MOST_BYTES);
    }

    /// Has a call's end written soon, however large it is: without it the call would seem to run for
    /// good. Answers are bounded where they are read.
    pub(crate) fn say_end(&self, project_id: &Text, patches: Patches) {
        self.queue(project_id, patches, usize::MAX);
    }

    fn queue(&self, project_id: &Text, patches: Patches, most: usize) {
        let bytes: usize = patches.iter().map(|(key, state)| key.memory() + state.memory()).sum();
        // A single call may be larger than all that may wait, if nothing else does.
        let waiting = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let said = Said { project_id: project_id.clone(), patches, bytes };
        if (waiting > 0 && waiting.saturating_add(bytes) > most)
            || self.queue.try_send(said).is_err()
        {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.losses.note("too much waits to be written", clock::now());
        }
    }
}

async fn write(
    mut waiting: Receiver<Said>,
    pipeline: Arc<Pipeline>,
    bytes: Arc<AtomicUsize>,
    losses: Arc<Losses>,
) {
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
        let mut projects: HashMap<Text, (Patches, usize)> = HashMap::new();
        for said in taken.drain(..) {
            let (patches, sum) = projects.entry(said.project_id).or_default();
            patches.extend(said.patches);
            *sum += said.bytes;
        }
        for (project_id, (patches, sum)) in projects {
            while writes.len() >= MOST_WRITES {
                writes.join_next().await;
            }
            let (pipeline, losses, bytes) = (pipeline.clone(), losses.clone(), bytes.clone());
            writes.spawn(async move {
                write_block(&pipeline, project_id, patches, &losses).await;
                bytes.fetch_sub(sum, Ordering::Relaxed);
            });
        }
        // Those that are done are let go of.
        while writes.try_join_next().is_some() {}
    }
    while writes.join_next().await.is_some() {}
}

async fn write_block(pipeline: &Pipeline, project_id: Text, patches: Patches, losses: &Losses) {
    let mut pause = PAUSE;
    for attempt in 1.. {
        // Patches may be written twice: joining is idempotent.
        let result = pipeline.write(project_id.clone(), clock::now(), patches.clone(), 0).await;
        match result {
            Ok(()) => return,
            Err(WriteError::Stopping) => {
                return losses.note("the server is stopping", clock::now());
            }
            Err(error) if attempt == ATTEMPTS => {
                return losses.note(&error.to_string(), clock::now());
            }
            Err(error) => tracing::debug!(%error, attempt, "calls are written later"),
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}
