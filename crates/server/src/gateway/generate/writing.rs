//! An answer that is written anew, in the client's protocol.

use std::io;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;
use tracekeep_llm::chat::{ApiError, Delta, Fresh};
use tracekeep_llm::{Framing, Protocol, StreamWriter, Watch, Watched};

use crate::clock;
use crate::gateway::recording::{Recording, stopping};
use crate::gateway::source::Source;

/// A stream that is written anew, in the client's protocol.
struct Writing {
    source: Source,
    first: Option<Vec<Delta>>,
    writer: Option<StreamWriter>,
    watch: Option<Watch>,
    recording: Option<Recording>,
    /// The server stops.
    is_cut: bool,
}

impl Writing {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.writer.as_ref()?;
        loop {
            let deltas = match self.first.take() {
                Some(first) if !first.is_empty() => Some(first),
                _ => {
                    let cut = self.recording.as_ref().map(Recording::cut).unwrap_or_default();
                    tokio::select! {
                        deltas = self.source.next() => deltas,
                        () = cut.cancelled() => {
                            self.is_cut = true;
                            None
                        }
                    }
                }
            };
            let Some(deltas) = deltas else { break };
            let bytes = self.take(&deltas);
            if !bytes.is_empty() {
                return Some(Ok(bytes));
            }
        }
        let mut last = Vec::new();
        let was_told = self.watch.as_ref().is_some_and(Watch::is_over);
        let watched = self.watch.take().map(Watch::finish).map(|watched| match self.is_cut {
            true => Watched { failed: Some(stopping()), ..watched },
            false => watched,
        });
        if let Some(mut writer) = self.writer.take() {
            // A stream that breaks off must not look complete.
            let failed = watched.as_ref().and_then(|watched| watched.failed.clone());
            if let Some(error) = failed.filter(|_| !was_told) {
                writer.write(&Delta::Failed(error), &mut last);
            }
            writer.end(&mut last);
        }
        if let (Some(watched), Some(recording)) = (watched, self.recording.take()) {
            recording.end_stream(&watched);
        }
        (!last.is_empty()).then(|| Ok(last.into()))
    }

    fn take(&mut self, deltas: &[Delta]) -> Bytes {
        let mut bytes = Vec::new();
        let at = clock::now();
        if let (Some(watch), Some(recording)) = (&mut self.watch, &mut self.recording) {
            deltas.iter().for_each(|delta| watch.take(delta, at));
            recording.progress(at, watch.response(), watch.first());
        }
        if let Some(writer) = &mut self.writer {
            deltas.iter().for_each(|delta| writer.write(delta, &mut bytes));
        }
        bytes.into()
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        Recording::drop_stream(self.recording.take(), self.watch.take());
    }
}

pub(super) fn write_stream(
    source: Source,
    first: Vec<Delta>,
    writer: StreamWriter,
    framing: Framing,
    recording: Recording,
) -> Response {
    let writing = Writing {
        source,
        first: Some(first),
        writer: Some(writer),
        watch: Some(Watch::deltas()),
        recording: Some(recording),
        is_cut: false,
    };
    let pieces = stream::unfold(writing, |mut writing| async {
        writing.next().await.map(|piece| (piece, writing))
    });
    let headers =
        [(header::CONTENT_TYPE, framing.content_type()), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(pieces)).into_response()
}

/// The pieces as one answer, for a client that does not want a stream.
pub(super) async fn collect(
    protocol: Protocol,
    mut source: Source,
    first: Vec<Delta>,
    fresh: &Fresh,
    recording: Recording,
) -> Result<Response, ApiError> {
    let mut watch = Watch::deltas();
    let mut next = Some(first);
    while let Some(deltas) = next {
        let at = clock::now();
        deltas.iter().for_each(|delta| watch.take(delta, at));
        next = source.next().await;
    }
    let watched = watch.finish();
    recording.end_stream(&watched);
    match watched.failed {
        Some(error) => Err(error),
        None => Ok(axum::Json(protocol.write_response(&watched.response, fresh)).into_response()),
    }
}
