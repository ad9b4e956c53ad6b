//! Chance, decided by a seed.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// Random choices in a sequence that a seed decides.
pub(super) struct Dice(StdRng);

/// Fresh ids.
pub(super) struct Ids(StdRng);

impl Dice {
    /// A sequence of its own.
    pub(super) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// True that often.
    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// One of what is not empty.
    pub(super) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.0.random_range(0..of.len())]
    }

    /// One of what is not empty, each as often as its weight says.
    pub(super) fn weighted<'a, T>(&mut self, of: &'a [(i64, T)]) -> &'a T {
        let total: i64 = of.iter().map(|(weight, _)| *weight).sum();
        let mut left = self.between(1, total);
        for (weight, item) in of {
            left -= *weight;
            if left <= 0 {
                return item;
            }
        }
        &of[0].1
    }

    /// About `median`, as latencies are: log-normal, seldom much more, never under a tenth of it.
    pub(super) fn around(&mut self, median: i64, spread: f64) -> i64 {
        let uniform: f64 = (0..12).map(|_| self.0.random::<f64>()).sum();
        let factor = ((uniform - 6.0) * spread).exp();
        ((median as f64 * factor) as i64).max(median / 10).max(1)
    }

    /// Ids that nothing else has: not even the same choices at another time.
    pub(super) fn ids(&mut self, moment: i64) -> Ids {
        Ids(StdRng::seed_from_u64(self.0.next_u64() ^ moment.unsigned_abs()))
    }
}

impl Ids {
    /// 16 bytes in hex, not all zeros.
    pub(super) fn trace(&mut self) -> String {
        format!("{:016x}{:016x}", self.0.next_u64(), self.0.next_u64() | 1)
    }

    /// 8 bytes in hex, not all zeros.
    pub(super) fn span(&mut self) -> String {
        format!("{:016x}", self.0.next_u64() | 1)
    }

    /// Eight characters.
    pub(super) fn short(&mut self) -> String {
        format!("{:08x}", self.0.next_u32())
    }
}
