//! A segment read to its end, to find what is damaged in it.
//!
//! Parquet's pages have no checksums of their own. What is noticed: a page that cannot be unpacked or
//! decoded, a state or a large text that cannot be brought back, and rows that the index and the links
//! do not know. A byte that turned into another within a text is not.

use arrow::array::RecordBatch;

use crate::batch::RowReader;
use crate::large::bring_back;
use crate::reader::{Columns, Table};
use crate::{Segment, SegmentError, key_hash, scores, spans, traces};

/// Rows that are read at a time: each may keep a page of a quarter of a MiB in memory for each of its
/// texts.
const AT_ONCE: usize = 64;

impl Segment {
    /// Reads every page of every table, every blob that a row refers to and every record, and compares
    /// the rows with the index and the links. A part of a MiB at a time is in memory, and a row with its
    /// large cells.
    ///
    /// # Errors
    /// The first file that cannot be read or does not fit the others, and why.
    pub fn check(&self) -> Result<(), SegmentError> {
        let facts = self.facts();
        self.each_row(self.traces_table(), facts.traces, |row, n| {
            traces::unit(row, 0)?;
            let known = |id: &str| self.index().traces(key_hash(id)).any(|at| at as usize == n);
            expect_known(self.traces_table(), row, "trace_id", n, known)?;
            let links =
                |trace: u64| self.links().is_none_or(|links| links.may_have_children(trace));
            expect_link(self.traces_table(), row, "parent_trace_id", n, links)
        })?;
        self.each_row(self.spans_table(), facts.spans, |row, n| {
            spans::state(row, 0)?;
            let known = |id: &str| {
                let mut rows = self.index().traces(key_hash(id));
                rows.any(|trace| self.index().spans(trace).contains(&n))
            };
            expect_known(self.spans_table(), row, "trace_id", n, known)
        })?;
        self.each_row(self.scores_table(), facts.scores, |row, n| {
            scores::state(row, 0)?;
            let known = |id: &str| self.index().scores(key_hash(id)).any(|at| at as usize == n);
            expect_known(self.scores_table(), row, "score_id", n, known)?;
            let links = |trace: u64| self.links().is_none_or(|links| links.may_have_scores(trace));
            expect_link(self.scores_table(), row, "trace_id", n, links)
        })
    }

    /// Hands over each row of a table as a batch of one, with its large cells, and its number.
    fn each_row(
        &self,
        table: &Table,
        rows: u64,
        mut then: impl FnMut(&RecordBatch, usize) -> Result<(), SegmentError>,
    ) -> Result<(), SegmentError> {
        let mut read = 0;
        table.each_batch_of(Columns::Without(&[]), &[], AT_ONCE, |batch| {
            for row in 0..batch.num_rows() {
                then(&bring_back(batch.slice(row, 1), self)?, read)?;
                read += 1;
            }
            Ok(())
        })?;
        if read as u64 != rows {
            return Err(table.damaged(format!("has {read} rows, and {rows} were written")));
        }
        Ok(())
    }
}

fn expect_known(
    table: &Table,
    row: &RecordBatch,
    column: &str,
    n: usize,
    is_known: impl Fn(&str) -> bool,
) -> Result<(), SegmentError> {
    let id = RowReader::new(row, 0).text(column).unwrap_or_default();
    if is_known(&id) {
        return Ok(());
    }
    Err(table.damaged(format!("the {column} of row {n} is not what the index has there")))
}

fn expect_link(
    table: &Table,
    row: &RecordBatch,
    column: &str,
    n: usize,
    is_linked: impl Fn(u64) -> bool,
) -> Result<(), SegmentError> {
    match RowReader::new(row, 0).text(column) {
        Some(id) if !is_linked(key_hash(&id)) => {
            Err(table.damaged(format!("the {column} of row {n} is not in the file `links`")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
