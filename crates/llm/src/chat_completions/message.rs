//! What a model says: the `message` of an answer and the `delta` of a stream, which have the same
//! fields, and the thoughts that clients send back.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::chat::{Finish, Media, MediaSource, Part, ToolCall};

/// Text without a copy, or whatever else is in its place.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Loose<'a> {
    #[serde(borrow)]
    Text(Cow<'a, str>),
    Other(Value),
}

/// A message, or a piece of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Loose<'a>>,
    #[serde(borrow)]
    pub(super) refusal: Option<Loose<'a>>,
    /// DeepSeek, xAI, vLLM, SambaNova.
    #[serde(borrow)]
    pub(super) reasoning_content: Option<Loose<'a>>,
    /// Groq, OpenRouter, Together, Ollama, newer vLLM.
    #[serde(borrow)]
    pub(super) reasoning: Option<Loose<'a>>,
    /// OpenRouter: the same thoughts again, with their seals.
    pub(super) reasoning_details: Option<Value>,
    pub(super) tool_calls: Option<Value>,
    /// The form before `tool_calls`.
    pub(super) function_call: Option<Value>,
    pub(super) audio: Option<Value>,
    /// OpenRouter: pictures that the model made.
    pub(super) images: Option<Value>,
}

/// A call, or a piece of one.
#[derive(Debug, Default)]
pub(super) struct SaidCall {
    pub(super) index: Option<i64>,
    pub(super) call: ToolCall,
}

impl Loose<'_> {
    /// The text, where it is one and not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(&**text).filter(|text| !text.is_empty()),
            Self::Other(_) => None,
        }
    }
}

/// That field's text, where it is one and not empty.
pub(super) fn text<'a>(field: &'a Option<Loose<'_>>) -> Option<&'a str> {
    field.as_ref()?.text()
}

