//! What gets lost between this protocol and others, and what must not.

use serde_json::Value;

use crate::chat::{MediaSource, Message, Part, Reasoning, Request, Role, Unreadable};

/// Fields of `extra` without which a request means something else.
const NEEDED: [&str; 6] =
    ["previous_response_id", "conversation", "prompt", "background", "tools", "tool_choice"];

const ONLY_HERE: &str = "is of OpenAI's Responses API alone, by which this model is not called";
const LEAVE_OUT: &str = "leave it out, or name another model";

/// Makes a request that was read from another protocol one that [`super::write_request`] can
/// write: without `extra`, and not stored with the provider, as other protocols do not.
///
/// `top_k`, `seed`, the penalties, a message's speaker, a tool's failure and thoughts without seal
/// are dropped.
///
/// # Errors
/// It asks for something that this protocol cannot say and that changes the answer.
pub fn adopt(request: &mut Request) -> Result<(), Unreadable> {
    if request.params.choices.is_some_and(|choices| choices > 1) {
        let reason = "asks for several answers; this model's protocol gives one: leave it out";
        return Err(Unreadable::new("n", reason));
    }
    if !request.params.stop.is_empty() {
        let reason = format!("is not known to this model's protocol; {LEAVE_OUT}");
        return Err(Unreadable::new("stop", reason));
    }
    for (number, message) in request.messages.iter().enumerate() {
        check_sayable(number, message)?;
    }
    for message in &mut request.messages {
        message.parts.retain(|part| !matches!(part, Part::Reasoning { sealed: None, .. }));
    }
    request.messages.retain(|message| !message.parts.is_empty());
    // Here a function's arguments must fit exactly unless said otherwise; elsewhere they need not.
    for tool in &mut request.tools {
        tool.strict.get_or_insert(false);
    }
    request.extra.clear();
    request.extra.insert("store".to_owned(), Value::Bool(false));
    // Models that cannot think refuse to be asked for their thoughts.
    let thinks = !matches!(&request.params.reasoning, None | Some(Reasoning::Budget(0)));
    if thinks {
        let include = Value::from(vec!["reasoning.encrypted_content"]);
        request.extra.insert("include".to_owned(), include);
    }
    Ok(())
}

fn check_sayable(number: usize, message: &Message) -> Result<(), Unreadable> {
    let is_assistant = message.role == Role::Assistant;
    for part in &message.parts {
        let reason = match part {
            Part::Image(_) | Part::Audio(_) | Part::File(_) if is_assistant => {
                "has an image, audio or file of the model; send it in a message of the user"
            }
            Part::ToolResult(result)
                if result.parts.iter().any(|part| matches!(part, Part::Audio(_))) =>
            {
                "has a tool's result with audio; send text, images or files"
            }
            _ => continue,
        };
        return Err(Unreadable::new(format!("messages[{number}]"), reason));
    }
    Ok(())
}

/// Whether a request that was read as this protocol means the same in another one, which knows
/// nothing of its `extra`.
///
/// # Errors
/// It needs something that only this protocol has.
pub fn release(request: &Request) -> Result<(), Unreadable> {
    let needed = NEEDED.iter().find(|name| match request.extra.get(**name) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    });
    if let Some(name) = needed {
        return Err(Unreadable::new(*name, format!("{ONLY_HERE}; {LEAVE_OUT}")));
    }
    if let Some(Value::Array(kept)) = request.extra.get("input") {
        let mut kinds = kept.iter().filter_map(|kept| kept["item"]["type"].as_str());
        // Thoughts that are with OpenAI are of no use to another model.
        if let Some(kind) = kinds.find(|kind| *kind != "reasoning") {
            let kind: String = kind.chars().take(60).collect();
            let reason = format!("has an item {kind:?}, which {ONLY_HERE}; {LEAVE_OUT}");
            return Err(Unreadable::new("input", reason));
        }
    }
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    if request.system.iter().chain(parts).any(is_stored) {
        let reason = "has a file by its id, known to its provider alone; send its bytes or address";
        return Err(Unreadable::new("input", reason));
    }
    Ok(())
}

fn is_stored(part: &Part) -> bool {
    match part {
        Part::Image(media) | Part::Audio(media) | Part::File(media) => {
            matches!(media.source, MediaSource::Id(_))
        }
        Part::ToolResult(result) => result.parts.iter().any(is_stored),
        Part::Text(_) | Part::Reasoning { .. } | Part::ToolCall(_) | Part::Refusal(_) => false,
    }
}

#[cfg(test)]
mod tests;
