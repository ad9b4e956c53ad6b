//! Periods of budgets, and what was spent but is not stored yet.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use tracekeep_control::{Period, Spent};
use tracekeep_model::{Micros, Money};
use tracekeep_query::Bucket;

/// One period of a budget: such as a month, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) start: Micros,
    /// The first moment of the next.
    pub(crate) end: Micros,
}

impl Stretch {
    /// The one that a moment lies in.
    pub(super) fn of(period: Period, at: Micros) -> Self {
        let (bucket, days) = match period {
            Period::Day => (Bucket::Day, 1),
            Period::Week => (Bucket::Week, 7),
            Period::Month => (Bucket::Month, 31),
        };
        let start = bucket.start(at);
        // 31 days after the first of a month it is the next month.
        let end = bucket.start(start.plus(days * Micros::DAY));
        Self { start, end }
    }

    /// Whether a moment lies in it.
    pub(super) fn contains(self, at: Micros) -> bool {
        self.start <= at && at < self.end
    }

    /// Its days, counted from 1970-01-01.
    pub(super) fn days(self) -> Range<i64> {
        self.start.0.div_euclid(Micros::DAY)..self.end.0.div_euclid(Micros::DAY)
    }
}

/// What keys spent and the store does not know yet, by key and day. It holds at most what is spent
/// between two writes, and grows by an entry a key and day while the store fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unstored(HashMap<(Arc<str>, i64), Money>);

impl Unstored {
    /// Notes what a key spent.
    pub(super) fn add(&mut self, key_id: &Arc<str>, at: Micros, amount: Money) {
        let day = at.0.div_euclid(Micros::DAY);
        *self.0.entry((key_id.clone(), day)).or_default() += amount;
    }

    /// What of it a key spent on these days.
    pub(super) fn sum(&self, key_id: &str, days: Range<i64>) -> Money {
        let of_key = self.0.iter().filter(|((id, day), _)| **id == *key_id && days.contains(day));
        of_key.map(|(_, amount)| *amount).sum()
    }

    /// Takes all of it out, to be stored.
    pub(super) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Puts back what could not be stored.
    pub(super) fn put_back(&mut self, taken: Self) {
        for (key_and_day, amount) in taken.0 {
            *self.0.entry(key_and_day).or_default() += amount;
        }
    }

    /// As it is stored.
    pub(super) fn rows(&self) -> Vec<Spent> {
        let row = |((key_id, day), amount): (&(Arc<str>, i64), &Money)| Spent {
            key_id: key_id.to_string(),
            day: *day,
            amount: amount.0,
        };
        self.0.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests;
