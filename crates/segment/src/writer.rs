//! Rows in memory become the files of a segment.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray as _, RecordBatch, new_null_array};
use arrow::compute::interleave;
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde::{Deserialize, Serialize};

use crate::blobs::BlobWriter;
use crate::disk::{Disk, create_segment_dir};
use crate::large;
use crate::sidecars::Sidecars;
use crate::table::TableWriter;
use crate::{Batches, FORMAT, Index, SegmentError, score_schema, span_schema, trace_schema};

/// Rows of a column that are gathered and encoded at a time.
const PIECE: usize = 16_384;
/// Rows of a row group.
pub(crate) const ROW_GROUP: usize = 262_144;
/// Packed bytes of a row group, about. Those of its largest column are held in memory while it is
/// written, and while it is searched.
pub(crate) const ROW_GROUP_BYTES: u64 = 64 << 20;
/// What a row group takes in memory before it is packed, which makes a third of it at most.
const ROW_GROUP_MEMORY: usize = 192 << 20;
/// Rows of a page: what a look-up of one trace has to unpack.
const PAGE_ROWS: usize = 2_048;

/// What is known of a segment without opening it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentFacts {
    /// The format it was written in: [`FORMAT`](crate::FORMAT) at that time.
    #[serde(default = "first_format")]
    pub format: u32,
    /// Traces, deleted ones included.
    pub traces: u64,
    /// Spans.
    pub spans: u64,
    /// Scores, deleted ones included.
    pub scores: u64,
    /// Start of the earliest trace, in epoch microseconds.
    pub min_start: i64,
    /// Start of the latest trace.
    pub max_start: i64,
    /// Start of the latest span; `None`: there is none, or it was written before this was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_span_start: Option<i64>,
    /// Size of the tables and the index, which are all that a segment cannot do without.
    pub bytes: u64,
}

/// The only format that was not written down.
fn first_format() -> u32 {
    1
}

/// A row of one of several inputs: (input, row).
pub type Row = (usize, usize);

/// What was written.
#[derive(Clone, Debug)]
pub struct WrittenSegment {
    /// To be kept beside the segment.
    pub facts: SegmentFacts,
    /// The input row of each trace row, in the segment's order.
    pub traces: Vec<Row>,
    /// The input row of each score row, in the segment's order.
    pub scores: Vec<Row>,
}

/// Writes the chosen rows as a segment into the new folder `dir`, newest last, and syncs it.
///
/// # Errors
/// The folder is there already, or it cannot be written; nothing that exists is touched.
pub fn write_segment(
    disk: &dyn Disk,
    dir: &Path,
    inputs: &[Arc<Batches>],
    mut traces: Vec<Row>,
    scores: Vec<Row>,
) -> Result<WrittenSegment, SegmentError> {
    create_segment_dir(disk, dir).map_err(|source| io(dir, source))?;
    let starts: Vec<&[i64]> = inputs.iter().map(|input| start_times(&input.traces)).collect();
    traces.sort_by_key(|(input, row)| starts[*input][*row]);

    let mut first_spans = vec![0u32];
    let mut span_rows = Vec::with_capacity(traces.len() * 4);
    for (input, row) in &traces {
        let first = &inputs[*input].first_spans;
        span_rows.extend((first[*row]..first[row + 1]).map(|span| (*input, span as usize)));
        first_spans.push(u32::try_from(span_rows.len()).unwrap_or(u32::MAX));
    }

    let of = |part: fn(&Batches) -> &RecordBatch| {
        inputs.iter().map(|input| part(input)).collect::<Vec<_>>()
    };
    let mut blobs = BlobWriter::new(disk, dir);
    let mut bytes = 0;
    for (name, schema, part, rows) in [
        ("spans.parquet", span_schema(), of(|b| &b.spans), &span_rows),
        ("traces.parquet", trace_schema(), of(|b| &b.traces), &traces),
        ("scores.parquet", score_schema(), of(|b| &b.scores), &scores),
    ] {
        bytes += write_rows(disk, &dir.join(name), schema, &part, rows, &mut blobs)?;
    }
    bytes += blobs.finish()?;

    let trace_ids: Vec<_> =
        traces.iter().map(|(i, row)| inputs[*i].trace_ids[*row].clone()).collect();
    let score_ids: Vec<_> =
        scores.iter().map(|(i, row)| inputs[*i].score_ids[*row].clone()).collect();
    let index = Index::new(&trace_ids, &score_ids, first_spans).encode();
    let path = dir.join("index");
    write_file(disk, &path, &index)?;
    Sidecars::of(inputs, &span_rows, &traces, &scores).write(disk, dir)?;
    sync_dir(disk, dir)?;

    let span_starts: Vec<&[i64]> = inputs.iter().map(|input| start_times(&input.spans)).collect();
    let start = |at: Option<&Row>| at.map_or(0, |(input, row)| starts[*input][*row]);
    let facts = SegmentFacts {
        format: FORMAT,
        traces: traces.len() as u64,
        spans: span_rows.len() as u64,
        scores: scores.len() as u64,
        min_start: start(traces.first()),
        max_start: start(traces.last()),
        max_span_start: span_rows.iter().map(|(input, row)| span_starts[*input][*row]).max(),
        bytes: bytes + index.len() as u64,
    };
    Ok(WrittenSegment { facts, traces, scores })
}

