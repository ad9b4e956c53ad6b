//! What a request asks, without taking it apart.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::block::Content;
use super::fields::{fields, value};
use crate::Asked;
use crate::chat::Unreadable;

#[derive(Deserialize)]
struct Turn<'a> {
    role: String,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata {
    user_id: Option<String>,
}

/// What a request asks, of `/v1/messages` or `/v1/messages/count_tokens`.
///
/// # Errors
/// The body is no JSON object, or `model` or `stream` is of another type.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Unreadable> {
    let mut asked = Asked { stream_usage: true, ..Asked::default() };
    for (name, raw) in fields(body)? {
        match name.as_str() {
            "model" => asked.model = value("model", raw, "the model's name")?,
            "stream" => asked.stream = value("stream", raw, "true or false")?,
            "messages" => {
                asked.input = Some(raw);
                asked.prompt = prompt(raw);
            }
            "system" => asked.system = text(raw),
            "tools" => asked.tools = Some(raw),
            "metadata" => {
                asked.metadata = Some(raw);
                let metadata = serde_json::from_str::<Metadata>(raw.get()).ok();
                asked.user = metadata.and_then(|metadata| metadata.user_id);
            }
            _ => asked.parameters.push((name, raw)),
        }
    }
    Ok(asked)
}

/// The user's last message that has text: results of tools are the user's too, and have none.
fn prompt(messages: &RawValue) -> Option<String> {
    let messages: Vec<&RawValue> = serde_json::from_str(messages.get()).ok()?;
    messages.iter().rev().find_map(|message| {
        let turn: Turn<'_> = serde_json::from_str(message.get()).ok()?;
        if turn.role == "user" { text(turn.content?) } else { None }
    })
}

fn text(content: &RawValue) -> Option<String> {
    Content::read(content, "content").ok()?.text()
}
