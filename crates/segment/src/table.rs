//! A table's file under construction: row group by row group, each of them column by column.
//!
//! What Parquet needs of a row group before it can write any of it is all of a column. If all columns
//! are packed side by side, as batches of rows come, all of them wait in memory, and each keeps the
//! tables of a compressor of its own: a megabyte for a column of texts. So a row group is written here
//! one column after the other, and those who have the rows hand them over that way.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use arrow::array::ArrayRef;
use arrow::datatypes::{Field, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use crate::SegmentError;
use crate::disk::{Disk, DiskFile};
use crate::writer::{Effort, io, properties};

/// Takes values of a column, some rows at a time.
pub(crate) type Take<'t> = dyn FnMut(ArrayRef) -> Result<(), SegmentError> + 't;

/// Writes a table's file.
pub(crate) struct TableWriter {
    path: PathBuf,
    schema: SchemaRef,
    file: SerializedFileWriter<BufWriter<Box<dyn DiskFile>>>,
    columns: ArrowRowGroupWriterFactory,
}

impl TableWriter {
    /// Makes the file, which must not exist.
    pub(crate) fn create(
        disk: &dyn Disk,
        path: &Path,
        schema: SchemaRef,
        effort: Effort,
    ) -> Result<Self, SegmentError> {
        let file = disk.create_new(path).map_err(|source| io(path, source))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        let properties = properties(&schema, effort);
        // Adds the Arrow schema to the file.
        let made = ArrowWriter::try_new(file, schema.clone(), Some(properties))
            .and_then(|writer| writer.into_serialized_writer());
        let (file, columns) =
            made.map_err(|source| SegmentError::Parquet { path: path.into(), source })?;
        Ok(Self { path: path.into(), schema, file, columns })
    }

    /// Writes a row group. `values` is called for each column in order, with its place and its field,
    /// and hands over the column's values in all rows of the group.
    pub(crate) fn row_group(
        &mut self,
        mut values: impl FnMut(usize, &Field, &mut Take<'_>) -> Result<(), SegmentError>,
    ) -> Result<(), SegmentError> {
        let Self { path, schema, file, columns } = self;
        let parquet = |source: ParquetError| SegmentError::Parquet { path: path.clone(), source };
        let number = file.flushed_row_groups().len();
        let writers = columns.create_column_writers(number).map_err(&parquet)?;
        let mut group = file.next_row_group().map_err(&parquet)?;
        for (n, (mut writer, field)) in writers.into_iter().zip(schema.fields()).enumerate() {
            let field: &Field = field;
            values(n, field, &mut |array: ArrayRef| {
                for leaf in compute_leaves(field, &array).map_err(&parquet)? {
                    writer.write(&leaf).map_err(&parquet)?;
                }
                Ok(())
            })?;
            let column = writer.close().map_err(&parquet)?;
            column.append_to_row_group(&mut group).map_err(&parquet)?;
        }
        group.close().map_err(&parquet)?;
        Ok(())
    }

    /// Ends the file and syncs it; gives back its size.
    pub(crate) fn finish(self) -> Result<u64, SegmentError> {
        let Self { path, file, .. } = self;
        let file = file.into_inner();
        let mut file =
            file.map_err(|source| SegmentError::Parquet { path: path.clone(), source })?;
        let synced = file.flush().and_then(|()| file.get_mut().sync());
        synced.map_err(|source| io(&path, source))
    }
}

#[cfg(test)]
mod tests;
