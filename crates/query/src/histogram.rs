//! Integer log-linear buckets with 7 significant bits.
//!
//! A percentile counts buckets instead of sorting values, so it is the same number on every engine,
//! and buckets of many hours add up. Values up to 127 have a bucket each; above, each power of two
//! is cut into 64 buckets of equal width. [`bucket_value`] is a bucket's middle: it differs from
//! every value in the bucket by at most 1/128 of that value.

/// Significant bits of a bucket.
const BITS: u32 = 7;
/// Buckets per power of two.
const STEPS: i32 = 64;
/// The bucket of `i64::MAX`.
const LAST: i32 = STEPS * 56 + 127;

/// The bucket of a count or a duration in microseconds. Negative values count as 0.
#[must_use]
pub fn bucket_of(micros: i64) -> i32 {
    let value = micros.max(0) as u64;
    let shift = (64 - value.leading_zeros()).saturating_sub(BITS);
    STEPS * shift as i32 + (value >> shift) as i32
}

/// The value that stands for a bucket: its middle, rounded down.
#[must_use]
pub fn bucket_value(bucket: i32) -> i64 {
    let bucket = bucket.clamp(0, LAST);
    if bucket < 2 * STEPS {
        return i64::from(bucket);
    }
    let shift = bucket / STEPS - 1;
    let lowest = i64::from(bucket - STEPS * shift) << shift;
    lowest + ((1i64 << shift) - 1) / 2
}

#[cfg(test)]
mod tests;
