//! `error`: text, or `{message, code, type, stack}`.

use tracekeep_model::Field;

use super::fields::Fields;
use super::json::Json;
use super::patch::Patch;
use super::sent::Sent;
use crate::FieldError;

const PARTS: [Field; 4] =
    [Field::ErrorType, Field::ErrorCode, Field::ErrorMessage, Field::ErrorStack];

/// Reads the field `error`, which excludes the flat `error_…` fields.
pub(super) fn read(fields: &Fields<'_>, span: &mut Patch) -> Result<(), FieldError> {
    let Some(error) = fields.stated("error") else { return Ok(()) };
    if let Some(flat) = PARTS.iter().find_map(|field| fields.stated(field.as_str())) {
        return Err(flat.error(format!("says the same as `{}`; send one of them", error.key())));
    }
    match error.json() {
        Json::Null => PARTS.iter().for_each(|field| span.clear(*field)),
        Json::Text => span.set(Field::ErrorMessage, error.text()?),
        Json::Object => parts(error, span)?,
        _ => return Err(error.wrong("text or an object {message, code, type, stack}")),
    }
    Ok(())
}

fn parts(error: Sent<'_>, span: &mut Patch) -> Result<(), FieldError> {
    let mut parts = error.object()?;
    parts.only(&["message", "code", "type", "stack"])?;
    parts.rename(&[])?;
    span.put(Field::ErrorType, parts.stated("type"), Sent::text)?;
    span.put(Field::ErrorCode, parts.stated("code"), Sent::code)?;
    span.put(Field::ErrorMessage, parts.stated("message"), Sent::text)?;
    span.put(Field::ErrorStack, parts.stated("stack"), Sent::text)
}
