//! A file: what the running system sees, and what is on the platter.

use std::collections::BTreeSet;

use super::random::Random;

#[derive(Default)]
pub(crate) struct Inode {
    pub(crate) cache: Vec<u8>,
    platter: Vec<u8>,
    /// Pages of the cache that a sync would write.
    dirty: BTreeSet<usize>,
}

impl Inode {
    pub(crate) fn write(&mut self, at: usize, data: &[u8], page: usize) {
        if data.is_empty() {
            return;
        }
        let end = at + data.len();
        if self.cache.len() < end {
            self.cache.resize(end, 0);
        }
        self.cache[at..end].copy_from_slice(data);
        self.dirty.extend(at / page..=(end - 1) / page);
    }

    pub(crate) fn set_len(&mut self, bytes: usize, page: usize) {
        self.cache.resize(bytes, 0);
        self.dirty.retain(|index| index * page < bytes);
    }

    /// Everything reaches the platter.
    pub(crate) fn sync(&mut self, page: usize) {
        for index in std::mem::take(&mut self.dirty) {
            self.write_back(index, page);
        }
        // Pages that an earlier failed sync lost stay lost: zeros, or what was there before.
        self.platter.resize(self.cache.len(), 0);
    }

    /// Any of the dirty pages reach the platter.
    pub(crate) fn sync_some(&mut self, page: usize, random: &mut Random) {
        let dirty: Vec<usize> = self.dirty.iter().copied().collect();
        for index in dirty {
            if random.coin() {
                self.write_back(index, page);
            }
        }
    }

    /// After a failed sync the system calls every page clean.
    pub(crate) fn forget_dirty(&mut self) {
        self.dirty.clear();
    }

    /// The system goes down; the length may or may not have reached the platter too.
    pub(crate) fn cut_power(&mut self, page: usize, random: &mut Random) {
        self.sync_some(page, random);
        if random.coin() {
            self.platter.resize(self.cache.len(), 0);
        }
        self.cache = self.platter.clone();
        self.dirty.clear();
    }

    pub(crate) fn flip(&mut self, bit: usize) {
        for copy in [&mut self.cache, &mut self.platter] {
            if let Some(byte) = copy.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
        }
    }

    fn write_back(&mut self, index: usize, page: usize) {
        let start = index * page;
        let end = (start + page).min(self.cache.len());
        if start >= end {
            return;
        }
        if self.platter.len() < end {
            self.platter.resize(end, 0);
        }
        self.platter[start..end].copy_from_slice(&self.cache[start..end]);
    }
}
