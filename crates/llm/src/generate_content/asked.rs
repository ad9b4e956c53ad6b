//! What a request asks, without taking its conversation apart.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::field::camel;
use crate::Asked;
use crate::chat::Unreadable;

/// The fields of an object, in its order, by their lowerCamelCase names.
pub(super) struct Fields<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if value.get() != "null" {
                        fields.push((camel(&name), value));
                    }
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// Reads the fields of a body.
pub(super) fn fields(body: &[u8]) -> Result<Vec<(String, &RawValue)>, Unreadable> {
    let fields: Result<Fields<'_>, _> = serde_json::from_slice(body);
    fields
        .map(|Fields(fields)| fields)
        .map_err(|error| Unreadable::new("body", format!("is not a JSON object: {error}")))
}

/// Reads what a request for an answer asks. The model and the stream are in its address.
///
/// # Errors
/// The body is not a JSON object.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let mut asked = Asked::default();
    for (name, value) in fields(body)? {
        match name.as_str() {
            "model" => asked.model = model(value),
            "contents" => {
                asked.input = Some(value);
                asked.prompt = last_said(value);
            }
            "systemInstruction" => asked.system = said(value),
            "tools" => asked.tools = Some(value),
            "labels" => asked.metadata = Some(value),
            _ => asked.parameters.push((name, value)),
        }
    }
    Ok(asked)
}

/// A model's name as it stands in a body: `models/` before it says nothing.
pub(super) fn model(value: &RawValue) -> String {
    let name: String = serde_json::from_str(value.get()).unwrap_or_default();
    name.strip_prefix("models/").map(str::to_owned).unwrap_or(name)
}

/// The elements of a list, or what stands for a list of one.
pub(super) fn elements(value: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str(value.get()).unwrap_or_else(|_| vec![value])
}

/// The last text that the user says.
fn last_said(contents: &RawValue) -> Option<String> {
    elements(contents).into_iter().rev().find_map(|content| {
        let (role, text) = content_of(content)?;
        (role.as_deref() != Some("model")).then_some(text).filter(|text| !text.is_empty())
    })
}

/// The texts of a content, or of a plain text that stands for one.
pub(super) fn said(content: &RawValue) -> Option<String> {
    if let Ok(text) = serde_json::from_str::<String>(content.get()) {
        return Some(text);
    }
    content_of(content).map(|(_, text)| text).filter(|text| !text.is_empty())
}

/// A content's role and its texts, thoughts left out. The bytes of media are passed over.
fn content_of(content: &RawValue) -> Option<(Option<String>, String)> {
    #[derive(serde::Deserialize)]
    struct Content<'a> {
        role: Option<String>,
        #[serde(borrow)]
        parts: Option<&'a RawValue>,
    }
    #[derive(serde::Deserialize)]
    struct Piece {
        text: Option<String>,
        thought: Option<bool>,
    }
    let content: Content<'_> = serde_json::from_str(content.get()).ok()?;
    let parts = content.parts.map(elements).unwrap_or_default();
    let pieces = parts.iter().filter_map(|part| serde_json::from_str::<Piece>(part.get()).ok());
    let texts: Vec<String> = pieces
        .filter(|piece| piece.thought != Some(true))
        .filter_map(|piece| piece.text.filter(|text| !text.is_empty()))
        .collect();
    Some((content.role, texts.join("\n")))
}

#[cfg(test)]
mod tests;
