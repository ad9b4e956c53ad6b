//! Records whose texts are too long, with less of them.
//!
//! JSON has no beginning that is JSON too: it is kept whole or not at all. What was shortened or left out
//! says so in the record's metadata, as `output_cut`.

use tracekeep_model::{Entry, Field, Register, State, Text, Value};
use tracekeep_redact::Redactor;

/// A record of whose texts none is longer than `most` bytes: those that are, are cut; `None` where none
/// is.
pub(super) fn to_beginnings(state: &State, most: usize, redactor: &Redactor) -> Option<State> {
    shortened(state, most, |text| beginning(text, most, redactor))
}

/// A record without the texts that are longer than `most` bytes; `None` where none is. What was said of
/// them before stays.
pub(super) fn without_texts(state: &State, most: usize) -> Option<State> {
    shortened(state, most, |_| None)
}

fn shortened(state: &State, most: usize, part: impl Fn(&str) -> Option<Text>) -> Option<State> {
    // Of what is deleted, nothing is stated.
    if state.entries().iter().all(|entry| bytes_of(entry) <= most) {
        return None;
    }
    let mut kept = Vec::with_capacity(state.entries().len() + 2);
    let mut marks = Vec::new();
    for entry in state.entries() {
        if bytes_of(entry) <= most {
            kept.push(entry.clone());
            continue;
        }
        if let Some(mark) = mark_of(&entry.register, most) {
            marks.push((mark, entry.version));
        }
        if let Register::Field(field) = entry.register
            && !is_json(field)
            && let Value::Text(text) = &entry.value
            && let Some(text) = part(text)
        {
            kept.push(Entry { value: text.into(), ..entry.clone() });
        }
    }
    let mut short = State::restored(state.received(), state.updated(), kept);
    for (mark, version) in marks {
        short.set(mark, version, "true");
    }
    short.trim();
    Some(short)
}

/// Bytes of what can be long: a register's name, and text.
fn bytes_of(entry: &Entry) -> usize {
    let name = match &entry.register {
        Register::Field(_) => 0,
        Register::Metadata(name)
        | Register::Usage(name)
        | Register::Cost(name)
        | Register::Tag(name) => name.len(),
    };
    name + entry.value.as_text().map_or(0, |text| text.len())
}

/// Where it says that a register was shortened or left out. Not of one whose name is what is too long.
fn mark_of(register: &Register, most: usize) -> Option<Register> {
    let name = match register {
        Register::Field(field) => field.as_str(),
        Register::Metadata(key) if key.len() <= most => &**key,
        _ => return None,
    };
    Some(Register::Metadata(format!("{name}_cut").into()))
}

fn is_json(field: Field) -> bool {
    matches!(
        field,
        Field::Parameters | Field::ToolCalls | Field::UsageGiven | Field::Events | Field::Links
    )
}

/// As much of a text as `most` bytes hold and as is masked as it is in the whole: half an address would
/// not be known as one. `None` where that is nothing. A copy: a part would keep the whole in memory.
fn beginning(text: &str, most: usize, redactor: &Redactor) -> Option<Text> {
    let settled = redactor.settled(&text[..text.floor_char_boundary(most)]);
    (settled > 0).then(|| text[..settled].into())
}

#[cfg(test)]
mod tests;