impl Said<'_> {
    /// Its thoughts.
    pub(super) fn thoughts(&self) -> Vec<Part> {
        let plain = text(&self.reasoning_content).or_else(|| text(&self.reasoning));
        thoughts(self.reasoning_details.as_ref(), plain)
    }

    /// Its content: thoughts among it (Mistral), text, pictures.
    pub(super) fn content(&self) -> Vec<Part> {
        match &self.content {
            Some(Loose::Text(text)) if !text.is_empty() => vec![Part::Text(text.to_string())],
            Some(Loose::Other(Value::Array(chunks))) => {
                chunks.iter().filter_map(content_chunk).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Its calls of tools.
    pub(super) fn calls(&self) -> Vec<SaidCall> {
        let listed = match &self.tool_calls {
            Some(Value::Array(calls)) => calls.iter().map(said_call).collect(),
            _ => Vec::new(),
        };
        match &self.function_call {
            Some(function) if listed.is_empty() && function.is_object() => {
                let mut said = SaidCall { index: Some(0), ..SaidCall::default() };
                read_function(function, &mut said.call);
                vec![said]
            }
            _ => listed,
        }
    }

    /// What a spoken answer says, in words.
    pub(super) fn transcript(&self) -> Option<&str> {
        self.audio.as_ref()?.get("transcript")?.as_str().filter(|text| !text.is_empty())
    }

    /// All of it, in the order in which a model makes it.
    pub(super) fn parts(&self) -> Vec<Part> {
        let mut parts = self.thoughts();
        parts.extend(self.content());
        parts.extend(text(&self.refusal).map(|text| Part::Refusal(text.to_owned())));
        let data = self.audio.as_ref().and_then(|audio| audio.get("data")?.as_str());
        if let Some(data) = data.filter(|data| !data.is_empty()) {
            parts.push(Part::Audio(Media {
                source: MediaSource::Base64(data.to_owned()),
                mime: None,
                name: None,
                detail: None,
            }));
        }
        parts.extend(self.transcript().map(|text| Part::Text(text.to_owned())));
        if let Some(Value::Array(images)) = &self.images {
            parts.extend(images.iter().filter_map(content_chunk));
        }
        for (number, SaidCall { mut call, .. }) in self.calls().into_iter().enumerate() {
            if call.id.is_empty() {
                call.id = format!("call_{number}");
            }
            parts.push(Part::ToolCall(call));
        }
        parts
    }
}

/// Thoughts, from OpenRouter's details or else the plain text. Details hold the plain text again, so
/// only one of both counts.
pub(super) fn thoughts(details: Option<&Value>, plain: Option<&str>) -> Vec<Part> {
    let details = details.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut parts: Vec<_> = details.iter().filter_map(detail).collect();
    let has_text =
        parts.iter().any(|part| matches!(part, Part::Reasoning { text, .. } if !text.is_empty()));
    if let Some(plain) = plain.filter(|plain| !has_text && !plain.is_empty()) {
        parts.insert(0, Part::Reasoning { text: plain.to_owned(), sealed: None });
    }
    parts
}

/// One of OpenRouter's `reasoning_details`: `reasoning.text` with a signature, `reasoning.summary`,
/// `reasoning.encrypted`.
fn detail(detail: &Value) -> Option<Part> {
    let said = |name: &str| detail.get(name)?.as_str().filter(|text| !text.is_empty());
    let text = said("text").or_else(|| said("summary")).unwrap_or_default().to_owned();
    let sealed = said("signature").or_else(|| said("data")).map(str::to_owned);
    (!text.is_empty() || sealed.is_some()).then_some(Part::Reasoning { text, sealed })
}

/// One of Mistral's chunks of content, or one of OpenRouter's pictures. References and what else
/// may come have no words of their own.
fn content_chunk(chunk: &Value) -> Option<Part> {
    if let Some(text) = chunk.as_str() {
        return Some(text).filter(|text| !text.is_empty()).map(|text| Part::Text(text.to_owned()));
    }
    let said = |name: &str| chunk.get(name)?.as_str().filter(|text| !text.is_empty());
    match chunk.get("type").and_then(Value::as_str) {
        Some("text" | "output_text") | None => said("text").map(|text| Part::Text(text.to_owned())),
        Some("refusal") => said("refusal").map(|text| Part::Refusal(text.to_owned())),
        Some("thinking" | "reasoning") => thinking(chunk),
        Some("image_url") => {
            let image = chunk.get("image_url")?;
            let url = image.as_str().or_else(|| image.get("url")?.as_str())?;
            Some(Part::Image(Media::from_url(url)))
        }
        Some(_) => None,
    }
}

/// Mistral's thoughts: `{"type": "thinking", "thinking": [{"type": "text", "text": …}], "signature"}`.
pub(super) fn thinking(chunk: &Value) -> Option<Part> {
    let text = match chunk.get("thinking").or_else(|| chunk.get("text"))? {
        Value::String(text) => text.clone(),
        Value::Array(pieces) => {
            pieces.iter().filter_map(|piece| piece.get("text")?.as_str()).collect()
        }
        _ => return None,
    };
    let sealed = chunk.get("signature").and_then(Value::as_str).filter(|seal| !seal.is_empty());
    let sealed = sealed.map(str::to_owned);
    (!text.is_empty() || sealed.is_some()).then_some(Part::Reasoning { text, sealed })
}

fn said_call(value: &Value) -> SaidCall {
    let mut said = SaidCall {
        index: value.get("index").and_then(Value::as_i64),
        call: ToolCall {
            // Mistral's SDK writes the text "null" where there is no id.
            id: value
                .get("id")
                .and_then(Value::as_str)
                .filter(|id| *id != "null")
                .unwrap_or_default()
                .to_owned(),
            sealed: thought_signature(value),
            ..ToolCall::default()
        },
    };
    if let Some(function) = value.get("function").or_else(|| value.get("custom")) {
        read_function(function, &mut said.call);
    }
    said
}

/// Where Google's compatible endpoint keeps what it wants back with a call.
pub(super) fn thought_signature(call: &Value) -> Option<String> {
    let google = call.get("extra_content")?.get("google")?;
    Some(google.get("thought_signature")?.as_str()?.to_owned())
}

fn read_function(function: &Value, call: &mut ToolCall) {
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
    name.clone_into(&mut call.name);
    call.arguments = arguments(function.get("arguments").or_else(|| function.get("input")));
}

/// Arguments are JSON as text. Ollama and Mistral may write them as the object itself.
pub(super) fn arguments(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Why an answer ended. `None` where it did not.
pub(super) fn finish(reason: Option<&str>) -> Option<Finish> {
    Some(match reason? {
        // Together says `eos`, some builds of vLLM pass on the engine's own words.
        "stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn" => Finish::Stop,
        // Mistral's `model_length`: the model's window is full.
        "length" | "max_tokens" | "model_length" => Finish::Length,
        "tool_calls" | "function_call" | "tool_use" => Finish::ToolCalls,
        "content_filter" | "safety" => Finish::ContentFilter,
        other => Finish::Other(other.to_owned()),
    })
}

/// The word for it. There are only these four, and strictly typed clients break on a fifth.
pub(super) fn finish_word(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::Other(_) => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
    }
}
