//! E-mail addresses, in plain text and inside JSON strings, however JSON escapes them.

use std::iter;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr, memchr_iter, memchr2, memmem};
use regex::Regex;

use crate::escapes::{Unescaping, unescaped};

/// Replaces a masked address.
const MASK: &str = "[EMAIL]";

/// How JSON escapes an `@`.
const ESCAPED_AT: &str = r"\u0040";

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    // The local part as RFC 5322 writes it unquoted; a domain of at least two labels.
    let pattern = r"[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}";
    #[allow(clippy::expect_used, reason = "a constant that the tests compile")]
    Regex::new(pattern).expect("a valid pattern")
});

/// Made once: it takes longer than to look through a short text.
static AT: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(ESCAPED_AT));

/// The text without addresses, and how many there were; `None` if there are none.
///
/// An address in a JSON string is seen as what the string means, and goes with the escapes in it; what
/// is JSON stays JSON. All other bytes stay as they are.
pub(crate) fn mask(text: &str) -> Option<(String, u64)> {
    let bytes = text.as_bytes();
    let first = memchr2(b'@', b'\\', bytes)?;
    let mut masked = Masked::new(text);
    if memchr(b'\\', &bytes[first..]).is_none() {
        masked.plain(0..text.len());
    } else if memchr(b'@', &bytes[first..]).is_some() || AT.find(&bytes[first..]).is_some() {
        // No address holds a quotation mark: each string of JSON is looked at by itself.
        let mut start = 0;
        for end in memchr_iter(b'"', bytes).chain(iter::once(bytes.len())) {
            masked.part(start..end);
            start = end + 1;
        }
    }
    masked.finish()
}

/// How much of the beginning of a text, in bytes, can be masked apart from what comes behind it, whatever
/// that is: up to the last character that neither an address nor an escape holds.
pub(crate) fn settled(text: &str) -> usize {
    let delimiter = text.char_indices().rev().find(|(_, character)| is_delimiter(*character));
    delimiter.map_or(0, |(at, character)| at + character.len_utf8())
}

/// Whether no address and no escape holds the character. Errs towards those that may: what is alphabetic
/// is more than the letters of [`ADDRESS`].
fn is_delimiter(character: char) -> bool {
    !character.is_alphanumeric() && !r"!#$%&'*+/=?^_`{|}~.-@\".contains(character)
}

/// A text while its addresses are masked, from its beginning on.
struct Masked<'t> {
    text: &'t str,
    clean: String,
    /// Up to here the text is in `clean`.
    copied: usize,
    count: u64,
}

impl<'t> Masked<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, clean: String::new(), copied: 0, count: 0 }
    }

    /// Masks a part of the text that may hold escapes.
    fn part(&mut self, place: Range<usize>) {
        let part = &self.text.as_bytes()[place.clone()];
        let has_at = memchr(b'@', part).is_some();
        if memchr(b'\\', part).is_none() {
            if has_at {
                self.plain(place);
            }
        } else if has_at || AT.find(part).is_some() {
            self.escaped(place);
        }
    }

    fn plain(&mut self, place: Range<usize>) {
        let text = self.text;
        for found in ADDRESS.find_iter(&text[place.clone()]) {
            self.replace(place.start + found.start()..place.start + found.end());
        }
    }

    fn escaped(&mut self, place: Range<usize>) {
        let text = self.text;
        let part = &text[place.clone()];
        let meant = unescaped(part);
        let mut unescaping = Unescaping::new(part);
        for found in ADDRESS.find_iter(&meant) {
            let start = unescaping.written(found.start());
            let end = unescaping.written(found.end());
            self.replace(place.start + start..place.start + end);
        }
    }

    fn replace(&mut self, address: Range<usize>) {
        if self.count == 0 {
            // About what it will be: what was reserved is kept as long as the text.
            self.clean.reserve(self.text.len());
        }
        self.clean.push_str(&self.text[self.copied..address.start]);
        self.clean.push_str(MASK);
        self.copied = address.end;
        self.count += 1;
    }

    fn finish(mut self) -> Option<(String, u64)> {
        if self.count == 0 {
            return None;
        }
        self.clean.push_str(&self.text[self.copied..]);
        Some((self.clean, self.count))
    }
}
