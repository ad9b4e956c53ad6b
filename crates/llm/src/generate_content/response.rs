//! Whole answers, both ways.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Value, json};

use super::field::{Object, body, get, many, object, text, whole};
use super::part::{self, Calls};
use super::usage;
use crate::chat::{Choice, Finish, Fresh, Part, Response, Unreadable};

/// Answers of one response that are told apart; further ones are dropped.
pub(super) const MOST_CANDIDATES: usize = 128;

/// Reads an answer. Parts of kinds that are not known are left out. A prompt that Google declined
/// (`promptFeedback.blockReason`) is an answer without parts that ended for its content.
///
/// # Errors
/// The body is not a JSON object.
pub fn read_response(bytes: &[u8]) -> Result<Response, Unreadable> {
    let mut fields = body(bytes)?;
    // Code Assist and its like put the answer into an envelope.
    if get(&fields, "candidates").is_none()
        && let Some(inner) = object(&fields, "response").cloned()
    {
        fields = inner;
    }
    let mut response = Response {
        id: text(&fields, "responseId").map(str::to_owned),
        model: text(&fields, "modelVersion").map(str::to_owned),
        created: created(&fields),
        service_tier: service_tier(&fields),
        counted: get(&fields, "usageMetadata").map(usage::count),
        ..Response::default()
    };
    for (at, candidate) in many(get(&fields, "candidates")).iter().enumerate() {
        let Some(candidate) = candidate.as_object() else { continue };
        let index = index(candidate, at);
        if index >= MOST_CANDIDATES {
            continue;
        }
        if response.choices.len() <= index {
            response.choices.resize_with(index + 1, Choice::default);
        }
        response.choices[index] = read_choice(candidate);
    }
    if response.choices.is_empty()
        && let Some(declined) = declined(&fields)
    {
        response.choices.push(declined);
    }
    Ok(response)
}

fn read_choice(candidate: &Object) -> Choice {
    let mut parts = Vec::new();
    if let Some(content) = object(candidate, "content") {
        parts = part::join_thoughts(part::read_all(content, &mut Calls::default()).0);
    }
    let calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let finish = text(candidate, "finishReason").and_then(|reason| read_finish(reason, calls));
    Choice { parts, finish }
}

/// A prompt that Google declined.
pub(super) fn declined(answer: &Object) -> Option<Choice> {
    let feedback = object(answer, "promptFeedback")?;
    get(feedback, "blockReason")?;
    let message = text(feedback, "blockReasonMessage").map(str::to_owned);
    Some(Choice {
        parts: message.map(Part::Refusal).into_iter().collect(),
        finish: Some(Finish::ContentFilter),
    })
}

/// Which candidate it is: its own `index`, or its place.
pub(super) fn index(candidate: &Object, at: usize) -> usize {
    match get(candidate, "index") {
        Some(Value::Number(index)) => {
            whole(index).and_then(|index| usize::try_from(index).ok()).unwrap_or(at)
        }
        _ => at,
    }
}

/// When the request came, which only Vertex says.
pub(super) fn created(answer: &Object) -> Option<i64> {
    let time = text(answer, "createTime")?;
    DateTime::from_str(time, Format::DateTimeWithOffset).ok().map(|time| time.secs())
}

pub(super) fn service_tier(answer: &Object) -> Option<String> {
    let tier = text(object(answer, "usageMetadata")?, "serviceTier")?.to_ascii_lowercase();
    (tier != "unspecified").then_some(tier)
}

/// Why an answer ended. Google says `STOP` also where tools are called.
pub(super) fn read_finish(reason: &str, calls: bool) -> Option<Finish> {
    Some(match reason {
        "FINISH_REASON_UNSPECIFIED" | "" => return None,
        "STOP" if calls => Finish::ToolCalls,
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR"
        | "ESCALATION" => Finish::ContentFilter,
        other => Finish::Other(other.to_owned()),
    })
}

pub(super) fn write_finish(finish: &Finish) -> &str {
    match finish {
        Finish::Stop | Finish::ToolCalls => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::ContentFilter => "SAFETY",
        Finish::Other(reason) if is_constant(reason) => reason,
        Finish::Other(_) => "OTHER",
    }
}

/// Whether it is spelled as Google's values are.
fn is_constant(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Says an answer as Google does.
#[must_use]
pub fn write_response(response: &Response, fresh: &Fresh) -> Value {
    let candidates: Vec<Value> = response
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| {
            let parts = part::write_all(&choice.parts, &|result| {
                result.name.as_deref().unwrap_or_default()
            });
            write_candidate(index, parts, choice.finish.as_ref())
        })
        .collect();
    let mut written = json!({"candidates": candidates});
    if let Some(counted) = &response.counted {
        written["usageMetadata"] = usage::write(counted);
    }
    written["modelVersion"] = response.model.as_ref().unwrap_or(&fresh.model).as_str().into();
    if let Some(time) = response.created.and_then(write_time) {
        written["createTime"] = time.into();
    }
    written["responseId"] = response.id.as_ref().unwrap_or(&fresh.id).as_str().into();
    written
}

pub(super) fn write_candidate(index: usize, parts: Vec<Value>, finish: Option<&Finish>) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}});
    if let Some(finish) = finish {
        candidate["finishReason"] = write_finish(finish).into();
    }
    candidate["index"] = index.into();
    candidate
}

pub(super) fn write_time(seconds: i64) -> Option<String> {
    DateTime::from_secs(seconds).fmt(Format::DateTime).ok()
}

#[cfg(test)]
mod tests;
