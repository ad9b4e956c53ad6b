//! Changes of a JSON object's text that leave all other bytes as they are.

use std::ops::Range;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::chat::Unreadable;

/// A field of an object's text.
struct Found {
    name: String,
    /// Where its value is.
    value: Range<usize>,
}

/// The text with that field set to that JSON text: replaced where it is, appended where it is not.
///
/// # Errors
/// The text is not a JSON object.
pub fn set(object: &str, name: &str, value: &str) -> Result<String, Unreadable> {
    let fields = fields(object)?;
    // Of a name that is there twice, most readers take the last.
    if let Some(found) = fields.iter().rev().find(|field| field.name == name) {
        let Range { start, end } = found.value;
        return Ok([&object[..start], value, &object[end..]].concat());
    }
    let end = object.rfind('}').expect("it was read as an object");
    let comma = if fields.is_empty() { "" } else { "," };
    let name = serde_json::Value::from(name);
    Ok(format!("{}{comma}{name}:{value}{}", &object[..end], &object[end..]))
}

/// The text without that field. Unchanged where it is not there.
///
/// # Errors
/// The text is not a JSON object.
pub fn remove(object: &str, name: &str) -> Result<String, Unreadable> {
    let fields = fields(object)?;
    let kept: Vec<_> = fields.iter().filter(|field| field.name != name).collect();
    if kept.len() == fields.len() {
        return Ok(object.to_owned());
    }
    let texts = kept.iter().map(|field| {
        format!("{}:{}", serde_json::Value::from(field.name.as_str()), &object[field.value.clone()])
    });
    Ok(format!("{{{}}}", texts.collect::<Vec<_>>().join(",")))
}

fn fields(object: &str) -> Result<Vec<Found>, Unreadable> {
    struct Fields<'a>(&'a str);
    impl<'de> Visitor<'de> for Fields<'de> {
        type Value = Vec<Found>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                let start = value.get().as_ptr() as usize - self.0.as_ptr() as usize;
                fields.push(Found { name, value: start..start + value.get().len() });
            }
            Ok(fields)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(object);
    let fields = reader.deserialize_map(Fields(object));
    let fields = fields.and_then(|fields| reader.end().map(|()| fields));
    fields.map_err(|error| Unreadable::new("body", format!("is not a JSON object: {error}")))
}

#[cfg(test)]
mod tests;
