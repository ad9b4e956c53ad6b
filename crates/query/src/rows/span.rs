use tracekeep_model::{Inherited, Span};

use super::json;
use crate::histogram::bucket_of;
use crate::{Cell, Row};

/// The row of a span in `spans`, with what it inherits from its trace.
#[must_use]
pub fn span_row(span: &Span, inherited: &Inherited) -> Row {
    let mut row = Row::new();
    identity(&mut row, span);
    timing(&mut row, span);
    call(&mut row, span);
    usage(&mut row, span);
    cost(&mut row, span);
    origin(&mut row, span);
    trace(&mut row, inherited);
    row
}

fn identity(row: &mut Row, span: &Span) {
    row.extend([
        ("trace_id", Cell::from(&span.trace_id)),
        ("span_id", Cell::from(&span.span_id)),
        ("parent_span_id", Cell::from(&span.parent_span_id)),
        ("kind", Cell::from(span.kind.as_str())),
        ("name", Cell::from(&span.name)),
        ("status", Cell::from(span.status.as_str())),
        ("level", Cell::from(span.level.as_str())),
        ("status_message", Cell::from(&span.status_message)),
        ("error_type", Cell::from(&span.error_type)),
        ("error_code", Cell::from(&span.error_code)),
        ("error_message", Cell::from(&span.error_message)),
        ("error_stack", Cell::from(&span.error_stack)),
    ]);
}

fn timing(row: &mut Row, span: &Span) {
    let bucket =
        |micros: Option<i64>| Cell::from(micros.map(|micros| i64::from(bucket_of(micros))));
    row.extend([
        ("start_time", Cell::from(span.start_time)),
        ("end_time", Cell::from(span.end_time)),
        ("first_token_time", Cell::from(span.first_token_time)),
        ("duration_us", Cell::from(span.duration())),
        ("first_token_us", Cell::from(span.first_token_latency())),
        ("duration_bucket", bucket(span.duration())),
        ("first_token_bucket", bucket(span.first_token_latency())),
        ("received_at", Cell::from(span.received_at)),
        ("updated_at", Cell::from(span.updated_at)),
    ]);
}

fn call(row: &mut Row, span: &Span) {
    row.extend([
        ("model", Cell::from(&span.model)),
        ("response_model", Cell::from(&span.response_model)),
        ("provider", Cell::from(&span.provider)),
        ("parameters", Cell::from(&span.parameters)),
        ("streaming", Cell::from(span.streaming)),
        ("system_prompt", Cell::from(&span.system_prompt)),
        ("input", Cell::from(&span.input)),
        ("output", Cell::from(&span.output)),
        ("tool_calls", Cell::from(&span.tool_calls)),
        ("prompt_id", Cell::from(&span.prompt_id)),
        ("prompt_name", Cell::from(&span.prompt_name)),
        ("prompt_version", Cell::from(&span.prompt_version)),
    ]);
}

fn usage(row: &mut Row, span: &Span) {
    let usage = &span.usage;
    let other = usage.other.iter().map(|(name, count)| (&**name, count.to_string()));
    row.extend([
        ("usage_input", Cell::from(usage.input)),
        ("usage_input_cache_read", Cell::from(usage.input_cache_read)),
        ("usage_input_cache_write", Cell::from(usage.input_cache_write)),
        ("usage_output", Cell::from(usage.output)),
        ("usage_output_reasoning", Cell::from(usage.output_reasoning)),
        ("usage_total", Cell::from(usage.total())),
        ("usage_details", json::object(other)),
        ("usage_given", Cell::from(&span.usage_given)),
    ]);
}

fn cost(row: &mut Row, span: &Span) {
    let cost = &span.cost;
    let parts = cost.parts.iter().map(|(name, amount)| (&**name, amount.to_string()));
    row.extend([
        ("cost_input", Cell::from(cost.input())),
        ("cost_output", Cell::from(cost.output())),
        ("cost_total", Cell::from(cost.total())),
        ("cost_details", json::object(parts)),
        ("cost_source", Cell::from(cost.source.as_str())),
        ("price_id", Cell::from(&span.price_id)),
    ]);
}

fn origin(row: &mut Row, span: &Span) {
    row.extend([
        ("service_name", Cell::from(&span.service_name)),
        ("scope_name", Cell::from(&span.scope_name)),
        ("scope_version", Cell::from(&span.scope_version)),
        ("sdk_name", Cell::from(&span.sdk_name)),
        ("sdk_version", Cell::from(&span.sdk_version)),
        ("user_agent", Cell::from(&span.user_agent)),
        ("ip", Cell::from(&span.ip)),
        ("langfuse_trace_id", Cell::from(&span.langfuse_trace_id)),
        ("langfuse_observation_id", Cell::from(&span.langfuse_observation_id)),
        ("events", Cell::from(&span.events)),
        ("links", Cell::from(&span.links)),
        ("metadata", json::metadata(&span.metadata)),
        ("size_bytes", Cell::from(span.size_bytes)),
    ]);
}

fn trace(row: &mut Row, inherited: &Inherited) {
    row.extend([
        ("trace_name", Cell::from(&inherited.trace_name)),
        ("user_id", Cell::from(&inherited.user_id)),
        ("session_id", Cell::from(&inherited.session_id)),
        ("source", Cell::from(&inherited.source)),
        ("environment", Cell::from(&inherited.environment)),
        ("release", Cell::from(&inherited.release)),
        ("version", Cell::from(&inherited.version)),
        ("tags", json::tags(&inherited.tags)),
    ]);
}
