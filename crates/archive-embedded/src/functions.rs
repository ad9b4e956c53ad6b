//! SQL functions with the semantics that `tracekeep_query::functions` defines. Those of texts that may
//! be large are in [`crate::large`].

mod buckets;

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanBuilder, Int64Array, StringViewBuilder};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_err;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use tracekeep_query::functions;

pub(crate) use buckets::bucket_counts;

const TEXT: DataType = DataType::Utf8View;

/// Scalar functions that need nothing but their arguments.
pub(crate) fn scalar() -> Vec<ScalarUDF> {
    let tags_contain = create_udf(
        "tags_contain",
        vec![TEXT, TEXT],
        DataType::Boolean,
        Volatility::Immutable,
        Arc::new(|args: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(args)?;
            let (Some(tags), Some(tag)) =
                (arrays[0].as_string_view_opt(), arrays[1].as_string_view_opt())
            else {
                return exec_err!("takes two texts");
            };
            let mut out = BooleanBuilder::with_capacity(tags.len());
            for (tags, tag) in tags.iter().zip(tag) {
                out.append_option(tags.zip(tag).map(|(a, b)| functions::tags_contain(a, b)));
            }
            Ok(ColumnarValue::Array(Arc::new(out.finish())))
        }),
    );
    let row_uuid = create_udf(
        "row_uuid",
        vec![TEXT],
        TEXT,
        Volatility::Immutable,
        Arc::new(|args: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(args)?;
            let Some(ids) = arrays[0].as_string_view_opt() else {
                return exec_err!("takes a text");
            };
            let mut out = StringViewBuilder::new();
            for id in ids {
                out.append_option(id.map(tracekeep_model::row_uuid));
            }
            Ok(ColumnarValue::Array(Arc::new(out.finish())))
        }),
    );
    let bucket_of = create_udf(
        "bucket_of",
        vec![DataType::Int64],
        DataType::Int64,
        Volatility::Immutable,
        Arc::new(|args: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(args)?;
            let micros = arrays[0].as_primitive::<Int64Type>();
            let buckets: Int64Array =
                micros.unary(|us| tracekeep_model::histogram::bucket_of(us).into());
            Ok(ColumnarValue::Array(Arc::new(buckets)))
        }),
    );
    vec![row_uuid, bucket_of, tags_contain, buckets::bucket_percentile()]
}
