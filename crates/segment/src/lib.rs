//! Rows at rest: the columns of spans, traces and scores, records as rows and back, and the
//! immutable files that hold them.
//!
//! # A segment
//!
//! A segment is a folder. It holds whole *units*: a trace with all its spans, or a score.
//!
//! ```text
//! spans.parquet    a row per span; the spans of a trace are neighbours
//! traces.parquet   a row per trace, with its totals; row n is unit n of the index
//! scores.parquet   a row per score; row n is unit n of the index
//! index            key hash → unit, unit → first span row
//! hourly.parquet   a row per hour and model of its generations: sums that can be added up
//! links            hashes of the traces that its traces and scores point to
//! blobs            cells of more than 256 KiB; absent if there are none
//! ```
//!
//! `hourly.parquet` and `links` are made of the others and may be missing.
//!
//! Invariants: a trace's row and all its spans are in one segment. Files are never changed. Columns
//! are read by name; one that is absent reads as null. A format newer than [`FORMAT`] is refused, an
//! older one is read.
//!
//! | format | what is new |
//! |---|---|
//! | 1 | |
//! | 2 | the file `blobs`; states of traces without the long texts of their rows; `deleted_spans` |
//! | 3 | `versions` of a byte, for spans told whole with the latency of their first token |

mod batch;
mod blobs;
mod check;
mod columns;
mod compact;
mod deleted_spans;
mod disk;
mod footers;
mod frame;
mod hourly;
mod index;
mod json;
mod large;
mod links;
mod reader;
mod reprice;
mod scores;
mod sidecars;
mod spans;
mod table;
mod trace_state;
mod traces;
mod versions;
mod writer;

pub use batch::{Batches, BatchesBuilder};
pub use blobs::Reference;
pub use compact::{Source, compact};
pub use disk::{Disk, DiskFile, OsDisk};
pub use footers::Footers;
pub use hourly::{Hours, MOST_HOURLY_BYTES, hourly_schema};
pub use index::{Index, key_hash};
pub use large::{LARGE, may_be_large, with_cells};
pub use links::Links;
pub use reader::{Candidate, Segment, SegmentFile};
pub use reprice::{CostChange, compare_costs};
pub use scores::score_schema;
pub use spans::span_schema;
pub use traces::trace_schema;
pub use writer::{Row, SegmentFacts, WrittenSegment, write_segment};

/// The format that is written, and the newest that is read.
pub const FORMAT: u32 = 3;

/// Why a segment cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// Its words.
        source: std::io::Error,
    },
    /// The Parquet library said no.
    #[error("{path}: {source}")]
    Parquet {
        /// The file.
        path: std::path::PathBuf,
        /// Its words.
        source: parquet::errors::ParquetError,
    },
    /// The rows of a file cannot be read.
    #[error("{path}: {source}")]
    Rows {
        /// The file.
        path: std::path::PathBuf,
        /// The Arrow library's words.
        source: arrow::error::ArrowError,
    },
    /// The Arrow library said no.
    #[error(transparent)]
    Arrow(#[from] arrow::error::ArrowError),
    /// The file does not hold what a segment holds.
    #[error("{path}: {reason}")]
    Damaged {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        reason: String,
    },
}
