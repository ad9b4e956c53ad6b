use tracekeep_model::{Field, Kind, RecordKey, Step, Text};

use super::fields::Fields;
use super::json::{self, Document};
use super::moment::Moment;
use super::patch::{Null, Patch};
use super::{Context, Patched, attributes, metadata, root, span_fields};
use crate::FieldError;

/// Columns of `ai_interaction_traces` and the other fields of a lifecycle trace.
const FIELDS: &[&str] = &[
    "trace_id",
    "parent_trace_id",
    "session_id",
    "user_id",
    "source",
    "prompt_id",
    "prompt_name",
    "prompt_version",
    "model_id",
    "model",
    "response_model",
    "provider",
    "prompt_content",
    "prompt",
    "system_prompt",
    "parameters",
    "response_content",
    "response",
    "tool_calls",
    "tokens_used",
    "cost_calculation",
    "start_time",
    "end_time",
    "duration_ms",
    "first_token_latency_ms",
    "first_token_time",
    "streaming_enabled",
    "streaming",
    "status",
    "status_message",
    "level",
    "error",
    "error_message",
    "error_code",
    "error_type",
    "error_stack",
    "langfuse_trace_id",
    "langfuse_observation_id",
    "user_agent",
    "ip_address",
    "name",
    "metadata",
    "tags",
    "version",
    "environment",
    "release",
    "public",
    "bookmarked",
];

const OTHER_NAMES: &[(&str, &str)] = &[
    ("model_id", "model"),
    ("prompt_content", "input"),
    ("prompt", "input"),
    ("response_content", "output"),
    ("response", "output"),
    ("tokens_used", "usage"),
    ("cost_calculation", "cost"),
    ("streaming_enabled", "streaming"),
    ("ip_address", "ip"),
];

/// Columns that no sender states.
const SERVER_COLUMNS: [&str; 3] = ["id", "created_at", "updated_at"];

/// Decodes `POST /api/tracing/update`.
///
/// Null clears a column. An update of nothing but the trace's attributes says nothing of a root
/// span, so that a trace that came over another protocol does not grow one.
///
/// # Errors
/// Names the field, the reason and the remedy.
pub fn update(body: &[u8], ctx: &mut Context<'_>) -> Result<Patched, FieldError> {
    let document = Document::of_body(body)?;
    let mut fields = Fields::of(&document.text, json::BODY)?;
    Ok(Patched { replaced_nulls: document.replaced_nulls, ..apply(&mut fields, ctx)? })
}

pub(super) fn apply(fields: &mut Fields<'_>, ctx: &mut Context<'_>) -> Result<Patched, FieldError> {
    fields.only(&["trace_id", "updates", "timestamp"])?;
    fields.rename(&[])?;
    let trace_id = fields.required("trace_id", "the trace's id")?.id()?;
    let moment = Moment::read(fields, ctx.received)?;
    let mut updates = fields.required("updates", "an object of what has changed")?.object()?;
    refuse_server_columns(&updates)?;
    updates.only(FIELDS)?;
    updates.rename(OTHER_NAMES)?;
    same_trace(&updates, &trace_id)?;
    let trace = trace(&updates, moment)?;
    let span = span(&updates, moment)?;
    let said = [updates.get("start_time"), updates.get("end_time"), fields.get("timestamp")];
    ctx.check_age(span.state().time(Field::StartTime), &said)?;
    let mut patches = Vec::with_capacity(2);
    if !trace.state().is_empty() {
        patches.push((RecordKey::Trace { trace_id: trace_id.clone() }, trace.into_state()));
    }
    if !span.state().is_empty() {
        patches.push((root(&trace_id), span.into_state()));
    }
    ctx.check_room(fields.get("trace_id"), &trace_id, &patches)?;
    Ok(Patched { trace_id, patches, replaced_nulls: 0 })
}

fn refuse_server_columns(updates: &Fields<'_>) -> Result<(), FieldError> {
    match SERVER_COLUMNS.iter().find_map(|column| updates.stated(column)) {
        None => Ok(()),
        Some(sent) => Err(sent.error("is kept by the server; leave it out")),
    }
}

fn same_trace(updates: &Fields<'_>, trace_id: &Text) -> Result<(), FieldError> {
    let Some(sent) = updates.stated("trace_id") else { return Ok(()) };
    if sent.id()? == *trace_id {
        return Ok(());
    }
    Err(sent.error("is another trace's; a trace keeps its id, so leave it out"))
}

fn trace(updates: &Fields<'_>, moment: Moment) -> Result<Patch, FieldError> {
    let mut trace = Patch::new(moment, Step::Update, Null::Clears);
    attributes::read(updates, "name", &mut trace)?;
    metadata::read(updates, &mut trace)?;
    Ok(trace)
}

fn span(updates: &Fields<'_>, moment: Moment) -> Result<Patch, FieldError> {
    let mut span = Patch::new(moment, Step::Update, Null::Clears);
    span_fields::read(updates, &mut span)?;
    duration(updates, &mut span)?;
    if !span.state().is_empty() {
        span.assume(Field::Kind, Kind::Generation);
        span.assume_start();
    }
    Ok(span)
}

/// A duration is computed, never kept: beside a start it says when the end was.
fn duration(updates: &Fields<'_>, span: &mut Patch) -> Result<(), FieldError> {
    let Some(sent) = updates.get("duration_ms") else { return Ok(()) };
    let micros = sent.millis()?;
    let received = span.moment().received;
    if let Some(start) = updates.get("start_time") {
        let end = start.time(received)?.plus(micros).check(received);
        let end = end.map_err(|error| sent.error(format!("makes an end_time that {error}")))?;
        span.infer(Field::EndTime, end);
    } else if updates.get("end_time").is_none() {
        return Err(
            sent.error("is computed from start and end; send end_time, or start_time beside it")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
