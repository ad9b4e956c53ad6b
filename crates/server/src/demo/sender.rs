//! Requests to the server, tried again until it takes or refuses them.

use std::error::Error;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

/// A request that takes longer is tried again.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest pause between two attempts.
const LONGEST_PAUSE: u64 = 10;

/// How much of an answer is logged, in characters.
const SHOWN: usize = 300;

/// Sends requests with a project's key.
pub(super) struct Sender {
    client: Client,
    base_url: String,
    secret_key: String,
    /// What went wrong of late; shared, so that fifty interactions log one outage once.
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    /// The last answer was none, or one that asks to come back later.
    is_unavailable: bool,
    /// The last answer was a refusal.
    is_refusing: bool,
    /// Paths whose refusal was logged.
    warned: Vec<&'static str>,
}

/// Why a request was not taken.
enum Trouble {
    /// It never will be.
    Refused(String),
    /// It may be later.
    Unavailable(String),
}

impl Sender {
    /// To the server at `base_url`; connects when it sends.
    pub(super) fn new(base_url: &str, secret_key: &str) -> Result<Self, reqwest::Error> {
        Ok(Self {
            // The server is its own machine's: a proxy knows nothing of it.
            client: Client::builder().timeout(TIMEOUT).no_proxy().build()?,
            base_url: base_url.trim_end_matches('/').to_owned(),
            secret_key: secret_key.to_owned(),
            health: Mutex::default(),
        })
    }

    /// Whether the last request was not taken.
    pub(super) fn is_troubled(&self) -> bool {
        let health = self.health.lock();
        health.is_unavailable || health.is_refusing
    }

    /// Sends until the server takes it (true) or refuses it (false).
    pub(super) async fn post(&self, path: &'static str, body: &Value) -> bool {
        let mut attempt = 0;
        loop {
            match self.attempt(path, body).await {
                Ok(()) => {
                    self.note_success();
                    return true;
                }
                Err(Trouble::Refused(reason)) => {
                    self.note_refusal(path, &reason);
                    return false;
                }
                Err(Trouble::Unavailable(reason)) => self.note_outage(path, &reason),
            }
            tokio::time::sleep(backoff(attempt)).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, path: &str, body: &Value) -> Result<(), Trouble> {
        let url = format!("{}{path}", self.base_url);
        let request = self.client.post(url).bearer_auth(&self.secret_key).json(body);
        let response =
            request.send().await.map_err(|error| Trouble::Unavailable(described(&error)))?;
        let status = response.status();
        let text = text(response).await;
        if status.is_success() {
            return match rejected(&text) {
                Some(reason) => Err(Trouble::Refused(reason)),
                None => Ok(()),
            };
        }
        let shown: String = text.chars().take(SHOWN).collect();
        let reason = format!("{status}: {shown}");
        Err(if is_passing(status) {
            Trouble::Unavailable(reason)
        } else {
            Trouble::Refused(reason)
        })
    }

    fn note_success(&self) {
        let mut health = self.health.lock();
        health.is_refusing = false;
        if std::mem::take(&mut health.is_unavailable) {
            tracing::info!("the demo goes on: the server answers again");
        }
    }

    fn note_refusal(&self, path: &'static str, reason: &str) {
        let mut health = self.health.lock();
        health.is_unavailable = false;
        health.is_refusing = true;
        if !health.warned.contains(&path) {
            health.warned.push(path);
            tracing::warn!(path, reason, "the server refuses a request of the demo");
        }
    }

    fn note_outage(&self, path: &'static str, reason: &str) {
        let mut health = self.health.lock();
        if !std::mem::replace(&mut health.is_unavailable, true) {
            tracing::warn!(path, reason, "the demo waits for the server");
        }
    }
}

/// The pause after the `attempt`th failure in a row, counted from 0: 1 s, 2 s, 4 s … 10 s.
pub(super) fn backoff(attempt: u32) -> Duration {
    Duration::from_secs((1_u64 << attempt.min(4)).min(LONGEST_PAUSE))
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

/// Reading the answer to its end keeps the connection open for the next request.
async fn text(response: Response) -> String {
    response.text().await.unwrap_or_default()
}

/// OTLP answers 200 also where it rejected spans, and says so in the body.
fn rejected(text: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(text).ok()?;
    let partial = answer.get("partialSuccess")?;
    let is_none = match partial.get("rejectedSpans")? {
        Value::String(count) => count == "0",
        Value::Number(count) => count.as_i64() == Some(0),
        _ => true,
    };
    let reason =
        partial.get("errorMessage").and_then(Value::as_str).unwrap_or("spans were rejected");
    (!is_none).then(|| reason.to_owned())
}

/// An error and what caused it: its own text alone is only that sending failed.
fn described(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
