//! `tracekeep tail`: follows live traces in the terminal.
//!
//! One line an event, on standard output; words about the connection go to standard error. Times
//! are UTC. A connection that breaks is made again, and goes on behind the last event printed.

mod line;

use std::convert::Infallible;
use std::error::Error;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::time::Duration;

use clap::Args;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;
use tracekeep_control::Secret;
use tracekeep_llm::frame::sse::{Event, Parser};

use self::line::{Lines, Look};
use crate::app::Failure;

/// A server that does not take a connection for so long is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Three heartbeats: a stream that is silent for so long is dead.
const READ_TIMEOUT: Duration = Duration::from_secs(45);

/// The longest pause before the next attempt, in seconds.
const LONGEST_PAUSE: u64 = 10;

/// How much of an answer is shown, in characters.
const SHOWN: usize = 300;

/// What to follow.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Address of the server.
    #[arg(long, env = "TRACEKEEP_URL", default_value = "http://127.0.0.1:4000")]
    url: String,
    /// Secret key of the project.
    #[arg(long, env = "TRACEKEEP_KEY", hide_env_values = true, value_parser = secret)]
    key: Option<Secret>,
    /// Follow one trace only.
    #[arg(long, value_name = "ID")]
    trace: Option<String>,
    /// Print events as JSON, one object a line.
    #[arg(long)]
    json: bool,
}

fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text.trim().to_owned()))
}

