//! An answer in the client's own protocol: the provider's bytes, watched as they pass.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::chat_completions::{Hidden, hide_usage_raw};
use tracekeep_llm::client::{self, Answer};
use tracekeep_llm::frame::sse;
use tracekeep_llm::{Framing, Protocol, Watch, Watched};
use tracekeep_model::Micros;

use crate::clock;
use crate::gateway::answering::passed_back;
use crate::gateway::call::Said;
use crate::gateway::recording::{Recording, stopping};

/// A provider's stream in the client's own protocol: its bytes.
pub(super) fn pass_on(
    protocol: Protocol,
    framing: Framing,
    answer: Answer,
    hides_usage: bool,
    recording: Recording,
) -> Response {
    let Answer { status, headers, body } = answer;
    let passing = Passing {
        body,
        watch: Some(Watch::bytes(protocol, framing)),
        recording: Some(recording),
        unread: None,
        hidden: hides_usage.then(sse::Splitter::default),
    };
    let pieces = stream::unfold(passing, |mut passing| async {
        passing.next().await.map(|piece| (piece, passing))
    });
    (status, passed_back(&headers), Body::from_stream(pieces)).into_response()
}

/// A provider's whole answer in the client's own protocol.
pub(super) fn give(protocol: Protocol, said: Said, recording: Recording) -> Response {
    let Said { status, headers, body } = said;
    match protocol.read_response(&body) {
        Ok(response) => recording.end_answer(&response),
        Err(error) => {
            let reason = format!("the provider's answer cannot be read: {error}");
            recording.end_failed(&ApiError::new(ErrorKind::Provider, reason));
        }
    }
    (status, passed_back(&headers), body).into_response()
}

/// A stream that passes through.
struct Passing {
    body: client::Body,
    watch: Option<Watch>,
    recording: Option<Recording>,
    /// What was passed on last, and when it came: read when the next is asked for, so that nobody waits
    /// for that.
    unread: Option<(Bytes, Micros)>,
    /// Where usage was asked for on our own account: finds the events that say it.
    hidden: Option<sse::Splitter>,
}

impl Passing {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            self.read();
            let cut = self.recording.as_ref().map(Recording::cut).unwrap_or_default();
            let piece = tokio::select! {
                piece = self.body.next() => piece,
                () = cut.cancelled() => {
                    self.end(Some(stopping()));
                    return Some(Err(io::Error::other("the gateway is stopping")));
                }
            };
            let piece = match piece {
                Some(Ok(piece)) => piece,
                Some(Err(error)) => {
                    self.end(Some(error.into()));
                    // Breaks the client's connection off, as the provider's was.
                    return Some(Err(io::Error::other("the provider's answer broke off")));
                }
                None => {
                    self.end(None);
                    let left = self.hidden.take().map(sse::Splitter::finish);
                    let left = left.map(|left| without_usage(vec![left]));
                    return left.filter(|left| !left.is_empty()).map(Ok);
                }
            };
            self.unread = Some((piece.clone(), clock::now()));
            let shown = match &mut self.hidden {
                None => piece,
                Some(splitter) => match splitter.push(&piece) {
                    Ok(parts) => without_usage(parts),
                    Err(error) => {
                        // What is cut off must not look complete.
                        self.end(Some(ApiError::new(ErrorKind::Provider, error.to_string())));
                        return Some(Err(io::Error::other(error)));
                    }
                },
            };
            if !shown.is_empty() {
                return Some(Ok(shown));
            }
        }
    }

    fn read(&mut self) {
        if let Some((piece, at)) = self.unread.take()
            && let (Some(watch), Some(recording)) = (&mut self.watch, &mut self.recording)
        {
            watch.push(&piece, at);
            recording.progress(at, watch.response(), watch.first());
        }
    }

    fn end(&mut self, failed: Option<ApiError>) {
        self.read();
        if let (Some(watch), Some(recording)) = (self.watch.take(), self.recording.take()) {
            let watched = watch.finish();
            recording.end_stream(&Watched { failed: failed.or(watched.failed), ..watched });
        }
    }
}

/// The client went away, or is done before the connection ends.
impl Drop for Passing {
    fn drop(&mut self) {
        self.read();
        Recording::drop_stream(self.recording.take(), self.watch.take());
    }
}

/// Parts of a stream without those that say usage.
fn without_usage(mut parts: Vec<Bytes>) -> Bytes {
    let one = |part: Bytes| match hide_usage_raw(&part) {
        Hidden::Keep => part,
        Hidden::Drop => Bytes::new(),
        Hidden::Replace(part) => part,
    };
    match parts.len() {
        1 => one(parts.remove(0)),
        _ => parts.into_iter().flat_map(one).collect(),
    }
}
