//! Percentiles by counting histogram buckets, in two steps: the aggregate `bucket_counts(bucket)`, and
//! `bucket_percentile(counts, p)` of what it gives. So all percentiles of one column share their
//! counts, in memory and in what is remembered of a segment ([`crate::partials`]).
//!
//! Counts are bytes: for each bucket in ascending order how far it is from the one before, the first
//! from 0, and how many values it holds, both as LEB128. They never reach a disk.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _, Int64Builder};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, ColumnarValue, ScalarUDF, Volatility, create_udaf, create_udf,
};
use tracekeep_query::functions;

/// `bucket_counts(bucket)`: how many values each bucket holds.
pub(crate) fn bucket_counts() -> AggregateUDF {
    create_udaf(
        "bucket_counts",
        vec![DataType::Int64],
        Arc::new(DataType::Binary),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(Buckets::default()))),
        Arc::new(vec![DataType::Binary]),
    )
}

/// `bucket_percentile(counts, p)`: the percentile of what was counted, in microseconds.
pub(super) fn bucket_percentile() -> ScalarUDF {
    create_udf(
        "bucket_percentile",
        vec![DataType::Binary, DataType::Float64],
        DataType::Int64,
        Volatility::Immutable,
        Arc::new(|args: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(args)?;
            let (Some(counts), Some(fractions)) =
                (arrays[0].as_binary_opt::<i32>(), arrays[1].as_primitive_opt::<Float64Type>())
            else {
                return exec_err!("takes counts and a fraction");
            };
            let mut out = Int64Builder::with_capacity(counts.len());
            for pair in counts.iter().zip(fractions) {
                out.append_option(match pair {
                    (Some(counts), Some(fraction)) => {
                        functions::bucket_percentile(&pairs(counts).collect(), fraction)
                    }
                    _ => None,
                });
            }
            Ok(ColumnarValue::Array(Arc::new(out.finish())))
        }),
    )
}

/// How many values each bucket holds, in order of the buckets.
#[derive(Debug, Default)]
struct Buckets {
    counts: Vec<(i32, u64)>,
}

impl Buckets {
    fn count(&mut self, bucket: i32) {
        match self.counts.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => self.counts[at].1 += 1,
            Err(at) => self.counts.insert(at, (bucket, 1)),
        }
    }

    /// Adds counts that are in order too.
    fn add(&mut self, others: impl Iterator<Item = (i32, u64)>) {
        let mine = std::mem::take(&mut self.counts);
        self.counts.reserve(mine.len());
        let (mut mine, mut others) = (mine.into_iter().peekable(), others.peekable());
        loop {
            let next = match (mine.peek(), others.peek()) {
                (Some((a, _)), Some((b, _))) => match a.cmp(b) {
                    Ordering::Less => mine.next(),
                    Ordering::Greater => others.next(),
                    Ordering::Equal => {
                        let both = mine.next().zip(others.next());
                        both.map(|((bucket, n), (_, more))| (bucket, n + more))
                    }
                },
                (Some(_), None) => mine.next(),
                (None, _) => others.next(),
            };
            let Some(next) = next else { return };
            self.counts.push(next);
        }
    }

    fn encoded(&self) -> ScalarValue {
        let mut bytes = Vec::with_capacity(self.counts.len() * 3);
        let mut before = 0;
        for (bucket, count) in &self.counts {
            write(&mut bytes, u64::from(bucket.wrapping_sub(before) as u32));
            write(&mut bytes, *count);
            before = *bucket;
        }
        ScalarValue::Binary(Some(bytes))
    }
}

impl Accumulator for Buckets {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for bucket in values[0].as_primitive::<Int64Type>().iter().flatten() {
            self.count(bucket as i32);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.encoded())
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.counts.capacity() * size_of::<(i32, u64)>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.encoded()])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for counts in states[0].as_binary::<i32>().iter().flatten() {
            self.add(pairs(counts));
        }
        Ok(())
    }
}

/// The buckets and counts of such bytes; ends where they are none.
fn pairs(mut bytes: &[u8]) -> impl Iterator<Item = (i32, u64)> {
    let mut bucket = 0i32;
    std::iter::from_fn(move || {
        let step = read(&mut bytes)?;
        bucket = bucket.wrapping_add(step as u32 as i32);
        Some((bucket, read(&mut bytes)?))
    })
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if *first < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests;