/// The starts of traces or of spans.
pub(crate) fn start_times(rows: &RecordBatch) -> &[i64] {
    let column = rows.column_by_name("start_time");
    column
        .and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>())
        .map_or(&[], |c| c.values())
}

fn write_rows(
    disk: &dyn Disk,
    path: &Path,
    schema: SchemaRef,
    inputs: &[&RecordBatch],
    rows: &[Row],
    blobs: &mut BlobWriter<'_>,
) -> Result<u64, SegmentError> {
    let mut table = TableWriter::create(disk, path, schema, Effort::Fast)?;
    for rows in rows.chunks(rows_of_a_group(inputs)) {
        table.row_group(|n, field, take| {
            let columns: Vec<&dyn Array> = inputs.iter().map(|input| &**input.column(n)).collect();
            let is_null = columns.iter().all(|column| column.null_count() == column.len());
            for piece in rows.chunks(PIECE) {
                take(match is_null {
                    true => new_null_array(field.data_type(), piece.len()),
                    false => large::put_apart(field.name(), interleave(&columns, piece)?, blobs)?,
                })?;
            }
            Ok(())
        })?;
    }
    table.finish()
}

/// Rows of a row group: fewer where they hold much.
fn rows_of_a_group(inputs: &[&RecordBatch]) -> usize {
    let rows: usize = inputs.iter().map(|input| input.num_rows()).sum();
    let bytes: usize = inputs.iter().map(|input| input.get_array_memory_size()).sum();
    (ROW_GROUP_MEMORY / (bytes / rows.max(1)).max(1)).clamp(PAGE_ROWS, ROW_GROUP)
}

/// Bytes of a page of free text, before it is packed: between this and twice as many. zstd works on
/// pages of more than 256 KiB with larger tables.
const TEXT_PAGE_BYTES: usize = 256 << 10;

/// How hard zstd tries. What each level costs and gives stands in `docs/adr/0004-sealing-cost.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// For sealing, which senders may have to wait for.
    Fast,
    /// For compaction, which nobody waits for and which writes what stays.
    Dense,
}

impl Effort {
    fn compression(self) -> Compression {
        let level = match self {
            Self::Fast => 2,
            Self::Dense => 3,
        };
        // There are levels from 1 to 22.
        Compression::ZSTD(ZstdLevel::try_new(level).unwrap_or_default())
    }
}

/// Columns of free text: a dictionary or statistics of them cost time and give nothing.
const TEXTS: &[&str] = &[
    "input",
    "output",
    "system_prompt",
    "error_stack",
    "metadata",
    "tool_calls",
    "events",
    "links",
    "usage_given",
    "versions",
    "state",
    "deleted_spans",
    "comment",
];
/// Columns whose values hardly repeat, but next to each other: a look-up would unpack a dictionary of
/// a megabyte to compare one id.
const IDS: &[&str] =
    &["trace_id", "span_id", "parent_span_id", "score_id", "root_span_id", "generation_span_id"];
/// Columns of moments and measures.
const NUMBERS: &[&str] = &[
    "start_time",
    "end_time",
    "first_token_time",
    "duration_us",
    "first_token_us",
    "size_bytes",
    "timestamp",
];
/// Columns of moments that many rows share, but not always neighbours: zstd finds them as they are, but
/// not as differences.
const RECEIPTS: &[&str] = &["received_at", "updated_at"];

pub(crate) fn properties(schema: &SchemaRef, effort: Effort) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(effort.compression())
        .set_created_by(format!("tracekeep {}", env!("CARGO_PKG_VERSION")))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(true);
    for field in schema.fields() {
        let (name, column) = (field.name().as_str(), ColumnPath::from(field.name().as_str()));
        if TEXTS.contains(&name) {
            builder = builder
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_data_page_size_limit(column.clone(), TEXT_PAGE_BYTES)
                .set_column_statistics_enabled(column, EnabledStatistics::None);
        } else if IDS.contains(&name) {
            builder = builder.set_column_dictionary_enabled(column, false);
        } else if NUMBERS.contains(&name) {
            builder = builder
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_statistics_enabled(column.clone(), EnabledStatistics::Page)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
        } else if RECEIPTS.contains(&name) {
            builder = builder
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_statistics_enabled(column, EnabledStatistics::Page);
        }
    }
    builder.build()
}

pub(crate) fn write_file(disk: &dyn Disk, path: &Path, content: &[u8]) -> Result<(), SegmentError> {
    let mut file = disk.create_new(path).map_err(|source| io(path, source))?;
    file.write_all(content).map_err(|source| io(path, source))?;
    file.sync().map_err(|source| io(path, source))?;
    Ok(())
}

pub(crate) fn sync_dir(disk: &dyn Disk, dir: &Path) -> Result<(), SegmentError> {
    disk.sync_dir(dir).map_err(|source| io(dir, source))
}

pub(crate) fn io(path: &Path, source: std::io::Error) -> SegmentError {
    SegmentError::Io { path: path.into(), source }
}
