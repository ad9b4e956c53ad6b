//! Latencies of calls.

use std::time::Duration;

use serde::Serialize;

/// How long each of many calls took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    micros: Vec<u32>,
}

/// The latencies that the drivers report, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize, PartialEq)]
pub(crate) struct Quantiles {
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Latencies {
    pub(crate) fn add(&mut self, latency: Duration) {
        self.micros.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        self.micros.append(&mut other.micros);
    }

    pub(crate) fn count(&self) -> usize {
        self.micros.len()
    }

    pub(crate) fn quantiles(&mut self) -> Quantiles {
        self.micros.sort_unstable();
        let [p50_ms, p95_ms, p99_ms] = [0.50, 0.95, 0.99].map(|share| self.quantile(share));
        Quantiles { p50_ms, p95_ms, p99_ms }
    }

    /// The least latency that at least this share of the calls did not exceed. Wants them sorted.
    fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.micros.len() as f64).ceil() as usize;
        let micros = self.micros.get(rank.saturating_sub(1)).copied().unwrap_or(0);
        f64::from(micros) / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Latencies, Quantiles};

    #[test]
    fn quantiles_are_calls_that_happened() {
        let mut latencies = Latencies::default();
        for millis in (1..=200).rev() {
            latencies.add(Duration::from_millis(millis));
        }
        let quantiles = |p50_ms, p95_ms, p99_ms| Quantiles { p50_ms, p95_ms, p99_ms };
        assert_eq!(latencies.quantiles(), quantiles(100.0, 190.0, 198.0));
        assert_eq!(Latencies::default().quantiles(), quantiles(0.0, 0.0, 0.0));
    }
}
