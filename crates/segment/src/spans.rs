//! The `spans` table.

use std::sync::LazyLock;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use tracekeep_model::{
    Cost, CostSource, Inherited, Kind, Level, Micros, Money, Span, State, Status, Text, Usage,
    histogram,
};

use crate::SegmentError;
use crate::batch::{Cell, Column, Null, RowReader, RowWriter, between, schema};
use crate::json::{json_map, json_numbers, parse_map, parse_money_map, parse_number_map};
use crate::versions;

use Cell::{Bool, Bytes, Int, Money as Amount, Text as Str, Time};
use Null::{Maybe, Never};

/// In the order of [`append`].
pub(crate) const COLUMNS: &[Column] = &[
    Column("trace_id", Str, Never),
    Column("span_id", Str, Never),
    Column("parent_span_id", Str, Maybe),
    Column("kind", Str, Never),
    Column("name", Str, Maybe),
    Column("status", Str, Never),
    Column("level", Str, Never),
    Column("status_message", Str, Maybe),
    Column("error_type", Str, Maybe),
    Column("error_code", Str, Maybe),
    Column("error_message", Str, Maybe),
    Column("error_stack", Str, Maybe),
    Column("start_time", Time, Never),
    Column("end_time", Time, Maybe),
    Column("first_token_time", Time, Maybe),
    Column("duration_us", Int, Maybe),
    Column("first_token_us", Int, Maybe),
    Column("duration_bucket", Int, Maybe),
    Column("first_token_bucket", Int, Maybe),
    Column("model", Str, Maybe),
    Column("response_model", Str, Maybe),
    Column("provider", Str, Maybe),
    Column("parameters", Str, Maybe),
    Column("streaming", Bool, Maybe),
    Column("system_prompt", Str, Maybe),
    Column("input", Str, Maybe),
    Column("output", Str, Maybe),
    Column("tool_calls", Str, Maybe),
    Column("usage_input", Int, Maybe),
    Column("usage_input_cache_read", Int, Maybe),
    Column("usage_input_cache_write", Int, Maybe),
    Column("usage_output", Int, Maybe),
    Column("usage_output_reasoning", Int, Maybe),
    Column("usage_total", Int, Maybe),
    Column("usage_details", Str, Maybe),
    Column("usage_given", Str, Maybe),
    Column("usage_stated_total", Int, Maybe),
    // All input, and all output: for `trace_metrics_hourly`.
    Column("input_tokens", Int, Maybe),
    Column("output_tokens", Int, Maybe),
    Column("cost_input", Amount, Maybe),
    Column("cost_output", Amount, Maybe),
    Column("cost_total", Amount, Maybe),
    Column("cost_details", Str, Maybe),
    Column("cost_source", Str, Never),
    Column("cost_stated_total", Amount, Maybe),
    Column("price_id", Str, Maybe),
    Column("prompt_id", Str, Maybe),
    Column("prompt_name", Str, Maybe),
    Column("prompt_version", Str, Maybe),
    Column("service_name", Str, Maybe),
    Column("scope_name", Str, Maybe),
    Column("scope_version", Str, Maybe),
    Column("sdk_name", Str, Maybe),
    Column("sdk_version", Str, Maybe),
    Column("user_agent", Str, Maybe),
    Column("ip", Str, Maybe),
    Column("langfuse_trace_id", Str, Maybe),
    Column("langfuse_observation_id", Str, Maybe),
    Column("events", Str, Maybe),
    Column("links", Str, Maybe),
    Column("metadata", Str, Maybe),
    Column("received_at", Time, Never),
    Column("updated_at", Time, Never),
    Column("size_bytes", Int, Never),
    Column("trace_name", Str, Maybe),
    Column("user_id", Str, Maybe),
    Column("session_id", Str, Never),
    Column("source", Str, Never),
    Column("environment", Str, Never),
    Column("release", Str, Maybe),
    Column("version", Str, Maybe),
    Column("tags", Str, Never),
    Column("versions", Bytes, Maybe),
];

