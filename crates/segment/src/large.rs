//! Which cells are [blobs](crate::blobs), and how they leave a table and come back.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, AsArray as _, GenericByteViewArray, RecordBatch, make_view,
};
use arrow::buffer::Buffer;
use arrow::datatypes::ByteViewType;
use arrow::error::ArrowError;

use crate::blobs::{BlobWriter, Reference};
use crate::{Segment, SegmentError};

/// The most bytes of a cell that stays in its table.
pub const LARGE: usize = 256 << 10;

/// Columns of free text, and of what is kept of a record besides its row. All others stay in their
/// tables: queries skip files by their statistics, which a reference would spoil.
const COLUMNS: &[&str] = &[
    "status_message",
    "error_message",
    "error_stack",
    "parameters",
    "system_prompt",
    "input",
    "output",
    "tool_calls",
    "usage_given",
    "events",
    "links",
    "metadata",
    "string_value",
    "comment",
    "versions",
    "state",
    "deleted_spans",
];

/// Whether cells of the column of this name may be [references](Reference), in whatever table.
#[must_use]
pub fn may_be_large(column: &str) -> bool {
    COLUMNS.contains(&column)
}

/// Moves the large cells of a column in memory into blobs.
pub(crate) fn put_apart(
    name: &str,
    column: ArrayRef,
    blobs: &mut BlobWriter<'_>,
) -> Result<ArrayRef, SegmentError> {
    let apart = replaced(
        name,
        &column,
        |length, marked| length > LARGE || marked,
        |cell, mark| Ok(blobs.put(cell)?.cell(mark)),
    )?;
    Ok(apart.unwrap_or(column))
}

/// Moves the large cells of a column of a segment to where its rows go.
pub(crate) fn carry_over(
    name: &str,
    column: ArrayRef,
    from: &Segment,
    to: &mut BlobWriter<'_>,
) -> Result<ArrayRef, SegmentError> {
    let blobs = from.blobs();
    let carried = replaced(
        name,
        &column,
        |length, marked| length > LARGE || marked,
        |cell, mark| match blobs {
            Some(blobs) if cell.first() == Some(&mark) => {
                Ok(to.copy(blobs, &reference(cell, from)?)?.cell(mark))
            }
            // Of a format that kept everything in its tables.
            _ => Ok(to.put(cell)?.cell(mark)),
        },
    )?;
    Ok(carried.unwrap_or(column))
}

/// The rows of a segment with their large cells.
pub(crate) fn bring_back(batch: RecordBatch, from: &Segment) -> Result<RecordBatch, SegmentError> {
    let Some(blobs) = from.blobs() else { return Ok(batch) };
    let schema = batch.schema();
    let mut columns: Option<Vec<ArrayRef>> = None;
    for (n, field) in schema.fields().iter().enumerate() {
        let whole = |cell: &[u8], _| blobs.read(&reference(cell, from)?);
        if let Some(new) = replaced(field.name(), batch.column(n), |_, marked| marked, whole)? {
            columns.get_or_insert_with(|| batch.columns().to_vec())[n] = new;
        }
    }
    match columns {
        Some(columns) => Ok(RecordBatch::try_new(schema, columns)?),
        None => Ok(batch),
    }
}

fn reference(cell: &[u8], segment: &Segment) -> Result<Reference, SegmentError> {
    Reference::parse(cell).ok_or_else(|| SegmentError::Damaged {
        path: segment.dir().into(),
        reason: "a cell of its tables refers to a blob in a way that cannot be read".into(),
    })
}

/// What is done with a cell: it is given the cell and the mark of its column.
type With<'w> = dyn FnMut(&[u8], u8) -> Result<Vec<u8>, SegmentError> + 'w;

/// A column with those cells replaced that `is_wanted` says, of a cell's bytes and of whether it begins
/// with the mark; `None` if none is, as in a column whose cells are never large.
fn replaced(
    name: &str,
    column: &ArrayRef,
    is_wanted: impl Fn(usize, bool) -> bool,
    mut with: impl FnMut(&[u8], u8) -> Result<Vec<u8>, SegmentError>,
) -> Result<Option<ArrayRef>, SegmentError> {
    if !may_be_large(name) {
        return Ok(None);
    }
    if let Some(texts) = column.as_string_view_opt() {
        return in_column(texts, Reference::TEXT_MARK, &is_wanted, &mut with);
    }
    match column.as_binary_view_opt() {
        Some(bytes) => in_column(bytes, Reference::BYTES_MARK, &is_wanted, &mut with),
        None => Ok(None),
    }
}

fn in_column<T: ByteViewType>(
    column: &GenericByteViewArray<T>,
    mark: u8,
    is_wanted: &dyn Fn(usize, bool) -> bool,
    with: &mut With<'_>,
) -> Result<Option<ArrayRef>, SegmentError> {
    let new = with_cells(
        column,
        |length, first| is_wanted(length, first == mark),
        |cell| Ok::<_, SegmentError>(Some(Buffer::from_vec(with(cell, mark)?))),
    )?;
    Ok(new.map(|array| Arc::new(array) as ArrayRef))
}

/// A column with some of its cells replaced; `None` if none is. The others are not copied.
///
/// `is_wanted` is asked first, of every cell that is not empty, with its bytes and the first of them;
/// then `with` gives the new cell, or `None` to keep the old one.
///
/// # Errors
/// Those of `with`, and Arrow's where a new cell is none for this column.
pub fn with_cells<T: ByteViewType, E: From<ArrowError>>(
    column: &GenericByteViewArray<T>,
    is_wanted: impl Fn(usize, u8) -> bool,
    mut with: impl FnMut(&[u8]) -> Result<Option<Buffer>, E>,
) -> Result<Option<GenericByteViewArray<T>>, E> {
    // A view begins with the length in four bytes; the first of the cell follows.
    let asks = |view: u128| view as u32 != 0 && is_wanted(view as u32 as usize, (view >> 32) as u8);
    let mut changed: Option<(Vec<u128>, Vec<Buffer>)> = None;
    for (row, view) in column.views().iter().enumerate() {
        if !asks(*view) || column.is_null(row) {
            continue;
        }
        let cell: &[u8] = column.value(row).as_ref();
        let Some(cell) = with(cell)? else { continue };
        let (views, buffers) = changed
            .get_or_insert_with(|| (column.views().to_vec(), column.data_buffers().to_vec()));
        let number = u32::try_from(buffers.len()).unwrap_or(u32::MAX);
        views[row] = make_view(&cell, number, 0);
        buffers.push(cell);
    }
    let Some((views, buffers)) = changed else { return Ok(None) };
    let nulls = column.nulls().cloned();
    Ok(Some(GenericByteViewArray::try_new(views.into(), buffers, nulls)?))
}

#[cfg(test)]
mod tests;
