//! What a JSON string means, and where each part of that is written.
//!
//! Read leniently: whether a text is JSON is not known here, and a JSON string may hold JSON as text,
//! in which every escape is escaped again. So any number of backslashes before `u0040` is an `@`.

use memchr::memchr;

/// A part of an escaped text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// How many bytes it is written in.
    written: usize,
    /// What it means; `None`: itself.
    character: Option<char>,
}

impl Piece {
    /// How many bytes its meaning has.
    fn meant(self) -> usize {
        self.character.map_or(self.written, char::len_utf8)
    }
}

/// The text with each escape as the character it stands for.
pub(crate) fn unescaped(text: &str) -> String {
    // No escape is shorter than its character.
    let mut meant = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(piece) = first(rest) {
        match piece.character {
            Some(character) => meant.push(character),
            None => meant.push_str(&rest[..piece.written]),
        }
        rest = &rest[piece.written..];
    }
    meant
}

/// Finds places of an unescaped text in the escaped one, each behind the one before. It walks through
/// the text again: a list of all escapes would be many times as large as the text.
pub(crate) struct Unescaping<'t> {
    rest: &'t str,
    /// Where the last piece begins and ends in the escaped text.
    written: (usize, usize),
    /// The same in the unescaped text.
    meant: (usize, usize),
}

impl<'t> Unescaping<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { rest: text, written: (0, 0), meant: (0, 0) }
    }

    /// Where it is written what is meant from `at` on, a boundary of characters.
    pub(crate) fn written(&mut self, at: usize) -> usize {
        while at > self.meant.1
            && let Some(piece) = first(self.rest)
        {
            self.rest = &self.rest[piece.written..];
            self.written = (self.written.1, self.written.1 + piece.written);
            self.meant = (self.meant.1, self.meant.1 + piece.meant());
        }
        // Within a piece there are boundaries only where it means itself.
        if at >= self.meant.1 { self.written.1 } else { self.written.0 + (at - self.meant.0) }
    }
}

/// The text's first piece; `None` of an empty text.
fn first(text: &str) -> Option<Piece> {
    let bytes = text.as_bytes();
    if *bytes.first()? != b'\\' {
        let written = memchr(b'\\', bytes).unwrap_or(bytes.len());
        return Some(Piece { written, character: None });
    }
    let backslashes = backslashes(bytes);
    if let Some((character, length)) = code_point(&bytes[backslashes..]) {
        return Some(Piece { written: backslashes + length, character: Some(character) });
    }
    if backslashes > 1 {
        // In pairs; one that is left over begins the next piece.
        return Some(Piece { written: backslashes & !1, character: Some('\\') });
    }
    let (written, character) = match bytes.get(1) {
        Some(b'/') => (2, '/'),
        // All of them are blanks to an address.
        Some(b'b' | b'f' | b'n' | b'r' | b't') => (2, '\n'),
        _ => (1, '\\'),
    };
    Some(Piece { written, character: Some(character) })
}

fn backslashes(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| **byte == b'\\').count()
}

/// The character that `uXXXX` stands for, or two of them; and in how many bytes.
fn code_point(bytes: &[u8]) -> Option<(char, usize)> {
    const LENGTH: usize = 5;
    let unit = code_unit(bytes)?;
    if (0xD800..0xDC00).contains(&unit) {
        let rest = &bytes[LENGTH..];
        let between = backslashes(rest);
        if between > 0
            && let Some(low @ 0xDC00..0xE000) = code_unit(&rest[between..])
        {
            let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            return Some((character, LENGTH + between + LENGTH));
        }
    }
    Some((char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), LENGTH))
}

fn code_unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests;
