use tracekeep_model::{Field, Kind, Micros, RecordKey, State, Status, Step, Text};

use super::fields::Fields;
use super::json::{self, Document, Json};
use super::moment::Moment;
use super::patch::{Null, Patch};
use super::{Context, attributes, metadata, root, span_fields};
use crate::FieldError;

const FIELDS: &[&str] = &[
    "source",
    "model",
    "prompt",
    "provider",
    "prompt_id",
    "system_prompt",
    "trace_id",
    "parent_trace_id",
    "session_id",
    "user_id",
    "name",
    "parameters",
    "streaming",
    "metadata",
    "tags",
    "version",
    "environment",
    "release",
    "start_time",
    "timestamp",
    "user_agent",
    "ip_address",
];

const OTHER_NAMES: &[(&str, &str)] = &[("prompt", "input"), ("ip_address", "ip")];

/// A trace that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The sender's id of the trace, else a fresh one.
    pub trace_id: Text,
    /// When it began, as far as this message knows.
    pub start_time: Micros,
    /// The trace and its root GENERATION.
    pub patches: Vec<(RecordKey, State)>,
    /// How many times U+0000 was replaced by U+FFFD.
    pub replaced_nulls: u64,
}

/// Decodes `POST /api/tracing/start`.
///
/// The prompt is text or chat messages; metadata goes to the trace, all that is about the call of
/// the model to its root span. The start is `startTime`, else `timestamp`, else receipt: the last
/// only until a sender states one.
///
/// # Errors
/// Names the field, the reason and the remedy.
pub fn start(body: &[u8], ctx: &mut Context<'_>) -> Result<Started, FieldError> {
    let document = Document::of_body(body)?;
    let mut fields = Fields::of(&document.text, json::BODY)?;
    Ok(Started { replaced_nulls: document.replaced_nulls, ..apply(&mut fields, ctx)? })
}

pub(super) fn apply(fields: &mut Fields<'_>, ctx: &mut Context<'_>) -> Result<Started, FieldError> {
    fields.only(FIELDS)?;
    require(fields)?;
    fields.rename(OTHER_NAMES)?;
    let moment = Moment::read(fields, ctx.received)?;
    let trace = trace(fields, moment)?;
    let span = span(fields, moment, ctx)?;
    let said = [fields.get("start_time"), fields.get("timestamp")];
    ctx.check_age(span.state().time(Field::StartTime), &said)?;
    let trace_id = match fields.get("trace_id") {
        Some(sent) => sent.id()?,
        None => ctx.fresh_trace_id(),
    };
    let start_time = span.state().time(Field::StartTime).unwrap_or(moment.time());
    let patches = vec![
        (RecordKey::Trace { trace_id: trace_id.clone() }, trace.into_state()),
        (root(&trace_id), span.into_state()),
    ];
    ctx.check_room(fields.get("trace_id"), &trace_id, &patches)?;
    Ok(Started { trace_id, start_time, patches, replaced_nulls: 0 })
}

fn require(fields: &Fields<'_>) -> Result<(), FieldError> {
    const PROMPT: &str = "text, or an array of chat messages";
    fields
        .required("source", "where the interaction comes from, such as playground, api or test")?;
    fields.required("model", "the model's name")?;
    let prompt = fields.required("prompt", PROMPT)?;
    match prompt.json() {
        Json::Text | Json::Array | Json::Object => Ok(()),
        _ => Err(prompt.wrong(PROMPT)),
    }
}

fn trace(fields: &Fields<'_>, moment: Moment) -> Result<Patch, FieldError> {
    let mut trace = Patch::new(moment, Step::Start, Null::SaysNothing);
    attributes::read(fields, "name", &mut trace)?;
    metadata::read(fields, &mut trace)?;
    Ok(trace)
}

fn span(fields: &Fields<'_>, moment: Moment, ctx: &Context<'_>) -> Result<Patch, FieldError> {
    let mut span = Patch::new(moment, Step::Start, Null::SaysNothing);
    span_fields::read(fields, &mut span)?;
    span.set(Field::Kind, Kind::Generation);
    span.set(Field::Status, Status::Pending);
    match (fields.get("start_time"), moment.stated) {
        (None, Some(timestamp)) => span.set(Field::StartTime, timestamp),
        _ => span.assume(Field::StartTime, moment.received),
    }
    span.assume_client(ctx);
    Ok(span)
}

#[cfg(test)]
mod tests;
