//! What happens by itself: memory is sealed into segments, the journal lets go of what they hold,
//! segments are compacted, what is past its retention goes, what keys spend is stored, and freed memory
//! is given back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracekeep_archive::{Archive, ArchiveError, Expiry};

use crate::app::App;
use crate::gateway::limits::Limits;
use crate::pipeline::Pipeline;
use crate::{allocator, clock};

/// How often retention is looked at.
const RETENTION_EVERY: Duration = Duration::from_secs(600);
/// How often compaction is looked at.
const COMPACT_EVERY: Duration = Duration::from_secs(1);
/// How often what keys spend is stored: a crash forgets no more.
const STORE_SPENDING_EVERY: Duration = Duration::from_secs(1);

/// Seals when memory is full or so long after the last time, until it is told to stop.
pub(crate) async fn seal(
    archive: Arc<dyn Archive>,
    pipeline: Arc<Pipeline>,
    every: Duration,
    stop: CancellationToken,
) {
    let mut tick = interval(Duration::from_millis(50));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sealed = Instant::now();
    // What the last run had sealed and not let go of.
    release(&pipeline, archive.checkpoint()).await;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let due = pipeline.is_full() || (sealed.elapsed() >= every && archive.memory_bytes() > 0);
        if !due {
            continue;
        }
        sealed = Instant::now();
        if !beside(archive.clone(), "sealing", |archive| archive.seal()).await {
            // What is in memory stays there and in the journal; the next round tries again.
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(5)) => {}
            }
            continue;
        }
        pipeline.sealed();
        release(&pipeline, archive.checkpoint()).await;
    }
}

/// Does what blocks beside the runtime; says whether it went well.
async fn beside<T: Send + 'static>(
    archive: Arc<dyn Archive>,
    what: &str,
    work: impl FnOnce(&dyn Archive) -> Result<T, ArchiveError> + Send + 'static,
) -> bool {
    match tokio::task::spawn_blocking(move || work(&*archive)).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "{what} failed");
            false
        }
        Err(error) => {
            tracing::error!(%error, "{what} broke off");
            false
        }
    }
}

/// Lets the journal remove what the archive has, which is all of it if nothing came since.
async fn release(pipeline: &Arc<Pipeline>, position: u64) {
    let pipeline = pipeline.clone();
    let release = move || {
        pipeline.checkpoint(position);
        pipeline.rotate_if_idle();
    };
    if tokio::task::spawn_blocking(release).await.is_err() {
        tracing::error!("letting go of the journal broke off");
    }
}

/// Compacts what is worth it, beside sealing, until it is told to stop. Between the rounds, memory that
/// nothing needs is given back.
pub(crate) async fn compact(archive: Arc<dyn Archive>, stop: CancellationToken) {
    let mut tick = interval(COMPACT_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => allocator::give_back(),
        }
        let more = Arc::new(AtomicBool::new(true));
        while more.load(Ordering::Relaxed) && !stop.is_cancelled() {
            let more = more.clone();
            let round = move |archive: &dyn Archive| {
                archive.compact(clock::now()).map(|was| more.store(was, Ordering::Relaxed))
            };
            if !beside(archive.clone(), "compaction", round).await {
                break;
            }
        }
    }
}

/// Stores what keys spend, until it is told to stop; what calls spend after that is for who stops it.
pub(crate) async fn store_spending(limits: Arc<Limits>, stop: CancellationToken) {
    let mut tick = interval(STORE_SPENDING_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        limits.store(clock::now()).await;
    }
}

/// Drops what is past each project's retention, until it is told to stop.
pub(crate) async fn retain(app: Arc<App>, stop: CancellationToken) {
    let mut tick = interval(RETENTION_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let projects = match app.control.projects().await {
            Ok(projects) => projects,
            Err(error) => {
                tracing::error!(%error, "retention could not be looked up");
                continue;
            }
        };
        app.retention.learn(&projects);
        for project in projects {
            let expiry = Expiry::after_days(project.retention_days, clock::now());
            let id = project.id;
            let drop_old = move |archive: &dyn Archive| {
                let segments = archive.expire(&id, expiry)?;
                if segments > 0 {
                    tracing::info!(project = id, segments, "dropped what is past its retention");
                }
                Ok(())
            };
            beside(app.archive.clone(), "retention", drop_old).await;
        }
    }
}
