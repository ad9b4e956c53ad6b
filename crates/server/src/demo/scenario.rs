//! What may happen, how often, and how it is told.

use super::call::Call;
use super::dice::Dice;
use super::otlp::{self, Span};
use super::step::Step;
use super::{agent, chat, classification, failure, rag};

/// How long an exporter keeps an ended span, in µs.
const EXPORT_DELAY: i64 = 5_000;

/// A kind of interaction.
#[derive(Clone, Copy)]
pub(super) enum Scenario {
    /// A conversation with support: a few traces of one session.
    Chat,
    /// A question that is answered from documents.
    Rag,
    /// A task that an agent works on with tools.
    Agent,
    /// Many short classifications at once.
    Classification,
    /// A call that fails.
    Failure,
}

/// By weight. Failures are 8 of 100 interactions and so about 4 of 100 traces.
static SCENARIOS: &[(i64, Scenario)] = &[
    (34, Scenario::Chat),
    (34, Scenario::Rag),
    (20, Scenario::Agent),
    (4, Scenario::Classification),
    (8, Scenario::Failure),
];

/// What happens in one interaction.
pub(super) enum Work {
    /// Model calls, each a trace of its own.
    Calls(Vec<Call>),
    /// The spans of one trace.
    Spans(Vec<Span>),
}

impl Scenario {
    /// The next one.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        *dice.weighted(SCENARIOS)
    }

    /// Plans an interaction that begins at `start`.
    pub(super) fn play(self, dice: &mut Dice, start: i64) -> Work {
        match self {
            Self::Chat => Work::Calls(chat::session(dice, start)),
            Self::Rag => Work::Spans(rag::question(dice, start)),
            Self::Agent => Work::Spans(agent::task(dice, start)),
            Self::Classification => Work::Calls(classification::batch(dice, start)),
            Self::Failure => Work::Calls(vec![failure::call(dice, start)]),
        }
    }
}

impl Work {
    /// How many traces it makes.
    pub(super) fn traces(&self) -> usize {
        match self {
            Self::Calls(calls) => calls.len(),
            Self::Spans(_) => 1,
        }
    }

    /// As it is told while it happens: calls as a lifecycle, each span when it has ended.
    pub(super) fn steps(self) -> Vec<Step> {
        let mut steps: Vec<Step> = match self {
            Self::Calls(calls) => calls.iter().flat_map(Call::steps).collect(),
            Self::Spans(spans) => spans.into_iter().map(ended).collect(),
        };
        steps.sort_by_key(|step| step.at);
        steps
    }

    /// As it is told afterwards.
    pub(super) fn spans(self) -> Vec<Span> {
        match self {
            Self::Calls(calls) => calls.iter().map(Call::span).collect(),
            Self::Spans(spans) => spans,
        }
    }
}

fn ended(span: Span) -> Step {
    Step { at: span.end + EXPORT_DELAY, path: otlp::PATH, body: otlp::export(&[span]) }
}
