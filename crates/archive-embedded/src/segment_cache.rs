//! What was found in segments and is kept for the next query, within a bound.
//!
//! A segment never changes but for its mask, and that only grows: its number and how many traces are
//! masked say whether what was found is still right.
//!
//! Entries are of groups, and the group that was not used for longest goes first, with all its entries.
//! Who asks a question needs what it found in all segments, so that a question is a group; what is found
//! in one segment without any question is a group by itself.

use std::hash::Hash;

use hashbrown::HashMap;
use parking_lot::Mutex;

/// What something takes in memory.
pub(crate) trait Weight {
    /// Bytes, about, with what it takes to keep it.
    fn bytes(&self) -> usize;
}

/// Values by group and segment, as far as there is room.
#[derive(Debug)]
pub(crate) struct SegmentCache<G, V> {
    most: usize,
    kept: Mutex<Kept<G, V>>,
}

#[derive(Debug)]
struct Kept<G, V> {
    groups: HashMap<G, Group<V>>,
    bytes: usize,
    /// Grows with each use.
    uses: u64,
}

#[derive(Debug)]
struct Group<V> {
    /// By number of the segment; numbers are of one segment for ever.
    segments: HashMap<u64, Entry<V>>,
    /// With those of the entries.
    bytes: usize,
    used: u64,
}

#[derive(Debug)]
struct Entry<V> {
    /// How many traces were masked.
    masked: u64,
    value: V,
    bytes: usize,
}

impl<G: Clone + Eq + Hash + Weight, V: Clone + Weight> SegmentCache<G, V> {
    /// Keeps so many bytes, at most.
    pub(crate) fn within(most: usize) -> Self {
        Self { most, kept: Mutex::new(Kept { groups: HashMap::new(), bytes: 0, uses: 0 }) }
    }

    /// The values of a group in segments, of which this says by number how many traces are masked. Those
    /// of others, which were compacted or are past their time, go, and those of other masks.
    pub(crate) fn find(&self, group: &G, masks: &HashMap<u64, u64>) -> HashMap<u64, V> {
        let kept = &mut *self.kept.lock();
        let Some(found) = kept.groups.get_mut(group) else { return HashMap::new() };
        kept.uses += 1;
        found.used = kept.uses;
        let mut gone = 0;
        found.segments.retain(|number, entry| {
            let stays = masks.get(number) == Some(&entry.masked);
            gone += if stays { 0 } else { entry.bytes };
            stays
        });
        found.bytes -= gone;
        kept.bytes -= gone;
        found.segments.iter().map(|(number, entry)| (*number, entry.value.clone())).collect()
    }

    /// Keeps the value of a segment of which so many traces are masked, if there is room beside the
    /// others of its group.
    pub(crate) fn keep(&self, group: &G, number: u64, masked: u64, value: V) {
        let bytes = value.bytes();
        let kept = &mut *self.kept.lock();
        kept.uses += 1;
        if !kept.groups.contains_key(group) {
            let own = group.bytes();
            kept.bytes += own;
            let new = Group { segments: HashMap::new(), bytes: own, used: 0 };
            kept.groups.insert(group.clone(), new);
        }
        let Some(there) = kept.groups.get_mut(group) else { return };
        there.used = kept.uses;
        let entry = Entry { masked, value, bytes };
        let before = there.segments.insert(number, entry).map_or(0, |old| old.bytes);
        there.bytes = there.bytes + bytes - before;
        kept.bytes = kept.bytes + bytes - before;
        kept.make_room(self.most, group, number);
    }

    /// Bytes that are kept.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.kept.lock().bytes
    }
}

impl<G: Clone + Eq + Hash, V> Kept<G, V> {
    /// What was kept last stays, unless it is too much by itself.
    fn make_room(&mut self, most: usize, last: &G, number: u64) {
        while self.bytes > most {
            let others = self.groups.iter().filter(|(group, _)| *group != last);
            let oldest = others.min_by_key(|(_, group)| group.used);
            let oldest = oldest.map(|(group, _)| group.clone());
            if let Some(group) = oldest.and_then(|oldest| self.groups.remove(&oldest)) {
                self.bytes -= group.bytes;
                continue;
            }
            self.let_go(last, number);
            return;
        }
    }

    /// Removes one entry, and its group if nothing is left of it.
    fn let_go(&mut self, from: &G, number: u64) {
        let Some(group) = self.groups.get_mut(from) else { return };
        if let Some(entry) = group.segments.remove(&number) {
            group.bytes -= entry.bytes;
            self.bytes -= entry.bytes;
        }
        if group.segments.is_empty() {
            self.bytes -= group.bytes;
            self.groups.remove(from);
        }
    }
}

#[cfg(test)]
mod tests;
