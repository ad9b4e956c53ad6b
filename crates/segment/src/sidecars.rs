//! Small files beside a segment's tables, made of their rows while these are written. A segment does
//! without them: hours are computed from its spans then, and every trace may be linked to.

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;

use crate::columns::{text, texts};
use crate::disk::Disk;
use crate::hourly::{Hours, MOST_HOURLY_BYTES, SpanColumns};
use crate::{Batches, Links, Row, SegmentError, key_hash};

/// Of a trace row: the trace that it points to.
const PARENT: &str = "parent_trace_id";
/// Of a score row: the trace that it points to.
const JUDGED: &str = "trace_id";

/// The small files of one segment, under construction.
pub(crate) struct Sidecars {
    hours: Hours,
    parents: Vec<u64>,
    judged: Vec<u64>,
}

impl Sidecars {
    /// Of no rows yet.
    pub(crate) fn new() -> Self {
        let hours = Hours::within(MOST_HOURLY_BYTES);
        Self { hours, parents: Vec::new(), judged: Vec::new() }
    }

    /// Of chosen rows of `spans`, of `traces` and of `scores`.
    pub(crate) fn of(
        inputs: &[Arc<Batches>],
        spans: &[Row],
        traces: &[Row],
        scores: &[Row],
    ) -> Self {
        let mut made = Self::new();
        let columns: Vec<_> = inputs.iter().map(|input| SpanColumns::of(&input.spans)).collect();
        for (input, row) in spans {
            made.hours.add_span(&columns[*input], *row);
        }
        let parents: Vec<_> = inputs.iter().map(|input| texts(&input.traces, PARENT)).collect();
        let to = |(input, row): &Row| text(parents[*input], *row).map(key_hash);
        made.parents.extend(traces.iter().filter_map(to));
        let judged: Vec<_> = inputs.iter().map(|input| texts(&input.scores, JUDGED)).collect();
        let to = |(input, row): &Row| text(judged[*input], *row).map(key_hash);
        made.judged.extend(scores.iter().filter_map(to));
        made
    }

    pub(crate) fn add_spans(&mut self, rows: &RecordBatch) {
        self.hours.add_spans(rows, &[]);
    }

    pub(crate) fn add_traces(&mut self, rows: &RecordBatch) {
        self.parents.extend(pointed_to(rows, PARENT));
    }

    pub(crate) fn add_scores(&mut self, rows: &RecordBatch) {
        self.judged.extend(pointed_to(rows, JUDGED));
    }

    /// Writes the files into the segment's folder.
    pub(crate) fn write(self, disk: &dyn Disk, dir: &Path) -> Result<(), SegmentError> {
        self.hours.write(disk, dir)?;
        Links::new(self.parents, self.judged).write(disk, dir)
    }
}

fn pointed_to(rows: &RecordBatch, column: &str) -> impl Iterator<Item = u64> {
    let ids = texts(rows, column).into_iter().flatten();
    ids.flatten().map(key_hash)
}

#[cfg(test)]
mod tests;
