//! The registers of a trace beside its row, without the texts that the row has.
//!
//! A row of `traces` holds values; to join them with later patches each one's version is needed too.
//! So the column `state` has all registers of the trace itself. Its input, its output and its metadata
//! have columns of their own: where such a text is longer than [`LONG`], the state of segment format
//! 2 has U+0000 in its place, and the text stands in the row alone.
//!
//! Invariant: a value is left out only if the row gives back the same. (A register that really held
//! U+0000 would find just that in the row.)

use bytes::Bytes;
use tracekeep_model::block::encode_state;
use tracekeep_model::{Entry, Field, Register, State, Text, Trace, Value};

use crate::SegmentError;
use crate::batch::RowReader;
use crate::json::parse_map;

/// What stands for a text of the row.
const IN_ROW: &str = "\0";
/// Texts up to this are cheaper kept twice than looked for.
const LONG: usize = 1 << 10;

/// The state to be stored beside a row with this input, output and JSON of metadata.
pub(crate) fn encode(state: &State, trace: &Trace, metadata: Option<&str>) -> Bytes {
    let is_long = |entry: &Entry| matches!(&entry.value, Value::Text(text) if text.len() > LONG);
    if !state.entries().iter().any(is_long) {
        return encode_state(state);
    }
    let metadata = metadata.map(parse_map).unwrap_or_default();
    let in_row = |entry: &Entry| {
        let value = entry.value.as_text();
        match &entry.register {
            Register::Field(Field::Input) => trace.input.as_ref() == value,
            Register::Field(Field::Output) => trace.output.as_ref() == value,
            Register::Metadata(key) => pick(&metadata, key) == value,
            _ => false,
        }
    };
    let entry = |entry: &Entry| {
        if is_long(entry) && in_row(entry) {
            return Entry { value: Value::Text(Text::from_static(IN_ROW)), ..entry.clone() };
        }
        entry.clone()
    };
    let entries = state.entries().iter().map(entry).collect();
    encode_state(&State::restored(state.received(), state.updated(), entries))
}

/// The state with the texts of its row, which has all of its large cells.
pub(crate) fn restore(state: State, row: &RowReader<'_>) -> Result<State, SegmentError> {
    let is_in_row = |entry: &Entry| matches!(&entry.value, Value::Text(text) if text == IN_ROW);
    if !state.entries().iter().any(is_in_row) {
        return Ok(state);
    }
    let metadata = row.text("metadata").map(|json| parse_map(&json)).unwrap_or_default();
    let entry = |entry: &Entry| -> Result<Entry, SegmentError> {
        if !is_in_row(entry) {
            return Ok(entry.clone());
        }
        let text = match &entry.register {
            Register::Field(Field::Input) => row.text("input"),
            Register::Field(Field::Output) => row.text("output"),
            Register::Metadata(key) => pick(&metadata, key).cloned(),
            _ => return Ok(entry.clone()),
        };
        let value = Value::Text(text.ok_or_else(no_value)?);
        Ok(Entry { value, ..entry.clone() })
    };
    let entries = state.entries().iter().map(entry).collect::<Result<_, _>>()?;
    Ok(State::restored(state.received(), state.updated(), entries))
}

fn pick<'m>(metadata: &'m [(Text, Text)], key: &Text) -> Option<&'m Text> {
    metadata.iter().find(|(name, _)| name == key).map(|(_, json)| json)
}

fn no_value() -> SegmentError {
    SegmentError::Damaged {
        path: "traces.parquet".into(),
        reason: "a row has no value for a register of its state".into(),
    }
}

#[cfg(test)]
mod tests;
