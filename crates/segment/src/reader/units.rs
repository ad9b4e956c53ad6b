//! Traces read whole: one, or many in one pass over each table.
//!
//! To read a single row costs a page of each column, and opening two files. The rows beside it cost
//! little more, and those of other pages no more than by themselves.

use std::ops::Range;

use tracekeep_model::{Text, TraceUnit};

use super::{Columns, Segment};
use crate::batch::RowReader;
use crate::large::bring_back;
use crate::{SegmentError, key_hash, spans, traces};

/// Rows that are read at a time. A row may keep a page of a quarter of a MiB in memory for each of its
/// texts, until its batch is done.
const AT_ONCE: usize = 64;

/// A row that may be that of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The row.
    pub row: u32,
    /// The trace's id.
    pub id: &'a Text,
}

/// A trace that is read, and whose it is.
struct Reading<K> {
    whose: K,
    row: u32,
    unit: TraceUnit,
}

impl Segment {
    /// The rows that may be a trace's, by the hash of its id, but for those that are gone: none or one,
    /// unless ids share a hash.
    pub fn candidates<'a>(
        &self,
        id: &'a Text,
        is_gone: impl Fn(u32) -> bool,
    ) -> impl Iterator<Item = Candidate<'a>> {
        let rows = self.index.traces(key_hash(id)).filter(move |row| !is_gone(*row));
        rows.map(move |row| Candidate { row, id })
    }

    /// Finds and reads a trace, if the segment holds it and it is not gone; gives its row as well.
    ///
    /// # Errors
    /// As [`Segment::trace_unit`].
    pub fn find_trace_unit(
        &self,
        id: &Text,
        is_gone: impl Fn(u32) -> bool,
    ) -> Result<Option<(u32, TraceUnit)>, SegmentError> {
        let candidates: Vec<_> = self.candidates(id, is_gone).collect();
        let found = self.trace_units(&candidates, usize::MAX)?;
        Ok(found.into_iter().next().map(|(candidate, unit)| (candidate.row, unit)))
    }

    /// Reads a trace whole.
    ///
    /// # Errors
    /// The files cannot be read or a newer version wrote them.
    pub fn trace_unit(&self, row: u32) -> Result<TraceUnit, SegmentError> {
        let found = self.read(&[row], usize::MAX, |_, _| Some(()))?;
        found.into_iter().next().map(|reading| reading.unit).ok_or_else(|| SegmentError::Damaged {
            path: self.traces.path.clone(),
            reason: format!("has no row {row}"),
        })
    }

    /// Reads traces whole, in one pass. A candidate whose row is another trace's is not among them, and
    /// neither is what would take more than `most_bytes` of memory, about, with those before it in the
    /// file.
    ///
    /// # Errors
    /// As [`Segment::trace_unit`].
    pub fn trace_units<'a>(
        &self,
        candidates: &[Candidate<'a>],
        most_bytes: usize,
    ) -> Result<Vec<(Candidate<'a>, TraceUnit)>, SegmentError> {
        let mut candidates = candidates.to_vec();
        candidates.sort_unstable_by_key(|candidate| candidate.row);
        let mut rows: Vec<u32> = candidates.iter().map(|candidate| candidate.row).collect();
        rows.dedup();
        let whose = |row: u32, id: Option<Text>| {
            let first = candidates.partition_point(|candidate| candidate.row < row);
            let mut same = candidates[first..].iter().take_while(|candidate| candidate.row == row);
            same.find(|candidate| Some(candidate.id) == id.as_ref()).copied()
        };
        let found = self.read(&rows, most_bytes, whose)?;
        Ok(found.into_iter().map(|reading| (reading.whose, reading.unit)).collect())
    }

    /// Reads the traces of ascending rows that `whose` knows by row and id.
    fn read<K>(
        &self,
        rows: &[u32],
        most_bytes: usize,
        whose: impl Fn(u32, Option<Text>) -> Option<K>,
    ) -> Result<Vec<Reading<K>>, SegmentError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let (mut found, mut bytes) = (Vec::new(), 0);
        let ranges: Vec<_> = rows.iter().map(|row| *row as usize..*row as usize + 1).collect();
        let mut rows = rows.iter();
        'traces: for batch in
            self.traces.reader(&ranges, Columns::Only(traces::OF_UNIT), AT_ONCE)?
        {
            let batch = batch.map_err(|e| self.traces.unreadable(e))?;
            for (n, row) in (0..batch.num_rows()).zip(&mut rows) {
                let id = RowReader::new(&batch, n).text("trace_id");
                let Some(whose) = whose(*row, id) else { continue };
                let unit = traces::unit(&bring_back(batch.slice(n, 1), self)?, 0)?;
                bytes += unit.memory();
                // The other half is for their spans.
                if bytes > most_bytes / 2 {
                    break 'traces;
                }
                found.push(Reading { whose, row: *row, unit });
            }
        }
        let whole = self.add_spans(&mut found, bytes, most_bytes)?;
        found.truncate(whole);
        Ok(found)
    }

    /// Reads the spans of traces in the order of their rows; says how many traces were whole before all
    /// that was read took `most_bytes`.
    fn add_spans<K>(
        &self,
        found: &mut [Reading<K>],
        mut bytes: usize,
        most_bytes: usize,
    ) -> Result<usize, SegmentError> {
        let rows_of = |reading: &Reading<K>| self.index.spans(reading.row);
        let ranges: Vec<Range<usize>> =
            found.iter().map(rows_of).filter(|range| !range.is_empty()).collect();
        if ranges.is_empty() {
            return Ok(found.len());
        }
        // The trace that the next rows are of, and how many of its rows are still to come.
        let (mut at, mut due) = (0, rows_of(&found[0]).len());
        for batch in self.spans.reader(&ranges, Columns::Without(spans::DERIVED), AT_ONCE)? {
            let batch = batch.map_err(|e| self.spans.unreadable(e))?;
            let mut first = 0;
            while first < batch.num_rows() {
                while due == 0 {
                    at += 1;
                    due = rows_of(&found[at]).len();
                }
                let count = due.min(batch.num_rows() - first);
                // By trace, so that no more large texts are in memory than this one has.
                let rows = bring_back(batch.slice(first, count), self)?;
                for row in 0..count {
                    let (id, state) = spans::state(&rows, row)?;
                    bytes += state.memory();
                    found[at].unit.spans.insert(id, state);
                }
                if bytes > most_bytes {
                    return Ok(at);
                }
                (first, due) = (first + count, due - count);
            }
        }
        Ok(found.len())
    }
}

#[cfg(test)]
mod tests;
