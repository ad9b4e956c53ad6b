//! The same protocol in Amazon Bedrock's `InvokeModel` and `InvokeModelWithResponseStream`: the model
//! and whether to stream are in the address, the version is in the body, and the stream's events are
//! in base64 within Amazon's own frames.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use serde_json::Value;

use super::error::write_error;
use super::fields::fields;
use super::write_request::write_request;
use crate::chat::{Request, Unreadable};
use crate::converse::exception;
use crate::frame::aws::{Kind, Message};
use crate::frame::sse::Event;
use crate::json;

/// The version that Amazon takes.
const VERSION: &str = "bedrock-2023-05-31";

/// A client's body as Amazon takes it; all other bytes stay, also a version that the client names.
///
/// # Errors
/// The body is no JSON object.
pub fn invoke_body(body: &str) -> Result<String, Unreadable> {
    let body = json::remove(&json::remove(body, "model")?, "stream")?;
    if fields(body.as_bytes())?.iter().any(|(name, _)| name == "anthropic_version") {
        return Ok(body);
    }
    json::set(&body, "anthropic_version", &format!("\"{VERSION}\""))
}

/// A request of another protocol as Amazon takes it.
#[must_use]
pub fn write_invoke_request(request: &Request) -> Value {
    let mut body = write_request(request);
    if let Value::Object(body) = &mut body {
        body.shift_remove("model");
        body.shift_remove("stream");
        body.insert("anthropic_version".to_owned(), VERSION.into());
    }
    body
}

/// The event within a frame, for [`super::Reader`]; none where the frame has none.
///
/// # Errors
/// The frame is a chunk, but no event can be read from it.
pub fn invoke_event(frame: &Message) -> Result<Option<Event>, Unreadable> {
    #[derive(Deserialize)]
    struct Chunk {
        bytes: String,
    }
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "type")]
        kind: String,
    }
    if let Some(error) = exception(frame) {
        return Ok(Some(Event::named("error", write_error(&error).to_string())));
    }
    if frame.kind != Kind::Event("chunk".to_owned()) {
        return Ok(None);
    }
    let unreadable = |reason: String| Unreadable::new("chunk.bytes", reason);
    let chunk: Chunk = serde_json::from_slice(&frame.payload)
        .map_err(|error| unreadable(format!("cannot be found: {error}")))?;
    let data = BASE64_STANDARD
        .decode(chunk.bytes)
        .map_err(|error| unreadable(format!("is not base64: {error}")))?;
    let data =
        String::from_utf8(data).map_err(|error| unreadable(format!("is no text: {error}")))?;
    let named: Named = serde_json::from_str(&data)
        .map_err(|error| unreadable(format!("is no event of Anthropic's: {error}")))?;
    Ok(Some(Event::named(&named.kind, data)))
}
