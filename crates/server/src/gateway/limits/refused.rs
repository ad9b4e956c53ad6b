//! How a refusal, and what is left of limits, is told to clients.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use bytes::Bytes;
use tracekeep_control::ControlError;
use tracekeep_llm::Protocol;
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_model::{Micros, Money};

use super::spending::Stretch;
use super::{Left, Standing};
use crate::gateway::call::{Failed, Said};

const WHO_CAN_RAISE_IT: &str =
    "who has the project's secret key can raise it with PUT /api/keys/{publicKey}/limits";

/// OpenAI's headers: the limit, what remains of it, and the time until all of it is free again.
const OF_REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const OF_TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

/// Which limit a key is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Requests,
    Tokens,
    Budget,
}

impl Which {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Budget => "budget",
        }
    }
}

/// A key is at a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(super) which: Which,
    /// Whole seconds until the key may ask again.
    pub(super) retry_after: Duration,
    pub(super) message: String,
    standing: Standing,
}

/// Why a call was not admitted.
#[derive(Debug)]
pub(crate) enum NotAdmitted {
    /// The key is at a limit.
    Refused(Box<Refused>),
    /// Its limits cannot be read.
    Control(ControlError),
}

impl From<ControlError> for NotAdmitted {
    fn from(error: ControlError) -> Self {
        Self::Control(error)
    }
}

impl From<NotAdmitted> for ApiError {
    fn from(reason: NotAdmitted) -> Self {
        match reason {
            NotAdmitted::Refused(refused) => refused.error(),
            NotAdmitted::Control(error) => {
                tracing::error!(%error, "the limits of a key cannot be read");
                let message =
                    "the limits of this key cannot be read now; the server's log says why";
                Self::new(ErrorKind::Overloaded, message)
            }
        }
    }
}

impl NotAdmitted {
    /// As an answer in the client's protocol, with the headers that go with it.
    pub(in crate::gateway) fn into_failed(self, protocol: Protocol) -> Failed {
        let headers = match &self {
            Self::Refused(refused) => refused.headers(),
            Self::Control(_) => return ApiError::from(self).into(),
        };
        let error = ApiError::from(self);
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::TOO_MANY_REQUESTS);
        let body = Bytes::from(protocol.write_error(&error).to_string());
        Failed { said: Some(Box::new(Said { status, headers, body })), ..error.into() }
    }
}

impl Refused {
    /// `asked`: how many there is no room for, of requests that are made at once; else 1.
    pub(super) fn by_rate(
        which: Which,
        limit: u64,
        used: u64,
        asked: u64,
        retry_after: Duration,
        standing: Standing,
    ) -> Self {
        let (what, seconds) = (which.as_str(), retry_after.as_secs());
        let reason = if asked <= 1 {
            format!("and has used {used} in the last one; ask again in {seconds} s")
        } else if asked > limit {
            format!("and {asked} are asked for at once; ask for fewer")
        } else {
            format!(
                "has used {used} in the last one, and {asked} are asked for at once; ask for fewer, \
                 or again in {seconds} s"
            )
        };
        let message =
            format!("this key may use {limit} {what} a minute, {reason}; {WHO_CAN_RAISE_IT}");
        Self { which, retry_after, message, standing }
    }

    pub(super) fn by_budget(
        limit: Money,
        spent: Money,
        stretch: Stretch,
        now: Micros,
        standing: Standing,
    ) -> Self {
        let Stretch { start, end } = stretch;
        let message = format!(
            "this key may spend {limit} US dollars from {start} to {end}, and has spent {spent}; it \
             may spend again from {end} on; {WHO_CAN_RAISE_IT}"
        );
        let micros = u64::try_from(end.since(now)).unwrap_or(0);
        let retry_after = Duration::from_secs(micros.div_ceil(1_000_000));
        Self { which: Which::Budget, retry_after, message, standing }
    }

    /// In OpenAI's words, which each protocol writes in its own.
    fn error(self) -> ApiError {
        let (code, class) = match self.which {
            Which::Requests | Which::Tokens => ("rate_limit_exceeded", self.which.as_str()),
            Which::Budget => ("budget_exceeded", "insufficient_quota"),
        };
        let mut error = ApiError::new(ErrorKind::RateLimited, self.message);
        error.code = Some(code.to_owned());
        error.r#type = Some(class.to_owned());
        error.retry_after = Some(self.retry_after);
        error
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = headers(&self.standing);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let seconds = HeaderValue::from(self.retry_after.as_secs().max(1));
        headers.insert(header::RETRY_AFTER, seconds);
        if self.which == Which::Budget {
            // The SDKs of OpenAI and Anthropic would ask again at once where the pause is long.
            let name = HeaderName::from_static("x-should-retry");
            headers.insert(name, HeaderValue::from_static("false"));
        }
        headers
    }
}

/// What is left, in OpenAI's headers.
pub(super) fn headers(standing: &Standing) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (names, left) in [(OF_REQUESTS, standing.requests), (OF_TOKENS, standing.tokens)] {
        let Some(Left { limit, remaining, reset }) = left else { continue };
        let [limits, remains, resets] = names;
        headers.insert(limits, limit.into());
        headers.insert(remains, remaining.into());
        if let Ok(value) = HeaderValue::try_from(pause(reset)) {
            headers.insert(resets, value);
        }
    }
    headers
}

/// A duration as OpenAI writes it: `0s`, `59s`, `1m0s`.
fn pause(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds / 60 {
        0 => format!("{seconds}s"),
        minutes => format!("{minutes}m{}s", seconds % 60),
    }
}

#[cfg(test)]
mod tests;
