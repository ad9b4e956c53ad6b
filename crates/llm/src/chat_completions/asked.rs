//! What a request asks, without taking it apart.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::message::Loose;
use crate::asked::Asked;
use crate::chat::Unreadable;

/// A request's top level, as it is written.
type Fields<'a> = Vec<(String, &'a RawValue)>;

#[derive(Deserialize)]
struct Turn<'a> {
    #[serde(borrow)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    text: Option<Loose<'a>>,
}

/// What a request asks. Of its conversation only the system's instructions and the last thing that
/// the user says are copied.
///
/// # Errors
/// The body is not a JSON object, or `model` is not a string.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let mut asked = Asked::default();
    for (name, value) in top_level(body)? {
        if value.get() == "null" {
            continue;
        }
        match name.as_str() {
            "model" => {
                asked.model = text(value).ok_or_else(|| {
                    Unreadable::new("model", "must be a string: the name of a model")
                })?;
            }
            "stream" => asked.stream = value.get() == "true",
            "stream_options" => asked.stream_usage = asks_usage(value),
            // `prompt` is that of `POST /v1/completions`.
            "messages" | "prompt" => asked.input = Some(value),
            "tools" | "functions" => asked.tools = Some(value),
            "user" => asked.user = text(value),
            // What OpenAI has instead of `user` of late.
            "safety_identifier" => asked.user = asked.user.or_else(|| text(value)),
            "metadata" => asked.metadata = Some(value),
            _ => asked.parameters.push((name, value)),
        }
    }
    if let Some(input) = asked.input {
        read_turns(input, &mut asked);
    }
    Ok(asked)
}

/// The fields of a JSON object, in order; of a name that is there twice, both.
///
/// # Errors
/// The body is not a JSON object.
pub(crate) fn top_level(body: &[u8]) -> Result<Fields<'_>, Unreadable> {
    struct Object;
    impl<'de> Visitor<'de> for Object {
        type Value = Fields<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
                fields.push(field);
            }
            Ok(fields)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let fields = reader.deserialize_map(Object);
    let fields = fields.and_then(|fields| reader.end().map(|()| fields));
    fields.map_err(|error| Unreadable::new("body", format!("is not a JSON object: {error}")))
}

/// A JSON string's text.
fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

pub(super) fn asks_usage(options: &RawValue) -> bool {
    let options: Option<serde_json::Value> = serde_json::from_str(options.get()).ok();
    let asks = options.as_ref().and_then(|options| options.get("include_usage")?.as_bool());
    asks.unwrap_or(false)
}

/// Instructions and the last question, where the conversation can be read.
fn read_turns<'a>(input: &'a RawValue, asked: &mut Asked<'a>) {
    if let Some(prompt) = text(input) {
        asked.prompt = Some(prompt);
        return;
    }
    let Ok(turns) = serde_json::from_str::<Vec<Turn<'a>>>(input.get()) else { return };
    let system = turns.iter().filter(|turn| {
        turn.role.as_deref().is_some_and(|role| matches!(role, "system" | "developer"))
    });
    let system: Vec<_> = system.filter_map(content).collect();
    asked.system = Some(system.join("\n\n")).filter(|text| !text.is_empty());
    let last = turns.iter().rfind(|turn| turn.role.as_deref() == Some("user"));
    asked.prompt = last.and_then(content);
}

/// The texts of a turn.
fn content(turn: &Turn<'_>) -> Option<String> {
    let content = turn.content?;
    if let Some(text) = text(content) {
        return Some(text);
    }
    let chunks: Vec<Chunk<'_>> = serde_json::from_str(content.get()).ok()?;
    let texts: Vec<_> = chunks.iter().filter_map(|chunk| chunk.text.as_ref()?.text()).collect();
    Some(texts.join("\n\n")).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
