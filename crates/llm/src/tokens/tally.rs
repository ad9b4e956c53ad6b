//! Counts texts of any length in bounded time.

use super::tokenizer::Tokenizer;

/// Bytes of a call's texts that are counted, on either side; what is beyond is taken to be like them.
const MOST_COUNTED: usize = 2 << 20;
/// Bytes that a tokenizer is given at once, as its time grows with the square of them for some texts.
const AT_ONCE: usize = 16 << 10;

/// Counts the tokens of several texts.
#[derive(Debug)]
pub(super) struct Tally {
    tokenizer: Tokenizer,
    /// Tokens of what was counted.
    tokens: u64,
    /// Bytes of it.
    counted: usize,
    /// Bytes beyond what is counted.
    beyond: u64,
    /// Tokens that are of no text.
    added: u64,
}

impl Tally {
    pub(super) fn new(tokenizer: Tokenizer) -> Self {
        Self { tokenizer, tokens: 0, counted: 0, beyond: 0, added: 0 }
    }

    /// A text by itself: no token is partly of one text and partly of the next.
    pub(super) fn text(&mut self, text: &str) {
        let (now, beyond) = text.split_at(text.floor_char_boundary(MOST_COUNTED - self.counted));
        self.tokens += in_pieces(self.tokenizer, now);
        self.counted += now.len();
        self.beyond += beyond.len() as u64;
    }

    /// Tokens that are of no text.
    pub(super) fn add(&mut self, tokens: u64) {
        self.added += tokens;
    }

    /// Whether all texts were counted to their ends.
    pub(super) fn is_whole(&self) -> bool {
        self.beyond == 0
    }

    /// Tokens in all.
    pub(super) fn tokens(&self) -> u64 {
        let counted = u128::try_from(self.counted.max(1)).unwrap_or(u128::MAX);
        let beyond = u128::from(self.beyond) * u128::from(self.tokens) / counted;
        let beyond = u64::try_from(beyond).unwrap_or(u64::MAX);
        self.tokens.saturating_add(beyond).saturating_add(self.added)
    }
}

fn in_pieces(tokenizer: Tokenizer, text: &str) -> u64 {
    let (mut rest, mut tokens) = (text, 0);
    while rest.len() > AT_ONCE {
        let (piece, next) = rest.split_at(seam(rest));
        tokens += tokenizer.count(piece);
        rest = next;
    }
    tokens + tokenizer.count(rest)
}

/// Where to cut a text that is longer than is counted at once: where no tokenizer has a token across,
/// else anywhere, which may add a token or two.
fn seam(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_seam = |at: &usize| is_between_words(bytes, *at) || is_between_lines(bytes, *at);
    let seam = (AT_ONCE / 2..AT_ONCE).rev().find(is_seam);
    seam.unwrap_or_else(|| text.floor_char_boundary(AT_ONCE))
}

/// Before the space between two words, which belongs to the second.
fn is_between_words(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b' '
        && bytes[at - 1].is_ascii_alphanumeric()
        && bytes[at + 1].is_ascii_alphabetic()
}

/// Before the first visible character of a line. `/` may belong to the line's end before it.
fn is_between_lines(bytes: &[u8], at: usize) -> bool {
    bytes[at - 1] == b'\n' && bytes[at].is_ascii_graphic() && bytes[at] != b'/'
}

#[cfg(test)]
mod tests;
