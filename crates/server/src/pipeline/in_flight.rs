//! The memory of patches between decoding and joining.
//!
//! A body's share of the limit of bodies is of its bytes. Its patches may take many times as much, so
//! they are counted by themselves, for whichever protocol they came by, until the archive has them and
//! counts them among its own.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracekeep_model::{RecordKey, State};

/// Counted in KiB, so that a permit count fits.
const UNIT: usize = 1_024;

/// Bounds the memory of patches that are on their way.
#[derive(Debug)]
pub(super) struct InFlight {
    room: Arc<Semaphore>,
    /// All there are.
    units: u32,
}

impl InFlight {
    /// So many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        Self { room: Arc::new(Semaphore::new(units as usize)), units }
    }

    /// The share of a request's patches, given back when it is dropped; `None` where there is too little
    /// left. Does not wait, as who waits holds its patches. A request that is larger than all there is
    /// goes alone.
    pub(super) fn share(&self, patches: &[(RecordKey, State)]) -> Option<OwnedSemaphorePermit> {
        let units = u32::try_from(memory(patches).div_ceil(UNIT)).unwrap_or(u32::MAX);
        self.room.clone().try_acquire_many_owned(units.min(self.units)).ok()
    }

    /// Units that are taken.
    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        self.units as usize - self.room.available_permits()
    }
}

fn memory(patches: &[(RecordKey, State)]) -> usize {
    patches.iter().map(|(key, state)| key.memory() + state.memory()).sum()
}

#[cfg(test)]
mod tests;
