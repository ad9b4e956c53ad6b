//! What of a file is read.

use std::ops::Range;

use parquet::arrow::ProjectionMask;
use parquet::file::metadata::ParquetMetaData;

/// Which columns are read. One that the file lacks is not there afterwards either.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Columns<'a> {
    Only(&'a [&'a str]),
    Without(&'a [&'a str]),
}

impl Columns<'_> {
    /// As a mask. Of columns that hold nothing but null in some row groups, if any are named, nothing
    /// is to be read.
    pub(super) fn mask(
        self,
        metadata: &ParquetMetaData,
        groups: Option<&[usize]>,
    ) -> ProjectionMask {
        let schema = metadata.file_metadata().schema_descr();
        let is_wanted = |name: &str| match self {
            Self::Only(names) => names.contains(&name),
            Self::Without(names) => !names.contains(&name),
        };
        let is_empty = |column: usize| {
            groups.is_some_and(|groups| groups.iter().all(|n| is_null(metadata, *n, column)))
        };
        // Rows are flat: a column is a leaf.
        let columns = schema.columns().iter().enumerate();
        let columns = columns.filter(|(n, column)| is_wanted(column.name()) && !is_empty(*n));
        ProjectionMask::leaves(schema, columns.map(|(n, _)| n))
    }
}

/// Whether a column is known to be null in all rows of a row group.
fn is_null(metadata: &ParquetMetaData, group: usize, column: usize) -> bool {
    let group = metadata.row_group(group);
    let nulls =
        group.column(column).statistics().and_then(|statistics| statistics.null_count_opt());
    nulls.is_some_and(|nulls| i64::try_from(nulls) == Ok(group.num_rows()))
}

/// What some ascending ranges of rows leave of so many rows.
pub(crate) fn kept(gone: &[Range<usize>], rows: usize) -> Vec<Range<usize>> {
    let starts = std::iter::once(0).chain(gone.iter().map(|range| range.end));
    let ends = gone.iter().map(|range| range.start).chain(std::iter::once(rows));
    starts.zip(ends).map(|(start, end)| start..end).filter(|range| !range.is_empty()).collect()
}
