//! An answer that passes as it comes: sound, pictures that take shape, a transcript that grows.

use std::io;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;
use tracekeep_llm::chat::ApiError;
use tracekeep_llm::client::{self, Answer};
use tracekeep_llm::openai::{Streamed, audio, images};

use super::Side;
use super::asking::{Question, is_events};
use crate::clock;
use crate::gateway::answering::passed_back;
use crate::gateway::recording::{Recording, stopping};
use crate::gateway::said;

/// The provider's bytes, watched as they pass.
pub(super) fn pass_on(
    question: &Question<'_>,
    answer: Answer,
    recording: Option<Recording>,
) -> Response {
    let Answer { status, headers, body } = answer;
    let streamed = match (is_events(&headers), question.side) {
        (false, _) => Streamed::bytes(),
        (true, Side::Images | Side::EditImages | Side::VaryImages) => {
            Streamed::events(images::streamed)
        }
        (true, _) => Streamed::events(audio::streamed),
    };
    // Sound says nothing of what it cost: what was to be said does.
    let spoken = question.asked.prompt.as_deref().filter(|_| question.side == Side::Speech);
    let streamed = streamed.assuming(spoken.map(audio::count_speech));
    let passing = Passing { body, streamed, recording };
    let pieces = stream::unfold(passing, |mut passing| async {
        passing.next().await.map(|piece| (piece, passing))
    });
    (status, passed_back(&headers), Body::from_stream(pieces)).into_response()
}

/// A stream that passes through.
struct Passing {
    body: client::Body,
    streamed: Streamed,
    recording: Option<Recording>,
}

impl Passing {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let cut = self.recording.as_ref().map(Recording::cut).unwrap_or_default();
        let piece = tokio::select! {
            piece = self.body.next() => piece,
            () = cut.cancelled() => {
                self.end(Some(&stopping()));
                return Some(Err(io::Error::other("the gateway is stopping")));
            }
        };
        match piece {
            Some(Ok(piece)) => {
                self.look(&piece);
                Some(Ok(piece))
            }
            Some(Err(error)) => {
                self.end(Some(&error.into()));
                // Breaks the client's connection off, as the provider's was.
                Some(Err(io::Error::other("the provider's answer broke off")))
            }
            None => {
                self.end(None);
                None
            }
        }
    }

    fn look(&mut self, piece: &[u8]) {
        let at = clock::now();
        self.streamed.push(piece, at);
        if let Some(recording) = &mut self.recording {
            let first = self.streamed.pace().map(|(first, ..)| first);
            recording.progress(at, self.streamed.response(), first);
        }
    }

    fn end(&mut self, failed: Option<&ApiError>) {
        let Some(recording) = self.recording.take() else { return };
        let first = self.streamed.pace().map(|(first, ..)| first);
        let progress = said::progress(self.streamed.response(), first, clock::now());
        let failed = failed.cloned().or_else(|| self.streamed.failure());
        recording.end_with(progress, failed.as_ref());
    }
}

/// The client went away, or is done before the connection ends.
impl Drop for Passing {
    fn drop(&mut self) {
        if self.streamed.is_over() {
            self.end(None);
        } else if let Some(mut recording) = self.recording.take() {
            let first = self.streamed.pace().map(|(first, ..)| first);
            recording.cancel(said::progress(self.streamed.response(), first, clock::now()));
        }
    }
}
