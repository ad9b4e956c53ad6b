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
        quantiles(&mut self.micros)
    }
}

/// By how much one call took longer than the other, of many pairs; below 0 where it was faster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Differences {
    micros: Vec<i32>,
}

impl Differences {
    pub(crate) fn add(&mut self, latency: Duration, without: Duration) {
        let limit = |latency: Duration| i32::try_from(latency.as_micros()).unwrap_or(i32::MAX);
        self.micros.push(limit(latency) - limit(without));
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        self.micros.append(&mut other.micros);
    }

    pub(crate) fn count(&self) -> usize {
        self.micros.len()
    }

    pub(crate) fn quantiles(&mut self) -> Quantiles {
        quantiles(&mut self.micros)
    }
}

fn quantiles<T: Copy + Ord + Into<f64>>(micros: &mut [T]) -> Quantiles {
    micros.sort_unstable();
    let [p50_ms, p95_ms, p99_ms] = [0.50, 0.95, 0.99].map(|share| quantile(micros, share));
    Quantiles { p50_ms, p95_ms, p99_ms }
}

/// In ms, the least value that at least this share of the sorted values does not exceed.
fn quantile<T: Copy + Into<f64>>(sorted: &[T], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).map_or(0.0, |&micros| Into::<f64>::into(micros) / 1000.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Differences, Latencies, Quantiles};

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

    #[test]
    fn what_was_faster_is_below_zero() {
        let mut differences = Differences::default();
        for millis in 1..=100 {
            differences.add(Duration::from_millis(millis), Duration::from_millis(50));
        }
        let quantiles = Quantiles { p50_ms: 0.0, p95_ms: 45.0, p99_ms: 49.0 };
        assert_eq!(differences.quantiles(), quantiles);
        let mut faster = Differences::default();
        faster.add(Duration::from_micros(1_500), Duration::from_micros(2_000));
        faster.append(&mut Differences::default());
        assert_eq!((faster.count(), faster.quantiles().p50_ms), (1, -0.5));
    }
}
