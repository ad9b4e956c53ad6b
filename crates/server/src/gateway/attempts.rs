//! Asks the targets of a plan, one after the other, until one takes the call.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::client::Retry;

use super::call::{Failed, Target};
use super::plan::{Plan, Stop};

/// How long a target that wants a pause is waited for where there is another to ask.
const LONGEST_PAUSE_BEFORE_ANOTHER: Duration = Duration::from_secs(1);
/// Characters of an error's message that are kept of each attempt.
const LONGEST_MESSAGE: usize = 500;

/// One time that a target was asked and did not take the call.
#[derive(Debug)]
struct Attempt {
    /// The target, as the plan names it.
    name: String,
    error: Box<ApiError>,
    took: Duration,
}

/// What failed so far of one call. A clone shares it, so that it is known however the call ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(Arc<Mutex<Vec<Attempt>>>);

impl Attempts {
    fn note(&self, stop: &Stop, error: &ApiError, took: Duration) {
        let attempt = Attempt { name: stop.name.clone(), error: Box::new(error.clone()), took };
        self.0.lock().push(attempt);
    }

    /// As metadata of the call; `None`: nothing failed.
    pub(super) fn shown(&self) -> Option<Value> {
        let attempts = self.0.lock();
        let shown = attempts.iter().map(|attempt| {
            let error = &attempt.error;
            json!({
                "model": attempt.name,
                "status": error.status,
                "code": error.code,
                "message": error.message.chars().take(LONGEST_MESSAGE).collect::<String>(),
                "duration_ms": attempt.took.as_secs_f64() * 1_000.0,
            })
        });
        (!attempts.is_empty()).then(|| Value::Array(shown.collect()))
    }
}

/// Asks one target after the other, each again where it may soon do better. Where none takes the call,
/// the error is the last that a target gave, first of all one after which asking again may help: that
/// there is no way to ask the last target says less.
pub(super) async fn first_that_answers<'p, T, F>(
    plan: &'p Plan,
    attempts: &Attempts,
    mut ask: impl FnMut(&'p Target) -> F,
) -> Result<(&'p Target, T), Failed>
where
    F: Future<Output = Result<T, Failed>>,
{
    let mut told: Option<Failed> = None;
    for (nth, stop) in plan.stops.iter().enumerate() {
        let is_last = nth + 1 == plan.stops.len();
        match at(stop, retry(stop, is_last), attempts, &mut ask).await {
            Ok(reached) => return Ok(reached),
            Err(failed) => {
                let is_hidden = |told: &Failed| {
                    told.error.kind.may_pass()
                        && (stop.target.is_err() || !failed.error.kind.may_pass())
                };
                if !told.as_ref().is_some_and(is_hidden) {
                    told = Some(failed);
                }
            }
        }
    }
    Err(told.expect("a plan has at least one target"))
}

fn retry(stop: &Stop, is_last: bool) -> Retry {
    let longest = if is_last { Duration::MAX } else { LONGEST_PAUSE_BEFORE_ANOTHER };
    Retry { longest: stop.retry.longest.min(longest), ..stop.retry }
}

/// Asks a target of a plan.
async fn at<'p, T, F>(
    stop: &'p Stop,
    retry: Retry,
    attempts: &Attempts,
    ask: &mut impl FnMut(&'p Target) -> F,
) -> Result<(&'p Target, T), Failed>
where
    F: Future<Output = Result<T, Failed>>,
{
    let target = match &stop.target {
        Ok(target) => target,
        Err(error) => {
            attempts.note(stop, error, Duration::ZERO);
            return Err(Failed::from((**error).clone()));
        }
    };
    let note = |error: &ApiError, took| attempts.note(stop, error, took);
    let answer = patiently(retry, || in_time(stop.timeout, ask(target)), note).await?;
    Ok((target, answer))
}

/// Asks, and asks again where the provider had no room or failed, as it wants it. `note` hears of each
/// failure, and how long it took.
pub(super) async fn patiently<T, F>(
    retry: Retry,
    mut ask: impl FnMut() -> F,
    note: impl Fn(&ApiError, Duration),
) -> Result<T, Failed>
where
    F: Future<Output = Result<T, Failed>>,
{
    for next in 1.. {
        let began = Instant::now();
        let failed = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        note(&failed.error, began.elapsed());
        // What took too long once would take as long again, and what the provider has begun to answer
        // is paid for.
        if failed.error.kind == ErrorKind::Timeout || !failed.is_undone {
            return Err(failed);
        }
        let asked = failed.error.retry_after;
        let pause = retry.pause(next, failed.error.kind, asked, &mut rand::rng());
        match pause {
            Some(pause) => sleep(pause).await,
            None => return Err(failed),
        }
    }
    unreachable!("the number of attempts is bounded")
}

async fn in_time<T>(
    most: Option<Duration>,
    asked: impl Future<Output = Result<T, Failed>>,
) -> Result<T, Failed> {
    let Some(most) = most else { return asked.await };
    timeout(most, asked).await.unwrap_or_else(|_| {
        let message = format!("the model did not begin its answer within {} ms", most.as_millis());
        Err(ApiError::new(ErrorKind::Timeout, message).into())
    })
}

#[cfg(test)]
mod tests;
