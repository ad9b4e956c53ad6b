//! What a trace shows of an answer.

use serde_json::{Map, Value, json};
use tracekeep_decode::call::{Failure, Progress};
use tracekeep_llm::chat::{ApiError, Choice, Media, Part, Response};
use tracekeep_llm::{Timing, Watched};
use tracekeep_model::{Micros, Text};
use tracekeep_redact::Redactor;

/// What is known of an answer, as far as it came.
pub(super) fn progress(response: &Response, first: Option<Micros>, at: Micros) -> Progress {
    let counted = response.counted.as_ref();
    Progress {
        at,
        first_token: first,
        response_model: response.model.as_deref().map(Into::into),
        output: output(response),
        tool_calls: tool_calls(response),
        usage: counted.map(|counted| counted.usage.clone()),
        usage_given: counted
            .filter(|counted| !counted.stated.is_null())
            .map(|counted| counted.stated.to_string().into()),
        metadata: response.service_tier.iter().map(|tier| tier_of(tier)).collect(),
        ..Progress::default()
    }
}

/// An answer that still grows, as far as what comes cannot change how it is masked.
pub(super) fn settled(response: &Response, redactor: &Redactor) -> Response {
    let mut settled = response.clone();
    for part in settled.choices.iter_mut().flat_map(|choice| &mut choice.parts) {
        let text = match part {
            Part::Text(text) | Part::Refusal(text) | Part::Reasoning { text, .. } => text,
            Part::ToolCall(call) => &mut call.arguments,
            Part::Image(_) | Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => continue,
        };
        text.truncate(redactor.settled(text));
    }
    settled
}

/// The class of service that was given, where the price looks for it.
fn tier_of(tier: &str) -> (Text, Text) {
    (Text::from_static("service_tier"), Value::from(tier).to_string().into())
}

/// What is known of a stream that is over, or that nobody waits for any more.
pub(super) fn watched(watched: &Watched, at: Micros) -> Progress {
    let first = watched.timing.map(|timing| timing.first);
    let mut progress = progress(&watched.response, first, at);
    progress.metadata.extend(watched.timing.map(pace));
    progress
}

/// Why a call failed, as a trace shows it.
pub(super) fn failure(error: &ApiError) -> Failure {
    Failure {
        r#type: error.r#type.as_deref().map(Into::into),
        code: Some(match &error.code {
            Some(code) => code.as_str().into(),
            None => error.status.to_string().into(),
        }),
        message: error.message.as_str().into(),
    }
}

/// When the pieces of an answer came, as metadata of the trace. In ms.
fn pace(timing: Timing) -> (Text, Text) {
    let ms = |micros: u32| f64::from(micros) / 1_000.0;
    let value = json!({
        "pieces": timing.pieces,
        "duration_ms": (timing.last.0 - timing.first.0) as f64 / 1_000.0,
        "pause_p50_ms": ms(timing.pause_p50),
        "pause_p95_ms": ms(timing.pause_p95),
        "pause_max_ms": ms(timing.pause_max),
    });
    (Text::from_static("stream"), value.to_string().into())
}

/// Plain text where the answer is nothing but one text; else the messages as JSON, in the shape of chat
/// completions.
fn output(response: &Response) -> Option<Text> {
    let [choice] = response.choices.as_slice() else {
        let messages: Vec<Value> = response.choices.iter().map(message).collect();
        return (!messages.is_empty()).then(|| Value::Array(messages).to_string().into());
    };
    if choice.parts.is_empty() {
        return None;
    }
    match plain(choice) {
        Some(text) => Some(text.into()),
        None => Some(message(choice).to_string().into()),
    }
}

fn plain(choice: &Choice) -> Option<String> {
    let mut all = String::new();
    for part in &choice.parts {
        let Part::Text(text) = part else { return None };
        all.push_str(text);
    }
    Some(all)
}

fn message(choice: &Choice) -> Value {
    let mut message = Map::new();
    message.insert("role".to_owned(), "assistant".into());
    let texts = |wanted: fn(&Part) -> Option<&str>| {
        let texts: String = choice.parts.iter().filter_map(wanted).collect();
        (!texts.is_empty()).then_some(texts)
    };
    let content = texts(|part| match part {
        Part::Text(text) => Some(text),
        _ => None,
    });
    message.insert("content".to_owned(), content.into());
    let reasoning = texts(|part| match part {
        Part::Reasoning { text, .. } => Some(text),
        _ => None,
    });
    if let Some(reasoning) = reasoning {
        message.insert("reasoning".to_owned(), reasoning.into());
    }
    let refusal = texts(|part| match part {
        Part::Refusal(text) => Some(text),
        _ => None,
    });
    if let Some(refusal) = refusal {
        message.insert("refusal".to_owned(), refusal.into());
    }
    let calls = calls(choice);
    if !calls.is_empty() {
        message.insert("tool_calls".to_owned(), calls.into());
    }
    let media: Vec<Value> = choice.parts.iter().filter_map(medium).collect();
    if !media.is_empty() {
        message.insert("media".to_owned(), media.into());
    }
    message.into()
}

fn tool_calls(response: &Response) -> Option<Text> {
    let calls: Vec<Value> = response.choices.iter().flat_map(calls).collect();
    (!calls.is_empty()).then(|| Value::Array(calls).to_string().into())
}

fn calls(choice: &Choice) -> Vec<Value> {
    let calls = choice.parts.iter().filter_map(|part| match part {
        Part::ToolCall(call) => Some(json!({
            "id": call.id,
            "type": "function",
            "function": { "name": call.name, "arguments": call.arguments },
        })),
        _ => None,
    });
    calls.collect()
}

fn medium(part: &Part) -> Option<Value> {
    let (kind, media): (_, &Media) = match part {
        Part::Image(media) => ("image", media),
        Part::Audio(media) => ("audio", media),
        Part::File(media) => ("file", media),
        _ => return None,
    };
    Some(json!({ "type": kind, "url": media.to_url(), "name": media.name }))
}

#[cfg(test)]
mod tests;
