//! A bounded reader of the protobuf wire format.
//!
//! It walks over the body without copying: nested messages are readers of the same bytes. Nothing is
//! allocated for a length that the body does not hold. Groups, which no OTLP message uses, are errors.

use bytes::Bytes;

use crate::FieldError;

/// The fields of one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    body: &'a Bytes,
    /// Where the next field begins, never after `end`.
    at: usize,
    /// Where the message ends, never after the body.
    end: usize,
}

/// One field's content.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wire<'a> {
    /// An integer, boolean or enumeration.
    Varint(u64),
    /// A `fixed64` or `double`.
    Fixed64(u64),
    /// A `fixed32` or `float`; no field that is read has one.
    Fixed32,
    /// A message, string or bytes.
    Len(Reader<'a>),
}

/// Bytes that are not protobuf.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub(super) struct WireError {
    /// What is wrong.
    pub(super) what: &'static str,
    /// Where, from the start of the body.
    pub(super) at: usize,
}

/// Broken framing within a span, resource or scope.
impl From<WireError> for FieldError {
    fn from(error: WireError) -> Self {
        Self::new("span", format!("is no protobuf: {error} of the body"))
    }
}

impl<'a> Reader<'a> {
    /// Reads a whole body.
    pub(super) fn new(body: &'a Bytes) -> Self {
        Self { body, at: 0, end: body.len() }
    }

    /// The next field's number and content; `None` at the end of the message.
    pub(super) fn field(&mut self) -> Result<Option<(u32, Wire<'a>)>, WireError> {
        if self.at == self.end {
            return Ok(None);
        }
        let start = self.at;
        let key = self.varint()?;
        let number = match u32::try_from(key >> 3) {
            Ok(number) if number != 0 && number < 1 << 29 => number,
            _ => return Err(WireError { what: "a field number out of range", at: start }),
        };
        let wire = match key & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => Wire::Len(self.nested()?),
            5 => {
                self.array::<4>()?;
                Wire::Fixed32
            }
            3 | 4 => return Err(WireError { what: "a group", at: start }),
            _ => return Err(WireError { what: "an unknown wire type", at: start }),
        };
        Ok(Some((number, wire)))
    }

    /// The content itself, sharing the body.
    pub(super) fn bytes(&self) -> Bytes {
        self.body.slice(self.at..self.end)
    }

    /// The content itself.
    pub(super) fn as_slice(&self) -> &'a [u8] {
        &self.body[self.at..self.end]
    }

    fn error(&self, what: &'static str) -> WireError {
        WireError { what, at: self.at }
    }

    fn varint(&mut self) -> Result<u64, WireError> {
        let mut number = 0u64;
        for (index, byte) in self.as_slice().iter().take(10).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.at += index + 1;
                return Ok(number);
            }
        }
        Err(self.error("an integer that does not end"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let Some(bytes) = self.as_slice().first_chunk::<N>() else {
            return Err(self.error("a number that is cut off"));
        };
        self.at += N;
        Ok(*bytes)
    }

    fn nested(&mut self) -> Result<Self, WireError> {
        let start = self.at;
        let length = self.varint()?;
        match usize::try_from(length) {
            Ok(length) if length <= self.end - self.at => {
                let inner = Self { body: self.body, at: self.at, end: self.at + length };
                self.at = inner.end;
                Ok(inner)
            }
            _ => Err(WireError { what: "a length that runs past its end", at: start }),
        }
    }
}

#[cfg(test)]
mod tests;
