//! The `traces` table: a row per trace, with its totals.

use std::sync::LazyLock;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use tracekeep_model::block::decode_state;
use tracekeep_model::{Span, State, Text, Totals, Trace, TraceUnit};

use crate::batch::{Cell, Column, Null, RowReader, RowWriter, between, schema};
use crate::json::{json_list, json_map, json_numbers};
use crate::{SegmentError, deleted_spans, trace_state};

use Cell::{Bool, Bytes, Int, Money as Amount, Text as Str, Time};
use Null::{Maybe, Never};

/// In the order of [`append`].
pub(crate) const COLUMNS: &[Column] = &[
    Column("trace_id", Str, Never),
    Column("name", Str, Maybe),
    Column("status", Str, Never),
    Column("start_time", Time, Never),
    Column("end_time", Time, Maybe),
    Column("duration_us", Int, Maybe),
    Column("spans", Int, Never),
    Column("errors", Int, Never),
    Column("open_spans", Int, Never),
    Column("input_tokens", Int, Maybe),
    Column("output_tokens", Int, Maybe),
    Column("total_tokens", Int, Maybe),
    Column("usage_details", Str, Maybe),
    Column("input_cost", Amount, Maybe),
    Column("output_cost", Amount, Maybe),
    Column("total_cost", Amount, Maybe),
    Column("cost_details", Str, Maybe),
    Column("root_span_id", Str, Maybe),
    Column("generation_span_id", Str, Maybe),
    Column("model", Str, Maybe),
    Column("response_model", Str, Maybe),
    Column("provider", Str, Maybe),
    Column("streaming", Bool, Maybe),
    Column("first_token_us", Int, Maybe),
    Column("prompt_id", Str, Maybe),
    Column("parameters", Str, Maybe),
    Column("error_type", Str, Maybe),
    Column("error_code", Str, Maybe),
    Column("error_message", Str, Maybe),
    Column("user_agent", Str, Maybe),
    Column("ip", Str, Maybe),
    Column("langfuse_trace_id", Str, Maybe),
    Column("langfuse_observation_id", Str, Maybe),
    Column("user_id", Str, Maybe),
    Column("session_id", Str, Never),
    Column("source", Str, Never),
    Column("environment", Str, Never),
    Column("release", Str, Maybe),
    Column("version", Str, Maybe),
    Column("tags", Str, Never),
    Column("public", Bool, Never),
    Column("bookmarked", Bool, Never),
    Column("parent_trace_id", Str, Maybe),
    Column("metadata", Str, Maybe),
    Column("input", Str, Maybe),
    Column("output", Str, Maybe),
    Column("received_at", Time, Never),
    Column("updated_at", Time, Never),
    Column("deleted_at", Time, Maybe),
    Column("state", Bytes, Never),
    Column("deleted_spans", Bytes, Maybe),
];

/// The columns that a price may change.
pub(crate) fn cost_columns() -> &'static [Column] {
    between(COLUMNS, "input_cost", "cost_details")
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| schema(COLUMNS));

/// The columns of the `traces` table.
#[must_use]
pub fn trace_schema() -> SchemaRef {
    SCHEMA.clone()
}

pub(crate) fn append(
    row: &mut RowWriter,
    trace: &Trace,
    totals: &Totals,
    root: Option<&Span>,
    generation: Option<&Span>,
    unit: &TraceUnit,
) {
    let root_name = || root.and_then(|span| span.name.as_deref());
    row.text(Some(&trace.trace_id));
    row.text(trace.inherited.trace_name.as_deref().or_else(root_name));
    row.text(Some(totals.status().as_str()));
    let began = totals.start_time.or(trace.timestamp).unwrap_or(trace.received_at);
    row.time(Some(unit.state.deleted_at().unwrap_or(began)));
    row.time(totals.end_time);
    row.int(totals.latency());
    append_totals(row, totals);
    append_root_and_generation(row, root, generation);
    let metadata = json_map(&trace.metadata);
    append_own(row, trace, metadata.as_deref());
    row.time(unit.spans.values().map(State::updated).max().max(Some(trace.updated_at)));
    row.time(unit.state.deleted_at());
    row.bytes(Some(&trace_state::encode(&unit.state, trace, metadata.as_deref())));
    row.bytes(deleted_spans::encode(unit).as_deref());
    row.end_row();
}

