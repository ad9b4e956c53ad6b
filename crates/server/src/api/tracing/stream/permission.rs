//! Whether who listens still may.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// Asks again and again.
pub(super) struct Permission {
    again: Interval,
    ask: Box<dyn FnMut() -> BoxFuture<'static, bool> + Send>,
    /// What was asked and not answered yet: a listener that hears much would else never be asked.
    asking: Option<BoxFuture<'static, bool>>,
}

impl Permission {
    /// It is there now; `ask` says so later.
    pub(super) fn new(
        every: Duration,
        ask: impl FnMut() -> BoxFuture<'static, bool> + Send + 'static,
    ) -> Self {
        let mut again = interval_at(Instant::now() + every, every);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { again, ask: Box::new(ask), asking: None }
    }

    /// Returns when it is gone. Dropping the future loses nothing.
    pub(super) async fn gone(&mut self) {
        loop {
            if self.asking.is_none() {
                self.again.tick().await;
                self.asking = Some((self.ask)());
            }
            let Some(asking) = &mut self.asking else { continue };
            let is_there = asking.await;
            self.asking = None;
            if !is_there {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
