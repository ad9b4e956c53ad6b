//! Hours of a segment: written beside its tables, read, or computed from its spans.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use arrow::array::{RecordBatch, RecordBatchReader as _};
use arrow::compute::concat_batches;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use super::{Hours, MOST_HOURLY_BYTES, SpanColumns, hourly_schema};
use crate::disk::Disk;
use crate::reader::Columns;
use crate::writer::{Effort, io, properties, write_file};
use crate::{Segment, SegmentError};

/// Its name in a segment's folder.
const FILE: &str = "hourly.parquet";
/// Rows of `spans` that are added at a time.
const PIECE: usize = 8_192;

impl Hours {
    /// Writes them into a segment's folder; not if there are more than the most.
    pub(crate) fn write(&self, disk: &dyn Disk, dir: &Path) -> Result<(), SegmentError> {
        let Some(rows) = self.finish()? else { return Ok(()) };
        let path = dir.join(FILE);
        let parquet = |source| SegmentError::Parquet { path: path.clone(), source };
        let schema = hourly_schema();
        let properties = properties(&schema, Effort::Fast);
        let mut writer =
            ArrowWriter::try_new(Vec::new(), schema, Some(properties)).map_err(parquet)?;
        writer.write(&rows).map_err(parquet)?;
        write_file(disk, &path, &writer.into_inner().map_err(parquet)?)
    }
}

impl Segment {
    /// Its generations by hour and model, without the spans in `gone`: ascending ranges of rows. Read
    /// from its file if all are there; else, or if it was written before there was such a file,
    /// computed from its spans. `None`: there are more than [`MOST_HOURLY_BYTES`] of them.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn hourly(&self, gone: &[Range<usize>]) -> Result<Option<RecordBatch>, SegmentError> {
        if gone.is_empty()
            && let Some(rows) = self.stored_hourly()?
        {
            return Ok(Some(rows));
        }
        let mut hours = Hours::within(MOST_HOURLY_BYTES);
        let columns = Columns::Only(SpanColumns::NAMES);
        self.spans_table().each_batch_of(columns, gone, PIECE, |batch| {
            hours.add_spans(&batch, &[]);
            Ok(())
        })?;
        hours.finish()
    }

    /// The rows of `hourly.parquet`; `None` if the segment has none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn stored_hourly(&self) -> Result<Option<RecordBatch>, SegmentError> {
        let path = self.dir().join(FILE);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io(&path, source)),
        };
        let rows = read(file).map_err(|error| SegmentError::Damaged {
            path,
            reason: format!("{error}; a segment does without this file, so remove it"),
        })?;
        // Columns are added up by name; who filters them counts on their order.
        Ok(Some(rows).filter(|rows| rows.schema().fields() == hourly_schema().fields()))
    }
}

fn read(file: File) -> Result<RecordBatch, ParquetError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.build()?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>()?;
    Ok(concat_batches(&schema, &batches)?)
}
