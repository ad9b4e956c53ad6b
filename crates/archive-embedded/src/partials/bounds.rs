use tracekeep_query::TimeRange;
use tracekeep_segment::SegmentFacts;

use super::Question;
use crate::provider::Part;
use crate::snapshot::{MaskedSegment, Snapshot};

/// The segments of a snapshot that a question is about.
pub(super) struct Split {
    /// All their rows lie in the question's time.
    pub(super) inside: Vec<MaskedSegment>,
    /// Some rows may.
    pub(super) edge: Vec<MaskedSegment>,
}

/// How rows lie to a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Inside,
    Edge,
    Outside,
}

impl Split {
    pub(super) fn new(question: &Question, snapshot: &Snapshot) -> Self {
        let mut split = Self { inside: Vec::new(), edge: Vec::new() };
        for masked in &snapshot.segments {
            if question.part.file(&masked.segment).rows == 0 {
                continue;
            }
            let rows = times(question.part, masked.segment.facts());
            match question.time.map_or(Place::Inside, |time| place(time, rows)) {
                Place::Inside => split.inside.push(masked.clone()),
                Place::Edge => split.edge.push(masked.clone()),
                Place::Outside => {}
            }
        }
        split
    }
}

/// The earliest and the latest start of a table's rows, masked ones included, if that was noted.
fn times(part: Part, facts: &SegmentFacts) -> Option<(i64, i64)> {
    let latest = match part {
        Part::Traces => facts.max_start,
        // A span may begin long after its trace.
        Part::Spans => facts.max_span_start?,
        Part::Scores => return None,
    };
    // A trace begins with its first span.
    Some((facts.min_start, latest))
}

fn place(time: TimeRange, rows: Option<(i64, i64)>) -> Place {
    let Some((first, last)) = rows else { return Place::Edge };
    if time.from.0 <= first && last < time.to.0 {
        Place::Inside
    } else if last < time.from.0 || time.to.0 <= first {
        Place::Outside
    } else {
        Place::Edge
    }
}

#[cfg(test)]
mod tests;
