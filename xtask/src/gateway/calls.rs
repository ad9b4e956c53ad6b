//! What calls took.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::prompts::Answers;
use crate::stats::{Differences, Latencies, Quantiles};

/// How long one call took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed {
    /// Until the last byte.
    pub(super) whole: Duration,
    /// Until the first byte of the body.
    pub(super) first: Duration,
}

/// Calls to one address.
#[derive(Debug, Default)]
pub(super) struct Calls {
    whole: Latencies,
    first: Latencies,
    errors: u64,
    example: Option<String>,
}

impl Calls {
    /// Gives back what the call took, if it was answered.
    pub(super) fn add(&mut self, called: Result<Timed>) -> Option<Timed> {
        match called {
            Ok(timed) => {
                self.whole.add(timed.whole);
                self.first.add(timed.first);
                Some(timed)
            }
            Err(error) => {
                self.errors += 1;
                self.example.get_or_insert_with(|| format!("{error:#}"));
                None
            }
        }
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.whole.append(&mut other.whole);
        self.first.append(&mut other.first);
        self.errors += other.errors;
        self.example = self.example.take().or(other.example);
    }

    /// Those that were answered.
    pub(super) fn count(&self) -> usize {
        self.whole.count()
    }

    /// What one of those said that failed.
    pub(super) fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    pub(super) fn report(&mut self, answers: Answers, elapsed: Duration) -> Value {
        let mut figures = json!({
            "requests": self.count(),
            "requests_per_second": (self.count() as f64 / elapsed.as_secs_f64()).round(),
            "errors": self.errors,
            "error": self.example,
        });
        quantiles(&mut figures, answers, self.whole.quantiles(), self.first.quantiles());
        figures
    }
}

/// What pairs of calls, one through the gateway and one without it, differ by.
#[derive(Debug, Default)]
pub(super) struct Added {
    whole: Differences,
    first: Differences,
}

impl Added {
    pub(super) fn add(&mut self, through: Timed, without: Timed) {
        self.whole.add(through.whole, without.whole);
        self.first.add(through.first, without.first);
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.whole.append(&mut other.whole);
        self.first.append(&mut other.first);
    }

    pub(super) fn report(&mut self, answers: Answers) -> Value {
        let mut figures = json!({ "requests": self.whole.count() });
        quantiles(&mut figures, answers, self.whole.quantiles(), self.first.quantiles());
        figures
    }
}

/// The first byte of an answer in one piece is there when the last one is, and says nothing.
fn quantiles(figures: &mut Value, answers: Answers, whole: Quantiles, first: Quantiles) {
    figures["p50_ms"] = json!(whole.p50_ms);
    figures["p95_ms"] = json!(whole.p95_ms);
    figures["p99_ms"] = json!(whole.p99_ms);
    if answers == Answers::Streamed {
        figures["first_p50_ms"] = json!(first.p50_ms);
        figures["first_p95_ms"] = json!(first.p95_ms);
        figures["first_p99_ms"] = json!(first.p99_ms);
    }
}
