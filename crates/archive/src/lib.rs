//! Where records are kept: the contract that every store fulfils.
//!
//! # Adding a store
//!
//! Implement [`Archive`]. [`Archive::merge`] joins, it never replaces: whatever order, repetition or
//! grouping of blocks it is given, the same records must come out. A read sees every block whose
//! `merge` has returned. Map failures to [`ArchiveError`]: a caller retries on
//! [`ArchiveError::is_retryable`]. Then run the suite of the module `conformance` (feature
//! `conformance`) against it.

#[cfg(feature = "conformance")]
pub mod conformance;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tracekeep_model::block::Block;
use tracekeep_model::{Micros, Money, Pricing, Text, TraceUnit};
use tracekeep_query::{Page, Query};

/// A place in the journal: everything before it was merged.
pub type Position = u64;

/// Keeps records and answers questions about them.
#[async_trait]
pub trait Archive: Send + Sync + 'static {
    /// Joins a durable block; `end` is the journal's position behind it.
    ///
    /// Blocks come in journal order from one thread. When this returns, reads see the block.
    ///
    /// # Errors
    /// The store could not be read or written; the caller tries again, or gives the block up.
    fn merge(&self, block: Block, end: Position) -> Result<(), ArchiveError>;

    /// Blocks that are merged next, in this order, so that a store can read at once what they need. Says
    /// for how many of them it did so, the first ones, and one at least: when those are merged it is
    /// told of the others.
    ///
    /// A hint that changes no answer: the blocks may be merged later, in another way, or never. It takes
    /// the place of the hint before; none are told of when nothing is to be kept ready any more. Comes
    /// from the thread that merges.
    fn prepare(&self, blocks: &[&Block]) -> usize {
        blocks.len()
    }

    /// A block could not be merged, however often it was tried, and those behind it go on without it.
    /// Nothing is lost: the checkpoint does not move past it, so that the next start merges it.
    fn give_up(&self, end: Position, reason: &str);

    /// Bytes of memory that records take which are in memory only, about.
    fn memory_bytes(&self) -> u64;

    /// Why a trace takes no more spans, if it does not: it has so many, or so much in them, that it
    /// could no longer be held as a whole. What is merged into it all the same is kept.
    ///
    /// Asked for the traces of every request, so it must not wait for a merge.
    fn full(&self, project: &str, trace_id: &str) -> Option<Full>;

    /// A trace with its spans; `None` if it is unknown or deleted.
    ///
    /// # Errors
    /// The store could not be read.
    async fn trace(&self, project: &str, trace_id: &str)
    -> Result<Option<TraceUnit>, ArchiveError>;

    /// The prices by which a project's costs are computed that nobody stated, in rows and in
    /// [`TraceUnit::project`] alike.
    fn pricing(&self, project: &str) -> Arc<dyn Pricing>;

    /// Whether anything may point to a trace: asked first, as most traces have nothing that does and
    /// looking for it takes a query. A store that cannot tell at once says that there may be.
    ///
    /// # Errors
    /// The store could not be read.
    async fn relations(&self, project: &str, trace_id: &str) -> Result<Relations, ArchiveError> {
        let _ = (project, trace_id);
        Ok(Relations::UNKNOWN)
    }

    /// Answers a typed query over one project.
    ///
    /// # Errors
    /// The query is not valid, over its budget, or the store could not be read.
    async fn query(&self, project: &str, query: &Query) -> Result<Page, ArchiveError>;

    /// Writes everything merged so far to its final place and moves the checkpoint. Blocks the thread.
    ///
    /// # Errors
    /// The store could not be written; what was there stays as it was.
    fn seal(&self) -> Result<(), ArchiveError>;

    /// Tidies up a bounded part of the store, if any is worth it; says whether one was. Blocks the
    /// thread.
    ///
    /// Called at least every ten minutes, it takes what was deleted or replaced off the disk within a
    /// day of `seal`.
    ///
    /// # Errors
    /// The store could not be read or written; what was there stays as it was.
    fn compact(&self, now: Micros) -> Result<bool, ArchiveError>;

    /// What [`Archive::recompute_costs`] would change, by model. Blocks the thread.
    ///
    /// # Errors
    /// The store could not be read.
    fn stale_costs(&self, project: &str) -> Result<Vec<ModelCosts>, ArchiveError>;

    /// Computes the costs of a bounded part of what is stored anew, if they were computed by other prices
    /// than today's; says whether there was any. Stated costs stay. Blocks the thread.
    ///
    /// Until this was called as often as it says so, rows may show the costs of former prices.
    ///
    /// # Errors
    /// The store could not be read or written; what was there stays as it was.
    fn recompute_costs(&self, project: &str) -> Result<bool, ArchiveError>;

    /// Lets go of what is past its time, by whole days: it goes at the latest a day after. Says how
    /// much was dropped, in units of the store. Blocks the thread.
    ///
    /// # Errors
    /// The store could not be written; what was there stays as it was.
    fn expire(&self, project: &str, expiry: Expiry) -> Result<u64, ArchiveError>;

    /// Up to where the journal is no longer needed.
    fn checkpoint(&self) -> Position;

    /// Says that the journal ends at `end`, before the checkpoint: it was emptied or replaced. From now
    /// on the checkpoint is there, so that nothing new is taken for merged.
    ///
    /// # Errors
    /// The store could not be written.
    fn rewind(&self, end: Position) -> Result<(), ArchiveError>;

    /// Sizes and counts for monitoring.
    fn status(&self) -> ArchiveStatus;
}

