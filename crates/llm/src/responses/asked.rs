//! What a request asks, without taking it apart.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{Asked, chat::Unreadable};

/// Parameters that are kept. OpenAI knows about 30; more are somebody's mistake.
const MOST_PARAMETERS: usize = 128;

/// What a request's text asks. It is read once; of the conversation only what is shown is copied.
///
/// # Errors
/// The text is not a JSON object, or its `model` or `stream` is not what it must be.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let fields: Fields<'_> = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not a JSON object: {error}")))?;
    let said = fields.input.and_then(|input| serde_json::from_str::<Said<'_>>(input.get()).ok());
    let said = said.unwrap_or_default();
    let instructions = fields.instructions.and_then(value::<String>);
    let system: Vec<_> = instructions.into_iter().chain(said.system).collect();
    Ok(Asked {
        model: known(fields.model, "model", "a string, the name of a model")?.unwrap_or_default(),
        stream: known(fields.stream, "stream", "true or false")?.unwrap_or_default(),
        stream_usage: false,
        input: fields.input,
        system: Some(system.join("\n\n")).filter(|system| !system.is_empty()),
        prompt: said.text.or_else(|| said.last_user.and_then(plain_text)),
        tools: fields.tools,
        parameters: fields.parameters,
        user: fields.user.or(fields.safety_identifier).and_then(value),
        metadata: fields.metadata,
    })
}

fn value<T: DeserializeOwned>(text: &RawValue) -> Option<T> {
    serde_json::from_str(text.get()).ok()
}

fn known<T: DeserializeOwned>(
    text: Option<&RawValue>,
    name: &str,
    expected: &str,
) -> Result<Option<T>, Unreadable> {
    let Some(text) = text else { return Ok(None) };
    let known = value(text).ok_or_else(|| Unreadable::new(name, format!("must be {expected}")))?;
    Ok(Some(known))
}

/// The texts of a message's content, joined by line feeds; none where it has none.
fn plain_text(content: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Piece<'a> {
        #[serde(borrow)]
        text: Option<Cow<'a, str>>,
    }
    if let Some(text) = value(content) {
        return Some(text);
    }
    let pieces: Vec<Piece<'_>> = serde_json::from_str(content.get()).ok()?;
    let texts: Vec<_> = pieces.into_iter().filter_map(|piece| piece.text).collect();
    if texts.is_empty() { None } else { Some(texts.join("\n")) }
}

/// The fields at the top. One that is `null` is one that is not there; of one that is there twice
/// the last counts.
#[derive(Default)]
struct Fields<'a> {
    model: Option<&'a RawValue>,
    stream: Option<&'a RawValue>,
    input: Option<&'a RawValue>,
    instructions: Option<&'a RawValue>,
    tools: Option<&'a RawValue>,
    user: Option<&'a RawValue>,
    safety_identifier: Option<&'a RawValue>,
    metadata: Option<&'a RawValue>,
    parameters: Vec<(String, &'a RawValue)>,
}

impl<'a> Fields<'a> {
    fn set(&mut self, name: String, value: &'a RawValue) {
        let field = match name.as_str() {
            "model" => &mut self.model,
            "stream" => &mut self.stream,
            "input" => &mut self.input,
            "instructions" => &mut self.instructions,
            "tools" => &mut self.tools,
            "user" => &mut self.user,
            "safety_identifier" => &mut self.safety_identifier,
            "metadata" => &mut self.metadata,
            _ => return self.set_parameter(name, value),
        };
        *field = Some(value).filter(|value| value.get() != "null");
    }

    fn set_parameter(&mut self, name: String, value: &'a RawValue) {
        self.parameters.retain(|(known, _)| *known != name);
        if value.get() != "null" && self.parameters.len() < MOST_PARAMETERS {
            self.parameters.push((name, value));
        }
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    fields.set(name, value);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// What the conversation says, as far as it is shown.
#[derive(Default)]
struct Said<'a> {
    /// All of it, where it is but a text.
    text: Option<String>,
    /// The messages of the system and the developer.
    system: Vec<String>,
    /// The content of the user's last message.
    last_user: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Said<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Said<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of items")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Said { text: Some(text.to_owned()), ..Said::default() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut said = Said::default();
                while let Some(item) = items.next_element::<Item<'de>>()? {
                    match item.role.map_or("", RawValue::get) {
                        "\"user\"" => said.last_user = item.content.or(said.last_user),
                        "\"system\"" | "\"developer\"" => {
                            said.system.extend(item.content.and_then(plain_text));
                        }
                        _ => {}
                    }
                }
                Ok(said)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// What is looked at of an item.
#[derive(Default)]
struct Item<'a> {
    role: Option<&'a RawValue>,
    content: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Item<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Item<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut item = Item::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "role" => item.role = Some(map.next_value()?),
                        "content" => item.content = Some(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(item)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests;
