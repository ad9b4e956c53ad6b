//! Buckets of durations: log-linear, 7 significant bits.
//!
//! Percentiles count buckets instead of sorting values, so that every store and every engine gives
//! the same answer. Below 128 µs a bucket is one microsecond; above, an octave has 64 buckets, and a
//! bucket's middle is within 1/128 of every value in it.

/// The bucket of a duration in microseconds. Negative ones count as 0.
#[must_use]
pub fn bucket_of(micros: i64) -> i32 {
    let value = micros.max(0) as u64;
    if value < 128 {
        return value as i32;
    }
    let shift = 57 - value.leading_zeros();
    (shift * 64) as i32 + (value >> shift) as i32
}

/// The middle of a bucket, in microseconds.
#[must_use]
pub fn bucket_value(bucket: i32) -> i64 {
    let bucket = i64::from(bucket.max(0));
    if bucket < 128 {
        return bucket;
    }
    let shift = (bucket / 64 - 1).min(56);
    ((bucket - shift * 64) << shift) + (1 << shift) / 2
}

#[cfg(test)]
mod tests;
