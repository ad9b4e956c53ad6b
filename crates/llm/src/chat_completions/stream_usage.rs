//! Asking for usage at the end of a stream on behalf of a client that did not.

use std::ops::Range;
use std::sync::LazyLock;

use bytes::Bytes;
use memchr::memchr2;
use memchr::memmem::{self, Finder};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::asked::{asks_usage, top_level};
use crate::chat::Unreadable;
use crate::frame::sse::{Event, Parser};
use crate::json;

/// The name of the field, as JSON has it.
const NAME: &[u8] = b"\"usage\"";
/// Built once: it looks at every part of every stream.
static FIND_NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(NAME));

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
    let Some(at) = FIND_NAME.find(part) else { return Hidden::Keep };
    match null_usage(part, at) {
        Some(Range { start, end }) => {
            Hidden::Replace([&part[..start], &part[end..]].concat().into())
        }
        None => hide_read(part),
    }
}

/// Where a usage of null is, with the comma before it; `at` is the first place of its name. Once usage was
/// asked for, OpenAI has one in every chunk, so this does not read the JSON. `None`: it takes a reader to say.
///
/// In JSON, a quote within a string has a backslash before it. So a quote after a comma, or after a comma
/// and a space, begins a string, and what is found is a field's name.
fn null_usage(part: &[u8], at: usize) -> Option<Range<usize>> {
    let data = part.strip_prefix(b"data:")?;
    let data = data.strip_prefix(b" ").unwrap_or(data);
    let (before, after) = part.split_at(at);
    let is_one_line = data.starts_with(b"{") && memchr2(b'\n', b'\r', before).is_none();
    let after = &after[NAME.len()..];
    let rest = after.strip_prefix(b":null").or_else(|| after.strip_prefix(b": null"))?;
    let before = before.strip_suffix(b" ").unwrap_or(before).strip_suffix(b",")?;
    let is_only = FIND_NAME.find(rest).is_none();
    (is_one_line && is_only && ends_event(rest)).then(|| before.len()..part.len() - rest.len())
}

/// Whether this, after a field's value, ends the object that the field is in, and the event with it: then
/// the object is the outermost.
fn ends_event(rest: &[u8]) -> bool {
    if !matches!(rest.first(), Some(b',' | b'}')) {
        return false;
    }
    let mut depth = 0_usize;
    let mut bytes = rest.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if !skip_string(&mut bytes) => return false,
            b'{' | b'[' => depth += 1,
            b'}' if depth == 0 => return bytes.all(|byte| matches!(byte, b' ' | b'\r' | b'\n')),
            b'}' | b']' if depth > 0 => depth -= 1,
            b']' | b'\r' | b'\n' => return false,
            _ => {}
        }
    }
    false
}

/// Goes to the end of a string whose beginning has been read. `false`: it has none.
fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) -> bool {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return true,
            b'\\' => {
                bytes.next();
            }
            b'\r' | b'\n' => return false,
            _ => {}
        }
    }
    false
}

/// [`hide_usage_raw`] by way of the event's JSON.
fn hide_read(part: &[u8]) -> Hidden {
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
