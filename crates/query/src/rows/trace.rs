use tracekeep_model::{Span, Totals, Trace};

use super::json;
use crate::{Cell, Row};

/// The row of a trace in `traces`.
///
/// `totals` are those of its spans; `root` and `generation` the spans that [`Totals::root`] and
/// [`Totals::generation`] name. The name is the trace's, else the root's. Errors are the root's,
/// else the generation's. Model names are the generation's; what else is known from a span is the
/// generation's, else the root's.
#[must_use]
pub fn trace_row(
    trace: &Trace,
    totals: &Totals,
    root: Option<&Span>,
    generation: Option<&Span>,
) -> Row {
    let mut row = Row::new();
    own(&mut row, trace);
    summed(&mut row, totals);
    standing(&mut row, root, generation);
    let start = totals.start_time.or(trace.timestamp).unwrap_or(trace.received_at);
    let name = trace.inherited.trace_name.as_ref().or(root.and_then(|root| root.name.as_ref()));
    row.extend([("start_time", Cell::from(start)), ("name", Cell::from(name))]);
    row
}

fn own(row: &mut Row, trace: &Trace) {
    let inherited = &trace.inherited;
    row.extend([
        ("trace_id", Cell::from(&trace.trace_id)),
        ("user_id", Cell::from(&inherited.user_id)),
        ("session_id", Cell::from(&inherited.session_id)),
        ("source", Cell::from(&inherited.source)),
        ("environment", Cell::from(&inherited.environment)),
        ("release", Cell::from(&inherited.release)),
        ("version", Cell::from(&inherited.version)),
        ("tags", json::tags(&inherited.tags)),
        ("public", Cell::from(trace.public)),
        ("bookmarked", Cell::from(trace.bookmarked)),
        ("parent_trace_id", Cell::from(&trace.parent_trace_id)),
        ("metadata", json::metadata(&trace.metadata)),
        ("received_at", Cell::from(trace.received_at)),
        ("updated_at", Cell::from(trace.updated_at)),
    ]);
}

fn summed(row: &mut Row, totals: &Totals) {
    let usage = totals.usage.iter().map(|(name, count)| (&**name, count.to_string()));
    let cost = totals.cost.iter().map(|(name, amount)| (&**name, amount.to_string()));
    row.extend([
        ("status", Cell::from(totals.status().as_str())),
        ("end_time", Cell::from(totals.end_time)),
        ("duration_us", Cell::from(totals.latency())),
        ("spans", Cell::from(totals.spans)),
        ("errors", Cell::from(totals.errors)),
        ("open_spans", Cell::from(totals.open)),
        ("input_tokens", Cell::from(totals.input_tokens())),
        ("output_tokens", Cell::from(totals.output_tokens())),
        ("total_tokens", Cell::from(totals.total_tokens)),
        ("usage_details", json::object(usage)),
        ("input_cost", Cell::from(totals.input_cost())),
        ("output_cost", Cell::from(totals.output_cost())),
        ("total_cost", Cell::from(totals.total_cost)),
        ("cost_details", json::object(cost)),
    ]);
}

/// What is known from the spans that stand for the trace.
fn standing(row: &mut Row, root: Option<&Span>, generation: Option<&Span>) {
    let failed = root.filter(|root| has_error(root)).or(generation);
    let from = Standing { root, generation };
    row.extend([
        ("root_span_id", Cell::from(root.map(|span| &span.span_id))),
        ("generation_span_id", Cell::from(generation.map(|span| &span.span_id))),
        ("model", Cell::from(generation.and_then(|span| span.model.as_ref()))),
        ("response_model", Cell::from(generation.and_then(|span| span.response_model.as_ref()))),
        ("provider", Cell::from(generation.and_then(|span| span.provider.as_ref()))),
        ("error_message", Cell::from(failed.and_then(|span| span.error_message.as_ref()))),
        ("error_code", Cell::from(failed.and_then(|span| span.error_code.as_ref()))),
        ("error_type", Cell::from(failed.and_then(|span| span.error_type.as_ref()))),
        ("streaming", from.first(|span| Cell::from(span.streaming))),
        ("first_token_us", from.first(|span| Cell::from(span.first_token_latency()))),
        ("prompt_id", from.first(|span| Cell::from(&span.prompt_id))),
        ("parameters", from.first(|span| Cell::from(&span.parameters))),
        ("user_agent", from.first(|span| Cell::from(&span.user_agent))),
        ("ip", from.first(|span| Cell::from(&span.ip))),
        ("langfuse_trace_id", from.first(|span| Cell::from(&span.langfuse_trace_id))),
        ("langfuse_observation_id", from.first(|span| Cell::from(&span.langfuse_observation_id))),
    ]);
}

fn has_error(span: &Span) -> bool {
    span.error_message.is_some() || span.error_code.is_some() || span.error_type.is_some()
}

struct Standing<'a> {
    root: Option<&'a Span>,
    generation: Option<&'a Span>,
}

impl Standing<'_> {
    /// The generation's value, else the root's.
    fn first(&self, value: impl Fn(&Span) -> Cell) -> Cell {
        let of = |span: Option<&Span>| span.map_or(Cell::Null, &value);
        let own = of(self.generation);
        if own.is_null() { of(self.root) } else { own }
    }
}
