//! Who hears that a block is durable.

use bytes::Bytes;

use crate::{AppendError, Position};

/// A block that is on disk, with what its sender handed in.
#[derive(Clone, Debug)]
pub struct Durable<T> {
    /// Where the block's frame begins.
    pub position: Position,
    /// Where it ends: a checkpoint at `end` covers the block.
    pub end: Position,
    /// The bytes, shared with the sender.
    pub block: Bytes,
    /// What came with the block.
    pub item: T,
}

/// Takes the outcome of each block.
///
/// Both methods run on the writer thread, once per group and strictly in log order. The next group
/// waits until they return: be quick, and do not wait for the journal. Each item of a successful
/// append arrives exactly once, in one of the two; only if a sink panics, which stops the journal,
/// are the items that still wait dropped.
pub trait Sink<T>: Send + 'static {
    /// The blocks are synced.
    fn durable(&mut self, group: Vec<Durable<T>>);

    /// The group of these items could not be written. Its blocks are not acknowledged, though they
    /// may turn up when the journal is next opened.
    fn failed(&mut self, items: Vec<T>, error: &AppendError);
}
