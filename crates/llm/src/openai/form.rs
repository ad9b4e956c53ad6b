//! Requests that are forms (`multipart/form-data`, RFC 7578 and RFC 2046, section 5.1): which fields they
//! have, and where in the bytes. So all that is not renamed stays as its sender wrote it, which a reader
//! that gives values only could not promise.

mod reader;

use std::collections::HashSet;
use std::ops::Range;

use serde_json::{Map, Value, json};

pub use reader::read;

use crate::Asked;
use crate::chat::Unreadable;

/// Bytes of a field's text that a trace shows, and of all of a form's together; of what is longer, or comes
/// when the others have taken all, it shows the size.
const MOST_TEXT: usize = 256 << 10;
const MOST_TEXTS: usize = 1 << 20;
/// The field of a form's description that holds what is worked on.
const INPUT: &str = "input";
/// What a description says by these names is no list.
const NO_LISTS: [&str; 7] =
    ["model", "prompt", "user", "stream", "instructions", "safety_identifier", INPUT];

/// What is known of a form beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The fields that hold files, also where they come without a file's name.
    pub files: &'static [&'static str],
}

/// A field of a form that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The name of the file that it holds.
    pub file: Option<String>,
    /// The content type that it states.
    pub kind: Option<String>,
    /// Where its value is in the body.
    pub value: Range<usize>,
}

impl Form {
    /// What a form asks, as a JSON object for [`asked`]. Of a file it has the name, type and size.
    ///
    /// # Errors
    /// `model` is not UTF-8.
    pub fn describe(self, fields: &[Field], body: &[u8]) -> Result<String, Unreadable> {
        let mut described = Map::new();
        let mut files = Vec::new();
        let mut taken: HashSet<&str> = HashSet::from(NO_LISTS);
        taken.extend(fields.iter().map(|field| field.name.as_str()));
        let mut room = MOST_TEXTS;
        for field in fields {
            let value = body.get(field.value.clone()).unwrap_or_default();
            let is_model = field.name == "model";
            let is_file = field.file.is_some() || self.files.contains(&field.name.as_str());
            // There is always room for the model: a call without it goes nowhere.
            let most = if is_model { MOST_TEXT } else { room.min(MOST_TEXT) };
            let is_shown = !is_file && value.len() <= most;
            let text = is_shown.then(|| std::str::from_utf8(value).ok()).flatten();
            let Some(text) = text else {
                if is_model {
                    return Err(Unreadable::new("model", "must be a text: the name of a model"));
                }
                files.push(json!({
                    "field": field.name, "name": field.file, "type": field.kind, "bytes": value.len(),
                }));
                continue;
            };
            room = room.saturating_sub(text.len());
            match field.name.as_str() {
                "model" | "prompt" | "user" => {
                    described.insert(field.name.clone(), text.into());
                }
                INPUT | "instructions" | "safety_identifier" => {}
                name => add(&mut described, &taken, name, plain(text)),
            }
        }
        let prompt = described.shift_remove("prompt");
        described.insert(INPUT.to_owned(), json!({"prompt": prompt, "files": files}));
        Ok(Value::Object(described).to_string())
    }
}

/// What a form asks, from what [`Form::describe`] made of it.
///
/// # Errors
/// The description is none, or names no model.
pub fn asked(described: &str) -> Result<Asked<'_>, Unreadable> {
    let asked = super::asked(described.as_bytes(), INPUT)?;
    if asked.model.is_empty() {
        return Err(Unreadable::new("model", "is missing; add a field with the name of a model"));
    }
    Ok(asked)
}

/// The body with `model` as the model's name; all other bytes as they are.
#[must_use]
pub fn with_model(body: &[u8], fields: &[Field], model: &str) -> Vec<u8> {
    let mut renamed = Vec::with_capacity(body.len() + model.len());
    let mut done = 0;
    for field in fields.iter().filter(|field| field.name == "model") {
        renamed.extend_from_slice(body.get(done..field.value.start).unwrap_or_default());
        renamed.extend_from_slice(model.as_bytes());
        done = field.value.end;
    }
    renamed.extend_from_slice(body.get(done..).unwrap_or_default());
    renamed
}

/// A field of a list, `name[]`, comes once for each element. It is shown as `name`, unless that is `taken`
/// by a plain field.
fn add(described: &mut Map<String, Value>, taken: &HashSet<&str>, name: &str, value: Value) {
    let Some(list) = name.strip_suffix("[]") else {
        described.insert(name.to_owned(), value);
        return;
    };
    let list = if taken.contains(list) { name } else { list };
    match described.get_mut(list) {
        Some(Value::Array(values)) => values.push(value),
        _ => {
            described.insert(list.to_owned(), Value::Array(vec![value]));
        }
    }
}

/// Forms hold texts only: what reads as a number or as true or false is one.
fn plain(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Bool(_) | Value::Number(_))) => value,
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests;
