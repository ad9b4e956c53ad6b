//! What it takes to find rows in a file is read ahead, after start: a trace of a segment that nobody has
//! asked yet is answered as fast as another.

use std::cmp::Reverse;
use std::sync::{Arc, Weak};

use tracekeep_archive::ArchiveError;
use tracekeep_segment::Segment;

/// Segments that are warmed, the latest first. Of further ones it is read when it is needed.
const MOST: usize = 1_000;

/// Warms segments on a thread of its own, as long as they are there.
pub(crate) fn warm<'s>(
    segments: impl Iterator<Item = &'s Arc<Segment>>,
) -> Result<(), ArchiveError> {
    let mut segments: Vec<(Reverse<i64>, Weak<Segment>)> =
        segments.map(|s| (Reverse(s.facts().max_start), Arc::downgrade(s))).collect();
    segments.sort_by_key(|(latest, _)| *latest);
    segments.truncate(MOST);
    let work = move || {
        for segment in segments.iter().filter_map(|(_, segment)| segment.upgrade()) {
            if let Err(error) = segment.warm() {
                tracing::warn!(%error, "a segment cannot be read");
            }
        }
    };
    let thread = std::thread::Builder::new().name("warm".into()).spawn(work);
    thread.map_err(|error| ArchiveError::Failed(format!("no thread for warming: {error}")))?;
    Ok(())
}
