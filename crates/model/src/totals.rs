use std::collections::BTreeMap;

use crate::{Kind, Micros, Money, Span, Status, Text, UsageType};

/// What one span adds to its trace's totals.
///
/// Everything that speaks of a trace's latency, cost, tokens, spans or errors (list, detail,
/// dashboard, export, SQL) goes through [`totals`]; there is no second definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The earliest start.
    pub start_time: Option<Micros>,
    /// The latest end; `None` until a span has ended.
    pub end_time: Option<Micros>,
    /// How many spans.
    pub spans: u64,
    /// How many spans failed.
    pub errors: u64,
    /// How many spans are still pending.
    pub open: u64,
    /// Counts by usage type; disjoint, so that those of tokens add up to the total.
    pub usage: BTreeMap<Text, i64>,
    /// Cost by usage type, in USD.
    pub cost: BTreeMap<Text, Money>,
    /// All tokens, also of spans that stated nothing but a total.
    pub total_tokens: Option<i64>,
    /// All costs, also of spans that stated nothing but a total. `None`: no span has a cost.
    pub total_cost: Option<Money>,
    /// The span that stands for the trace: the one whose id is the trace's, as every lifecycle trace
    /// has; else the earliest without a parent, else the earliest.
    pub root: Option<SpanFacts>,
    /// The generation whose model and texts stand for the trace: the root's, else the earliest.
    pub generation: Option<SpanFacts>,
}

/// Where a span stands in the choice of the one that stands for its trace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpanFacts {
    /// The span whose id is the trace's comes first.
    pub has_other_id: bool,
    /// Then those without a parent.
    pub has_parent: bool,
    /// Then the earlier.
    pub start_time: Micros,
    /// Then the lesser id.
    pub span_id: Text,
    /// How it stands.
    pub status: Status,
}

impl Totals {
    /// From the earliest start to the latest end, in microseconds. `None` until a span has ended.
    #[must_use]
    pub fn latency(&self) -> Option<i64> {
        Some(self.end_time?.since(self.start_time?))
    }

    /// All input tokens, cached included.
    #[must_use]
    pub fn input_tokens(&self) -> Option<i64> {
        side(&self.usage, UsageType::is_input_tokens).reduce(i64::saturating_add)
    }

    /// All output tokens, reasoning included.
    #[must_use]
    pub fn output_tokens(&self) -> Option<i64> {
        side(&self.usage, UsageType::is_output_tokens).reduce(i64::saturating_add)
    }

    /// Cost of all input, in USD.
    #[must_use]
    pub fn input_cost(&self) -> Option<Money> {
        side(&self.cost, UsageType::is_input).reduce(|a, b| a + b)
    }

    /// Cost of all output, in USD.
    #[must_use]
    pub fn output_cost(&self) -> Option<Money> {
        side(&self.cost, UsageType::is_output).reduce(|a, b| a + b)
    }

    /// How the trace stands: as its root does. A trace without spans is pending: nobody has said that
    /// it ended, and its start may still come.
    #[must_use]
    pub fn status(&self) -> Status {
        self.root.as_ref().map_or(Status::Pending, |root| root.status)
    }

    /// Adds one span.
    pub fn add(&mut self, span: &Span) {
        let facts = SpanFacts {
            has_other_id: span.span_id != span.trace_id,
            has_parent: span.parent_span_id.is_some(),
            start_time: span.start_time,
            span_id: span.span_id.clone(),
            status: span.status,
        };
        self.start_time = Some(self.start_time.map_or(span.start_time, |t| t.min(span.start_time)));
        self.end_time = self.end_time.max(span.end_time.map(|end| end.max(span.start_time)));
        self.spans += 1;
        self.errors += u64::from(span.status == Status::Error);
        self.open += u64::from(span.status == Status::Pending);
        for (name, count) in span.usage.types() {
            let sum = self.usage.entry(name.into()).or_default();
            *sum = sum.saturating_add(count);
        }
        for (name, amount) in &span.cost.parts {
            *self.cost.entry(name.clone()).or_default() += *amount;
        }
        if let Some(tokens) = span.usage.total() {
            self.total_tokens = Some(self.total_tokens.unwrap_or(0).saturating_add(tokens));
        }
        if let Some(cost) = span.cost.total() {
            self.total_cost = Some(self.total_cost.unwrap_or_default() + cost);
        }
        if span.kind == Kind::Generation {
            keep_lesser(&mut self.generation, &facts);
        }
        keep_lesser(&mut self.root, &facts);
    }
}

fn keep_lesser(best: &mut Option<SpanFacts>, facts: &SpanFacts) {
    if best.as_ref().is_none_or(|best| facts < best) {
        *best = Some(facts.clone());
    }
}

fn side<V: Copy>(map: &BTreeMap<Text, V>, wanted: fn(&str) -> bool) -> impl Iterator<Item = V> {
    map.iter().filter(move |(name, _)| wanted(name)).map(|(_, value)| *value)
}

/// The totals of a trace, from its spans. Children traces are not added in.
#[must_use]
pub fn totals<'a>(spans: impl IntoIterator<Item = &'a Span>) -> Totals {
    let mut totals = Totals::default();
    for span in spans {
        totals.add(span);
    }
    totals
}

#[cfg(test)]
mod tests;
