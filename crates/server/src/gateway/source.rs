//! Where the pieces of an answer come from: a provider's stream, or the built-in models.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::sleep;
use tracekeep_llm::chat::{ApiError, Delta};
use tracekeep_llm::client::Body;
use tracekeep_llm::demo::Step;
use tracekeep_llm::{Framing, Protocol, StreamReader};

/// Gives the pieces of an answer as they come.
pub(super) enum Source {
    /// A provider's stream.
    Provider(Box<Streamed>),
    /// What a built-in model says, and when.
    Demo(VecDeque<Step>),
}

/// A provider's stream.
pub(super) struct Streamed {
    body: Body,
    reader: StreamReader,
    has_failed: bool,
}

impl Source {
    pub(super) fn provider(protocol: Protocol, body: Body) -> Self {
        let reader = StreamReader::new(protocol, Framing::of(protocol));
        Self::Provider(Box::new(Streamed { body, reader, has_failed: false }))
    }

    /// The next pieces, at least one. `None`: nothing more comes. What fails is the last piece.
    pub(super) async fn next(&mut self) -> Option<Vec<Delta>> {
        match self {
            Self::Provider(streamed) => streamed.next().await,
            Self::Demo(steps) => {
                let first = steps.pop_front()?;
                if first.after > Duration::ZERO {
                    sleep(first.after).await;
                }
                let mut deltas = vec![first.delta];
                // What comes without a pause comes together.
                while let Some(step) = steps.pop_front_if(|step| step.after == Duration::ZERO) {
                    deltas.push(step.delta);
                }
                Some(deltas)
            }
        }
    }
}

impl Streamed {
    async fn next(&mut self) -> Option<Vec<Delta>> {
        let mut deltas = Vec::new();
        while deltas.is_empty() && !self.has_failed {
            let failed = match self.body.next().await? {
                Ok(bytes) => {
                    let read = self.reader.push(&bytes, &mut deltas);
                    read.err().map(|error| malformed(&error.to_string()))
                }
                Err(error) => Some(error.into()),
            };
            self.has_failed = failed.is_some();
            deltas.extend(failed.map(Delta::Failed));
        }
        (!deltas.is_empty()).then_some(deltas)
    }
}

fn malformed(reason: &str) -> ApiError {
    let message = format!("the provider's stream cannot be read: {reason}");
    let mut error = ApiError::new(tracekeep_llm::chat::ErrorKind::Provider, message);
    error.code = Some("malformed_stream".to_owned());
    error
}
