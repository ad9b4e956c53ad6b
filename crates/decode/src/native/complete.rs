use tracekeep_model::{Field, Kind, Status, Step};

use super::fields::Fields;
use super::json::{self, Document};
use super::moment::Moment;
use super::patch::{Null, Patch};
use super::{Context, Patched, root, span_fields};
use crate::FieldError;

const FIELDS: &[&str] =
    &["status", "response", "error", "tokens", "cost", "end_time", "first_token_latency_ms"];

const OTHER_NAMES: &[(&str, &str)] = &[("response", "output"), ("tokens", "usage")];

/// Decodes `POST /api/tracing/complete`.
///
/// The end is `result.endTime`, else `timestamp`, else receipt: the last only until a sender states
/// one. A trace that is not known yet gets its root span, which a later start completes.
///
/// # Errors
/// Names the field, the reason and the remedy.
pub fn complete(body: &[u8], ctx: &mut Context<'_>) -> Result<Patched, FieldError> {
    let document = Document::of_body(body)?;
    let mut fields = Fields::of(&document.text, json::BODY)?;
    Ok(Patched { replaced_nulls: document.replaced_nulls, ..apply(&mut fields, ctx)? })
}

pub(super) fn apply(fields: &mut Fields<'_>, ctx: &mut Context<'_>) -> Result<Patched, FieldError> {
    fields.only(&["trace_id", "result", "timestamp"])?;
    fields.rename(&[])?;
    let trace_id = fields.required("trace_id", "the trace's id")?.id()?;
    let moment = Moment::read(fields, ctx.received)?;
    let mut result = fields.required("result", "an object with a status")?.object()?;
    result.only(FIELDS)?;
    result.rename(OTHER_NAMES)?;
    require_terminal(&result)?;
    let span = span(&result, moment)?;
    let said = [result.get("end_time"), fields.get("timestamp")];
    ctx.check_age(span.state().time(Field::StartTime), &said)?;
    let patches = vec![(root(&trace_id), span.into_state())];
    ctx.check_room(fields.get("trace_id"), &trace_id, &patches)?;
    Ok(Patched { trace_id, patches, replaced_nulls: 0 })
}

fn require_terminal(result: &Fields<'_>) -> Result<(), FieldError> {
    let sent = result.required("status", "success or error")?;
    let status = sent.text()?;
    match status.parse::<Status>() {
        Ok(status) if status.is_terminal() => Ok(()),
        Ok(_) => {
            let reason =
                "is `pending`, but complete ends a trace; send success or error, or call update";
            Err(sent.error(reason))
        }
        Err(_) => sent.one_of(&["success", "error"]).map(drop),
    }
}

fn span(result: &Fields<'_>, moment: Moment) -> Result<Patch, FieldError> {
    let mut span = Patch::new(moment, Step::End, Null::SaysNothing);
    span_fields::read(result, &mut span)?;
    if let (None, Some(timestamp)) = (result.get("end_time"), moment.stated) {
        span.set(Field::EndTime, timestamp);
    }
    span.assume(Field::Kind, Kind::Generation);
    span.assume_start();
    Ok(span)
}

#[cfg(test)]
mod tests;
