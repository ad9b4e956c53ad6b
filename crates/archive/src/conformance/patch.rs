//! Patches written by hand.

use tracekeep_model::{
    Field, Kind, Micros, Rank, RecordKey, Register, State, Status, Step, Text, Value, Version,
};
use tracekeep_query::arbitrary::START;

/// When the stories play.
pub(super) const NOON: Micros = Micros(START.0 + 12 * Micros::HOUR);

/// So many seconds after noon.
pub(super) fn second(second: i64) -> Micros {
    NOON.plus(second * Micros::SECOND)
}

/// A patch, stated and received in one second.
#[derive(Clone)]
pub(super) struct Patch {
    key: RecordKey,
    state: State,
    version: Version,
}

impl Patch {
    pub(super) fn trace(trace_id: &str, at: i64) -> Self {
        Self::new(RecordKey::Trace { trace_id: Text::from(trace_id) }, at)
    }

    pub(super) fn span(trace_id: &str, span_id: &str, at: i64) -> Self {
        let (trace_id, span_id) = (Text::from(trace_id), Text::from(span_id));
        Self::new(RecordKey::Span { trace_id, span_id }, at)
    }

    /// A numeric score of a trace.
    pub(super) fn score(score_id: &str, trace_id: &str, value: f64, at: i64) -> Self {
        Self::bare_score(score_id, at)
            .with(Field::Name, "help")
            .with(Field::TargetTraceId, trace_id)
            .with(Field::ScoreNumber, Value::Float(value))
    }

    /// A score of which nothing is said yet.
    pub(super) fn bare_score(score_id: &str, at: i64) -> Self {
        Self::new(RecordKey::Score { score_id: Text::from(score_id) }, at)
    }

    /// The beginning of a generation.
    pub(super) fn begun(trace_id: &str, span_id: &str, at: i64) -> Self {
        Self::span(trace_id, span_id, at)
            .with(Field::StartTime, second(at))
            .with(Field::Kind, Kind::Generation)
            .with(Field::Status, Status::Pending)
            .with(Field::Model, "m1")
            .with(Field::Input, "question")
    }

    /// Its end.
    pub(super) fn ended(trace_id: &str, span_id: &str, at: i64) -> Self {
        Self::span(trace_id, span_id, at)
            .with(Field::EndTime, second(at))
            .with(Field::Status, Status::Success)
            .with(Field::Output, "answer")
    }

    pub(super) fn deleted_trace(trace_id: &str, at: i64) -> Self {
        Self { state: State::deleted(second(at)), ..Self::trace(trace_id, at) }
    }

    pub(super) fn deleted_span(trace_id: &str, span_id: &str, at: i64) -> Self {
        Self { state: State::deleted(second(at)), ..Self::span(trace_id, span_id, at) }
    }

    pub(super) fn deleted_score(score_id: &str, at: i64) -> Self {
        Self { state: State::deleted(second(at)), ..Self::bare_score(score_id, at) }
    }

    fn new(key: RecordKey, at: i64) -> Self {
        let time = second(at);
        let version = Version { rank: Rank::Stated, time, step: Step::Update };
        Self { key, state: State::new(time), version }
    }

    pub(super) fn with(mut self, register: impl Into<Register>, value: impl Into<Value>) -> Self {
        self.state.set(register, self.version, value);
        self
    }

    /// A person says that the span began then.
    pub(super) fn with_start_edited(mut self, start: Micros) -> Self {
        self.state.set(Field::StartTime, self.version.with_rank(Rank::Edited), start);
        self
    }

    pub(super) fn into_parts(self) -> (RecordKey, State) {
        (self.key, self.state)
    }
}
