use chrono::{DateTime, Datelike, NaiveDate, Utc};
use tracekeep_model::Micros;

use crate::Bucket;

impl Bucket {
    /// The first moment of the step that `time` lies in.
    #[must_use]
    pub fn start(self, time: Micros) -> Micros {
        match self {
            Self::Minute => floor(time, 60 * Micros::SECOND),
            Self::Hour => floor(time, Micros::HOUR),
            Self::Day => floor(time, Micros::DAY),
            Self::Week => {
                // 1970-01-01 was a Thursday, three days after its Monday.
                let shift = 3 * Micros::DAY;
                Micros(floor(time.plus(shift), 7 * Micros::DAY).0 - shift)
            }
            Self::Month => month(time).unwrap_or(time),
        }
    }

    /// How long a step is; months differ.
    #[must_use]
    pub fn seconds(self) -> Option<u32> {
        match self {
            Self::Minute => Some(60),
            Self::Hour => Some(3_600),
            Self::Day => Some(86_400),
            Self::Week => Some(604_800),
            Self::Month => None,
        }
    }
}

fn floor(time: Micros, step: i64) -> Micros {
    Micros(time.0.div_euclid(step) * step)
}

fn month(time: Micros) -> Option<Micros> {
    let date = DateTime::<Utc>::from_timestamp_micros(time.0)?;
    let first = NaiveDate::from_ymd_opt(date.year(), date.month(), 1)?.and_hms_opt(0, 0, 0)?;
    Some(Micros(first.and_utc().timestamp_micros()))
}

#[cfg(test)]
mod tests;
