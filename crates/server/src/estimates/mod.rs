//! Tokens of calls of which nobody counted them: counted here, behind the intake.
//!
//! The joiner tells an [`Ear`] of every block; it picks out model calls that end and say nothing of
//! tokens or costs. Some seconds later, as usage often comes behind, the task of [`run`] reads their
//! traces, counts what is still without usage, and writes it as any patch is written, at a rank below
//! every sender's: [`Estimate`](tracekeep_model::Estimate) says how it gives way to what is stated later.
//!
//! Nothing waits for it, and all of it is bounded: what is too much is not counted, and
//! `tracekeep_lost_estimates_total` says so. What waits when the server stops is not counted either.

mod ear;
mod question;
mod waiting;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracekeep_archive::{Archive, ArchiveError};
use tracekeep_model::{RecordKey, State, Text};

use crate::clock;
use crate::pipeline::{Pipeline, WriteError};
use crate::telemetry::Metrics;

pub(crate) use ear::{Ear, Ended};
pub(crate) use question::Question;
use waiting::{OfTrace, Waiting};

/// Spans that are looked at and written together.
const TOGETHER: usize = 256;
/// Attempts to write what was counted, and the pause between them.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

type Patches = Vec<(RecordKey, State)>;

/// What the task works with.
pub(crate) struct Counter {
    pub(crate) archive: Arc<dyn Archive>,
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) metrics: Arc<Metrics>,
    /// How long after a call's end its sender's own count may still come.
    pub(crate) patience: Duration,
    pub(crate) stop: CancellationToken,
}

/// Counts what is heard of, until it is told to stop. `None`: nothing is to be counted.
pub(crate) async fn run(counter: Counter, heard: Option<Receiver<Ended>>) {
    let Some(mut heard) = heard else { return };
    let mut waiting = Waiting::default();
    loop {
        tokio::select! {
            () = counter.stop.cancelled() => return,
            ended = heard.recv() => {
                let Some(ended) = ended else { return };
                counter.note(ended, &mut waiting);
            }
            () = until(waiting.next_due()) => {
                let due = waiting.take_due(Instant::now(), TOGETHER);
                let round = counter.round(due);
                let note = |ended| counter.note(ended, &mut waiting);
                if hearing(round, &mut heard, &counter.stop, note).await.is_break() {
                    return;
                }
            }
        }
    }
}

/// Waits for a round, which may take minutes, and takes over meanwhile what is heard: the queue is
/// shorter than what may wait. `Break`: no more is to be counted.
async fn hearing(
    round: impl Future<Output = ()>,
    heard: &mut Receiver<Ended>,
    stop: &CancellationToken,
    mut note: impl FnMut(Ended),
) -> ControlFlow<()> {
    let mut round = pin!(round);
    loop {
        tokio::select! {
            () = stop.cancelled() => return ControlFlow::Break(()),
            () = &mut round => return ControlFlow::Continue(()),
            ended = heard.recv() => {
                let Some(ended) = ended else { return ControlFlow::Break(()) };
                note(ended);
            }
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

impl Counter {
    /// Has a call wait for its sender's own count.
    fn note(&self, ended: Ended, waiting: &mut Waiting) {
        if !waiting.add(ended, Instant::now() + self.patience) {
            self.metrics.lost_estimates.inc();
        }
    }

    /// Counts and writes spans of some traces.
    async fn round(&self, traces: Vec<OfTrace>) {
        let mut projects: HashMap<Text, Patches> = HashMap::new();
        for of_trace in traces {
            let spans = of_trace.spans.len() as u64;
            let project_id = Text::from(&*of_trace.project_id);
            match self.patches(of_trace).await {
                Ok(patches) if patches.is_empty() => {}
                Ok(patches) => projects.entry(project_id).or_default().extend(patches),
                Err(error) => self.lost(spans, &error.to_string()),
            }
        }
        for (project_id, patches) in projects {
            self.write(project_id, patches).await;
        }
    }

    /// What there is to say of spans of one trace. They are counted one after another, beside the
    /// runtime.
    async fn patches(&self, of_trace: OfTrace) -> Result<Patches, ArchiveError> {
        let OfTrace { project_id, trace_id, spans } = of_trace;
        let Some(unit) = self.archive.trace(&project_id, &trace_id).await? else {
            return Ok(Vec::new());
        };
        let trace_id = Text::from(&*trace_id);
        let mut questions = Vec::new();
        for span_id in &spans {
            let span_id = Text::from(&**span_id);
            let Some(state) = unit.spans.get(&span_id) else { continue };
            if let Some(question) = Question::of(&trace_id, &span_id, state) {
                questions.push((RecordKey::Span { trace_id: trace_id.clone(), span_id }, question));
            }
        }
        // The texts that are counted are shared with it.
        drop(unit);
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let now = clock::now();
        let count = move || -> Patches {
            let answer =
                |(key, question): (RecordKey, Question)| Some((key, question.answer(now)?));
            questions.into_iter().filter_map(answer).collect()
        };
        let broke_off = |error: tokio::task::JoinError| ArchiveError::Failed(error.to_string());
        tokio::task::spawn_blocking(count).await.map_err(broke_off)
    }

    async fn write(&self, project_id: Text, patches: Patches) {
        let spans = patches.len() as u64;
        for attempt in 1.. {
            // Patches may be written twice: joining is idempotent.
            let written =
                self.pipeline.write(project_id.clone(), clock::now(), patches.clone(), 0).await;
            match written {
                Ok(()) => {
                    self.metrics.estimated_spans.inc_by(spans);
                    return;
                }
                Err(error) if attempt == ATTEMPTS || matches!(error, WriteError::Stopping) => {
                    return self.lost(spans, &error.to_string());
                }
                Err(error) => tracing::debug!(%error, attempt, "estimates are written later"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn lost(&self, spans: u64, reason: &str) {
        self.metrics.lost_estimates.inc_by(spans);
        tracing::warn!(reason, spans, "tokens of spans were not estimated");
    }
}

#[cfg(test)]
mod tests;
