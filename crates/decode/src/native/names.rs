//! One field, two spellings: `traceId` and `trace_id`.

use std::borrow::Cow;

/// `traceId` as `trace_id`; what is in snake case stays.
pub(super) fn snake(key: &str) -> Cow<'_, str> {
    if !key.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Borrowed(key);
    }
    let mut out = String::with_capacity(key.len() + 4);
    for character in key.chars() {
        if character.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    Cow::Owned(out)
}

/// `trace_id` as `traceId`.
pub(super) fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut follows_underscore = false;
    for character in name.chars() {
        if character == '_' {
            follows_underscore = true;
        } else if std::mem::take(&mut follows_underscore) {
            out.push(character.to_ascii_uppercase());
        } else {
            out.push(character);
        }
    }
    out
}

/// Text of the sender, short enough for an error.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 64;
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// A field's name as sent, for the path of an error.
pub(super) fn shown(key: &str) -> Cow<'_, str> {
    if key.is_empty() { Cow::Borrowed("\"\"") } else { shortened(key) }
}

#[cfg(test)]
mod tests;
