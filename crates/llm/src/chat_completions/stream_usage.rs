//! Asking for usage at the end of a stream on behalf of a client that did not.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::asked::{asks_usage, top_level};
use crate::chat::Unreadable;
use crate::frame::sse::Event;
use crate::json;

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    choices: Option<Vec<IgnoredAny>>,
}

/// The request, asking for usage at the end of its stream; all other bytes as they are. A request
/// that is not for a stream, or asks already, is not changed.
///
/// # Errors
/// The body is not a JSON object, or its `stream_options` are not.
pub fn ask_usage(body: &str) -> Result<String, Unreadable> {
    let fields = top_level(body.as_bytes())?;
    // Of a name that is there twice, the last counts.
    let field = |name: &str| fields.iter().rev().find(|(known, _)| known == name).map(|(_, v)| *v);
    if field("stream").is_none_or(|stream| stream.get() != "true") {
        return Ok(body.to_owned());
    }
    let options = match field("stream_options").filter(|options| options.get() != "null") {
        None => "{\"include_usage\":true}".to_owned(),
        Some(options) if asks_usage(options) => return Ok(body.to_owned()),
        Some(options) => json::set(options.get(), "include_usage", "true")
            .map_err(|_| Unreadable::new("stream_options", "must be an object"))?,
    };
    json::set(body, "stream_options", &options)
}

/// The event as it would have come had nobody asked for usage: without `"usage": null`, and not at
/// all (`None`) where usage is all that it brings. Usage beside choices is left: who sends it so
/// (Groq, Mistral, xAI) sends it unasked.
#[must_use]
pub fn hide_usage(event: &Event) -> Option<Event> {
    // Most events of most providers are done here.
    if !event.data.contains("\"usage\"") {
        return Some(event.clone());
    }
    let Ok(chunk) = serde_json::from_str::<Chunk<'_>>(&event.data) else {
        return Some(event.clone());
    };
    // A null is no RawValue in an Option, so it looks as if there were no usage.
    if chunk.usage.is_none() {
        let data = json::remove(&event.data, "usage").unwrap_or_else(|_| event.data.clone());
        return Some(Event { event: event.event.clone(), data });
    }
    match chunk.choices {
        Some(choices) if choices.is_empty() => None,
        _ => Some(event.clone()),
    }
}

#[cfg(test)]
mod tests;
