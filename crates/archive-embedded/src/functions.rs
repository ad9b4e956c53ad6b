//! SQL functions with the semantics that `tracekeep_query::functions` defines. Those of texts that may
//! be large are in [`crate::large`].

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Int64Array, ListArray, StringViewBuilder,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, ColumnarValue, ScalarUDF, Volatility, create_udaf, create_udf,
};
use tracekeep_query::functions;

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
    vec![row_uuid, bucket_of, tags_contain]
}

/// `bucket_percentile(bucket, p)`: the percentile of durations, in microseconds, by counting buckets.
pub(crate) fn bucket_percentile() -> AggregateUDF {
    let pairs = DataType::List(Arc::new(Field::new_list_field(DataType::Int64, true)));
    create_udaf(
        "bucket_percentile",
        vec![DataType::Int64, DataType::Float64],
        Arc::new(DataType::Int64),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(Buckets::default()))),
        Arc::new(vec![pairs, DataType::Float64]),
    )
}

/// How many values each bucket holds.
#[derive(Debug, Default)]
struct Buckets {
    counts: std::collections::BTreeMap<i32, u64>,
    percentile: Option<f64>,
}

impl Accumulator for Buckets {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for bucket in values[0].as_primitive::<Int64Type>().iter().flatten() {
            *self.counts.entry(bucket as i32).or_default() += 1;
        }
        let percentiles = values[1].as_primitive::<Float64Type>();
        self.percentile = self.percentile.or_else(|| percentiles.iter().flatten().next());
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let value = self.percentile.and_then(|p| functions::bucket_percentile(&self.counts, p));
        Ok(ScalarValue::Int64(value))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.counts.len() * 32
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let pairs = self.counts.iter().flat_map(|(bucket, n)| [i64::from(*bucket), *n as i64]);
        let values = Int64Array::from_iter_values(pairs);
        let list = ListArray::new(
            Arc::new(Field::new_list_field(DataType::Int64, true)),
            OffsetBuffer::from_lengths([values.len()]),
            Arc::new(values),
            None,
        );
        Ok(vec![ScalarValue::List(Arc::new(list)), ScalarValue::Float64(self.percentile)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for pairs in states[0].as_list::<i32>().iter().flatten() {
            for pair in pairs.as_primitive::<Int64Type>().values().chunks_exact(2) {
                *self.counts.entry(pair[0] as i32).or_default() += pair[1] as u64;
            }
        }
        let percentiles = states[1].as_primitive::<Float64Type>();
        self.percentile = self.percentile.or_else(|| percentiles.iter().flatten().next());
        Ok(())
    }
}
