//! What it takes to find rows in a file is read ahead, after start: a trace of a segment that nobody has
//! asked yet is answered as fast as another.

use std::cmp::Reverse;
use std::sync::{Arc, Weak};

use tracekeep_archive::ArchiveError;
use tracekeep_segment::Segment;

/// Warms segments on a thread of its own, the latest first, as long as they are there and there is room
/// for their footers. Of further ones these are read when they are needed.
pub(crate) fn warm<'s>(
    segments: impl Iterator<Item = &'s Arc<Segment>>,
) -> Result<(), ArchiveError> {
    let segments = latest_first(segments);
    let work = move || warm_each(&segments);
    let thread = std::thread::Builder::new().name("warm".into()).spawn(work);
    thread.map_err(|error| ArchiveError::Failed(format!("no thread for warming: {error}")))?;
    Ok(())
}

fn latest_first<'s>(segments: impl Iterator<Item = &'s Arc<Segment>>) -> Vec<Weak<Segment>> {
    let mut segments: Vec<(Reverse<i64>, Weak<Segment>)> =
        segments.map(|s| (Reverse(s.facts().max_start), Arc::downgrade(s))).collect();
    segments.sort_by_key(|(latest, _)| *latest);
    segments.into_iter().map(|(_, segment)| segment).collect()
}

fn warm_each(segments: &[Weak<Segment>]) {
    for (n, segment) in segments.iter().enumerate() {
        let Some(segment) = segment.upgrade() else { continue };
        match segment.warm() {
            Ok(true) => {}
            Ok(false) => {
                let all = segments.len();
                tracing::debug!(warm = n, all, "no room for the footers of further segments");
                return;
            }
            Err(error) => tracing::warn!(%error, "a segment cannot be read"),
        }
    }
}

#[cfg(test)]
mod tests;
