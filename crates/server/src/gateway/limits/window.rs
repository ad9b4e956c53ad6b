//! What was counted in the last minute.
//!
//! Not the crate `governor`: its cells take what is asked for or refuse it, and tokens are known only
//! after a call, when they must be counted whatever the limit says. It fills gradually too, so that
//! its limit in a minute after a pause is nearly twice what was set.

use std::collections::VecDeque;
use std::time::Duration;

use tracekeep_model::Micros;

/// Seconds that count.
const MINUTE: i64 = 60;

/// Counts of the last 60 seconds, the one that runs included: exact to a second. At most 60 entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// The second since 1970, and what was counted in it; oldest first.
    seconds: VecDeque<(i64, u64)>,
    sum: u64,
}

impl Window {
    /// Counts so many more.
    pub(super) fn add(&mut self, now: Micros, count: u64) {
        self.forget(now);
        self.sum = self.sum.saturating_add(count);
        // Who read the clock a moment earlier may come a moment later.
        match self.seconds.back_mut() {
            Some((last, counted)) if *last >= second(now) => {
                *counted = counted.saturating_add(count);
            }
            _ => self.seconds.push_back((second(now), count)),
        }
    }

    /// How many there are.
    pub(super) fn used(&mut self, now: Micros) -> u64 {
        self.forget(now);
        self.sum
    }

    /// How long until fewer than `limit` are left, in whole seconds, rounded up. 0 if it is so now.
    pub(super) fn until_below(&mut self, limit: u64, now: Micros) -> Duration {
        self.forget(now);
        let mut left = self.sum;
        let mut wait = Duration::ZERO;
        for (second, count) in &self.seconds {
            if left < limit {
                break;
            }
            left = left.saturating_sub(*count);
            wait = until_gone(*second, now);
        }
        wait
    }

    /// How long until none are left, in whole seconds, rounded up.
    pub(super) fn until_empty(&mut self, now: Micros) -> Duration {
        self.forget(now);
        self.seconds.back().map_or(Duration::ZERO, |(last, _)| until_gone(*last, now))
    }

    /// Lets go of what is a minute old; and of everything where the clock was set back by more than
    /// that, as it would otherwise count until the clock is there again.
    fn forget(&mut self, now: Micros) {
        let now = second(now);
        if self.seconds.back().is_some_and(|(last, _)| *last >= now + MINUTE) {
            *self = Self::default();
        }
        while let Some((oldest, count)) = self.seconds.front()
            && *oldest <= now - MINUTE
        {
            self.sum = self.sum.saturating_sub(*count);
            self.seconds.pop_front();
        }
    }
}

fn second(time: Micros) -> i64 {
    time.0.div_euclid(Micros::SECOND)
}

fn until_gone(second: i64, now: Micros) -> Duration {
    let gone = Micros((second + MINUTE) * Micros::SECOND);
    let seconds = u64::try_from(gone.since(now)).unwrap_or(0).div_ceil(1_000_000);
    Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests;
