//! What a message says of the trace rather than of one span.

use tracekeep_model::{Field, Register};

use super::fields::Fields;
use super::patch::{Null, Patch};
use super::sent::Sent;
use crate::FieldError;

/// Reads the trace's attributes, its name from the field `name`. Which of them an event may carry is
/// the event's to check.
pub(super) fn read(fields: &Fields<'_>, name: &str, trace: &mut Patch) -> Result<(), FieldError> {
    trace.put(Field::Name, fields.stated(name), Sent::text)?;
    trace.put(Field::UserId, fields.stated("user_id"), Sent::id)?;
    trace.put(Field::SessionId, fields.stated("session_id"), Sent::id)?;
    trace.put(Field::Source, fields.stated("source"), Sent::source)?;
    trace.put(Field::Environment, fields.stated("environment"), Sent::text)?;
    trace.put(Field::Release, fields.stated("release"), Sent::text)?;
    trace.put(Field::Version, fields.stated("version"), Sent::text)?;
    trace.put(Field::Public, fields.stated("public"), Sent::flag)?;
    trace.put(Field::Bookmarked, fields.stated("bookmarked"), Sent::flag)?;
    trace.put(Field::ParentTraceId, fields.stated("parent_trace_id"), Sent::id)?;
    tags(fields, trace)
}

/// Adds tags to those that are there.
fn tags(fields: &Fields<'_>, trace: &mut Patch) -> Result<(), FieldError> {
    let Some(sent) = fields.stated("tags") else { return Ok(()) };
    if sent.is_null() {
        return match trace.null() {
            Null::SaysNothing => Ok(()),
            Null::Clears => {
                Err(sent.error("is null, but tags only add up; send an array or leave it out"))
            }
        };
    }
    let mut tags = sent.texts()?;
    // In the order of registers, so that each is appended.
    tags.sort_unstable();
    for tag in tags {
        trace.set(Register::Tag(tag), true);
    }
    Ok(())
}
