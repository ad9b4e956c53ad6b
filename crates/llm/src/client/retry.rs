//! When a call that failed is made again.

use std::time::Duration;

use http::HeaderMap;
use rand::Rng;

use crate::chat::ErrorKind;

/// The longest wait that is believed, and told to clients.
const LONGEST_ASKED: Duration = Duration::from_secs(24 * 3_600);

/// How often, and how soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts after the first.
    pub most: u32,
    /// The first pause, about; each further one is twice as long.
    pub pause: Duration,
    /// The longest pause. A provider that wants a longer one is not asked again.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { most: 2, pause: Duration::from_millis(500), longest: Duration::from_secs(20) }
    }
}

impl Retry {
    /// No second attempt.
    pub const NONE: Self = Self { most: 0, pause: Duration::ZERO, longest: Duration::ZERO };

    /// How long to wait before attempt `next` (the first after the first is 1) of a call that failed so.
    /// `None`: not again. A pause that the provider asks for is kept to, with up to a tenth more, so that
    /// many clients do not come back at the same moment; otherwise half of the pause is chance.
    pub fn pause(
        &self,
        next: u32,
        kind: ErrorKind,
        asked: Option<Duration>,
        rng: &mut impl Rng,
    ) -> Option<Duration> {
        if next > self.most || !kind.may_pass() {
            return None;
        }
        if let Some(asked) = asked {
            if asked > self.longest {
                return None;
            }
            // A product that is no Duration panics; a part of one always is one.
            return Some(asked.saturating_add(asked.mul_f64(share(rng) / 10.0)));
        }
        let doubled = self.pause.saturating_mul(1 << next.saturating_sub(1).min(16));
        let half = doubled.min(self.longest) / 2;
        Some(half.saturating_add(half.mul_f64(share(rng))))
    }
}

/// From 0 to 1.
fn share(rng: &mut impl Rng) -> f64 {
    f64::from(rng.next_u32()) / f64::from(u32::MAX)
}

/// When a provider wants to be asked again: `retry-after-ms` (OpenAI, Azure), else `retry-after` in
/// seconds or as a date (RFC 9110, section 10.2.3), at most a day. `now` is in seconds since 1970.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: i64) -> Option<Duration> {
    asked_for(headers, now).map(|asked| asked.min(LONGEST_ASKED))
}

fn asked_for(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok());
    if let Some(millis) = millis {
        return Duration::try_from_secs_f64(millis / 1_000.0).ok();
    }
    let text = text("retry-after")?;
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let at = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(at.saturating_sub(Duration::from_secs(u64::try_from(now).unwrap_or(0))))
}

#[cfg(test)]
mod tests;
