//! E-mail addresses, in plain text and inside JSON strings.

use std::sync::LazyLock;

use regex::Regex;

/// Replaces a masked address.
const MASK: &str = "[EMAIL]";

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    // The local part as RFC 5322 writes it unquoted; a domain of at least two labels.
    let pattern = r"[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}";
    #[allow(clippy::expect_used, reason = "a constant that the tests compile")]
    Regex::new(pattern).expect("a valid pattern")
});

/// The text without addresses, and how many there were; `None` if there are none.
pub(crate) fn mask(text: &str) -> Option<(String, u64)> {
    memchr::memchr(b'@', text.as_bytes())?;
    let mut out = String::new();
    let (mut count, mut copied) = (0, 0);
    for found in ADDRESS.find_iter(text) {
        let start = found.start() + escape_length(text, found.start());
        if text[start..found.end()].starts_with('@') {
            continue;
        }
        if count == 0 {
            // About what it will be: what was reserved is kept as long as the text.
            out.reserve(text.len());
        }
        out.push_str(&text[copied..start]);
        out.push_str(MASK);
        copied = found.end();
        count += 1;
    }
    if count == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some((out, count))
}

/// How many characters at `at` belong to a JSON escape that begins with the backslash before: those
/// stay, else `"\nann@example.org"` would become no JSON.
fn escape_length(text: &str, at: usize) -> usize {
    let backslashes = text.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    if backslashes % 2 == 0 {
        return 0;
    }
    match text.as_bytes().get(at) {
        Some(b'u') if text.as_bytes().get(at + 1..at + 5).is_some_and(is_hex) => 5,
        Some(b'b' | b'f' | b'n' | b'r' | b't' | b'/') => 1,
        _ => 0,
    }
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_hexdigit)
}
