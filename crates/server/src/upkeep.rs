//! What happens by itself: memory is sealed into segments, and the journal lets go of what they hold.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tracekeep_archive::Archive;

use crate::pipeline::Pipeline;

/// When memory is sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SealWhen {
    /// The journal holds this many bytes that are in no segment.
    pub(crate) journal_bytes: u64,
    /// So long after the last time, if there is anything to seal.
    pub(crate) elapsed: Duration,
}

/// Watches until it is told to stop.
pub(crate) async fn run(
    archive: Arc<dyn Archive>,
    pipeline: Arc<Pipeline>,
    when: SealWhen,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut sealed = Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let waiting = pipeline.journal().durable.get().saturating_sub(archive.checkpoint());
        let due =
            waiting >= when.journal_bytes || (waiting > 0 && sealed.elapsed() >= when.elapsed);
        if !due {
            continue;
        }
        match archive.seal().await {
            Ok(()) => {
                sealed = Instant::now();
                let (pipeline, position) = (pipeline.clone(), archive.checkpoint());
                let released =
                    tokio::task::spawn_blocking(move || pipeline.checkpoint(position)).await;
                if released.is_err() {
                    tracing::error!("letting go of the journal broke off");
                }
            }
            // What is in memory stays there and in the journal; the next round tries again.
            Err(error) => {
                tracing::error!(%error, "sealing failed");
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    }
}
