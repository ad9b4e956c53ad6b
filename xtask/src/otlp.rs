//! Writes OTLP trace requests as protobuf by hand, and reads their responses.
//!
//! The load drivers must cost far less than the server that they measure, so that there is no
//! object tree: fields are appended to one buffer. Field numbers are those of opentelemetry-proto
//! (`trace/v1/trace.proto`, `common/v1/common.proto`, `collector/trace/v1/trace_service.proto`).

use anyhow::{Context, Result, bail};

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH: u64 = 2;
const FIXED32: u64 = 5;

/// Appends protobuf fields to a buffer.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

/// The value of an attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AnyValue<'a> {
    Text(&'a str),
    Bool(bool),
    Int(i64),
    Double(f64),
    Texts(&'a [&'a str]),
}

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// How many bytes were written so far.
    pub(crate) fn position(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn varint(&mut self, field: u64, value: u64) {
        self.raw_varint((field << 3) | VARINT);
        self.raw_varint(value);
    }

    pub(crate) fn fixed64(&mut self, field: u64, value: u64) {
        self.raw_varint((field << 3) | FIXED64);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, field: u64, value: &[u8]) {
        self.raw_varint((field << 3) | LENGTH);
        self.raw_varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    pub(crate) fn string(&mut self, field: u64, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    /// An embedded message: whatever `write` appends. Its length is inserted afterwards.
    pub(crate) fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        self.raw_varint((field << 3) | LENGTH);
        let start = self.bytes.len();
        write(self);
        let end = self.bytes.len();
        self.raw_varint((end - start) as u64);
        let prefix = self.bytes.len() - end;
        self.bytes[start..].rotate_right(prefix);
    }

    /// A `KeyValue` in the given field.
    pub(crate) fn attribute(&mut self, field: u64, key: &str, value: AnyValue<'_>) {
        self.message(field, |pair| {
            pair.string(1, key);
            pair.message(2, |any| any.any_value(value));
        });
    }

    fn any_value(&mut self, value: AnyValue<'_>) {
        match value {
            AnyValue::Text(text) => self.string(1, text),
            AnyValue::Bool(flag) => self.varint(2, u64::from(flag)),
            AnyValue::Int(number) => self.varint(3, number as u64),
            AnyValue::Double(number) => self.fixed64(4, number.to_bits()),
            AnyValue::Texts(texts) => self.message(5, |array| {
                for text in texts {
                    array.message(1, |any| any.string(1, text));
                }
            }),
        }
    }

    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// How many spans an `ExportTraceServiceResponse` says were refused.
pub(crate) fn rejected_spans(response: &[u8]) -> Result<u64> {
    let mut rejected = 0;
    for field in Fields(response) {
        if let (1, Field::Bytes(partial_success)) = field? {
            for field in Fields(partial_success) {
                if let (1, Field::Varint(count)) = field? {
                    rejected = count;
                }
            }
        }
    }
    Ok(rejected)
}

enum Field<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// The fields of one message, with their numbers.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<(u64, Field<'a>)> {
        let tag = self.varint()?;
        let field = match tag & 7 {
            VARINT => Field::Varint(self.varint()?),
            FIXED64 => self.advance(8).map(|_| Field::Fixed)?,
            FIXED32 => self.advance(4).map(|_| Field::Fixed)?,
            LENGTH => {
                let length = usize::try_from(self.varint()?)?;
                Field::Bytes(self.advance(length)?)
            }
            other => bail!("the response has a field of the unknown wire type {other}"),
        };
        Ok((tag >> 3, field))
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.advance(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        bail!("the response has a varint of more than 64 bits")
    }

    fn advance(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).context("the response ends early")?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Field<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests;
