//! SQL functions with the semantics that `tracekeep_query::functions` defines.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Float64Builder, Int64Array, ListArray,
    StringViewArray, StringViewBuilder,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, ColumnarValue, ScalarUDF, Volatility, create_udaf, create_udf,
};
use tracekeep_query::functions;

const TEXT: DataType = DataType::Utf8View;

/// Scalar functions for text, JSON and tags.
pub(crate) fn scalar() -> Vec<ScalarUDF> {
    let udf =
        |name: &str, output: DataType, body: fn(&StringViewArray, &StringViewArray) -> ArrayRef| {
            let run = move |args: &[ColumnarValue]| {
                let arrays = ColumnarValue::values_to_arrays(args)?;
                let (Some(a), Some(b)) =
                    (arrays[0].as_string_view_opt(), arrays[1].as_string_view_opt())
                else {
                    return exec_err!("takes two texts");
                };
                Ok(ColumnarValue::Array(body(a, b)))
            };
            create_udf(name, vec![TEXT, TEXT], output, Volatility::Immutable, Arc::new(run))
        };
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
    vec![
        row_uuid,
        bucket_of,
        udf("json_get_text", TEXT, |json, key| {
            let mut out = StringViewBuilder::new();
            for (json, key) in json.iter().zip(key) {
                let found =
                    json.zip(key).and_then(|(json, key)| functions::json_get_text(json, key));
                out.append_option(found);
            }
            Arc::new(out.finish())
        }),
        udf("json_get_number", DataType::Float64, |json, key| {
            let mut out = Float64Builder::new();
            for (json, key) in json.iter().zip(key) {
                out.append_option(
                    json.zip(key).and_then(|(j, k)| functions::json_get_number(j, k)),
                );
            }
            Arc::new(out.finish())
        }),
        udf("tags_contain", DataType::Boolean, |tags, tag| {
            each(tags, tag, functions::tags_contain)
        }),
        udf("text_contains_ci", DataType::Boolean, |text, needle| {
            each(text, needle, functions::text_contains_ci)
        }),
    ]
}

fn each(a: &StringViewArray, b: &StringViewArray, holds: fn(&str, &str) -> bool) -> ArrayRef {
    let mut out = BooleanBuilder::with_capacity(a.len());
    for (a, b) in a.iter().zip(b) {
        out.append_option(a.zip(b).map(|(a, b)| holds(a, b)));
    }
    Arc::new(out.finish())
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
