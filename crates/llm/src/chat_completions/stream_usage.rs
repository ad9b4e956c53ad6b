//! Asking for usage at the end of a stream on behalf of a client that did not.

use std::ops::Range;

use bytes::Bytes;
use memchr::memmem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::asked::{asks_usage, top_level};
use crate::chat::Unreadable;
use crate::frame::sse::{Event, Parser};
use crate::json;

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    choices: Option<Vec<IgnoredAny>>,
}

/// What becomes of a part of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// It goes on as it came.
    Keep,
    /// It does not go on.
    Drop,
    /// These bytes go on in its place.
    Replace(Bytes),
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

/// [`hide_usage`] for a part that [`Splitter`] made, or for what is left at the end. Only parts that
/// speak of usage are read. Of one that changes, all lines but those of its data stay as they are.
///
/// [`Splitter`]: crate::frame::sse::Splitter
#[must_use]
pub fn hide_usage_raw(part: &[u8]) -> Hidden {
    if memmem::find(part, b"\"usage\"").is_none() {
        return Hidden::Keep;
    }
    let mut parser = Parser::default();
    // The last event of a stream may have no blank line.
    let read = [part, b"\n\n"].map(|bytes| parser.push(bytes).unwrap_or_default());
    let events = read.concat();
    let [event] = &events[..] else { return Hidden::Keep };
    match hide_usage(event) {
        None => Hidden::Drop,
        Some(shown) if shown == *event => Hidden::Keep,
        Some(shown) => match place_of(&event.data, part) {
            Some(Range { start, end }) => Hidden::Replace(
                [&part[..start], shown.data.as_bytes(), &part[end..]].concat().into(),
            ),
            // Its data is in several lines.
            None => {
                let mut bytes = Vec::new();
                shown.write(&mut bytes);
                Hidden::Replace(bytes.into())
            }
        },
    }
}

/// Where an event's data is, if it is there in one line.
fn place_of(data: &str, part: &[u8]) -> Option<Range<usize>> {
    let start = memmem::find(part, data.as_bytes())?;
    Some(start..start + data.len())
}

#[cfg(test)]
mod tests;
