//! A JSON object that somebody sent, member by member.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use tracekeep_decode::FieldError;

/// An object's members in order, none lost to another of the same name.
pub(crate) struct Members(pub(crate) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// An object all of whose fields are known. Errors repeat no value: it may be a secret.
pub(crate) struct Known {
    /// What stands before a field's name in errors: nothing, or such as `routes.0.`.
    prefix: String,
    /// By their names in camel case.
    fields: Vec<(&'static str, Value)>,
}

impl Known {
    /// A body. `known` are its fields in camel case; each may be sent in snake case too.
    pub(crate) fn of_body(body: &[u8], known: &[&'static str]) -> Result<Self, FieldError> {
        let members: Members = serde_json::from_slice(body).map_err(|error| {
            let reason = match error.is_data() {
                true => "is no object; send an object in JSON".to_owned(),
                false => format!("is no JSON: {error}"),
            };
            FieldError::new("body", reason)
        })?;
        Self::of_members(members.0, String::new(), known)
    }

    /// An object within a body, at `path`.
    pub(crate) fn of_value(
        value: Value,
        path: &str,
        known: &[&'static str],
    ) -> Result<Self, FieldError> {
        match value {
            Value::Object(members) => {
                Self::of_members(members.into_iter().collect(), format!("{path}."), known)
            }
            _ => Err(FieldError::new(path, "is no object; send an object")),
        }
    }

    fn of_members(
        members: Vec<(String, Value)>,
        prefix: String,
        known: &[&'static str],
    ) -> Result<Self, FieldError> {
        let mut fields: Vec<(&'static str, Value)> = Vec::with_capacity(members.len().min(64));
        for (name, value) in members {
            let camel = camel(&name);
            let shown: String = name.chars().take(64).collect();
            let path = format!("{prefix}{shown}");
            let Some(known) = known.iter().copied().find(|known| *known == camel) else {
                let reason = format!("is not a field here; send only {}", known.join(", "));
                return Err(FieldError::new(path, reason));
            };
            if fields.iter().any(|(other, _)| *other == known) {
                return Err(FieldError::new(path, "is sent twice; send it once"));
            }
            fields.push((known, value));
        }
        Ok(Self { prefix, fields })
    }

    /// The path of a field.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The value of a field, null too. It is gone then.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.fields.iter().position(|(known, _)| *known == name)?;
        Some(self.fields.swap_remove(at).1)
    }

    /// A text: `None` where it was not sent, `Some(None)` for null.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<Option<String>>, FieldError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(FieldError::new(self.path(name), "is no text; send a text")),
        }
    }

    /// A whole number of a range; `None` where it was not sent or is null.
    pub(crate) fn number(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, FieldError> {
        let value = match self.take(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value,
        };
        let number = value.as_u64().filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            let reason = format!("is no whole number from {least} to {most}; send one, or null");
            FieldError::new(self.path(name), reason)
        })
    }

    /// A list of texts; `None` where it was not sent, an empty one for null.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, FieldError> {
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            _ => None,
        };
        let texts = match self.take(name) {
            None => return Ok(None),
            Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(values)) => values.into_iter().map(text).collect(),
            Some(_) => None,
        };
        let wrong = || FieldError::new(self.path(name), "is no list of texts; send such a list");
        texts.map(Some).ok_or_else(wrong)
    }
}

/// A name in camel case; one that is so already stays.
fn camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut parts = name.split('_');
    camel.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let mut rest = part.chars();
        camel.extend(rest.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(rest.as_str());
    }
    camel
}

#[cfg(test)]
mod tests;
