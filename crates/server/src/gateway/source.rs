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
    Provider { body: Body, reader: StreamReader, has_failed: bool },
    /// What a built-in model says, and when.
    Demo(VecDeque<Step>),
}

impl Source {
    pub(super) fn provider(protocol: Protocol, body: Body) -> Self {
        let reader = StreamReader::new(protocol, Framing::of(protocol));
        Self::Provider { body, reader, has_failed: false }
    }

    /// The next pieces, at least one. `None`: nothing more comes. What fails is the last piece.
    pub(super) async fn next(&mut self) -> Option<Vec<Delta>> {
        match self {
            Self::Provider { has_failed: true, .. } => None,
            Self::Provider { body, reader, has_failed } => loop {
                let mut deltas = Vec::new();
                match body.next().await? {
                    Ok(bytes) => {
                        if let Err(error) = reader.push(&bytes, &mut deltas) {
                            *has_failed = true;
                            deltas.push(Delta::Failed(malformed(&error.to_string())));
                        }
                    }
                    Err(error) => {
                        *has_failed = true;
                        deltas.push(Delta::Failed(error.into()));
                    }
                }
                if !deltas.is_empty() {
                    return Some(deltas);
                }
            },
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

fn malformed(reason: &str) -> ApiError {
    let message = format!("the provider's stream cannot be read: {reason}");
    let mut error = ApiError::new(tracekeep_llm::chat::ErrorKind::Provider, message);
    error.code = Some("malformed_stream".to_owned());
    error
}
