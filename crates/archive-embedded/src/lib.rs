//! The archive that needs nothing installed: a memtable, immutable Parquet segments, and DataFusion
//! to answer questions over both.
//!
//! # How it works
//!
//! The unit of storage is a whole trace (or a score). At any moment a live unit is in exactly one
//! place: the *head* (a map of joined states), a *chunk* (immutable rows in memory) or a *segment*
//! (immutable rows on disk). A patch for a unit that has left the head re-opens it: the unit is read
//! back into the head and its old row is *masked*. So a query is a scan of unmasked rows, and
//! every count is exact.
//!
//! # Invariants
//!
//! - One thread merges. Readers take a snapshot: lists of immutable things and their masks.
//! - A mask reaches the disk only in the manifest write that adds the rows which replace the masked
//!   ones. Until then it is memory, and replaying the journal from the checkpoint makes it again.
//! - The checkpoint is the journal position behind the last block whose units are all in segments.
//! - The manifest names every segment; a folder that it does not name is debris of a crash and goes.

mod ahead;
mod asking;
mod blobs;
mod chunk;
mod compact;
mod engine;
mod full;
mod functions;
mod hourly;
mod inspect;
mod key_filter;
mod large;
mod late;
mod lookup;
mod manifest;
mod mask;
mod memtable;
mod newest;
mod opened;
mod partials;
mod provider;
mod relations;
mod reprice;
mod scope;
mod seal;
mod segment_cache;
mod snapshot;
mod store;
#[cfg(test)]
mod story;
mod turns;
mod views;
mod warm;

pub use inspect::{Damage, Extent, Inspection, checkpoint, inspect};
pub use store::{Embedded, Options};
