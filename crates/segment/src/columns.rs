//! Typed columns of rows, for reading many cells. A column that is absent or has another type reads
//! as null.

use arrow::array::{Array, AsArray, PrimitiveArray, RecordBatch, StringViewArray};
use arrow::datatypes::ArrowPrimitiveType;

pub(crate) fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringViewArray> {
    batch.column_by_name(name)?.as_string_view_opt()
}

pub(crate) fn numbers<'a, T: ArrowPrimitiveType>(
    batch: &'a RecordBatch,
    name: &str,
) -> Option<&'a PrimitiveArray<T>> {
    batch.column_by_name(name)?.as_primitive_opt()
}

pub(crate) fn text(column: Option<&StringViewArray>, row: usize) -> Option<&str> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

pub(crate) fn number<T: ArrowPrimitiveType>(
    column: Option<&PrimitiveArray<T>>,
    row: usize,
) -> Option<T::Native> {
    column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
}