/// Columns that [`state`] does without: what they hold follows from the others, or from the trace.
pub(crate) const DERIVED: &[&str] = &[
    "trace_id",
    "duration_us",
    "first_token_us",
    "duration_bucket",
    "first_token_bucket",
    "usage_total",
    "input_tokens",
    "output_tokens",
    "cost_input",
    "cost_output",
    "cost_total",
    "price_id",
    "size_bytes",
    "trace_name",
    "user_id",
    "session_id",
    "source",
    "environment",
    "release",
    "version",
    "tags",
];

/// The columns that a price may change.
pub(crate) fn cost_columns() -> &'static [Column] {
    between(COLUMNS, "cost_input", "price_id")
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| schema(COLUMNS));

/// The columns of the `spans` table.
#[must_use]
pub fn span_schema() -> SchemaRef {
    SCHEMA.clone()
}

/// `tags` is the JSON list of the inherited tags.
pub(crate) fn append(
    row: &mut RowWriter,
    span: &Span,
    inherited: &Inherited,
    tags: &str,
    state: &State,
) {
    append_what_it_was(row, span);
    append_model_call(row, span);
    append_usage_and_cost(row, span);
    append_origin(row, span);
    row.text(inherited.trace_name.as_deref());
    row.text(inherited.user_id.as_deref());
    row.text(Some(&inherited.session_id));
    row.text(Some(&inherited.source));
    row.text(Some(&inherited.environment));
    row.text(inherited.release.as_deref());
    row.text(inherited.version.as_deref());
    row.text(Some(tags));
    row.bytes(versions::encode(span, state).as_deref());
    row.end_row();
}

fn append_what_it_was(row: &mut RowWriter, span: &Span) {
    row.text(Some(&span.trace_id));
    row.text(Some(&span.span_id));
    row.opt_text(&span.parent_span_id);
    row.text(Some(span.kind.as_str()));
    row.opt_text(&span.name);
    row.text(Some(span.status.as_str()));
    row.text(Some(span.level.as_str()));
    row.opt_text(&span.status_message);
    row.opt_text(&span.error_type);
    row.opt_text(&span.error_code);
    row.opt_text(&span.error_message);
    row.opt_text(&span.error_stack);
    row.time(Some(span.start_time));
    row.time(span.end_time);
    row.time(span.first_token_time);
    let (duration, first_token) = (span.duration(), span.first_token_latency());
    row.int(duration);
    row.int(first_token);
    row.int(duration.map(|us| histogram::bucket_of(us).into()));
    row.int(first_token.map(|us| histogram::bucket_of(us).into()));
}

fn append_model_call(row: &mut RowWriter, span: &Span) {
    row.opt_text(&span.model);
    row.opt_text(&span.response_model);
    row.opt_text(&span.provider);
    row.opt_text(&span.parameters);
    row.bool(span.streaming);
    row.opt_text(&span.system_prompt);
    row.opt_text(&span.input);
    row.opt_text(&span.output);
    row.opt_text(&span.tool_calls);
}

fn append_usage_and_cost(row: &mut RowWriter, span: &Span) {
    let usage = &span.usage;
    row.int(usage.input);
    row.int(usage.input_cache_read);
    row.int(usage.input_cache_write);
    row.int(usage.output);
    row.int(usage.output_reasoning);
    row.int(usage.total());
    row.text(json_numbers(usage.other.iter().map(|(k, v)| (&**k, v))).as_deref());
    row.opt_text(&span.usage_given);
    row.int(usage.stated_total);
    row.int(usage.input_total());
    row.int(usage.output_total());
    append_cost(row, span);
}

/// The cells of [`cost_columns`].
pub(crate) fn append_cost(row: &mut RowWriter, span: &Span) {
    let cost = &span.cost;
    row.money(cost.input());
    row.money(cost.output());
    row.money(cost.total());
    row.text(json_numbers(cost.parts.iter().map(|(k, v)| (&**k, v))).as_deref());
    row.text(Some(cost.source.as_str()));
    row.money(cost.stated_total);
    row.opt_text(&span.price_id);
}

