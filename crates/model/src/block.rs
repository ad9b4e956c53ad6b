//! Patches as bytes: what the journal holds, and the state of a trace or score in a segment.
//!
//! # Format 1
//!
//! Integers are LEB128 varints unless said otherwise; signed ones zigzag; text is its length and UTF-8.
//!
//! ```text
//! block   = version:u8 = 1, project:text, received:signed, count, count × (key, state)
//! key     = 1, trace:text | 2, trace:text, span:text | 3, score:text
//! state   = flags:u8 (bit 0: deleted), received:signed, updated:signed, [deleted:signed],
//!           versions, versions × (rank:u8, time:signed, step:u8),
//!           entries, entries × (register, version index, value)
//! register= 0, field:u8 | 1, metadata key:text | 2, usage type:text | 3, cost type:text | 4, tag:text
//! value   = 0 cleared | 1 bool:u8 | 2 int:signed | 3 float:8 bytes | 4 time:signed | 5 money:16 bytes
//!         | 6 status:u8 | 7 kind:u8 | 8 level:u8 | 9 text
//! ```
//!
//! Invariants: numbers are never reused. A reader that meets a number it does not know refuses the
//! block instead of dropping a part of it: a newer Tracekeep wrote it, and that one must read it.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{
    Entry, Field, Kind, Level, Micros, Money, Rank, RecordKey, Register, State, Status, Step, Text,
    Value, Version,
};

/// The format that is written.
const FORMAT: u8 = 1;

/// What one request said, as it goes to the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Whose records.
    pub project_id: Text,
    /// When the request came.
    pub received: Micros,
    /// What it says.
    pub patches: Vec<(RecordKey, State)>,
}

/// Why bytes are no block of this format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// They end within a value.
    #[error("ends early")]
    Truncated,
    /// Written by a newer Tracekeep.
    #[error("holds {what} {number}, which this version does not know; start a newer Tracekeep")]
    Unknown {
        /// What kind of number.
        what: &'static str,
        /// The number.
        number: u64,
    },
    /// Not UTF-8.
    #[error("holds text that is not UTF-8")]
    Utf8,
    /// A number out of its range.
    #[error("holds a number out of range")]
    Range,
}

impl Block {
    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let size: usize = self.patches.iter().map(|(_, state)| state.size() + 512).sum();
        let mut out = BytesMut::with_capacity(size + 64);
        out.put_u8(FORMAT);
        put_text(&mut out, &self.project_id);
        put_signed(&mut out, self.received.0);
        put_varint(&mut out, self.patches.len() as u64);
        for (key, state) in &self.patches {
            put_key(&mut out, key);
            put_state(&mut out, state);
        }
        out.freeze()
    }

    /// From bytes; all text shares them.
    ///
    /// # Errors
    /// Bytes that no version up to this one has written.
    pub fn decode(bytes: &Bytes) -> Result<Self, BlockError> {
        let mut reader = Reader { bytes, at: 0 };
        match reader.byte()? {
            FORMAT => {}
            number => {
                return Err(BlockError::Unknown { what: "block format", number: number.into() });
            }
        }
        let project_id = reader.text()?;
        let received = Micros(reader.signed()?);
        let count = reader.count()?;
        let mut patches = Vec::with_capacity(count);
        for _ in 0..count {
            patches.push((reader.key()?, reader.state()?));
        }
        Ok(Self { project_id, received, patches })
    }
}

/// One state as bytes.
#[must_use]
pub fn encode_state(state: &State) -> Bytes {
    let mut out = BytesMut::with_capacity(state.size() + 128);
    put_state(&mut out, state);
    out.freeze()
}

/// One state from bytes; all text shares them.
///
/// # Errors
/// Bytes that no version up to this one has written.
pub fn decode_state(bytes: &Bytes) -> Result<State, BlockError> {
    Reader { bytes, at: 0 }.state()
}

