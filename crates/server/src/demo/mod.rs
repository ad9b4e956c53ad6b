//! Lifelike traffic, sent through public HTTP as any client would send it: for a look at Tracekeep
//! without keys, models or network.
//!
//! What happens is planned before it happens. A scenario turns random numbers and a moment into
//! model calls or spans; these become requests, each with the time at which it is due; playing them
//! is waiting and posting. So all but [`sender`] and this file is pure, and a seed and a clock decide
//! every byte.

mod agent;
mod backfill;
mod call;
mod cast;
mod chat;
mod classification;
mod dice;
mod failure;
mod genai;
mod models;
mod otlp;
mod rag;
mod scenario;
mod sender;
mod step;
mod talks;
mod tasks;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::dice::Dice;
use self::scenario::Scenario;
use self::sender::Sender;
use self::step::Step;

/// Interactions that may be under way at once.
const MAX_IN_FLIGHT: usize = 50;

/// The pause between two interactions, in ms. One interaction is a little under two traces.
const PAUSE: (i64, i64) = (250, 950);

/// Where to send, and what decides what is sent.
pub(crate) struct Demo {
    /// The server's address, such as `http://127.0.0.1:4000`.
    pub(crate) base_url: String,
    /// The secret key of the project that takes the traces.
    pub(crate) secret_key: String,
    /// Decides every choice; ids and times also depend on the clock, so that a second run adds to
    /// the first instead of repeating it.
    pub(crate) seed: u64,
    /// The clock: µs since 1970.
    pub(crate) now_micros: fn() -> i64,
}

/// Sends a day of history, and from the first moment live traffic, until `stop` is cancelled.
///
/// Never fails: where the server refuses or is gone, that is logged once and tried again, ever more
/// slowly.
pub(crate) async fn run(demo: Demo, stop: CancellationToken) {
    match Sender::new(&demo.base_url, &demo.secret_key) {
        // Dropping the future drops its tasks, which ends them.
        Ok(sender) => {
            let _ = stop.run_until_cancelled(drive(demo, Arc::new(sender))).await;
        }
        Err(error) => {
            tracing::warn!(%error, "the demo sends nothing: its HTTP client cannot be made")
        }
    }
}

async fn drive(demo: Demo, sender: Arc<Sender>) {
    let mut tasks = JoinSet::new();
    let mut dice = Dice::new(demo.seed);
    // A streamed chat is visible with its very first request.
    let mut next = Scenario::Chat;
    let mut troubles = 0;
    tasks.spawn(backfill::send(Arc::clone(&sender), demo.seed, (demo.now_micros)()));
    loop {
        let steps = next.play(&mut dice, (demo.now_micros)()).steps();
        tasks.spawn(play(Arc::clone(&sender), steps, demo.now_micros));
        tokio::time::sleep(millis(dice.between(PAUSE.0, PAUSE.1))).await;
        troubles = if sender.is_troubled() { troubles + 1 } else { 0 };
        if troubles > 0 {
            tokio::time::sleep(sender::backoff(troubles - 1)).await;
        }
        while tasks.try_join_next().is_some() {}
        while tasks.len() >= MAX_IN_FLIGHT {
            tasks.join_next().await;
        }
        next = Scenario::draw(&mut dice);
    }
}

/// Sends each request when it is due. What is refused ends the interaction, as it would a client's.
async fn play(sender: Arc<Sender>, steps: Vec<Step>, now_micros: fn() -> i64) {
    for step in steps {
        let wait = (step.at - now_micros()).max(0) / 1_000;
        if wait > 0 {
            tokio::time::sleep(millis(wait + 1)).await;
        }
        if !sender.post(step.path, &step.body).await {
            return;
        }
    }
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

#[cfg(test)]
mod tests;
