//! Whole answers.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::usage::count;
use crate::chat::{Choice, Finish, Media, MediaSource, Part, Response, ToolCall, Unreadable};
use crate::messages::REDACTED;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    output: Option<Output<'a>>,
    stop_reason: Option<String>,
    usage: Option<Value>,
    service_tier: Option<Value>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    message: Option<Said<'a>>,
}

#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    content: Option<Vec<&'a RawValue>>,
}

/// A block: one of these fields is there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block<'a> {
    text: Option<String>,
    #[serde(borrow)]
    tool_use: Option<ToolUse<'a>>,
    reasoning_content: Option<Value>,
    citations_content: Option<Value>,
    image: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolUse<'a> {
    tool_use_id: Option<String>,
    name: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    r#type: Option<String>,
}

/// A provider's answer. Blocks that are no text, thought, picture or call of the client's tools are
/// left out.
///
/// # Errors
/// The body is no answer of this protocol.
pub fn read_response(body: &[u8]) -> Result<Response, Unreadable> {
    let answer: Answer<'_> = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is no answer of Converse: {error}")))?;
    let content = answer.output.and_then(|output| output.message).and_then(|said| said.content);
    let Some(content) = content else {
        let reason = "is missing; an answer of Converse has it";
        return Err(Unreadable::new("output.message.content", reason));
    };
    let blocks = content.iter().filter_map(|raw| serde_json::from_str::<Block<'_>>(raw.get()).ok());
    let choice = Choice {
        parts: blocks.filter_map(part).collect(),
        finish: answer.stop_reason.as_deref().map(finish),
    };
    Ok(Response {
        choices: vec![choice],
        counted: answer.usage.as_ref().map(count),
        service_tier: service_tier(answer.service_tier.as_ref()),
        ..Response::default()
    })
}

fn part(block: Block<'_>) -> Option<Part> {
    if let Some(text) = block.text {
        return (!text.is_empty()).then_some(Part::Text(text));
    }
    if let Some(call) = block.tool_use {
        // Those that the service calls itself are none of the client's.
        return call.r#type.is_none().then(|| {
            Part::ToolCall(ToolCall {
                id: call.tool_use_id.unwrap_or_default(),
                name: call.name.unwrap_or_default(),
                arguments: call.input.map_or("{}", RawValue::get).to_owned(),
                sealed: None,
            })
        });
    }
    if let Some(thought) = block.reasoning_content {
        let text = |path: &str| thought.pointer(path).and_then(Value::as_str).map(str::to_owned);
        if let Some(data) = text("/redactedContent") {
            let sealed = Some(format!("{REDACTED}{data}"));
            return Some(Part::Reasoning { text: String::new(), sealed });
        }
        let sealed = text("/reasoningText/signature").filter(|sealed| !sealed.is_empty());
        let text = text("/reasoningText/text").unwrap_or_default();
        return (!text.is_empty() || sealed.is_some()).then_some(Part::Reasoning { text, sealed });
    }
    if let Some(cited) = block.citations_content {
        let content = cited.get("content").and_then(Value::as_array);
        let texts = content.into_iter().flatten();
        let texts = texts.filter_map(|text| text.get("text").and_then(Value::as_str));
        return Some(texts.collect::<String>()).filter(|text| !text.is_empty()).map(Part::Text);
    }
    image(block.image.as_ref()?)
}

fn image(image: &Value) -> Option<Part> {
    let data = image.pointer("/source/bytes")?.as_str()?;
    let format = image.get("format").and_then(Value::as_str).unwrap_or("png");
    Some(Part::Image(Media {
        source: MediaSource::Base64(data.to_owned()),
        mime: Some(format!("image/{format}")),
        name: None,
        detail: None,
    }))
}

/// Why an answer ended: `StopReason` of the service model.
pub(super) fn finish(stop_reason: &str) -> Finish {
    match stop_reason {
        "end_turn" | "stop_sequence" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "guardrail_intervened" | "content_filtered" => Finish::ContentFilter,
        other => Finish::Other(other.to_owned()),
    }
}

/// The class of service: `{"type"}`.
pub(super) fn service_tier(tier: Option<&Value>) -> Option<String> {
    tier?.get("type")?.as_str().map(str::to_owned)
}
