//! A JSON array whose objects come one by one: how Google streams where `alt=sse` is not asked for.

use super::sse::Event;

/// Bytes of one object. A longer one is an error.
const MOST_BYTES: usize = 64 << 20;

/// Why nothing more can be read of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An object has no end within 64 MiB.
    #[error("an object of the stream is longer than 64 MiB")]
    TooLong,
    /// Something else than an object is where one is expected.
    #[error(
        "the stream is not a JSON array of objects: byte {0:#04x} is where an object is expected"
    )]
    NotObjects(u8),
}

/// Reads a stream that comes in pieces, cut anywhere. An object that no array is around is read as
/// well: that is how an error may come.
#[derive(Debug, Default)]
pub struct Parser {
    /// The object that is not complete yet.
    object: Vec<u8>,
    /// How many brackets are open within it.
    depth: usize,
    is_in_text: bool,
    /// The last byte was a backslash within a text.
    is_after_backslash: bool,
}

/// Writes such a stream.
#[derive(Debug, Default)]
pub struct Writer {
    is_after_first: bool,
}

impl Parser {
    /// The objects that these bytes complete, as events without a name.
    ///
    /// # Errors
    /// [`Broken`]: nothing more can be read.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, Broken> {
        let mut events = Vec::new();
        while !bytes.is_empty() {
            if self.object.is_empty() {
                bytes = between(bytes)?;
                if bytes.is_empty() {
                    break;
                }
            }
            let end = bytes.iter().position(|byte| self.ends_object(*byte));
            let (piece, rest) = bytes.split_at(end.map_or(bytes.len(), |at| at + 1));
            bytes = rest;
            if self.object.len() + piece.len() > MOST_BYTES {
                return Err(Broken::TooLong);
            }
            self.object.extend_from_slice(piece);
            if end.is_some() {
                events.push(Event::message(String::from_utf8_lossy(&self.object)));
                self.object.clear();
            }
        }
        Ok(events)
    }

    /// Whether the object ends with this byte, which is its next.
    fn ends_object(&mut self, byte: u8) -> bool {
        if self.is_in_text {
            if std::mem::take(&mut self.is_after_backslash) {
                return false;
            }
            match byte {
                b'\\' => self.is_after_backslash = true,
                b'"' => self.is_in_text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.is_in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

/// What follows from the next object on.
fn between(bytes: &[u8]) -> Result<&[u8], Broken> {
    // A byte order mark (EF BB BF) may be cut too, so its bytes are let pass one by one.
    let is_filling = |byte: &u8| b" \t\r\n[],\xef\xbb\xbf".contains(byte);
    match bytes.iter().position(|byte| !is_filling(byte)) {
        None => Ok(&[]),
        Some(at) if bytes[at] == b'{' => Ok(&bytes[at..]),
        Some(at) => Err(Broken::NotObjects(bytes[at])),
    }
}

impl Writer {
    /// Appends an event's data, which must be a JSON object, to a stream.
    pub fn write(&mut self, event: &Event, to: &mut Vec<u8>) {
        let before: &[u8] =
            if std::mem::replace(&mut self.is_after_first, true) { b",\r\n" } else { b"[" };
        to.extend_from_slice(before);
        to.extend_from_slice(event.data.as_bytes());
    }

    /// Appends the end of the stream.
    pub fn end(self, to: &mut Vec<u8>) {
        to.extend_from_slice(if self.is_after_first { b"]" } else { b"[]" });
    }
}

#[cfg(test)]
mod tests;
