use std::collections::BTreeMap;

use crate::{Inherited, Micros, Pricing, Span, State, Text, Trace, project_span, project_trace};

/// Names a unit within a project.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UnitKey {
    /// A trace, by its id.
    Trace(Text),
    /// A score, by its id.
    Score(Text),
}

/// What is stored, moved and read as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A trace with all its spans.
    Trace(TraceUnit),
    /// A score.
    Score(State),
}

/// A trace with all its spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceUnit {
    /// The trace's own registers.
    pub state: State,
    /// Its spans by id.
    pub spans: BTreeMap<Text, State>,
}

impl Default for TraceUnit {
    /// A trace of which nothing is known.
    fn default() -> Self {
        // Neutral to `join`: any receipt is earlier than the first and later than the last.
        let state = State::restored(Micros(i64::MAX), Micros(i64::MIN), Vec::new());
        Self { state, spans: BTreeMap::new() }
    }
}

impl TraceUnit {
    /// A trace of which a first message came at `received`.
    #[must_use]
    pub fn new(received: Micros) -> Self {
        Self { state: State::new(received), spans: BTreeMap::new() }
    }

    /// Takes in what a patch says of the trace itself. Deleting a trace deletes its spans.
    pub fn join_trace(&mut self, patch: State) {
        self.state.join(patch);
        if self.state.deleted_at().is_some() {
            self.spans.clear();
        }
    }

    /// Takes in what a patch says of one of its spans.
    pub fn join_span(&mut self, span_id: Text, patch: State) {
        self.state.join(State::restored(patch.received(), patch.updated(), Vec::new()));
        if self.state.deleted_at().is_some() {
            return;
        }
        match self.spans.entry(span_id) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(patch);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => slot.get_mut().join(patch),
        }
    }

    /// Takes in all that another copy of the trace knows.
    pub fn join(&mut self, other: Self) {
        self.join_trace(other.state);
        for (id, state) in other.spans {
            self.join_span(id, state);
        }
    }

    /// What is shown: the trace and its spans (deleted ones left out), with their costs.
    #[must_use]
    pub fn project(&self, trace_id: &Text, pricing: &dyn Pricing) -> (Trace, Vec<(&State, Span)>) {
        let trace = project_trace(trace_id, &self.state);
        let live = self.spans.iter().filter(|(_, state)| state.deleted_at().is_none());
        let span = |id, state| project_span(trace_id, id, state).priced(pricing);
        let spans = live.map(|(id, state)| (state, span(id, state))).collect();
        (trace, spans)
    }

    /// What its spans inherit.
    #[must_use]
    pub fn inherited(&self, trace_id: &Text) -> Inherited {
        project_trace(trace_id, &self.state).inherited
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.state.memory() + self.spans.values().map(State::memory).sum::<usize>()
    }

    /// Bytes of content.
    #[must_use]
    pub fn size(&self) -> usize {
        self.state.size() + self.spans.values().map(State::size).sum::<usize>()
    }
}
