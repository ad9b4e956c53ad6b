//! Escapes in JSON text that stand for nothing that is kept: U+0000, and half of a surrogate pair, as
//! JavaScript writes it when it cuts text within an emoji.

use std::borrow::Cow;

/// U+FFFD, as long as the escape that it replaces, so that positions in errors stay right. No writer
/// of JSON spells it so: an id that holds it is known to have held something else.
pub(crate) const REPLACEMENT: &str = "\\uFfFd";

/// Why an id that holds a [`REPLACEMENT`] is refused: in text it may stand, an id would be another.
pub(crate) const DAMAGED_ID: &str = "holds U+0000 or half of a surrogate pair; send printable text";

/// Replaces escapes that stand for U+0000 or for half of a surrogate pair, and counts the former.
pub(crate) fn clean(text: &str) -> (Cow<'_, str>, u64) {
    let bytes = text.as_bytes();
    let (mut out, mut copied, mut nulls) = (String::new(), 0, 0);
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        let start = at + offset;
        let Some(unit) = code_unit(bytes, start) else {
            at = start + 2;
            continue;
        };
        at = start + 6;
        match unit {
            0xD800..=0xDBFF if matches!(code_unit(bytes, at), Some(0xDC00..=0xDFFF)) => {
                at += 6;
                continue;
            }
            0xD800..=0xDFFF => {}
            0 => nulls += 1,
            _ => continue,
        }
        out.push_str(&text[copied..start]);
        out.push_str(REPLACEMENT);
        copied = at;
    }
    if copied == 0 {
        return (Cow::Borrowed(text), 0);
    }
    out.push_str(&text[copied..]);
    (Cow::Owned(out), nulls)
}

/// The UTF-16 code unit of the escape `\uXXXX` at `at`.
fn code_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..at + 6)? else { return None };
    let mut unit = 0u16;
    for digit in digits {
        let digit = char::from(*digit).to_digit(16)?;
        unit = (unit << 4) | u16::try_from(digit).ok()?;
    }
    Some(unit)
}

#[cfg(test)]
mod tests;
