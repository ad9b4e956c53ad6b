//! Shelves that nothing comes to any more: what is small there becomes one segment, however few they
//! are. A segment takes some 50 KB besides its rows, and every question looks into each.
//!
//! A shelf to which something comes now and then is not written anew each time: its largest segment
//! waits for others that are a quarter of it, or for a day on which nothing came.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use tracekeep_model::Micros;

use super::MOST_SPANS;
use crate::manifest::{SegmentEntry, Shelf};

/// A shelf is cold when nothing came to it for so long.
const COLD: i64 = Micros::HOUR;
/// After so long its segments become one even if nearly all is in one already.
const VERY_COLD: i64 = Micros::DAY;
/// What segments that become one are together at most, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// How many times what the others are together the largest may be, unless it is very cold.
const LARGEST: u64 = 4;

/// When each shelf's newest segment was seen first by this process.
#[derive(Debug, Default)]
pub(crate) struct Shelves {
    /// By the segment's number, which is never given to a second one.
    newest: HashMap<u64, Micros>,
}

impl Shelves {
    /// Segments of a cold shelf that are worth making one, oldest first.
    pub(super) fn choose(
        &mut self,
        segments: &[SegmentEntry],
        now: Micros,
        is_given_up: impl Fn(u64) -> bool,
    ) -> Option<Vec<SegmentEntry>> {
        let mut shelves: BTreeMap<(&str, Shelf), Vec<&SegmentEntry>> = BTreeMap::new();
        for entry in segments {
            shelves.entry((&entry.project, entry.shelf)).or_default().push(entry);
        }
        let mut newest = HashMap::with_capacity(shelves.len());
        let mut chosen = None;
        for shelf in shelves.into_values() {
            let number = shelf.iter().map(|entry| entry.number).max().unwrap_or_default();
            // Where the clock was put back, the wait begins anew.
            let since = self.newest.get(&number).map_or(now, |since| (*since).min(now));
            newest.insert(number, since);
            if chosen.is_none() {
                chosen = small(shelf, now.since(since), &is_given_up);
            }
        }
        self.newest = newest;
        chosen
    }
}

/// The smallest segments of a shelf, as many as are to become one; `None`: not two.
fn small(
    mut shelf: Vec<&SegmentEntry>,
    quiet: i64,
    is_given_up: impl Fn(u64) -> bool,
) -> Option<Vec<SegmentEntry>> {
    if quiet < COLD || shelf.len() < 2 {
        return None;
    }
    shelf.retain(|entry| !is_given_up(entry.number));
    shelf.sort_by_key(|entry| (entry.facts.bytes, entry.number));
    let (mut spans, mut bytes) = (0, 0);
    let fits = |entry: &&&SegmentEntry| {
        spans += entry.facts.spans;
        bytes += entry.facts.bytes;
        spans <= MOST_SPANS && bytes <= MOST_BYTES
    };
    let fitting = shelf.iter().take_while(fits).count();
    shelf.truncate(fitting);
    while quiet < VERY_COLD && is_lopsided(&shelf) {
        shelf.pop();
    }
    if shelf.len() < 2 {
        return None;
    }
    shelf.sort_by_key(|entry| (entry.facts.min_start, entry.number));
    Some(shelf.into_iter().cloned().collect())
}

/// Whether the largest of these, which is the last, would be copied for little.
fn is_lopsided(ascending: &[&SegmentEntry]) -> bool {
    let Some((largest, others)) = ascending.split_last() else { return false };
    let others: u64 = others.iter().map(|entry| entry.facts.bytes).sum();
    largest.facts.bytes > LARGEST * others
}

#[cfg(test)]
mod tests;
