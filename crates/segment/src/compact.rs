//! Several segments become one: rows are copied in order, those that are gone are left out.
//!
//! Nothing is sorted again: a segment's rows are in order of time, and segments are copied in the order
//! given, so that row groups stay narrow in time. Small row groups that follow each other become one.
//! Each is copied [column by column](crate::table), so that no more is held of it than its largest
//! column, packed, and one batch of that column's values. Blobs are copied as they are; those of rows
//! that are gone are not. Costs may be [computed anew](crate::reprice) on the way; the few columns of a
//! row group that hold them are in memory together then.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray as _, RecordBatch};
use tracekeep_model::{Pricing, Text};

use crate::blobs::BlobWriter;
use crate::disk::{Disk, create_segment_dir};
use crate::hourly::SpanColumns;
use crate::large;
use crate::reader::{Columns, Table, kept};
use crate::sidecars::Sidecars;
use crate::table::TableWriter;
use crate::writer::{Effort, ROW_GROUP, ROW_GROUP_BYTES, io, start_times, sync_dir, write_file};
use crate::{FORMAT, Index, Segment, SegmentError, SegmentFacts, reprice};

/// Rows whose values are copied at a time, at most.
const PIECE: usize = 8_192;
/// They have no more than so many bytes of a file in all their columns, about; unpacked they are several
/// times as many.
const PIECE_BYTES: u64 = 4 << 20;
/// Columns of a trace that are looked at while it is copied.
const OF_TRACES: &[&str] = &["trace_id", "start_time", "parent_trace_id"];
/// Columns of a score that are.
const OF_SCORES: &[&str] = &["score_id", "trace_id"];

/// A segment and the rows of it to leave out, ascending.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where the rows come from.
    pub segment: Arc<Segment>,
    /// Trace rows that are gone, and their spans with them.
    pub gone_traces: Vec<u32>,
    /// Score rows that are gone.
    pub gone_scores: Vec<u32>,
    /// The prices by which costs that nobody stated are computed anew. `None`: they are copied.
    pub pricing: Option<Arc<dyn Pricing>>,
}

/// Writes what is left of some segments as one segment into the new folder `dir`, and syncs it.
///
/// Rows keep their order: row n of a source becomes the row n less the rows gone before it, after all
/// rows of the sources before.
///
/// # Errors
/// A source cannot be read, the folder is there already, or it cannot be written; nothing that exists
/// is touched.
pub fn compact(
    disk: &dyn Disk,
    dir: &Path,
    sources: &[Source],
) -> Result<SegmentFacts, SegmentError> {
    create_segment_dir(disk, dir).map_err(|source| io(dir, source))?;
    let mut bytes = 0;
    let mut facts = SegmentFacts { format: FORMAT, ..SegmentFacts::default() };
    let mut blobs = BlobWriter::new(disk, dir);

    let spans: Vec<_> = sources
        .iter()
        .map(|s| s.part(Segment::spans_table, s.gone_spans(), Some(reprice::of_spans)))
        .collect();
    let mut sidecars = Sidecars::new();
    bytes += copy(disk, &dir.join("spans.parquet"), &spans, &mut blobs)?;
    look_at_spans(&spans, |batch| {
        facts.spans += batch.num_rows() as u64;
        let latest = start_times(batch).iter().copied().max();
        facts.max_span_start = facts.max_span_start.max(latest);
        sidecars.add_spans(batch);
    })?;

    let (mut trace_ids, mut starts) = (Vec::new(), Vec::new());
    let gone = |s: &Source| single(&s.gone_traces);
    let traces: Vec<_> = sources
        .iter()
        .map(|s| s.part(Segment::traces_table, gone(s), Some(reprice::of_traces)))
        .collect();
    bytes += copy(disk, &dir.join("traces.parquet"), &traces, &mut blobs)?;
    look(&traces, OF_TRACES, |batch| {
        trace_ids.extend(texts(batch, "trace_id"));
        starts.extend_from_slice(start_times(batch));
        sidecars.add_traces(batch);
    })?;

    let mut score_ids = Vec::new();
    let gone = |s: &Source| single(&s.gone_scores);
    let scores: Vec<_> =
        sources.iter().map(|s| s.part(Segment::scores_table, gone(s), None)).collect();
    bytes += copy(disk, &dir.join("scores.parquet"), &scores, &mut blobs)?;
    look(&scores, OF_SCORES, |batch| {
        score_ids.extend(texts(batch, "score_id"));
        sidecars.add_scores(batch);
    })?;
    bytes += blobs.finish()?;

    let index = Index::new(&trace_ids, &score_ids, first_spans(sources)).encode();
    write_file(disk, &dir.join("index"), &index)?;
    sidecars.write(disk, dir)?;
    sync_dir(disk, dir)?;
    facts.traces = trace_ids.len() as u64;
    facts.scores = score_ids.len() as u64;
    facts.min_start = starts.iter().copied().min().unwrap_or_default();
    facts.max_start = starts.iter().copied().max().unwrap_or_default();
    facts.bytes = bytes + index.len() as u64;
    Ok(facts)
}

/// A table of one source, and the rows of it to leave out.
struct Part<'s> {
    segment: &'s Segment,
    table: &'s Table,
    gone: Vec<Range<usize>>,
    /// How columns are made that are not copied, and by which prices.
    anew: Option<(Costs, &'s dyn Pricing)>,
}

/// Makes the cost columns of some rows of a table.
type Costs = fn(&Segment, &[Range<usize>], &dyn Pricing) -> Result<RecordBatch, SegmentError>;

