//! Whole answers.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::REDACTED;
use super::block::Block;
use super::usage::{count, whole};
use super::write_request::input;
use crate::chat::{Choice, Finish, Fresh, Part, Response, Unreadable};

#[derive(Deserialize)]
struct Answer<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    content: Option<Vec<&'a RawValue>>,
    stop_reason: Option<String>,
    stop_details: Option<Value>,
    usage: Option<Value>,
}

/// A provider's answer. Blocks that are no text, thought or call of the client's tools are left out.
///
/// # Errors
/// The body is no message of this protocol.
pub fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|error| {
        Unreadable::new("body", format!("is no message of Anthropic's: {error}"))
    })?;
    let Some(content) = answer.content else {
        return Err(Unreadable::new("content", "is missing; a message of Anthropic's has it"));
    };
    let blocks = content.iter().filter_map(|raw| serde_json::from_str::<Block<'_>>(raw.get()).ok());
    let mut parts: Vec<Part> = blocks.filter_map(|block| block.said()).collect();
    parts.extend(explanation(answer.stop_details.as_ref()).map(Part::Refusal));
    let finish = answer.stop_reason.as_deref().map(finish);
    let tier = answer.usage.as_ref().and_then(service_tier);
    Ok(Response {
        id: answer.id,
        model: answer.model,
        created: None,
        choices: vec![Choice { parts, finish }],
        counted: answer.usage.as_ref().map(count),
        service_tier: tier,
    })
}

/// Why the model refused, for people.
pub(super) fn explanation(stop_details: Option<&Value>) -> Option<String> {
    let text = stop_details?.get("explanation")?.as_str()?;
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// Why an answer ended: `StopReason` of the SDK.
pub(super) fn finish(stop_reason: &str) -> Finish {
    match stop_reason {
        "end_turn" | "stop_sequence" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::ContentFilter,
        // `pause_turn` among them: the provider's own tools need another call.
        other => Finish::Other(other.to_owned()),
    }
}

/// The class of service, as other protocols call it.
pub(super) fn service_tier(usage: &Value) -> Option<String> {
    let tier = usage.get("service_tier")?.as_str()?;
    Some(if tier == "standard" { "default".to_owned() } else { tier.to_owned() })
}

/// An answer as a client of this protocol gets it: the first of several.
#[must_use]
pub fn write_response(response: &Response, fresh: &Fresh) -> Value {
    let choice = response.choices.first();
    let parts = choice.map_or(&[] as &[Part], |choice| choice.parts.as_slice());
    let has_refused = parts.iter().any(|part| matches!(part, Part::Refusal(_)));
    let finish = choice.and_then(|choice| choice.finish.as_ref());
    let usage = whole(response.counted.as_ref(), response.service_tier.as_deref());
    let mut message = head(response.id.as_deref(), response.model.as_deref(), fresh);
    message.insert("content".to_owned(), parts.iter().filter_map(block).collect());
    message.insert("stop_reason".to_owned(), json!(stop_reason(finish, has_refused)));
    message.insert("stop_sequence".to_owned(), Value::Null);
    message.insert("usage".to_owned(), usage);
    Value::Object(message)
}

/// What a message begins with.
pub(super) fn head(id: Option<&str>, model: Option<&str>, fresh: &Fresh) -> Map<String, Value> {
    let id = id.map_or_else(|| format!("msg_{}", fresh.id), str::to_owned);
    let mut head = Map::new();
    head.insert("id".to_owned(), json!(id));
    head.insert("type".to_owned(), json!("message"));
    head.insert("role".to_owned(), json!("assistant"));
    head.insert("model".to_owned(), json!(model.unwrap_or(&fresh.model)));
    head
}

/// The protocol's word for why an answer ended. It says nothing else, so other reasons are its usual
/// end.
pub(super) fn stop_reason(finish: Option<&Finish>, has_refused: bool) -> &'static str {
    match finish {
        _ if has_refused => "refusal",
        None | Some(Finish::Stop) => "end_turn",
        Some(Finish::Length) => "max_tokens",
        Some(Finish::ToolCalls) => "tool_use",
        Some(Finish::ContentFilter) => "refusal",
        Some(Finish::Other(reason)) if reason == "pause_turn" => "pause_turn",
        Some(Finish::Other(_)) => "end_turn",
    }
}

/// A part of an answer; none where it is empty or cannot be said. Refusals are text: a client that
/// shows text shows them.
fn block(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) | Part::Refusal(text) => {
            (!text.is_empty()).then(|| json!({"type": "text", "text": text}))
        }
        Part::Reasoning { text, sealed } => {
            let sealed = sealed.as_deref().unwrap_or_default();
            Some(match sealed.strip_prefix(REDACTED) {
                Some(data) => json!({"type": "redacted_thinking", "data": data}),
                // The SDK requires a signature; an empty one is taken as none when it comes back.
                None => json!({"type": "thinking", "thinking": text, "signature": sealed}),
            })
        }
        Part::ToolCall(call) => Some(json!({
            "type": "tool_use",
            "id": call.id,
            "name": call.name,
            "input": input(&call.arguments),
        })),
        Part::Image(_) | Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => None,
    }
}
