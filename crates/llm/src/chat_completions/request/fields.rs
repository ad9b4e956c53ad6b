//! The fields of a JSON object, taken one by one; errors say where they are.

use serde_json::{Map, Number, Value};

use crate::chat::Unreadable;

/// An object of which fields are taken. What is left was not understood.
pub(super) struct Fields {
    at: String,
    map: Map<String, Value>,
}

impl Fields {
    /// The object at that path; empty for the body itself.
    pub(super) fn new(at: &str, value: Value) -> Result<Self, Unreadable> {
        match value {
            Value::Object(map) => Ok(Self { at: at.to_owned(), map }),
            _ if at.is_empty() => Err(Unreadable::new("body", "must be a JSON object")),
            _ => Err(Unreadable::new(at, "must be an object")),
        }
    }

    /// The path of one of its fields.
    pub(super) fn path(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    pub(super) fn wrong(&self, name: &str, reason: &str) -> Unreadable {
        Unreadable::new(self.path(name), reason)
    }

    /// A field; `None` where it is missing or null.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.map.shift_remove(name).filter(|value| !value.is_null())
    }

    /// A field, left where it is.
    pub(super) fn peek(&self, name: &str) -> Option<&Value> {
        self.map.get(name)
    }

    /// Puts back what could not be understood.
    pub(super) fn put(&mut self, name: &str, value: Value) {
        self.map.insert(name.to_owned(), value);
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Unreadable> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "must be a string")),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<Number>, Unreadable> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(_) => Err(self.wrong(name, "must be a number")),
        }
    }

    /// A whole number; -1, by which llama.cpp and vLLM say "no limit", is none.
    pub(super) fn whole(&mut self, name: &str) -> Result<Option<u64>, Unreadable> {
        let Some(number) = self.number(name)? else { return Ok(None) };
        match number.as_u64() {
            None if number.as_i64() == Some(-1) => Ok(None),
            None => Err(self.wrong(name, "must be a whole number, 0 or more")),
            whole => Ok(whole),
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Unreadable> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(name, "must be true or false")),
        }
    }

    pub(super) fn array(&mut self, name: &str) -> Result<Option<Vec<Value>>, Unreadable> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(self.wrong(name, "must be an array")),
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Unreadable> {
        let path = self.path(name);
        self.take(name).map(|value| Self::new(&path, value)).transpose()
    }

    /// What was not taken.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.map
    }
}
