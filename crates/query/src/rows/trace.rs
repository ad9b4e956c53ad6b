use tracekeep_model::{Span, Text, Totals, Trace};

use super::json;
use crate::{Cell, Row};

/// The row of a trace in `traces`.
///
/// `totals` are those of its spans; `root` and `generation` the spans that [`Totals::root`] and
/// [`Totals::generation`] name. The name is the trace's, else the root's. Errors are those of the
/// root, or where it has none of the generation. Model names are the generation's. What else is
/// known of the call is the generation's or, in a trace without one, the root's. Input and output
/// are what was stated for the trace itself.
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
        ("input", Cell::from(&trace.input)),
        ("output", Cell::from(&trace.output)),
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
    let call = generation.or(root);
    let text = |span: Option<&Span>, field: fn(&Span) -> &Option<Text>| {
        span.map_or(Cell::Null, |span| Cell::from(field(span)))
    };
    row.extend([
        ("root_span_id", Cell::from(root.map(|span| &span.span_id))),
        ("generation_span_id", Cell::from(generation.map(|span| &span.span_id))),
        ("model", text(generation, |span| &span.model)),
        ("response_model", text(generation, |span| &span.response_model)),
        ("provider", text(generation, |span| &span.provider)),
        ("streaming", Cell::from(call.and_then(|span| span.streaming))),
        ("first_token_us", Cell::from(call.and_then(Span::first_token_latency))),
        ("prompt_id", text(call, |span| &span.prompt_id)),
        ("parameters", text(call, |span| &span.parameters)),
        ("user_agent", text(call, |span| &span.user_agent)),
        ("ip", text(call, |span| &span.ip)),
        ("langfuse_trace_id", text(call, |span| &span.langfuse_trace_id)),
        ("langfuse_observation_id", text(call, |span| &span.langfuse_observation_id)),
        ("error_message", text(failed, |span| &span.error_message)),
        ("error_code", text(failed, |span| &span.error_code)),
        ("error_type", text(failed, |span| &span.error_type)),
    ]);
}

fn has_error(span: &Span) -> bool {
    span.error_message.is_some() || span.error_code.is_some() || span.error_type.is_some()
}
