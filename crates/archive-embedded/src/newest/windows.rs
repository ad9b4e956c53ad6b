//! Ranges of time, from the latest back, in which to look for so many rows.

use super::Range;

/// How many times as many rows as are needed the first range may hold: filters drop some.
const FIRST: u64 = 8;
/// How many times as many rows the next range may hold.
const NEXT: u64 = 8;

/// When the rows of a segment begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub(super) earliest: i64,
    pub(super) latest: i64,
    pub(super) count: u64,
}

/// Ranges of time, each from its first moment until just before the second. Each ends where the one
/// before it began; together they are all of a range.
#[derive(Debug)]
pub(super) struct Windows {
    segments: Vec<Rows>,
    left: Range,
    /// Rows that the next range may hold, about.
    rows: u64,
}

impl Windows {
    /// Over all of a range, in which `needed` rows are looked for. Rows in memory may be of any time.
    pub(super) fn new(segments: Vec<Rows>, all: Range, needed: usize) -> Self {
        Self { segments, left: all, rows: (needed as u64).saturating_mul(FIRST).max(1) }
    }

    /// The latest moment before `end` at which a row of a segment begins.
    fn latest(&self, end: i64) -> Option<i64> {
        let begun = self.segments.iter().filter(|rows| rows.earliest < end);
        begun.map(|rows| rows.latest.min(end - 1)).max()
    }

    /// How many rows lie in a range, were those of each segment spread evenly.
    fn expected(&self, (from, to): Range) -> u64 {
        let of = |rows: &Rows| {
            let length = |from: i64, to: i64| (i128::from(to) - i128::from(from)).max(0) as u128;
            let shared = length(rows.earliest.max(from), rows.latest.saturating_add(1).min(to));
            let all = length(rows.earliest, rows.latest.saturating_add(1)).max(1);
            u64::try_from(u128::from(rows.count) * shared / all).unwrap_or(u64::MAX)
        };
        self.segments.iter().map(of).fold(0, u64::saturating_add)
    }

    /// The latest moment since which so many rows are expected.
    fn since(&self, end: i64, rows: u64) -> i64 {
        let earliest = self.segments.iter().map(|rows| rows.earliest).min().unwrap_or(end);
        let (mut from, mut to) = (self.left.0.max(earliest.saturating_sub(1)).min(end), end);
        if from == earliest.saturating_sub(1) && self.expected((from, end)) < rows {
            return self.left.0;
        }
        while i128::from(to) - i128::from(from) > 1 {
            let middle = i64::midpoint(from, to);
            if self.expected((middle, end)) >= rows { from = middle } else { to = middle }
        }
        from
    }
}

impl Iterator for Windows {
    type Item = Range;

    fn next(&mut self) -> Option<Range> {
        let (begin, end) = self.left;
        if begin >= end {
            return None;
        }
        let from = match self.latest(end) {
            Some(latest) if latest >= begin => {
                let from = self.since(latest.saturating_add(1), self.rows);
                self.rows = self.rows.saturating_mul(NEXT);
                // What is left then may be nothing.
                if self.latest(from).is_some() { from } else { begin }
            }
            _ => begin,
        };
        self.left.1 = from;
        Some((from, end))
    }
}

#[cfg(test)]
mod tests;