impl Source {
    fn part(
        &self,
        table: fn(&Segment) -> &Table,
        gone: Vec<Range<usize>>,
        costs: Option<Costs>,
    ) -> Part<'_> {
        let anew = costs.zip(self.pricing.as_deref());
        Part { segment: &self.segment, table: table(&self.segment), gone, anew }
    }

    /// Ranges of span rows whose traces are gone.
    pub(crate) fn gone_spans(&self) -> Vec<Range<usize>> {
        let spans = |trace: &u32| self.segment.index().spans(*trace);
        self.gone_traces.iter().map(spans).filter(|range| !range.is_empty()).collect()
    }
}

fn single(rows: &[u32]) -> Vec<Range<usize>> {
    rows.iter().map(|row| *row as usize..*row as usize + 1).collect()
}

fn first_spans(sources: &[Source]) -> Vec<u32> {
    let (mut first, mut next) = (vec![0u32], 0u32);
    for source in sources {
        let traces = u32::try_from(source.segment.facts().traces).unwrap_or(u32::MAX);
        for trace in (0..traces).filter(|trace| source.gone_traces.binary_search(trace).is_err()) {
            next += u32::try_from(source.segment.index().spans(trace).len()).unwrap_or(u32::MAX);
            first.push(next);
        }
    }
    first
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<Text> {
    let views = batch.column_by_name(column).and_then(|column| column.as_string_view_opt());
    views
        .map(|views| views.iter().map(|id| Text::from(id.unwrap_or(""))).collect())
        .unwrap_or_default()
}

/// What is kept of a row group of a source.
struct Kept<'p> {
    part: &'p Part<'p>,
    /// At least one row; ascending.
    rows: Vec<Range<usize>>,
    count: usize,
    /// In the source's file, about.
    bytes: u64,
}

impl Kept<'_> {
    /// The columns that are made anew; `None`: all are copied.
    fn costs(&self) -> Result<Option<RecordBatch>, SegmentError> {
        let Some((costs, pricing)) = self.part.anew else { return Ok(None) };
        costs(self.part.segment, &self.rows, pricing).map(Some)
    }
}

impl Part<'_> {
    fn row_groups(&self) -> Result<Vec<Kept<'_>>, SegmentError> {
        let groups = self.table.row_groups()?;
        let all = kept(&self.gone, groups.last().map_or(0, |(rows, _)| rows.end));
        let of_group = |(group, bytes): (Range<usize>, u64)| {
            let within = all.iter().map(|r| r.start.max(group.start)..r.end.min(group.end));
            let rows: Vec<_> = within.filter(|range| !range.is_empty()).collect();
            let count: usize = rows.iter().map(|range| range.len()).sum();
            let bytes = bytes / group.len().max(1) as u64 * count as u64;
            Kept { part: self, rows, count, bytes }
        };
        Ok(groups.into_iter().map(of_group).filter(|kept| kept.count > 0).collect())
    }
}

/// Which row groups of the sources, in their order, become one row group.
fn together<'p>(parts: &'p [Part<'p>]) -> Result<Vec<Vec<Kept<'p>>>, SegmentError> {
    let mut groups: Vec<Vec<Kept<'p>>> = Vec::new();
    let (mut rows, mut bytes) = (0, 0);
    for part in parts {
        for next in part.row_groups()? {
            rows += next.count;
            bytes += next.bytes;
            match groups.last_mut() {
                Some(group) if rows <= ROW_GROUP && bytes <= ROW_GROUP_BYTES => group.push(next),
                _ => {
                    (rows, bytes) = (next.count, next.bytes);
                    groups.push(vec![next]);
                }
            }
        }
    }
    Ok(groups)
}

/// Copies the rows of tables that are not gone into a new file, and their large cells with them;
/// gives back the file's size.
fn copy(
    disk: &dyn Disk,
    path: &Path,
    parts: &[Part<'_>],
    blobs: &mut BlobWriter<'_>,
) -> Result<u64, SegmentError> {
    let mut file = TableWriter::create(disk, path, parts[0].table.schema(), Effort::Dense)?;
    for group in together(parts)? {
        let costs = group.iter().map(Kept::costs).collect::<Result<Vec<_>, _>>()?;
        file.row_group(|_, field, take| {
            for (Kept { part: Part { segment, table, .. }, rows, .. }, costs) in
                group.iter().zip(&costs)
            {
                let anew = costs.as_ref().and_then(|costs| costs.column_by_name(field.name()));
                if let Some(values) = anew {
                    take(values.clone())?;
                    continue;
                }
                let at_once = table.rows_of(PIECE_BYTES).min(PIECE);
                table.each_array(field, rows, at_once, |values| {
                    take(large::carry_over(field.name(), values, segment, blobs)?)
                })?;
            }
            Ok(())
        })?;
    }
    file.finish()
}

/// Goes through what is counted of the spans that are not gone, with the costs that are written.
fn look_at_spans(
    parts: &[Part<'_>],
    mut seen: impl FnMut(&RecordBatch),
) -> Result<(), SegmentError> {
    for part in parts {
        match part.anew {
            Some((_, pricing)) => {
                reprice::look(part.segment, &part.gone, SpanColumns::NAMES, pricing, &mut seen)?;
            }
            None => look(std::slice::from_ref(part), SpanColumns::NAMES, &mut seen)?,
        }
    }
    Ok(())
}

/// Goes through some columns of the rows that are not gone.
fn look(
    parts: &[Part<'_>],
    columns: &[&str],
    mut seen: impl FnMut(&RecordBatch),
) -> Result<(), SegmentError> {
    for Part { table, gone, .. } in parts {
        table.each_batch_of(Columns::Only(columns), gone, PIECE, |batch| {
            seen(&batch);
            Ok(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
