//! How deep JSON may nest that is kept as it was sent.

/// Arrays and objects within each other: what serde_json reads back, as kept JSON must be.
pub(crate) const MAX_DEPTH: usize = 127;

/// Whether JSON text, valid or not, nests deeper than [`MAX_DEPTH`].
pub(crate) fn too_deep(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = closing_quote(bytes, at + 1),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
        at += 1;
    }
    false
}

/// Where the JSON text that begins at `at` is closed; the end where it is not.
pub(crate) fn closing_quote(bytes: &[u8], mut at: usize) -> usize {
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += offset;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
}
