//! What an archive must say: the same patches, joined in memory.

use std::collections::BTreeMap;

use tracekeep_model::block::Block;
use tracekeep_model::{
    Field, Pricing, RecordKey, Span, SpanFacts, State, Text, TraceUnit, project_score,
    project_span, project_trace, totals,
};
use tracekeep_query::{Related, Row, Table, score_row, span_row, trace_row};

use super::prices::prices;

/// All records of all projects.
#[derive(Default)]
pub(super) struct Model {
    projects: BTreeMap<Text, Records>,
}

/// The records of one project.
#[derive(Default)]
pub(super) struct Records {
    /// Deleted ones too.
    pub(super) traces: BTreeMap<Text, TraceUnit>,
    /// Deleted ones too.
    pub(super) scores: BTreeMap<Text, State>,
}

/// The rows of one project.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tables {
    pub(super) spans: Vec<Row>,
    pub(super) traces: Vec<Row>,
    pub(super) scores: Vec<Row>,
}

impl Model {
    pub(super) fn join(&mut self, block: &Block) {
        let records = self.projects.entry(block.project_id.clone()).or_default();
        for (key, patch) in &block.patches {
            records.join(key, patch.clone());
        }
    }

    pub(super) fn projects(&self) -> impl Iterator<Item = (&Text, &Records)> {
        self.projects.iter()
    }

    /// The rows of a project; none where nothing is known of it.
    pub(super) fn tables(&self, project: &str) -> Tables {
        let pricing = prices().of(project);
        let records = self.projects.get(project);
        records.map(|records| records.tables(&*pricing)).unwrap_or_default()
    }
}

impl Records {
    fn join(&mut self, key: &RecordKey, patch: State) {
        match key {
            RecordKey::Trace { trace_id } => {
                self.traces.entry(trace_id.clone()).or_default().join_trace(patch);
            }
            RecordKey::Span { trace_id, span_id } => {
                let trace = self.traces.entry(trace_id.clone()).or_default();
                trace.join_span(span_id.clone(), patch);
            }
            RecordKey::Score { score_id } => match self.scores.get_mut(score_id) {
                Some(score) => score.join(patch),
                None => {
                    self.scores.insert(score_id.clone(), patch);
                }
            },
        }
    }

    fn tables(&self, pricing: &dyn Pricing) -> Tables {
        let mut tables = Tables::default();
        for (id, unit) in &self.traces {
            if unit.state.deleted_at().is_none() {
                tables.add_trace(id, unit, pricing);
            }
        }
        for (id, state) in &self.scores {
            // Deleting a trace takes its scores away, also those that come later.
            let target = state.text(Field::TargetTraceId);
            let gone = target
                .and_then(|id| self.traces.get(id))
                .is_some_and(|unit| unit.state.deleted_at().is_some());
            if state.deleted_at().is_none() && !gone {
                tables.scores.push(score_row(&project_score(id, state)));
            }
        }
        tables
    }
}

impl Tables {
    fn add_trace(&mut self, id: &Text, unit: &TraceUnit, pricing: &dyn Pricing) {
        let trace = project_trace(id, &unit.state);
        let mut spans: Vec<Span> = Vec::new();
        for (span_id, state) in &unit.spans {
            if state.deleted_at().is_none() {
                spans.push(project_span(id, span_id, state).priced(pricing));
            }
        }
        let totals = totals(&spans);
        let root = find(&spans, totals.root.as_ref());
        let generation = find(&spans, totals.generation.as_ref());
        self.traces.push(trace_row(&trace, &totals, root, generation));
        self.spans.extend(spans.iter().map(|span| span_row(span, &trace.inherited)));
    }

    /// The rows of a table; of a view there are none.
    pub(super) fn rows(&self, table: Table) -> &[Row] {
        match table {
            Table::Spans => &self.spans,
            Table::Traces => &self.traces,
            Table::Scores => &self.scores,
            Table::Interactions | Table::MetricsHourly => &[],
        }
    }

    /// What queries may look into.
    pub(super) fn related(&self) -> Related<'_> {
        Related { spans: &self.spans, scores: &self.scores }
    }
}

fn find<'a>(spans: &'a [Span], facts: Option<&SpanFacts>) -> Option<&'a Span> {
    let facts = facts?;
    spans.iter().find(|span| span.span_id == facts.span_id)
}
