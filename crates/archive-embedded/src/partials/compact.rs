use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, ListArray, RecordBatch, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// The same rows in memory of their own: what an operator gives may be a few rows of a large buffer.
pub(super) fn compact(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = rows.columns().iter().map(own).collect::<Result<_, _>>()?;
    RecordBatch::try_new(rows.schema(), columns)
}

fn own(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if let DataType::List(field) = column.data_type() {
        let lists = column.as_list::<i32>();
        let offsets: OffsetBuffer<i32> = OffsetBuffer::from_lengths(lists.offsets().lengths());
        let first = lists.offsets().first().map_or(0, |first| *first as usize);
        let values = own(&lists.values().slice(first, *offsets.last().unwrap_or(&0) as usize))?;
        let nulls = lists.nulls().map(|nulls| nulls.iter().collect::<NullBuffer>());
        return Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, nulls)?));
    }
    let all = UInt32Array::from_iter_values((0..column.len()).map(|row| row as u32));
    let taken = take(column, &all, None)?;
    // Views still point to the buffers that they were taken from.
    Ok(match taken.data_type() {
        DataType::Utf8View => Arc::new(taken.as_string_view().gc()),
        DataType::BinaryView => Arc::new(taken.as_binary_view().gc()),
        _ => taken,
    })
}

#[cfg(test)]
mod tests;
