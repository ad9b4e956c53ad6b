//! One call's trace, from its beginning to its end.

use tokio_util::sync::CancellationToken;
use tracekeep_decode::call::{self, About, Begun, End, Failure, Place, Progress};
use tracekeep_llm::chat::{ApiError, ErrorKind, Response};
use tracekeep_llm::{Watch, Watched};
use tracekeep_model::{Micros, Money, Text};

use super::attempts::Attempts;
use super::call::Target;
use super::limits::{Admitted, Charge};
use super::live_text::LiveText;
use super::recorder::Recorder;
use super::{said, served};
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
    live_text: LiveText,
    /// Of a call whose key has limits: what it used is counted at its end.
    charge: Option<Charge>,
    next_progress: Micros,
    pause: i64,
    is_open: bool,
    /// Who was named as the provider so far.
    provider: Option<Text>,
    /// The model that answers, unless the answer says it.
    model: Option<Text>,
    /// What failed before somebody took the call.
    attempts: Attempts,
    /// Metadata of the call, said with whatever comes next: keys, and JSON text.
    facts: Vec<(Text, Text)>,
}

impl Recording {
    /// Begins the trace of a call that its key's limits admitted.
    pub(super) fn begin(
        recorder: Recorder,
        project_id: Text,
        place: Place,
        about: &About,
        begun: Begun,
        admitted: Admitted,
    ) -> Self {
        let charge = Charge::of(admitted, &project_id, &begun);
        let next_progress = Micros(begun.at.0 + FIRST_PAUSE);
        let provider = begun.provider.clone();
        recorder.say(&project_id, call::begun(&place, about, begun));
        Self {
            live_text: recorder.live_text(),
            recorder,
            project_id,
            place,
            charge,
            next_progress,
            pause: FIRST_PAUSE,
            is_open: true,
            provider,
            model: None,
            attempts: Attempts::default(),
            facts: Vec::new(),
        }
    }

    /// The trace that the call is, or is in.
    pub(super) fn trace_id(&self) -> &Text {
        &self.place.trace_id
    }

    /// Cancelled when the call is to be cut off, as the server stops.
    pub(super) fn cut(&self) -> CancellationToken {
        self.recorder.cut().clone()
    }

    /// Where it is noted what fails before somebody takes the call.
    pub(super) fn attempts(&self) -> Attempts {
        self.attempts.clone()
    }

    /// Who serves the call, now that it is decided.
    pub(super) fn served_by(&mut self, target: &Target) {
        self.model = Some(target.model.as_str().into());
        self.facts.extend(served::by(target));
        self.provided_by(&target.provider.name);
    }

    /// Whose the answer is.
    pub(super) fn provided_by(&mut self, provider: &str) {
        if self.provider.as_deref() != Some(provider) {
            let provider = Text::from(provider);
            self.provider = Some(provider.clone());
            if let Some(charge) = &mut self.charge {
                charge.served_by(&provider);
            }
            let said =
                Progress { at: clock::now(), provider: Some(provider), ..Progress::default() };
            self.recorder.say(&self.project_id, call::progress(&self.place, said));
        }
    }

    /// Metadata of the call, to be said with what comes next: keys, and JSON text.
    pub(super) fn add(&mut self, facts: Vec<(Text, Text)>) {
        self.facts.extend(facts);
    }

    /// Shows what has come of a stream to those who watch, and writes it, each if it is time.
    pub(super) fn progress(&mut self, at: Micros, response: &Response, first: Option<Micros>) {
        self.live_text.show(&self.project_id, &self.place, at, response);
        if at < self.next_progress {
            return;
        }
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.next_progress = Micros(at.0 + self.pause);
        // What may yet become an address is not written before it is masked.
        let settled = said::settled(response, self.recorder.redactor());
        let progress = self.complete(said::progress(&settled, first, at));
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

    /// An answer was given that cost nothing, and counts nothing.
    pub(super) fn end_free(mut self, response: &Response) {
        let at = clock::now();
        let mut said = said::progress(response, Some(at), at);
        (said.usage, said.usage_given, said.cost) = (None, None, Some(Money::ZERO));
        self.end(said, End::Success);
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

    /// The client went away from a stream, or is done before the connection ends.
    pub(super) fn drop_stream(recording: Option<Self>, watch: Option<Watch>) {
        let (Some(mut recording), Some(watch)) = (recording, watch) else { return };
        let is_over = watch.is_over();
        let watched = watch.finish();
        if is_over {
            recording.end_stream(&watched);
        } else {
            recording.cancel(said::watched(&watched, clock::now()));
        }
    }

    /// Nobody waits for the rest of a stream.
    pub(super) fn cancel(&mut self, so_far: Progress) {
        self.end(so_far, self.broken_off());
    }

    /// Why nobody waits for the rest: the server stops, or the client went away.
    fn broken_off(&self) -> End {
        let is_cut = self.recorder.cut().is_cancelled();
        End::Error(if is_cut { said::failure(&stopping()) } else { cancelled() })
    }

    /// With what is known besides.
    fn complete(&self, mut progress: Progress) -> Progress {
        progress.metadata.extend(self.facts.iter().cloned());
        progress.metadata.extend(served::attempts(&self.attempts));
        progress.response_model = progress.response_model.or_else(|| self.model.clone());
        progress
    }

    fn end(&mut self, progress: Progress, end: End) {
        self.is_open = false;
        let progress = self.complete(progress);
        // First, so that no text comes behind the end.
        self.live_text.end();
        if let Some(charge) = self.charge.take() {
            charge.end(&progress, &end);
        }
        self.recorder.say_end(&self.project_id, call::ended(&self.place, progress, end));
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.is_open {
            self.end(Progress { at: clock::now(), ..Progress::default() }, self.broken_off());
        }
    }
}

/// What a call is told that is cut off as the server stops.
pub(super) fn stopping() -> ApiError {
    let mut error = ApiError::new(ErrorKind::Overloaded, "the gateway is stopping; ask again");
    error.code = Some("stopping".to_owned());
    error
}

fn cancelled() -> Failure {
    Failure {
        r#type: None,
        code: Some(Text::from_static("cancelled")),
        message: Text::from_static("the client went away before the answer was complete"),
    }
}