/// What is past its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// Traces that began, and scores that were given, before this moment.
    pub records: Micros,
    /// That something was deleted, if it was before this moment. It has to be known for as long as
    /// anything that the deletion covers may be there or may come.
    pub deletions: Micros,
}

impl Expiry {
    /// By a retention of some days. A score may come as long after its trace was deleted, and stay
    /// for as long again.
    #[must_use]
    pub fn after_days(days: i64, now: Micros) -> Self {
        let before = |days: i64| now.plus(-days.saturating_mul(Micros::DAY));
        Self { records: before(days), deletions: before(days.saturating_mul(2).saturating_add(2)) }
    }
}

/// Why a trace takes no more spans. As text it goes on with the sentence `the trace …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// It has so many spans.
    Spans(usize),
    /// It takes so many bytes of memory.
    Bytes(usize),
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spans(spans) => write!(f, "has {spans} spans"),
            Self::Bytes(bytes) => write!(f, "takes {} MiB of memory", *bytes >> 20),
        }
    }
}

/// Stored spans of one model whose costs nobody stated and that were computed by former prices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelCosts {
    /// The model whose price counts. `None`: spans name none, or there are too many to tell apart, or
    /// the name is too long.
    pub model: Option<Text>,
    /// How many spans.
    pub spans: u64,
    /// Of how many the cost is another by today's prices; known or no longer known included.
    pub changed: u64,
    /// The sum of their costs as it is shown, in USD.
    pub before: Money,
    /// The sum of their costs by today's prices, in USD.
    pub after: Money,
}

/// What may point to a trace. What is not so here is certainly not there; what is may be gone, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// Scores that judge it.
    pub scores: bool,
    /// Traces that name it as their parent.
    pub children: bool,
}

impl Relations {
    /// There may be anything.
    pub const UNKNOWN: Self = Self { scores: true, children: true };
}

/// What a store says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ArchiveStatus {
    /// Spans in memory, not yet sealed.
    pub memory_spans: u64,
    /// Spans in segments.
    pub stored_spans: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes of all segments.
    pub stored_bytes: u64,
    /// Up to where the journal is no longer needed.
    pub checkpoint: Position,
    /// Why the checkpoint does not move, if it does not.
    pub problem: Option<String>,
}

/// Why a store did not do as it was told.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The question cannot be answered as it stands.
    #[error("{0}")]
    Invalid(#[from] tracekeep_query::QueryError),
    /// The question took more than it may.
    #[error("the query was stopped: {0}; ask for less, or for a shorter time")]
    Budget(String),
    /// The store is busy; the same again may work.
    #[error("the archive is busy: {0}; try again")]
    Busy(String),
    /// The store failed.
    #[error("the archive failed: {0}")]
    Failed(String),
}

impl ArchiveError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Failed(_))
    }
}
