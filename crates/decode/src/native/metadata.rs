use tracekeep_model::{Register, Text};

use super::fields::Fields;
use super::patch::{Null, Patch};
use super::sent::Sent;
use crate::FieldError;

/// Reads the field `metadata`: an object, each of whose keys is replaced whole. `{}` says nothing.
pub(super) fn read(fields: &Fields<'_>, patch: &mut Patch) -> Result<(), FieldError> {
    let Some(sent) = fields.stated("metadata") else { return Ok(()) };
    if sent.is_null() {
        return match patch.null() {
            Null::SaysNothing => Ok(()),
            Null::Clears => {
                Err(sent.error("is null, but is cleared key by key; send {\"key\": null}"))
            }
        };
    }
    let object = sent.object()?;
    object.distinct()?;
    let mut pairs: Vec<Sent<'_>> = object.all().collect();
    // In the order of registers, so that each is appended.
    pairs.sort_by_key(|pair| pair.key());
    for pair in pairs {
        let key = Text::from(pair.key());
        patch.put(Register::Metadata(key), Some(pair), Sent::json_text)?;
    }
    Ok(())
}
