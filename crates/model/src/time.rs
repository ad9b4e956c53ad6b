use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// A moment: microseconds since 1970-01-01T00:00:00Z. Nanoseconds are floored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i64);

/// Why a time was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a time at all.
    #[error(
        "is `{0}`, which is no time; send RFC 3339 (2026-01-31T12:00:00Z) or epoch milliseconds"
    )]
    Unreadable(String),
    /// A number that is not milliseconds of this century.
    #[error(
        "is {0}, which is no epoch milliseconds between 2000 and 2100; were seconds, microseconds or nanoseconds sent?"
    )]
    NotMillis(i64),
    /// Before 1990.
    #[error("is {0}, before 1990-01-01")]
    TooOld(Micros),
    /// More than a day after receipt.
    #[error("is {0}, more than 24 hours after it was received; check the sender's clock")]
    Future(Micros),
}

impl Micros {
    /// 1990-01-01T00:00:00Z, the earliest time that is accepted.
    pub const EARLIEST: Self = Self(631_152_000_000_000);
    /// One second.
    pub const SECOND: i64 = 1_000_000;
    /// One hour.
    pub const HOUR: i64 = 3_600 * Self::SECOND;
    /// One day.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// From epoch nanoseconds, floored.
    #[must_use]
    pub fn from_nanos(nanos: u64) -> Self {
        Self(i64::try_from(nanos / 1_000).unwrap_or(i64::MAX))
    }

    /// From epoch milliseconds, as the native API sends numbers.
    ///
    /// # Errors
    /// A number outside 2000–2100 is refused: it is most likely in another unit.
    pub fn from_millis(millis: i64) -> Result<Self, TimeError> {
        const YEAR_2000: i64 = 946_684_800_000;
        const YEAR_2100: i64 = 4_102_444_800_000;
        if !(YEAR_2000..=YEAR_2100).contains(&millis) {
            return Err(TimeError::NotMillis(millis));
        }
        Ok(Self(millis * 1_000))
    }

    /// From RFC 3339 text with any offset; sub-microseconds are floored.
    ///
    /// # Errors
    /// Text that is not RFC 3339.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        DateTime::parse_from_rfc3339(text)
            .map(|time| Self(time.timestamp_micros()))
            .map_err(|_| TimeError::Unreadable(text.chars().take(64).collect()))
    }

    /// The first moment of a UTC day written `2026-01-31`, if it is one.
    #[must_use]
    pub fn parse_day(text: &str) -> Option<Self> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(Self(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros()))
    }

    /// Refuses what no record may carry: before 1990, or over 24 h after `received`.
    ///
    /// # Errors
    /// Says which bound was passed.
    pub fn check(self, received: Self) -> Result<Self, TimeError> {
        if self < Self::EARLIEST {
            return Err(TimeError::TooOld(self));
        }
        if self.0 > received.0.saturating_add(Self::DAY) {
            return Err(TimeError::Future(self));
        }
        Ok(self)
    }

    /// The UTC day, as days since 1970-01-01.
    #[must_use]
    pub fn day(self) -> i32 {
        i32::try_from(self.0.div_euclid(Self::DAY)).unwrap_or(i32::MAX)
    }

    /// The first moment of the UTC hour.
    #[must_use]
    pub fn hour(self) -> Self {
        Self(self.0.div_euclid(Self::HOUR) * Self::HOUR)
    }

    /// Microseconds from `earlier` to this, 0 if it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// This moment and `micros` more.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
}

/// RFC 3339 in UTC, with milliseconds, or microseconds where they are not zero.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format =
            if self.0 % 1_000 == 0 { SecondsFormat::Millis } else { SecondsFormat::Micros };
        match DateTime::<Utc>::from_timestamp_micros(self.0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(format, true)),
            None => write!(f, "{} µs", self.0),
        }
    }
}

impl serde::Serialize for Micros {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests;
