//! Puts what calls say into blocks, each of one project.

use std::collections::HashMap;

use tracekeep_model::Text;

use super::room::Share;
use super::{Patches, Said};

/// Bytes of memory from which on a block takes nothing more. One that is larger goes alone: what becomes
/// of it must not become of others.
const FULL: usize = 8 << 20;

/// What is written together.
pub(super) struct Block {
    pub(super) project_id: Text,
    pub(super) patches: Patches,
    /// Of what waits, until the block is written.
    pub(super) shares: Vec<Share>,
    bytes: usize,
}

impl Block {
    fn of(project_id: Text) -> Self {
        Self { project_id, patches: Vec::new(), shares: Vec::new(), bytes: 0 }
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.shares.is_empty() || self.bytes.saturating_add(bytes) <= FULL
    }

    fn put(&mut self, said: Said) {
        self.bytes = self.bytes.saturating_add(said.share.bytes());
        self.patches.extend(said.patches);
        self.shares.push(said.share);
    }
}

/// The blocks of what was said. A project's are in the order in which it was said.
pub(super) fn of(said: impl IntoIterator<Item = Said>) -> Vec<Block> {
    let mut full = Vec::new();
    let mut open: HashMap<Text, Block> = HashMap::new();
    for said in said {
        let new = || Block::of(said.project_id.clone());
        let block = open.entry(said.project_id.clone()).or_insert_with(new);
        if !block.has_room(said.share.bytes()) {
            full.push(std::mem::replace(block, new()));
        }
        block.put(said);
    }
    full.extend(open.into_values());
    full
}

#[cfg(test)]
mod tests;
