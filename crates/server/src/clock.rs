use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracekeep_model::Micros;

/// The time. The only place that reads the system's clock; everything else is told.
#[must_use]
pub(crate) fn now() -> Micros {
    #[allow(clippy::disallowed_methods, reason = "this is the one place")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The time, for those that count it as the system does.
#[must_use]
pub(crate) fn system() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(u64::try_from(now().0).unwrap_or(0))
}

/// The time, for those that count microseconds.
#[must_use]
pub(crate) fn now_micros() -> i64 {
    now().0
}
