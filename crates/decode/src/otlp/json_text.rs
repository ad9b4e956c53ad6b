//! JSON text, written without a tree.

use serde::Serialize;
use tracekeep_model::Text;

use super::base64;
use super::value::{AnyValue, Attribute};

/// JSON text in the making. Commas come by themselves.
#[derive(Debug)]
pub(super) struct JsonText(Vec<u8>);

impl JsonText {
    /// A text for one value of about `size` bytes.
    pub(super) fn with_capacity(size: usize) -> Self {
        Self(Vec::with_capacity(size))
    }

    /// A text that begins with `[`.
    pub(super) fn array() -> Self {
        Self(vec![b'['])
    }

    /// A text that begins with `{`.
    pub(super) fn object() -> Self {
        Self(vec![b'{'])
    }

    /// Begins a value with `[` or `{`.
    pub(super) fn open(&mut self, bracket: u8) {
        self.comma();
        self.0.push(bracket);
    }

    /// Ends it with `]` or `}`.
    pub(super) fn close(&mut self, bracket: u8) {
        self.0.push(bracket);
    }

    /// The name of the next member.
    pub(super) fn key(&mut self, name: &str) {
        self.string(name);
        self.0.push(b':');
    }

    /// A string.
    pub(super) fn string(&mut self, text: &str) {
        self.plain(text);
    }

    /// A number or flag.
    pub(super) fn plain<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.comma();
        // A Vec takes every write, and strings and numbers always serialise.
        let _ = serde_json::to_writer(&mut self.0, value);
    }

    /// A value that is JSON already.
    pub(super) fn raw(&mut self, json: &str) {
        self.comma();
        self.0.extend_from_slice(json.as_bytes());
    }

    /// One attribute's value. Numbers that JSON has none for are strings, as in proto3 JSON.
    pub(super) fn value(&mut self, value: &AnyValue) {
        match value {
            AnyValue::Empty => self.raw("null"),
            AnyValue::Text(text) => self.string(text),
            AnyValue::Bool(flag) => self.plain(flag),
            AnyValue::Int(int) => self.plain(int),
            AnyValue::Double(double) if double.is_finite() => self.plain(double),
            AnyValue::Double(double) if double.is_nan() => self.string("NaN"),
            AnyValue::Double(double) if *double > 0.0 => self.string("Infinity"),
            AnyValue::Double(_) => self.string("-Infinity"),
            AnyValue::Written(_, digits) => self.raw(digits),
            AnyValue::Bytes(bytes) => self.string(&base64::encode(bytes)),
            AnyValue::Array(values) => {
                self.open(b'[');
                for value in values {
                    self.value(value);
                }
                self.close(b']');
            }
            AnyValue::Map(members) => {
                self.open(b'{');
                self.members(members);
                self.close(b'}');
            }
        }
    }

    /// Attributes as members of the object that is open.
    pub(super) fn members(&mut self, attributes: &[Attribute]) {
        for (key, value) in attributes {
            self.key(key);
            self.value(value);
        }
    }

    /// Where what is written next begins.
    pub(super) fn end(&self) -> usize {
        self.0.len()
    }

    /// Takes back what was written from `end` on.
    pub(super) fn cut(&mut self, end: usize) {
        self.0.truncate(end);
    }

    /// The text, in memory of its size: it may be kept for long.
    pub(super) fn finish(self) -> Text {
        let json = self.0;
        let room = json.capacity() - json.len();
        let text =
            if room > json.len() / 8 { Text::try_from(&json[..]) } else { Text::try_from(json) };
        // Whatever was written was text.
        text.unwrap_or_default()
    }

    /// A comma, unless this is the first value of its bracket or follows its key.
    fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'[' | b'{' | b':')) {
            self.0.push(b',');
        }
    }
}

#[cfg(test)]
mod tests;
