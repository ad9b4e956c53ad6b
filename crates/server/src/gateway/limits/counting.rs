//! Tokens that nobody counted, of calls that count for a key's limits: counted when the call ends, as its
//! trace's are a little later.

use std::sync::Arc;

use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use tokio::runtime::Handle;
use tokio::sync::Mutex as Turn;
use tokio::task::{JoinSet, spawn_blocking};
use tracekeep_model::Estimate;

use crate::config::Switch;
use crate::estimates::Question;

/// Calls that may wait to be counted; what is beyond counts as nothing.
const MOST_WAITING: usize = 4_096;

/// Counts calls one after another, beside the runtime.
pub(super) struct Counting {
    switch: Switch,
    /// Held by the call that is counted.
    turn: Arc<Turn<()>>,
    waiting: Mutex<JoinSet<()>>,
    lost: Counter,
}

impl Counting {
    /// `lost` grows by each call that is not counted though it was to be.
    pub(super) fn new(switch: Switch, lost: Counter) -> Self {
        Self { switch, turn: Arc::default(), waiting: Mutex::default(), lost }
    }

    /// Whether anything is counted.
    pub(super) fn is_on(&self) -> bool {
        self.switch == Switch::On
    }

    /// Counts when it is its turn, and passes on what there is to say. Does not wait.
    pub(super) fn later(
        &self,
        question: Question,
        then: impl FnOnce(Option<Estimate>) + Send + 'static,
    ) {
        let mut waiting = self.waiting.lock();
        // Those that are done are let go of.
        while waiting.try_join_next().is_some() {}
        let runtime = Handle::try_current().ok().filter(|_| waiting.len() < MOST_WAITING);
        let Some(runtime) = runtime else {
            drop(waiting);
            self.lost.inc();
            return then(None);
        };
        let (turn, lost) = (self.turn.clone(), self.lost.clone());
        let count = async move {
            let _turn = turn.lock().await;
            let counted = spawn_blocking(move || question.count()).await;
            if counted.is_err() {
                lost.inc();
            }
            then(counted.ok().flatten());
        };
        waiting.spawn_on(count, &runtime);
    }

    /// Waits until all is counted that waits now.
    pub(super) async fn done(&self) {
        let mut waiting = std::mem::take(&mut *self.waiting.lock());
        while waiting.join_next().await.is_some() {}
    }
}
