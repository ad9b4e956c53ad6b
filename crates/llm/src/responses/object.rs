//! A JSON object whose fields are taken out one by one, with errors that say where and what.

use serde_json::{Map, Number, Value};

use crate::chat::Unreadable;

/// An object and where in the request it is.
pub(super) struct Object {
    at: String,
    fields: Map<String, Value>,
}

impl Object {
    /// The object at that place; an empty place is the whole body.
    pub(super) fn new(at: impl Into<String>, value: Value) -> Result<Self, Unreadable> {
        let at = at.into();
        match value {
            Value::Object(fields) => Ok(Self { at, fields }),
            other => {
                let at = if at.is_empty() { "body".to_owned() } else { at };
                Err(wrong(at, &other, "an object"))
            }
        }
    }

    /// The place of a field.
    pub(super) fn place(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// Whether the field is there and not `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !value.is_null())
    }

    /// Any value. One that is `null` is not there.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.shift_remove(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Unreadable> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(self.place(name), &other, "a string")),
        }
    }

    /// A text that must be there.
    pub(super) fn needed_text(&mut self, name: &str) -> Result<String, Unreadable> {
        let text = self.text(name)?;
        text.ok_or_else(|| Unreadable::new(self.place(name), "is missing; it must be a string"))
    }

    /// A flag.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Unreadable> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(wrong(self.place(name), &other, "true or false")),
        }
    }

    /// A whole number of at least 0.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u64>, Unreadable> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match value.as_u64() {
            Some(count) => Ok(Some(count)),
            None => Err(wrong(self.place(name), &value, "a whole number of at least 0")),
        }
    }

    /// A number with its digits.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<Number>, Unreadable> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(other) => Err(wrong(self.place(name), &other, "a number")),
        }
    }

    /// A list.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Value>, Unreadable> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => Ok(values),
            Some(other) => Err(wrong(self.place(name), &other, "an array")),
        }
    }

    /// An object within this one.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Unreadable> {
        let Some(value) = self.take(name) else { return Ok(None) };
        Self::new(self.place(name), value).map(Some)
    }

    /// What was not taken out.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.fields
    }
}

/// The value at that place is not what it must be.
pub(super) fn wrong(at: impl Into<String>, found: &Value, expected: &str) -> Unreadable {
    let found = match found {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "a string".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    Unreadable::new(at, format!("is {found}; it must be {expected}"))
}

/// The name at that place is not one of those that are known. Of a long one its start is said.
pub(super) fn unknown(at: impl Into<String>, found: &str, expected: &str) -> Unreadable {
    let found: String = found.chars().take(60).collect();
    Unreadable::new(at, format!("is {found:?}; it must be {expected}"))
}
