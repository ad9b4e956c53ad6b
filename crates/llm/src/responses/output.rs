//! The items of an answer.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::chat::{Finish, Media, MediaSource, Part, ToolCall};

/// What the items say. Items of built-in tools say nothing themselves, but for images.
pub(super) fn read(items: &[Value]) -> Vec<Part> {
    let mut parts = Vec::new();
    for item in items {
        match item["type"].as_str() {
            Some("message") => parts.extend(said(item)),
            Some("reasoning") => {
                let thoughts = thoughts(item);
                parts.extend(thoughts.map(|(text, sealed)| Part::Reasoning { text, sealed }));
            }
            Some("image_generation_call") => parts.extend(image(item)),
            _ => parts.extend(call(item).map(Part::ToolCall)),
        }
    }
    parts
}

/// What a message's item says.
pub(super) fn said(item: &Value) -> impl Iterator<Item = Part> {
    let content = item["content"].as_array().map_or(&[][..], Vec::as_slice);
    content.iter().filter_map(|part| {
        let text = |name: &str| {
            let text = part[name].as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        match part["type"].as_str()? {
            "output_text" => text("text").map(Part::Text),
            "refusal" => text("refusal").map(Part::Refusal),
            _ => None,
        }
    })
}

/// The thoughts of an item and their seal. None where the item has neither.
///
/// A summary is what OpenAI shows; `content` is what open models show. Where there are both, the
/// summary is taken, so that nothing is said twice.
pub(super) fn thoughts(item: &Value) -> Option<(String, Option<String>)> {
    let texts = |name: &str| {
        let parts = item[name].as_array().map_or(&[][..], Vec::as_slice);
        let texts = parts.iter().filter_map(|part| part["text"].as_str());
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
    };
    let summary = texts("summary");
    let text = if summary.is_empty() { texts("content") } else { summary };
    let sealed = item["encrypted_content"].as_str().filter(|sealed| !sealed.is_empty());
    let sealed = sealed.map(str::to_owned);
    if text.is_empty() && sealed.is_none() { None } else { Some((text, sealed)) }
}

/// The call that an item is: of a function, or of a custom tool, whose input is plain text.
pub(super) fn call(item: &Value) -> Option<ToolCall> {
    let arguments = match item["type"].as_str()? {
        "function_call" => &item["arguments"],
        "custom_tool_call" => &item["input"],
        _ => return None,
    };
    let id = item["call_id"].as_str().or(item["id"].as_str()).unwrap_or_default();
    let arguments = match arguments {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let name = item["name"].as_str().unwrap_or_default().to_owned();
    Some(ToolCall { id: id.to_owned(), name, arguments, sealed: None })
}

/// A picture that the model made.
fn image(item: &Value) -> Option<Part> {
    let data = item["result"].as_str().filter(|data| !data.is_empty())?;
    let format = item["output_format"].as_str().unwrap_or("png");
    Some(Part::Image(Media {
        source: MediaSource::Base64(data.to_owned()),
        mime: Some(format!("image/{format}")),
        name: None,
        detail: None,
    }))
}

/// A piece of a message's content: of type `output_text` or `refusal`.
pub(super) fn content(kind: Said, text: &str) -> Value {
    match kind {
        Said::Text => {
            json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
        }
        Said::Refusal => json!({"type": "refusal", "refusal": text}),
    }
}

/// What a message's content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Text,
    Refusal,
}

/// A message's item.
pub(super) fn message(id: &str, status: &str, content: Vec<Value>) -> Value {
    json!({
        "id": id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    })
}

/// An item of thoughts.
pub(super) fn reasoning(id: &str, text: &str, sealed: Option<&str>) -> Value {
    let summary = if text.is_empty() { json!([]) } else { json!([summary(text)]) };
    let mut item = json!({"id": id, "type": "reasoning", "summary": summary});
    if let Some(sealed) = sealed {
        item["encrypted_content"] = sealed.into();
    }
    item
}

/// A piece of a summary of thoughts.
pub(super) fn summary(text: &str) -> Value {
    json!({"type": "summary_text", "text": text})
}

/// A call's item.
pub(super) fn function_call(id: &str, status: &str, call: &ToolCall) -> Value {
    json!({
        "id": id,
        "type": "function_call",
        "status": status,
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    })
}

/// The id of a call, or another where it has none or one that was there: clients' libraries refuse
/// an answer with one twice.
pub(super) fn unique_id(used: &mut HashSet<String>, id: &str, other: String) -> String {
    let id = if id.is_empty() || used.contains(id) { other } else { id.to_owned() };
    used.insert(id.clone());
    id
}

/// An image's item. None where its bytes are elsewhere.
pub(super) fn image_generation_call(id: &str, media: &Media) -> Option<Value> {
    let MediaSource::Base64(data) = &media.source else { return None };
    let format = media.mime.as_deref().and_then(|mime| mime.strip_prefix("image/"));
    Some(json!({
        "id": id,
        "type": "image_generation_call",
        "status": "completed",
        "result": data,
        "output_format": format.unwrap_or("png"),
    }))
}

/// How an answer ended, in this protocol's words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ending {
    /// `completed`, `incomplete` or `failed`.
    pub(super) status: &'static str,
    /// Why it is incomplete.
    pub(super) reason: Option<String>,
    /// What failed: an object with `code` and `message`.
    pub(super) error: Option<Value>,
}

/// The reason of an answer that failed, in [`Finish::Other`].
pub(super) const FAILED: &str = "failed";

impl Ending {
    /// Of an answer that ended for that reason.
    pub(super) fn of(finish: Option<&Finish>) -> Self {
        let (status, reason) = match finish {
            None | Some(Finish::Stop | Finish::ToolCalls) => ("completed", None),
            Some(Finish::Length) => ("incomplete", Some("max_output_tokens")),
            Some(Finish::ContentFilter) => ("incomplete", Some("content_filter")),
            Some(Finish::Other(reason)) if reason == FAILED => (FAILED, None),
            Some(Finish::Other(reason)) => ("incomplete", Some(reason.as_str())),
        };
        let failure = || json!({"code": "server_error", "message": "the model failed to answer"});
        Self { status, reason: reason.map(str::to_owned), error: (status == FAILED).then(failure) }
    }
}

/// Why an answer ended. None: it did not.
pub(super) fn finish(response: &Value, has_calls: bool) -> Option<Finish> {
    match response["status"].as_str().unwrap_or("completed") {
        "queued" | "in_progress" => None,
        "completed" if has_calls => Some(Finish::ToolCalls),
        "completed" => Some(Finish::Stop),
        "incomplete" => Some(match response["incomplete_details"]["reason"].as_str() {
            Some("max_output_tokens") => Finish::Length,
            Some("content_filter") => Finish::ContentFilter,
            other => Finish::Other(other.unwrap_or("incomplete").to_owned()),
        }),
        other => Some(Finish::Other(other.to_owned())),
    }
}