/// Follows until Ctrl-C, or until nobody reads what it prints.
///
/// # Errors
/// The server refuses, and would refuse again.
pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let mut tail = Tail::new(&options)?;
    let (mut failures, mut repeats) = (0, Repeats::default());
    let mut has_followed = false;
    loop {
        let end = match tail.connect().await {
            Ok(response) => {
                (failures, repeats) = (0, Repeats::default());
                note(&format!("following {}; stop with Ctrl-C", options.url));
                if !has_followed {
                    tail.note_unknown_trace(&options).await;
                }
                has_followed = true;
                tail.follow(response).await
            }
            // More likely a wrong address than a server that is about to start.
            Err(End::Absent(reason)) if !has_followed => End::Refused(format!(
                "{reason}; start the server first, or give its address with --url"
            )),
            Err(end) => end,
        };
        match end {
            End::Unread => return Ok(()),
            End::Refused(reason) => return Err(reason.into()),
            End::Lost(reason) | End::Absent(reason) => {
                let pause = backoff(failures);
                failures += 1;
                if let Some(words) = repeats.words(reason, pause) {
                    note(&words);
                }
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// What was said of a connection, so that the same is not said for ever.
#[derive(Debug, Default)]
struct Repeats {
    reason: Option<String>,
    times: u32,
}

impl Repeats {
    /// What to say of an attempt that failed; `None`: nothing new.
    fn words(&mut self, reason: String, pause: Duration) -> Option<String> {
        if self.reason.as_ref() != Some(&reason) {
            let words = format!("{reason}; trying again in {} s", pause.as_secs());
            *self = Self { reason: Some(reason), times: 1 };
            return Some(words);
        }
        self.times += 1;
        let words =
            format!("still the same; trying on, every {LONGEST_PAUSE} s at last, in silence");
        (self.times == 2).then_some(words)
    }
}

/// Why a connection came to nothing, or to its end.
#[derive(Debug)]
enum End {
    /// Nobody reads what is printed.
    Unread,
    /// The same would happen again.
    Refused(String),
    /// It may go on later.
    Lost(String),
    /// Nobody takes connections there.
    Absent(String),
}

struct Tail {
    client: Client,
    url: Url,
    key: Secret,
    lines: Lines,
    /// The last event that was printed.
    last_id: Option<String>,
}

impl Tail {
    fn new(options: &Options) -> Result<Self, Failure> {
        let key = options.key.clone().filter(|key| !key.expose().is_empty());
        let key = key.ok_or("no key; give the project's secret key with --key or TRACEKEEP_KEY")?;
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .no_proxy()
            .build()?;
        let lines = Lines::new(look(options));
        Ok(Self { client, url: stream_url(options)?, key, lines, last_id: None })
    }

    async fn connect(&self) -> Result<Response, End> {
        let request = self.client.get(self.url.clone()).bearer_auth(self.key.expose());
        let mut request = request.header(ACCEPT, "text/event-stream");
        if let Some(id) = &self.last_id {
            request = request.header("last-event-id", id.as_str());
        }
        let response = request.send().await.map_err(|error| {
            let reason = described(&error);
            if error.is_builder() {
                End::Refused(reason)
            } else if error.is_connect() {
                End::Absent(reason)
            } else {
                End::Lost(reason)
            }
        })?;
        if response.status().is_success() && is_stream(&response) {
            return Ok(response);
        }
        Err(refusal(response).await)
    }

    /// Says so where the trace to follow is not known: its id may be mistyped.
    async fn note_unknown_trace(&self, options: &Options) {
        let Some(id) = &options.trace else { return };
        let mut url = self.url.clone();
        url.set_query(None);
        if let Ok(mut path) = url.path_segments_mut() {
            // Of `/api/tracing/live/stream`, below whatever the server is.
            path.pop().pop().pop().push("traces").push(id);
        }
        let request = self.client.head(url).bearer_auth(self.key.expose());
        // What else may be wrong the stream tells.
        let status = request.send().await.map(|response| response.status());
        if status.is_ok_and(|status| status == StatusCode::NOT_FOUND) {
            note(&format!("no trace {id} is known yet; its events show when it begins"));
        }
    }

    async fn follow(&mut self, mut response: Response) -> End {
        let mut parser = Parser::default();
        loop {
            let bytes = match response.chunk().await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return End::Lost("the server ended the stream".to_owned()),
                Err(error) => return End::Lost(described(&error)),
            };
            let messages = match parser.push(&bytes) {
                Ok(messages) => messages,
                Err(error) => return End::Lost(error.to_string()),
            };
            match self.print(&messages) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return End::Unread,
                Err(error) => return End::Refused(format!("events cannot be printed: {error}")),
            }
            if let Some(id) = parser.last_id() {
                self.last_id = Some(id.to_owned());
            }
        }
    }

    fn print(&mut self, messages: &[Event]) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        for message in messages {
            if let Some(line) = self.lines.line(message) {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()
    }
}

/// Colours for people: not in files and pipes, and not where <https://no-color.org> is asked for.
fn look(options: &Options) -> Look {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if options.json {
        Look::Json
    } else if std::io::stdout().is_terminal() && !no_colour {
        Look::Coloured
    } else {
        Look::Plain
    }
}

fn stream_url(options: &Options) -> Result<Url, Failure> {
    let base = options.url.trim_end_matches('/');
    let wrong = |reason: &str| {
        format!("--url {}: {reason}; give an address such as http://127.0.0.1:4000", options.url)
    };
    let mut url = Url::parse(&format!("{base}/api/tracing/live/stream"))
        .map_err(|error| wrong(&error.to_string()))?;
    if url.scheme() != "http" {
        return Err(wrong("this command speaks plain HTTP only").into());
    }
    if let Some(trace) = &options.trace {
        url.query_pairs_mut().append_pair("traceId", trace);
    }
    Ok(url)
}

fn is_stream(response: &Response) -> bool {
    let sent = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sent.is_some_and(|sent| sent.starts_with("text/event-stream"))
}

/// What an answer that is no stream means.
async fn refusal(response: Response) -> End {
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    let message = answer["error"]["message"].as_str().unwrap_or(&text);
    let message: String = message.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    match status {
        StatusCode::UNAUTHORIZED => End::Refused(
            "the server does not know this key (401); give the project's secret key with --key or \
             TRACEKEEP_KEY"
                .to_owned(),
        ),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            End::Lost(format!("the server answers {status}: {message}"))
        }
        _ if status.is_server_error() => {
            End::Lost(format!("the server answers {status}: {message}"))
        }
        _ if status.is_success() => End::Refused(
            "what answers there sends no live traces; is the address that of a Tracekeep server?"
                .to_owned(),
        ),
        _ => End::Refused(format!("the server answers {status}: {message}")),
    }
}

/// 1 s, 2 s, 4 s … 10 s.
fn backoff(failures: u32) -> Duration {
    Duration::from_secs((1_u64 << failures.min(4)).min(LONGEST_PAUSE))
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

/// To the person at the terminal, apart from the events.
fn note(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

#[cfg(test)]
mod tests;
