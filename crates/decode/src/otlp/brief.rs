//! Errors quote what was sent, which may be of any length. They are kept for each span of a resource
//! and answered, so they are not.

use crate::FieldError;

/// Characters of a field's path, and of what is said about it.
const LONGEST: usize = 200;

/// The error, cut off.
pub(super) fn error(error: FieldError) -> FieldError {
    FieldError { field: text(error.field), reason: text(error.reason) }
}

/// The text, cut off.
pub(super) fn text(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