fn append_origin(row: &mut RowWriter, span: &Span) {
    row.opt_text(&span.prompt_id);
    row.opt_text(&span.prompt_name);
    row.opt_text(&span.prompt_version);
    row.opt_text(&span.service_name);
    row.opt_text(&span.scope_name);
    row.opt_text(&span.scope_version);
    row.opt_text(&span.sdk_name);
    row.opt_text(&span.sdk_version);
    row.opt_text(&span.user_agent);
    row.opt_text(&span.ip);
    row.opt_text(&span.langfuse_trace_id);
    row.opt_text(&span.langfuse_observation_id);
    row.opt_text(&span.events);
    row.opt_text(&span.links);
    row.text(json_map(&span.metadata).as_deref());
    row.time(Some(span.received_at));
    row.time(Some(span.updated_at));
    row.count(span.size_bytes);
}

/// Reads a row back: the span's id and its state.
pub(crate) fn state(batch: &RecordBatch, row: usize) -> Result<(Text, State), SegmentError> {
    let reader = RowReader::new(batch, row);
    let span = read(&reader);
    let state = versions::restore(&span, reader.bytes("versions"))?;
    Ok((span.span_id, state))
}

/// A row as a span; of columns that were not read it has nothing.
pub(crate) fn read(row: &RowReader<'_>) -> Span {
    let text = |name| row.text(name);
    Span {
        trace_id: text("trace_id").unwrap_or_default(),
        span_id: text("span_id").unwrap_or_default(),
        parent_span_id: text("parent_span_id"),
        kind: text("kind").and_then(|name| name.parse().ok()).unwrap_or(Kind::Span),
        name: text("name"),
        status: text("status").and_then(|name| name.parse().ok()).unwrap_or(Status::Pending),
        level: text("level").and_then(|name| name.parse().ok()).unwrap_or(Level::Default),
        status_message: text("status_message"),
        error_type: text("error_type"),
        error_code: text("error_code"),
        error_message: text("error_message"),
        error_stack: text("error_stack"),
        start_time: row.time("start_time").unwrap_or_default(),
        end_time: row.time("end_time"),
        first_token_time: row.time("first_token_time"),
        model: text("model"),
        response_model: text("response_model"),
        provider: text("provider"),
        parameters: text("parameters"),
        streaming: row.bool("streaming"),
        system_prompt: text("system_prompt"),
        input: text("input"),
        output: text("output"),
        tool_calls: text("tool_calls"),
        usage: read_usage(row),
        usage_given: text("usage_given"),
        cost: read_cost(row),
        price_id: text("price_id"),
        prompt_id: text("prompt_id"),
        prompt_name: text("prompt_name"),
        prompt_version: text("prompt_version"),
        service_name: text("service_name"),
        scope_name: text("scope_name"),
        scope_version: text("scope_version"),
        sdk_name: text("sdk_name"),
        sdk_version: text("sdk_version"),
        user_agent: text("user_agent"),
        ip: text("ip"),
        langfuse_trace_id: text("langfuse_trace_id"),
        langfuse_observation_id: text("langfuse_observation_id"),
        events: text("events"),
        links: text("links"),
        metadata: text("metadata").map(|json| parse_map(&json)).unwrap_or_default(),
        received_at: row.time("received_at").unwrap_or(Micros(0)),
        updated_at: row.time("updated_at").unwrap_or(Micros(0)),
        size_bytes: row.int("size_bytes").unwrap_or(0).unsigned_abs(),
    }
}

fn read_usage(row: &RowReader<'_>) -> Usage {
    Usage {
        input: row.int("usage_input"),
        input_cache_read: row.int("usage_input_cache_read"),
        input_cache_write: row.int("usage_input_cache_write"),
        output: row.int("usage_output"),
        output_reasoning: row.int("usage_output_reasoning"),
        other: row.text("usage_details").map(|json| parse_number_map(&json)).unwrap_or_default(),
        stated_total: row.int("usage_stated_total"),
    }
}

fn read_cost(row: &RowReader<'_>) -> Cost {
    let parts: Vec<(Text, Money)> =
        row.text("cost_details").map(|json| parse_money_map(&json)).unwrap_or_default();
    Cost {
        source: match row.text("cost_source").as_deref() {
            Some("given") => CostSource::Given,
            Some("computed") => CostSource::Computed,
            _ => CostSource::None,
        },
        parts,
        stated_total: row.money("cost_stated_total"),
    }
}