fn put_varint(out: &mut BytesMut, mut number: u64) {
    while number >= 0x80 {
        out.put_u8((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.put_u8(number as u8);
}

fn put_signed(out: &mut BytesMut, number: i64) {
    put_varint(out, ((number << 1) ^ (number >> 63)) as u64);
}

fn put_text(out: &mut BytesMut, text: &str) {
    put_varint(out, text.len() as u64);
    out.put_slice(text.as_bytes());
}

fn put_key(out: &mut BytesMut, key: &RecordKey) {
    match key {
        RecordKey::Trace { trace_id } => {
            out.put_u8(1);
            put_text(out, trace_id);
        }
        RecordKey::Span { trace_id, span_id } => {
            out.put_u8(2);
            put_text(out, trace_id);
            put_text(out, span_id);
        }
        RecordKey::Score { score_id } => {
            out.put_u8(3);
            put_text(out, score_id);
        }
    }
}

fn put_state(out: &mut BytesMut, state: &State) {
    out.put_u8(u8::from(state.deleted_at().is_some()));
    put_signed(out, state.received().0);
    put_signed(out, state.updated().0);
    if let Some(at) = state.deleted_at() {
        put_signed(out, at.0);
    }
    let mut versions: Vec<Version> = Vec::with_capacity(2);
    for entry in state.entries() {
        if !versions.contains(&entry.version) {
            versions.push(entry.version);
        }
    }
    put_varint(out, versions.len() as u64);
    for version in &versions {
        out.put_u8(version.rank as u8);
        put_signed(out, version.time.0);
        out.put_u8(version.step as u8);
    }
    put_varint(out, state.entries().len() as u64);
    for entry in state.entries() {
        let index = versions.iter().position(|v| *v == entry.version).unwrap_or_default();
        put_register(out, &entry.register);
        put_varint(out, index as u64);
        put_value(out, &entry.value);
    }
}

fn put_register(out: &mut BytesMut, register: &Register) {
    let (tag, key) = match register {
        Register::Field(field) => {
            out.put_slice(&[0, *field as u8]);
            return;
        }
        Register::Metadata(key) => (1, key),
        Register::Usage(key) => (2, key),
        Register::Cost(key) => (3, key),
        Register::Tag(key) => (4, key),
    };
    out.put_u8(tag);
    put_text(out, key);
}

fn put_value(out: &mut BytesMut, value: &Value) {
    match value {
        Value::Cleared => out.put_u8(0),
        Value::Bool(flag) => out.put_slice(&[1, u8::from(*flag)]),
        Value::Int(int) => {
            out.put_u8(2);
            put_signed(out, *int);
        }
        Value::Float(float) => {
            out.put_u8(3);
            out.put_u64_le(float.to_bits());
        }
        Value::Time(time) => {
            out.put_u8(4);
            put_signed(out, time.0);
        }
        Value::Money(money) => {
            out.put_u8(5);
            out.put_i128_le(money.0);
        }
        Value::Status(status) => out.put_slice(&[6, *status as u8]),
        Value::Kind(kind) => out.put_slice(&[7, *kind as u8]),
        Value::Level(level) => out.put_slice(&[8, *level as u8]),
        Value::Text(text) => {
            out.put_u8(9);
            put_text(out, text);
        }
    }
}

struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Result<&[u8], BlockError> {
        let end = self.at.checked_add(length).ok_or(BlockError::Truncated)?;
        let slice = self.bytes.get(self.at..end).ok_or(BlockError::Truncated)?;
        self.at = end;
        Ok(slice)
    }

    fn byte(&mut self) -> Result<u8, BlockError> {
        Ok(self.take(1)?[0])
    }

    fn varint(&mut self) -> Result<u64, BlockError> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(BlockError::Range)
    }

    fn signed(&mut self) -> Result<i64, BlockError> {
        let number = self.varint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A count of things of at least one byte each, so that garbage cannot ask for much memory.
    fn count(&mut self) -> Result<usize, BlockError> {
        let count = usize::try_from(self.varint()?).map_err(|_| BlockError::Range)?;
        if count > self.bytes.len() - self.at { Err(BlockError::Truncated) } else { Ok(count) }
    }

    fn text(&mut self) -> Result<Text, BlockError> {
        let length = self.count()?;
        let start = self.at;
        self.take(length)?;
        Text::try_from(self.bytes.slice(start..start + length)).map_err(|_| BlockError::Utf8)
    }

    fn key(&mut self) -> Result<RecordKey, BlockError> {
        match self.byte()? {
            1 => Ok(RecordKey::Trace { trace_id: self.text()? }),
            2 => Ok(RecordKey::Span { trace_id: self.text()?, span_id: self.text()? }),
            3 => Ok(RecordKey::Score { score_id: self.text()? }),
            number => Err(BlockError::Unknown { what: "record kind", number: number.into() }),
        }
    }

    fn state(&mut self) -> Result<State, BlockError> {
        let flags = self.byte()?;
        let received = Micros(self.signed()?);
        let updated = Micros(self.signed()?);
        let deleted = if flags & 1 == 1 { Some(Micros(self.signed()?)) } else { None };
        let count = self.count()?;
        let mut versions = Vec::with_capacity(count);
        for _ in 0..count {
            versions.push(self.version()?);
        }
        let count = self.count()?;
        let mut entries = Vec::with_capacity(count);
        for _ in 0..count {
            let register = self.register()?;
            let index = usize::try_from(self.varint()?).map_err(|_| BlockError::Range)?;
            let version = *versions.get(index).ok_or(BlockError::Range)?;
            entries.push(Entry { register, version, value: self.value()? });
        }
        let mut state = State::restored(received, updated, entries);
        if let Some(at) = deleted {
            state.join(State::deleted(at));
        }
        Ok(state)
    }

    fn version(&mut self) -> Result<Version, BlockError> {
        let rank = self.byte()?;
        let time = Micros(self.signed()?);
        let step = self.byte()?;
        Ok(Version {
            rank: Rank::from_number(rank).ok_or(unknown("rank", rank))?,
            time,
            step: Step::from_number(step).ok_or(unknown("step", step))?,
        })
    }

    fn register(&mut self) -> Result<Register, BlockError> {
        Ok(match self.byte()? {
            0 => {
                let number = self.byte()?;
                Register::Field(Field::from_number(number).ok_or(unknown("field", number))?)
            }
            1 => Register::Metadata(self.text()?),
            2 => Register::Usage(self.text()?),
            3 => Register::Cost(self.text()?),
            4 => Register::Tag(self.text()?),
            number => return Err(unknown("register", number)),
        })
    }

    fn value(&mut self) -> Result<Value, BlockError> {
        Ok(match self.byte()? {
            0 => Value::Cleared,
            1 => Value::Bool(self.byte()? != 0),
            2 => Value::Int(self.signed()?),
            3 => {
                let bytes = self.take(8)?.try_into().map_err(|_| BlockError::Truncated)?;
                Value::Float(f64::from_le_bytes(bytes))
            }
            4 => Value::Time(Micros(self.signed()?)),
            5 => {
                let bytes = self.take(16)?.try_into().map_err(|_| BlockError::Truncated)?;
                Value::Money(Money(i128::from_le_bytes(bytes)))
            }
            6 => {
                let number = self.byte()?;
                Value::Status(Status::from_number(number).ok_or(unknown("status", number))?)
            }
            7 => {
                let number = self.byte()?;
                Value::Kind(Kind::from_number(number).ok_or(unknown("kind", number))?)
            }
            8 => {
                let number = self.byte()?;
                Value::Level(Level::from_number(number).ok_or(unknown("level", number))?)
            }
            9 => Value::Text(self.text()?),
            number => return Err(unknown("value", number)),
        })
    }
}

fn unknown(what: &'static str, number: u8) -> BlockError {
    BlockError::Unknown { what, number: number.into() }
}

#[cfg(test)]
mod tests;
