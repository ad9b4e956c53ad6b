//! Asks the targets of a plan, one after the other, until one takes the call.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::client::Retry;

use super::call::{Failed, Target};
use super::plan::{Plan, Stop};

/// How long a target that wants a pause is waited for where there is another to ask.
const LONGEST_PAUSE_BEFORE_ANOTHER: Duration = Duration::from_secs(1);

/// One time that a target was asked and did not take the call.
#[derive(Debug)]
pub(super) struct Attempt {
    /// The target, as the plan names it.
    name: String,
    error: Box<ApiError>,
    took: Duration,
}

/// A target took the call.
#[derive(Debug)]
pub(super) struct Reached<'p, T> {
    pub(super) target: &'p Target,
    pub(super) answer: T,
    /// What failed before.
    pub(super) attempts: Vec<Attempt>,
}

/// No target took the call.
#[derive(Debug)]
pub(super) struct Unreached {
    /// Why the last one did not.
    pub(super) failed: Failed,
    pub(super) attempts: Vec<Attempt>,
}

/// Asks one target after the other, each again where it may soon do better.
pub(super) async fn first_that_answers<'p, T, F>(
    plan: &'p Plan,
    mut ask: impl FnMut(&'p Target) -> F,
) -> Result<Reached<'p, T>, Unreached>
where
    F: Future<Output = Result<T, Failed>>,
{
    let mut attempts = Vec::new();
    let mut last = None;
    for (nth, stop) in plan.stops.iter().enumerate() {
        let is_last = nth + 1 == plan.stops.len();
        match patiently(stop, retry(stop, is_last), &mut attempts, &mut ask).await {
            Ok((target, answer)) => return Ok(Reached { target, answer, attempts }),
            Err(failed) => last = Some(failed),
        }
    }
    Err(Unreached { failed: last.expect("a plan has at least one target"), attempts })
}

fn retry(stop: &Stop, is_last: bool) -> Retry {
    let longest = if is_last { Duration::MAX } else { LONGEST_PAUSE_BEFORE_ANOTHER };
    Retry { longest: stop.retry.longest.min(longest), ..stop.retry }
}

/// Asks a target, and asks again where it had no room or failed, as it wants it.
async fn patiently<'p, T, F>(
    stop: &'p Stop,
    retry: Retry,
    attempts: &mut Vec<Attempt>,
    ask: &mut impl FnMut(&'p Target) -> F,
) -> Result<(&'p Target, T), Failed>
where
    F: Future<Output = Result<T, Failed>>,
{
    let mut note = |error: &ApiError, took| {
        attempts.push(Attempt { name: stop.name.clone(), error: Box::new(error.clone()), took });
    };
    let target = match &stop.target {
        Ok(target) => target,
        Err(error) => {
            note(error, Duration::ZERO);
            return Err(Failed::from((**error).clone()));
        }
    };
    for next in 1.. {
        let began = Instant::now();
        let failed = match in_time(stop.timeout, ask(target)).await {
            Ok(answer) => return Ok((target, answer)),
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

/// Attempts as metadata of the call.
pub(super) fn shown(attempts: &[Attempt]) -> Value {
    let shown = attempts.iter().map(|attempt| {
        json!({
            "model": attempt.name,
            "status": attempt.error.status,
            "code": attempt.error.code,
            "message": attempt.error.message,
            "duration_ms": attempt.took.as_secs_f64() * 1_000.0,
        })
    });
    Value::Array(shown.collect())
}

#[cfg(test)]
mod tests;
