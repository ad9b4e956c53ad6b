//! Server-sent events as the bytes that they came in.

use bytes::Bytes;
use memchr::memchr2;

use super::{MOST_BYTES, TooLong};

/// Cuts a stream that comes in pieces, cut anywhere, into parts that can be kept or left out one by one:
///
/// - an event, from its first line to its blank line, with the comments within it;
/// - a comment that stands before an event: it does not wait for what follows;
/// - a blank line that ends nothing, and the line feed of `\r\n` where a piece ended between the two.
///
/// All parts and [`Splitter::finish`] together are the stream, byte by byte. A part that lies within one
/// piece is a part of it, not a copy.
#[derive(Debug, Default)]
pub struct Splitter {
    /// A part that is not complete yet.
    held: Vec<u8>,
    /// Whether that has a line that is no comment.
    has_field: bool,
    /// The first byte of a line that is not complete yet.
    first: Option<u8>,
    /// The last byte was a carriage return: a line feed now belongs to it.
    is_after_return: bool,
}

impl Splitter {
    /// The parts that this piece completes.
    ///
    /// # Errors
    /// [`TooLong`]: an event has no end.
    pub fn push(&mut self, piece: &Bytes) -> Result<Vec<Bytes>, TooLong> {
        let mut parts = Vec::new();
        // Where the part begins, and the line.
        let (mut begin, mut at) = (0, 0);
        if !piece.is_empty() && std::mem::take(&mut self.is_after_return) && piece[0] == b'\n' {
            at = 1;
            // Its line is gone already. A reader that waits for both must not wait for the next event.
            if self.held.is_empty() {
                parts.push(piece.slice(..1));
                begin = 1;
            }
        }
        while let Some(length) = memchr2(b'\r', b'\n', &piece[at..]) {
            let first = self.first.take().or_else(|| piece[at..at + length].first().copied());
            let end = at + length;
            at = end + 1;
            if piece[end] == b'\r' {
                self.is_after_return = at == piece.len();
                at += usize::from(piece.get(at) == Some(&b'\n'));
            }
            let is_complete = match first {
                None => true,
                Some(b':') => !self.has_field,
                Some(_) => {
                    self.has_field = true;
                    false
                }
            };
            if is_complete {
                parts.push(self.complete(piece.slice(begin..at)));
                begin = at;
            }
        }
        self.first = self.first.or_else(|| piece.get(at).copied());
        self.held.extend_from_slice(&piece[begin..]);
        if self.held.len() > MOST_BYTES { Err(TooLong) } else { Ok(parts) }
    }

    /// What came behind the last part: an event without a blank line. Empty, as a rule.
    #[must_use]
    pub fn finish(self) -> Bytes {
        self.held.into()
    }

    fn complete(&mut self, end: Bytes) -> Bytes {
        self.has_field = false;
        if self.held.is_empty() {
            return end;
        }
        self.held.extend_from_slice(&end);
        std::mem::take(&mut self.held).into()
    }
}

#[cfg(test)]
mod tests;
