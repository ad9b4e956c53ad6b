//! Several segments become one: rows are copied in order, those that are gone are left out.
//!
//! Nothing is sorted again and nothing is held but one batch of rows: a segment's rows are in order of
//! time, and segments are copied in the order given, so that row groups stay narrow in time. Blobs are
//! copied as they are; those of rows that are gone are not.

use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use tracekeep_model::Text;

use crate::blobs::BlobWriter;
use crate::disk::{Disk, create_segment_dir};
use crate::large;
use crate::reader::Table;
use crate::sidecars::Sidecars;
use crate::writer::{Effort, io, properties, start_times, sync_dir, write_file};
use crate::{FORMAT, Index, Segment, SegmentError, SegmentFacts};

/// Rows that are copied at a time, at most.
const PIECE: usize = 8_192;
/// Bytes of a file that are copied at a time, about; unpacked they are several times as many.
const PIECE_BYTES: u64 = 4 << 20;

/// A segment and the rows of it to leave out, ascending.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where the rows come from.
    pub segment: Arc<Segment>,
    /// Trace rows that are gone, and their spans with them.
    pub gone_traces: Vec<u32>,
    /// Score rows that are gone.
    pub gone_scores: Vec<u32>,
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

    let spans: Vec<_> =
        sources.iter().map(|s| s.part(Segment::spans_table, s.gone_spans())).collect();
    let mut sidecars = Sidecars::new();
    bytes += copy(disk, &dir.join("spans.parquet"), &spans, &mut blobs, |batch| {
        facts.spans += batch.num_rows() as u64;
        let latest = start_times(batch).iter().copied().max();
        facts.max_span_start = facts.max_span_start.max(latest);
        sidecars.add_spans(batch);
    })?;

    let (mut trace_ids, mut starts) = (Vec::new(), Vec::new());
    let gone = |s: &Source| single(&s.gone_traces);
    let traces: Vec<_> = sources.iter().map(|s| s.part(Segment::traces_table, gone(s))).collect();
    bytes += copy(disk, &dir.join("traces.parquet"), &traces, &mut blobs, |batch| {
        trace_ids.extend(texts(batch, "trace_id"));
        starts.extend_from_slice(start_times(batch));
        sidecars.add_traces(batch);
    })?;

    let mut score_ids = Vec::new();
    let gone = |s: &Source| single(&s.gone_scores);
    let scores: Vec<_> = sources.iter().map(|s| s.part(Segment::scores_table, gone(s))).collect();
    bytes += copy(disk, &dir.join("scores.parquet"), &scores, &mut blobs, |batch| {
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
}

impl Source {
    fn part(&self, table: fn(&Segment) -> &Table, gone: Vec<Range<usize>>) -> Part<'_> {
        Part { segment: &self.segment, table: table(&self.segment), gone }
    }

    /// Ranges of span rows whose traces are gone.
    fn gone_spans(&self) -> Vec<Range<usize>> {
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

/// Copies the rows of tables that are not gone into a new file, and their large cells with them;
/// gives back the file's size.
fn copy(
    disk: &dyn Disk,
    path: &Path,
    parts: &[Part<'_>],
    blobs: &mut BlobWriter<'_>,
    mut seen: impl FnMut(&RecordBatch),
) -> Result<u64, SegmentError> {
    let parquet = |source| SegmentError::Parquet { path: path.into(), source };
    let file = disk.create_new(path).map_err(|source| io(path, source))?;
    let schema: SchemaRef = parts[0].table.schema();
    let properties = properties(&schema, Effort::Dense);
    let mut writer = ArrowWriter::try_new(
        BufWriter::with_capacity(1 << 20, file),
        schema.clone(),
        Some(properties),
    )
    .map_err(parquet)?;
    for Part { segment, table, gone } in parts {
        table.each_batch(gone, table.rows_of(PIECE_BYTES).min(PIECE), |batch| {
            let batch = large::carry_over(widened(&batch, &schema)?, segment, blobs)?;
            seen(&batch);
            writer.write(&batch).map_err(parquet)
        })?;
    }
    let mut file = writer.into_inner().map_err(parquet)?;
    file.flush().map_err(|source| io(path, source))?;
    file.get_mut().sync().map_err(|source| io(path, source))
}

/// The batch with the columns of today's schema; one that an older segment lacks is null.
fn widened(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, SegmentError> {
    if batch.schema().fields() == schema.fields() {
        return Ok(batch.clone());
    }
    let column = |field: &arrow::datatypes::FieldRef| match batch.column_by_name(field.name()) {
        Some(column) => column.clone(),
        None => arrow::array::new_null_array(field.data_type(), batch.num_rows()),
    };
    Ok(RecordBatch::try_new(schema.clone(), schema.fields().iter().map(column).collect())?)
}

#[cfg(test)]
mod tests;
