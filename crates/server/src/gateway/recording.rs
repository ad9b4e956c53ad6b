//! One call's trace, from its beginning to its end.

use tokio_util::sync::CancellationToken;
use tracekeep_decode::call::{self, About, Begun, End, Failure, Place, Progress};
use tracekeep_llm::chat::{ApiError, ErrorKind, Response};
use tracekeep_llm::{Timing, Watched};
use tracekeep_model::{Micros, Text};

use super::limits::{Admitted, Charge};
use super::recorder::Recorder;
use super::said;
use crate::clock;

/// How long after its beginning, and then after each time, a stream that goes on is written as far as it
/// has come: it shows, and is there after a crash. Each pause is twice the last, up to the longest.
const FIRST_PAUSE: i64 = Micros::SECOND;
const LONGEST_PAUSE: i64 = 16 * Micros::SECOND;

/// One call's trace. A recording that is dropped before its end is of a call that nobody waits for any
/// more: it ends with the error `cancelled`.
pub(super) struct Recording {
    recorder: Recorder,
    project_id: Text,
    place: Place,
    /// Of a call whose key has limits: what it used is counted at its end.
    charge: Option<Charge>,
    next_progress: Micros,
    pause: i64,
    is_open: bool,
}

impl Recording {
    /// Begins a call's trace.
    pub(super) fn begin(
        recorder: Recorder,
        project_id: Text,
        place: Place,
        about: &About,
        begun: Begun,
    ) -> Self {
        Self::begin_admitted(recorder, project_id, place, about, begun, None)
    }

    /// Begins the trace of a call that was admitted by its key's limits.
    pub(super) fn begin_admitted(
        recorder: Recorder,
        project_id: Text,
        place: Place,
        about: &About,
        begun: Begun,
        admitted: Option<Admitted>,
    ) -> Self {
        let charge = admitted.and_then(|admitted| Charge::of(admitted, &project_id, &begun));
        let next_progress = Micros(begun.at.0 + FIRST_PAUSE);
        recorder.say(&project_id, call::begun(&place, about, begun));
        let pause = FIRST_PAUSE;
        Self { recorder, project_id, place, charge, next_progress, pause, is_open: true }
    }

    /// The trace that the call is, or is in.
    pub(super) fn trace_id(&self) -> &Text {
        &self.place.trace_id
    }

    /// Cancelled when the call is to be cut off, as the server stops.
    pub(super) fn cut(&self) -> CancellationToken {
        self.recorder.cut().clone()
    }

    /// Who serves the call, now that it is decided.
    pub(super) fn served_by(&mut self, provider: &str) {
        let provider = Text::from(provider);
        if let Some(charge) = &mut self.charge {
            charge.served_by(&provider);
        }
        let said = Progress { at: clock::now(), provider: Some(provider), ..Progress::default() };
        self.recorder.say(&self.project_id, call::progress(&self.place, said));
    }

    /// Writes what has come of a stream, if it is time.
    pub(super) fn progress(&mut self, at: Micros, response: &Response, first: Option<Micros>) {
        if at < self.next_progress {
            return;
        }
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.next_progress = Micros(at.0 + self.pause);
        let progress = said::progress(response, first, at);
        self.recorder.say(&self.project_id, call::progress(&self.place, progress));
    }

    /// A stream is over.
    pub(super) fn end_stream(mut self, watched: &Watched) {
        let at = clock::now();
        let end = match &watched.failed {
            None => End::Success,
            Some(error) => End::Error(said::failure(error)),
        };
        self.end(said::watched(watched, at), end);
    }

    /// A whole answer came.
    pub(super) fn end_answer(mut self, response: &Response) {
        self.end(said::progress(response, None, clock::now()), End::Success);
    }

    /// The call came to an end of which only this is known.
    pub(super) fn end_with(mut self, progress: Progress, failed: Option<&ApiError>) {
        let end = failed.map_or(End::Success, |error| End::Error(said::failure(error)));
        self.end(progress, end);
    }

    /// The call failed before anything came.
    pub(super) fn end_failed(self, error: &ApiError) {
        let at = clock::now();
        self.end_with(Progress { at, ..Progress::default() }, Some(error));
    }

    /// Nobody waits for the rest of a stream.
    pub(super) fn cancel(&mut self, so_far: &Response, timing: Option<Timing>) {
        let first = timing.map(|timing| timing.first);
        self.end(said::progress(so_far, first, clock::now()), cancelled());
    }

    fn end(&mut self, progress: Progress, end: End) {
        self.is_open = false;
        if let Some(charge) = self.charge.take() {
            charge.end(&progress);
        }
        self.recorder.say_end(&self.project_id, call::ended(&self.place, progress, end));
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.is_open {
            self.end(Progress { at: clock::now(), ..Progress::default() }, cancelled());
        }
    }
}

/// What a call is told that is cut off as the server stops.
pub(super) fn stopping() -> ApiError {
    let mut error = ApiError::new(ErrorKind::Overloaded, "the gateway is stopping; ask again");
    error.code = Some("stopping".to_owned());
    error
}

fn cancelled() -> End {
    End::Error(Failure {
        r#type: None,
        code: Some(Text::from_static("cancelled")),
        message: Text::from_static("the client went away before the answer was complete"),
    })
}
