//! A span, whole or in part: only batches carry them.

use tracekeep_model::{Field, RecordKey, Status, Step};

use super::fields::Fields;
use super::moment::Moment;
use super::patch::{Null, Patch};
use super::{Context, Patched, attributes, metadata, span_fields};
use crate::FieldError;

const FIELDS: &[&str] = &[
    "trace_id",
    "span_id",
    "parent_span_id",
    "kind",
    "name",
    "status",
    "level",
    "status_message",
    "error",
    "error_type",
    "error_code",
    "error_message",
    "error_stack",
    "start_time",
    "end_time",
    "first_token_time",
    "first_token_latency_ms",
    "model",
    "response_model",
    "provider",
    "parameters",
    "streaming",
    "system_prompt",
    "input",
    "output",
    "tool_calls",
    "usage",
    "cost",
    "prompt_id",
    "prompt_name",
    "prompt_version",
    "service_name",
    "scope_name",
    "scope_version",
    "sdk_name",
    "sdk_version",
    "user_agent",
    "ip",
    "ip_address",
    "langfuse_trace_id",
    "langfuse_observation_id",
    "metadata",
    "trace_name",
    "user_id",
    "session_id",
    "source",
    "environment",
    "release",
    "version",
    "tags",
    "parent_trace_id",
    "timestamp",
];

/// Decodes one span event. Null clears a field; trace attributes patch the trace too.
///
/// A span without an id gets a fresh one, so that sending it twice makes two. It ends with an end or
/// a terminal status, else starts with a start, else changes.
pub(super) fn apply(fields: &mut Fields<'_>, ctx: &mut Context<'_>) -> Result<Patched, FieldError> {
    fields.only(FIELDS)?;
    fields.rename(&[("ip_address", "ip")])?;
    let trace_id = fields.required("trace_id", "the id of the span's trace")?.id()?;
    let moment = Moment::read(fields, ctx.received)?;
    let step = step(fields)?;
    let mut trace = Patch::new(moment, step, Null::Clears);
    attributes::read(fields, "trace_name", &mut trace)?;
    let span = span(fields, Patch::new(moment, step, Null::Clears), ctx)?;
    let said = ["start_time", "end_time", "timestamp"].map(|name| fields.get(name));
    ctx.check_age(span.state().time(Field::StartTime), &said)?;
    let span_id = match fields.get("span_id") {
        Some(sent) => sent.id()?,
        None => ctx.fresh_short_id(),
    };
    let mut patches = Vec::with_capacity(2);
    if !trace.state().is_empty() {
        patches.push((RecordKey::Trace { trace_id: trace_id.clone() }, trace.into_state()));
    }
    patches.push((RecordKey::Span { trace_id: trace_id.clone(), span_id }, span.into_state()));
    ctx.check_room(fields.get("trace_id"), &trace_id, &patches)?;
    Ok(Patched { trace_id, patches, replaced_nulls: 0 })
}

fn step(fields: &Fields<'_>) -> Result<Step, FieldError> {
    let status = fields.get("status").map(|sent| sent.named::<Status>()).transpose()?;
    if fields.get("end_time").is_some() || status.is_some_and(Status::is_terminal) {
        return Ok(Step::End);
    }
    Ok(if fields.get("start_time").is_some() { Step::Start } else { Step::Update })
}

fn span(fields: &Fields<'_>, mut span: Patch, ctx: &Context<'_>) -> Result<Patch, FieldError> {
    span_fields::read(fields, &mut span)?;
    metadata::read(fields, &mut span)?;
    span.assume_start();
    let opens_a_root = fields.get("start_time").is_some() && fields.get("parent_span_id").is_none();
    if opens_a_root {
        span.assume_client(ctx);
    }
    Ok(span)
}

#[cfg(test)]
mod tests;
