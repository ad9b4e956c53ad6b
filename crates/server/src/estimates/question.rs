//! What is to be counted of a span, if anything.

use tracekeep_llm::tokens::{self, Call, Purpose};
use tracekeep_model::{
    CostSource, Estimate, Kind, MOST_TOKENS, Micros, Rank, Span, State, Status, Step, Text,
    Version, project_span,
};

/// A call whose tokens nobody counted.
#[derive(Debug)]
pub(crate) struct Question {
    purpose: Purpose,
    models: [Option<Text>; 2],
    system_prompt: Option<Text>,
    input: Option<Text>,
    output: Option<Text>,
    tool_calls: Option<Text>,
}

impl Question {
    /// Of a span as it is stored. `None`: it was deleted, or there is nothing to count.
    pub(super) fn of(trace_id: &Text, span_id: &Text, state: &State) -> Option<Self> {
        if state.deleted_at().is_some() {
            return None;
        }
        Self::of_span(&project_span(trace_id, span_id, state))
    }

    /// Of a span as it is shown. `None`: it is none of a model, runs, or was counted; or it failed before
    /// anything came of it, which costs nothing.
    pub(crate) fn of_span(span: &Span) -> Option<Self> {
        let purpose = match span.kind {
            Kind::Generation => Purpose::Conversation,
            Kind::Embedding => Purpose::Embedding,
            _ => return None,
        };
        let is_asked = span.status.is_terminal() && is_uncounted(span) && has_answer(span);
        is_asked.then(|| Self {
            purpose,
            models: [span.response_model.clone(), span.model.clone()],
            system_prompt: span.system_prompt.clone(),
            input: span.input.clone(),
            output: span.output.clone(),
            tool_calls: span.tool_calls.clone(),
        })
    }

    /// Counts, and says so as a patch. `None`: there is no text. Blocks the thread.
    pub(super) fn answer(&self, now: Micros) -> Option<State> {
        let version = Version { rank: Rank::Inferred, time: now, step: Step::Update };
        let mut state = State::with_capacity(now, 3);
        self.count()?.set(&mut state, version);
        Some(state)
    }

    /// Counts. `None`: there is no text. Blocks the thread.
    pub(crate) fn count(&self) -> Option<Estimate> {
        let counted = tokens::count(&Call {
            purpose: self.purpose,
            models: self.models.each_ref().map(|model| model.as_deref()),
            system_prompt: self.system_prompt.as_deref(),
            input: self.input.as_deref(),
            output: self.output.as_deref(),
            tool_calls: self.tool_calls.as_deref(),
        });
        if counted.input.is_none() && counted.output.is_none() {
            return None;
        }
        Some(Estimate {
            by: counted.tokenizer.name(),
            is_exact: counted.is_exact,
            input: counted.input.map(whole),
            output: counted.output.map(whole),
        })
    }
}

/// Whether its sender says neither tokens nor costs.
fn is_uncounted(span: &Span) -> bool {
    let has_model = span.model.is_some() || span.response_model.is_some();
    let is_counted = !span.usage.is_empty() || span.usage_given.is_some();
    has_model && !is_counted && span.cost.source == CostSource::None
}

/// A call that failed is paid for as far as its answer came.
fn has_answer(span: &Span) -> bool {
    let has = |text: &Option<Text>| text.as_ref().is_some_and(|text| !text.is_empty());
    span.status != Status::Error || has(&span.output) || has(&span.tool_calls)
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(MOST_TOKENS).min(MOST_TOKENS)
}

#[cfg(test)]
mod tests;
