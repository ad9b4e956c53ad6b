use std::fs::File;

use hashbrown::HashMap;
use parking_lot::Mutex;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;
use tokio::task::block_in_place;
use tracekeep_query::TimeRange;

use super::Question;
use crate::provider::Part;
use crate::snapshot::{MaskedSegment, Snapshot};

/// Segments whose spans' times are remembered.
const MOST_SEGMENTS: usize = 65_536;

/// The earliest and the latest time of some rows.
type Times = (i64, i64);

/// Between which times the rows of segments lie, masked ones included.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Of spans, by number of the segment; `None`: its file does not say.
    spans: Mutex<HashMap<u64, Option<Times>>>,
}

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

impl Bounds {
    pub(super) fn split(&self, question: &Question, snapshot: &Snapshot) -> Split {
        let mut split = Split { inside: Vec::new(), edge: Vec::new() };
        for masked in &snapshot.segments {
            if question.part.file(&masked.segment).rows == 0 {
                continue;
            }
            let place = match question.time {
                None => Place::Inside,
                Some(time) => place(time, self.of(question.part, masked)),
            };
            match place {
                Place::Inside => split.inside.push(masked.clone()),
                Place::Edge => split.edge.push(masked.clone()),
                Place::Outside => {}
            }
        }
        split
    }

    fn of(&self, part: Part, masked: &MaskedSegment) -> Option<Times> {
        let facts = masked.segment.facts();
        match part {
            Part::Traces => Some((facts.min_start, facts.max_start)),
            Part::Spans => self.of_spans(masked),
            Part::Scores => None,
        }
    }

    /// A span may begin long after its trace: what its file says is read once.
    fn of_spans(&self, masked: &MaskedSegment) -> Option<Times> {
        if let Some(times) = self.spans.lock().get(&masked.number) {
            return *times;
        }
        let file = masked.segment.spans_file();
        // What cannot be read here cannot be read by the scan either, which says why.
        let footer = block_in_place(|| {
            ParquetMetaDataReader::new().parse_and_finish(&File::open(&file.path).ok()?).ok()
        })?;
        let times = starts(&footer);
        let mut spans = self.spans.lock();
        if spans.len() >= MOST_SEGMENTS {
            spans.clear();
        }
        spans.insert(masked.number, times);
        times
    }
}

/// The least and the greatest start of a file's rows.
fn starts(footer: &ParquetMetaData) -> Option<Times> {
    let mut all = (i64::MAX, i64::MIN);
    for group in footer.row_groups() {
        let is_start = |path: &[String]| matches!(path, [name] if name == "start_time");
        let start = group.columns().iter().find(|column| is_start(column.column_path().parts()))?;
        let Some(Statistics::Int64(times)) = start.statistics() else { return None };
        all = (all.0.min(*times.min_opt()?), all.1.max(*times.max_opt()?));
    }
    Some(all)
}

fn place(time: TimeRange, rows: Option<Times>) -> Place {
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