fn append_totals(row: &mut RowWriter, totals: &Totals) {
    row.count(totals.spans);
    row.count(totals.errors);
    row.count(totals.open);
    row.int(totals.input_tokens());
    row.int(totals.output_tokens());
    row.int(totals.total_tokens);
    row.text(json_numbers(totals.usage.iter().map(|(k, v)| (&**k, v))).as_deref());
    append_cost(row, totals);
    row.text(totals.root.as_ref().map(|facts| &*facts.span_id));
    row.text(totals.generation.as_ref().map(|facts| &*facts.span_id));
}

/// The cells of [`cost_columns`].
pub(crate) fn append_cost(row: &mut RowWriter, totals: &Totals) {
    row.money(totals.input_cost());
    row.money(totals.output_cost());
    row.money(totals.total_cost);
    row.text(json_numbers(totals.cost.iter().map(|(k, v)| (&**k, v))).as_deref());
}

/// The generation speaks for the model call, the root for how it ended; each stands in for the other.
fn append_root_and_generation(row: &mut RowWriter, root: Option<&Span>, generation: Option<&Span>) {
    let of = |field: fn(&Span) -> &Option<Text>| generation.and_then(|span| field(span).as_deref());
    row.text(of(|span| &span.model));
    row.text(of(|span| &span.response_model));
    row.text(of(|span| &span.provider));
    let call = generation.or(root);
    let either = |field: fn(&Span) -> &Option<Text>| call.and_then(|span| field(span).as_deref());
    row.bool(call.and_then(|span| span.streaming));
    row.int(call.and_then(Span::first_token_latency));
    row.text(either(|span| &span.prompt_id));
    row.text(either(|span| &span.parameters));
    let has_error = |span: &&Span| {
        span.error_message.is_some() || span.error_code.is_some() || span.error_type.is_some()
    };
    let failed = root.filter(has_error).or(generation);
    let error = |field: fn(&Span) -> &Option<Text>| failed.and_then(|span| field(span).as_deref());
    row.text(error(|span| &span.error_type));
    row.text(error(|span| &span.error_code));
    row.text(error(|span| &span.error_message));
    row.text(either(|span| &span.user_agent));
    row.text(either(|span| &span.ip));
    row.text(either(|span| &span.langfuse_trace_id));
    row.text(either(|span| &span.langfuse_observation_id));
}

fn append_own(row: &mut RowWriter, trace: &Trace, metadata: Option<&str>) {
    row.text(trace.inherited.user_id.as_deref());
    row.text(Some(&trace.inherited.session_id));
    row.text(Some(&trace.inherited.source));
    row.text(Some(&trace.inherited.environment));
    row.text(trace.inherited.release.as_deref());
    row.text(trace.inherited.version.as_deref());
    row.text(Some(&json_list(&trace.inherited.tags)));
    row.bool(Some(trace.public));
    row.bool(Some(trace.bookmarked));
    row.opt_text(&trace.parent_trace_id);
    row.text(metadata);
    row.opt_text(&trace.input);
    row.opt_text(&trace.output);
    row.time(Some(trace.received_at));
}

/// The trace's id, and the columns that [`unit`] reads.
pub(crate) const OF_UNIT: &[&str] =
    &["trace_id", "state", "deleted_spans", "input", "output", "metadata"];

/// Reads back what a row has of its trace: all but the spans that have rows.
pub(crate) fn unit(batch: &RecordBatch, row: usize) -> Result<TraceUnit, SegmentError> {
    let reader = RowReader::new(batch, row);
    let bytes = reader.bytes("state").unwrap_or_default();
    let state = decode_state(&bytes).map_err(|error| SegmentError::Damaged {
        path: "traces.parquet".into(),
        reason: error.to_string(),
    })?;
    let state = trace_state::restore(state, &reader)?;
    let spans = reader.bytes("deleted_spans").map(deleted_spans::decode).transpose()?;
    Ok(TraceUnit { state, spans: spans.unwrap_or_default().into_iter().collect() })
}
