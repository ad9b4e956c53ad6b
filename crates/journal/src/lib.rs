//! A durable, append-only log of opaque blocks with group commit.
//!
//! [`Journal::append`] hands a block to one writer thread. Everything that is queued while the last
//! sync runs becomes the next group: one write and one `fdatasync`, however many wait. The [`Sink`]
//! hears of a block only when the sync has returned; that is what "acknowledged" means.
//! [`Journal::open`] replays what survived, and [`Journal::checkpoint`] removes what the archive has.
//!
//! What holds, whatever fails:
//!
//! - A block that the sink was told is durable is replayed, once, in order and unchanged, until a
//!   checkpoint passes it.
//! - A block that failed, or was never answered, may be replayed or not, never garbled. Callers make
//!   repetition harmless (patches join idempotently).
//! - Replay may begin below the last checkpoint, since only whole segments are removed.
//! - Damage to what was acknowledged refuses to open and names file and byte. The one exception is
//!   the last group before a crash, which looks like a torn write: it is dropped, with a warning.
//! - Positions grow and are never given to two blocks, as long as the directory is not emptied by
//!   hand; a new directory starts at zero.
//!
//! The file format and the reasoning are in `format.rs`, the order of system calls in `log.rs` and
//! `recovery.rs`. [`Storage`] is the seam where the tests model a file system that fails.

mod error;
mod format;
mod inspect;
mod journal;
mod ledger;
mod log;
mod options;
mod position;
mod queue;
mod recovery;
mod scan;
mod sink;
mod status;
mod storage;
mod writer;

pub use error::{AppendError, CheckpointError, OpenError};
pub use inspect::{Extent, Inspection, inspect, reach};
pub use journal::Journal;
pub use options::Options;
pub use position::Position;
pub use sink::{Durable, Sink};
pub use status::Status;
pub use storage::{OsStorage, SegmentFile, Storage};
