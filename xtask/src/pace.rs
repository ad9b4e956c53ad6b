//! When callers call.

use std::time::Duration;

use tokio::time::{Instant, Interval, interval_at};

/// The runtime's timer has steps of a millisecond: only what is later has fallen behind.
const SLACK: Duration = Duration::from_millis(5);

/// When one of many callers calls.
#[derive(Debug)]
pub(crate) struct Pace {
    ticks: Option<Interval>,
}

impl Pace {
    /// For caller `number` of so many, who make `rate` calls a second together: evenly, and not all
    /// at once. At a rate of 0 each calls again as soon as it has its answer.
    pub(crate) fn new(began: Instant, rate: u32, number: usize, callers: usize) -> Self {
        if rate == 0 {
            return Self { ticks: None };
        }
        let callers = callers as f64;
        let period = Duration::from_secs_f64(callers / f64::from(rate));
        let first = began + period.mul_f64(number as f64 / callers);
        Self { ticks: Some(interval_at(first, period)) }
    }

    /// Waits for the next call and says from when its latency counts: from when it was due, if the
    /// caller has fallen behind.
    pub(crate) async fn next(&mut self) -> Instant {
        let due = match &mut self.ticks {
            Some(ticks) => ticks.tick().await,
            None => Instant::now(),
        };
        let now = Instant::now();
        if now.duration_since(due) > SLACK { due } else { now }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    #[tokio::test]
    async fn callers_call_evenly_and_not_all_at_once() {
        let began = Instant::now();
        let mut last = Pace::new(began, 1_000, 9, 10);
        for _ in 0..3 {
            last.next().await;
        }
        // Its first call is due after 9 ms, each further one after 10.
        assert!(began.elapsed() >= Duration::from_millis(29), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn without_a_rate_nobody_waits() {
        let began = Instant::now();
        let mut pace = Pace::new(began, 0, 9, 10);
        for _ in 0..1_000 {
            assert!(pace.next().await >= began);
        }
    }
}
