//! Whole answers.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::message::{Loose, Said, finish, finish_word, text};
use super::usage;
use crate::chat::{Choice, Finish, Fresh, Part, Response, ToolCall, Unreadable};

/// Answers that are read of one response.
const MOST_CHOICES: usize = 128;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    id: Option<Loose<'a>>,
    #[serde(borrow)]
    model: Option<Loose<'a>>,
    created: Option<Value>,
    #[serde(borrow)]
    service_tier: Option<Loose<'a>>,
    #[serde(borrow)]
    choices: Option<Vec<Whole<'a>>>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    message: Option<Said<'a>>,
    /// The answer of `POST /v1/completions`.
    #[serde(borrow)]
    text: Option<Loose<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Loose<'a>>,
}

/// An answer, as anyone who speaks this protocol may write it. Fields that the neutral form has no
/// place for are left out.
///
/// # Errors
/// The body is not a JSON object, or its `choices` are not an array of objects.
pub fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|error| {
        Unreadable::new("body", format!("is not an answer of chat completions: {error}"))
    })?;
    let choices = answer.choices.unwrap_or_default();
    Ok(Response {
        id: text(&answer.id).map(str::to_owned),
        model: text(&answer.model).map(str::to_owned),
        created: answer.created.as_ref().and_then(created),
        choices: choices.iter().take(MOST_CHOICES).map(read_choice).collect(),
        counted: answer.usage.filter(Value::is_object).map(|stated| usage::count(&stated)),
        service_tier: text(&answer.service_tier).map(str::to_owned),
    })
}

/// A time in seconds. Azure's first chunk has a 0 there; Mistral and llama.cpp may write a float.
pub(super) fn created(value: &Value) -> Option<i64> {
    usage::whole(Some(value)).filter(|seconds| *seconds > 0)
}

fn read_choice(choice: &Whole<'_>) -> Choice {
    let mut parts = choice.message.as_ref().map(Said::parts).unwrap_or_default();
    parts.extend(text(&choice.text).map(|text| Part::Text(text.to_owned())));
    let calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let finish = match finish(text(&choice.finish_reason)) {
        // A tool that was asked for by name ends with `stop`, and some providers always say it.
        Some(Finish::Stop) if calls => Some(Finish::ToolCalls),
        finish => finish,
    };
    Choice { parts, finish }
}

/// An answer in OpenAI's form. Thoughts are in `reasoning_content`, as DeepSeek has it and most
/// clients read it; with their seals also in `reasoning_details`, as OpenRouter has them.
#[must_use]
pub fn write_response(response: &Response, fresh: &Fresh) -> Value {
    let choices = response.choices.iter().enumerate().map(|(index, choice)| {
        let calls = choice.parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
        // An answer that did not end has to have a word for it all the same.
        let unsaid = if calls { Finish::ToolCalls } else { Finish::Stop };
        json!({
            "index": index,
            "message": write_message(&choice.parts),
            "logprobs": null,
            "finish_reason": finish_word(choice.finish.as_ref().unwrap_or(&unsaid)),
        })
    });
    let mut body = json!({
        "id": response.id.clone().unwrap_or_else(|| format!("chatcmpl-{}", fresh.id)),
        "object": "chat.completion",
        "created": response.created.unwrap_or(fresh.created),
        "model": response.model.as_ref().unwrap_or(&fresh.model),
        "choices": choices.collect::<Vec<_>>(),
    });
    if let Some(counted) = &response.counted {
        body["usage"] = usage::write(counted);
    }
    if let Some(tier) = response.service_tier.as_deref().and_then(service_tier) {
        body["service_tier"] = tier.into();
    }
    body
}

/// A class of service in OpenAI's words, where it has one for it.
pub(super) fn service_tier(tier: &str) -> Option<&'static str> {
    let known = ["auto", "default", "flex", "scale", "priority", "fast"];
    match tier {
        // Anthropic's word.
        "standard" => Some("default"),
        tier => known.into_iter().find(|known| *known == tier),
    }
}

fn write_message(parts: &[Part]) -> Value {
    let mut content = String::new();
    let mut refusal = String::new();
    let mut thoughts = String::new();
    let mut details = Vec::new();
    let mut calls = Vec::new();
    let mut images = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => content.push_str(text),
            Part::Refusal(text) => refusal.push_str(text),
            Part::Reasoning { text, sealed } => {
                thoughts.push_str(text);
                details.push(reasoning_detail(details.len(), text, sealed.as_deref()));
            }
            Part::ToolCall(call) => calls.push(write_call(call)),
            Part::Image(image) => {
                if let Some(url) = image.to_url() {
                    let index = images.len();
                    images.push(
                        json!({"type": "image_url", "index": index, "image_url": {"url": url}}),
                    );
                }
            }
            // A model says none of these in this protocol, or only in a form of its own.
            Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => {}
        }
    }
    let said = |text: String| if text.is_empty() { Value::Null } else { text.into() };
    let mut message = Map::new();
    message.insert("role".to_owned(), "assistant".into());
    // Content is null only beside calls or a refusal; an empty answer is an empty text.
    let instead = !calls.is_empty() || !refusal.is_empty();
    let content = if instead { said(content) } else { content.into() };
    message.insert("content".to_owned(), content);
    message.insert("refusal".to_owned(), said(refusal));
    if !thoughts.is_empty() {
        message.insert("reasoning_content".to_owned(), thoughts.into());
    }
    if parts.iter().any(|part| matches!(part, Part::Reasoning { sealed: Some(_), .. })) {
        message.insert("reasoning_details".to_owned(), details.into());
    }
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    if !images.is_empty() {
        message.insert("images".to_owned(), images.into());
    }
    message.into()
}

/// One of OpenRouter's `reasoning_details`, by its place among them. The SDK joins pieces of the
/// same index: texts are appended, so a seal must be sent once.
pub(super) fn reasoning_detail(index: usize, text: &str, sealed: Option<&str>) -> Value {
    match sealed {
        Some(data) if text.is_empty() => {
            json!({"type": "reasoning.encrypted", "index": index, "data": data})
        }
        Some(signature) => {
            json!({"type": "reasoning.text", "index": index, "text": text, "signature": signature})
        }
        None => json!({"type": "reasoning.text", "index": index, "text": text}),
    }
}

/// A call; with what Google wants back where its compatible endpoint has it.
pub(super) fn write_call(call: &ToolCall) -> Value {
    let mut written = json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    });
    if let Some(sealed) = &call.sealed {
        written["extra_content"] = json!({"google": {"thought_signature": sealed}});
    }
    written
}

#[cfg(test)]
mod tests;
