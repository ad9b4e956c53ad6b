//! The conversation, as a provider is sent it.

use serde_json::{Map, Value, json};

use super::super::response::write_call;
use super::Dialect;
use crate::chat::{Media, MediaSource, Message, Part, Request, Role, ToolResult, Unreadable};

/// Between the texts of one message. They are sent as one: DeepSeek and some templates of open
/// models take no arrays.
const BETWEEN: &str = "\n\n";

/// The messages, instructions first.
pub(super) fn write_messages(request: &Request, dialect: Dialect) -> Vec<Value> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if !request.system.is_empty() {
        messages.push(json!({"role": "system", "content": joined(&request.system)}));
    }
    // Media that tools gave. Results may only be text here, and nothing may come between the results
    // of one turn; so the user shows them after the last.
    let mut shown = Vec::new();
    for turn in &request.messages {
        match turn.role {
            Role::User => write_user(turn, dialect, &mut shown, &mut messages),
            Role::Assistant => {
                show(&mut shown, dialect, &mut messages);
                messages.push(write_assistant(turn, dialect));
            }
        }
    }
    show(&mut shown, dialect, &mut messages);
    messages
}

fn show(shown: &mut Vec<Part>, dialect: Dialect, messages: &mut Vec<Value>) {
    if !shown.is_empty() {
        let parts = std::mem::take(shown);
        messages.push(json!({"role": "user", "content": content(&parts, dialect)}));
    }
}

fn write_user(turn: &Message, dialect: Dialect, shown: &mut Vec<Part>, messages: &mut Vec<Value>) {
    let mut said = Vec::new();
    let mut has_results = false;
    for part in &turn.parts {
        if let Part::ToolResult(result) = part {
            has_results = true;
            messages.push(write_result(result, dialect));
            let media: Vec<_> = result
                .parts
                .iter()
                .filter(|part| !matches!(part, Part::Text(_)))
                .cloned()
                .collect();
            if !media.is_empty() {
                shown.push(Part::Text(format!("The result of call {}:", result.call_id)));
                shown.extend(media);
            }
        } else {
            said.push(part.clone());
        }
    }
    if said.is_empty() && has_results {
        return;
    }
    show(shown, dialect, messages);
    let mut message = Map::new();
    message.insert("role".to_owned(), "user".into());
    message.insert("content".to_owned(), content(&said, dialect));
    put_name(&mut message, turn);
    messages.push(message.into());
}

fn write_result(result: &ToolResult, dialect: Dialect) -> Value {
    let mut text = joined(&result.parts);
    if text.is_empty() && result.is_error {
        "error".clone_into(&mut text);
    }
    let id = call_id(&result.call_id, dialect);
    let mut message = json!({"role": "tool", "tool_call_id": id, "content": text});
    // OpenAI's form has no place for it, and servers that are held to it refuse it.
    if let Some(name) = result.name.as_ref().filter(|_| dialect == Dialect::Mistral) {
        message["name"] = name.as_str().into();
    }
    message
}

fn write_assistant(turn: &Message, dialect: Dialect) -> Value {
    let mut said = String::new();
    let mut refusal = String::new();
    let mut thoughts = String::new();
    let mut calls = Vec::new();
    for part in &turn.parts {
        match part {
            Part::Text(text) => said.push_str(text),
            Part::Refusal(text) => refusal.push_str(text),
            Part::Reasoning { text, .. } => thoughts.push_str(text),
            Part::ToolCall(call) => {
                let mut written = write_call(call);
                written["id"] = call_id(&call.id, dialect).into();
                // A call without arguments is written by some as "", which others do not parse.
                if call.arguments.trim().is_empty() {
                    written["function"]["arguments"] = "{}".into();
                }
                // Google's; everyone stricter refuses the field.
                if let (Value::Object(fields), true) = (&mut written, dialect != Dialect::Open) {
                    fields.shift_remove("extra_content");
                }
                calls.push(written);
            }
            Part::Image(_) | Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => {}
        }
    }
    let mut message = Map::new();
    message.insert("role".to_owned(), "assistant".into());
    if !refusal.is_empty() && dialect != Dialect::OpenAi {
        // A field that only OpenAI has; elsewhere it is something that the model said.
        said.push_str(&std::mem::take(&mut refusal));
    }
    let is_beside = said.is_empty() && !(calls.is_empty() && refusal.is_empty());
    message.insert("content".to_owned(), if is_beside { Value::Null } else { said.into() });
    if !refusal.is_empty() {
        message.insert("refusal".to_owned(), refusal.into());
    }
    put_name(&mut message, turn);
    if !calls.is_empty() {
        // DeepSeek wants the thoughts back that led to a call, and only those; OpenAI and Mistral
        // refuse the field. Seals are of use only to who made them, and that is not known here.
        if dialect == Dialect::Open && !thoughts.is_empty() {
            message.insert("reasoning_content".to_owned(), thoughts.into());
        }
        message.insert("tool_calls".to_owned(), calls.into());
    }
    message.into()
}

fn put_name(message: &mut Map<String, Value>, turn: &Message) {
    if let Some(name) = &turn.name {
        message.insert("name".to_owned(), name.as_str().into());
    }
}

/// The texts of it, as one.
fn joined(parts: &[Part]) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) | Part::Refusal(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join(BETWEEN)
}

/// What a user says: a text where there is nothing else.
fn content(parts: &[Part], dialect: Dialect) -> Value {
    if parts.iter().all(|part| matches!(part, Part::Text(_))) {
        return joined(parts).into();
    }
    parts.iter().filter_map(|part| write_part(part, dialect)).collect()
}

/// `None`: it cannot be said, which [`unsaid`] reports where it matters.
fn write_part(part: &Part, dialect: Dialect) -> Option<Value> {
    match part {
        Part::Text(text) | Part::Refusal(text) => Some(json!({"type": "text", "text": text})),
        Part::Image(image) => {
            let mut url = json!({"url": image.to_url()?});
            if let Some(detail) = &image.detail {
                url["detail"] = detail.as_str().into();
            }
            Some(json!({"type": "image_url", "image_url": url}))
        }
        Part::Audio(audio) => {
            let MediaSource::Base64(data) = &audio.source else { return None };
            let format = audio_format(audio)?;
            Some(json!({"type": "input_audio", "input_audio": {"data": data, "format": format}}))
        }
        Part::File(file) => write_file(file, dialect),
        Part::Reasoning { .. } | Part::ToolCall(_) | Part::ToolResult(_) => None,
    }
}

fn write_file(file: &Media, dialect: Dialect) -> Option<Value> {
    if let (Dialect::Mistral, Some(url)) = (dialect, file.to_url()) {
        return Some(json!({"type": "document_url", "document_url": url}));
    }
    let file = match &file.source {
        MediaSource::Id(id) => json!({"file_id": id}),
        MediaSource::Base64(_) => {
            // OpenAI tells the type by the name, and refuses a file without one.
            let name = match (&file.name, file.mime.as_deref()) {
                (Some(name), _) => name.as_str(),
                (None, Some("application/pdf")) => "document.pdf",
                (None, _) => "document.txt",
            };
            json!({"filename": name, "file_data": file.to_url()?})
        }
        // OpenRouter takes them.
        MediaSource::Url(url) if dialect == Dialect::Open => {
            json!({"filename": file.name.as_deref().unwrap_or("document.pdf"), "file_data": url})
        }
        MediaSource::Url(_) => return None,
    };
    Some(json!({"type": "file", "file": file}))
}

fn audio_format(audio: &Media) -> Option<&'static str> {
    match audio.mime.as_deref()? {
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Some("wav"),
        "audio/mpeg" | "audio/mp3" => Some("mp3"),
        _ => None,
    }
}

/// What of a turn this protocol cannot say and may not leave out.
pub(super) fn unsaid(index: usize, turn: &Message, dialect: Dialect) -> Option<Unreadable> {
    let results = turn.parts.iter().filter_map(|part| match part {
        Part::ToolResult(result) => Some(result.parts.iter()),
        _ => None,
    });
    let mut all = turn.parts.iter().chain(results.flatten());
    let reason = all.find_map(|part| {
        if !matches!(part, Part::Image(_) | Part::Audio(_) | Part::File(_)) {
            return None;
        }
        if turn.role == Role::Assistant {
            return Some("holds a medium that the model made; send it as the user");
        }
        if write_part(part, dialect).is_some() {
            return None;
        }
        Some(match part {
            Part::Image(_) => "holds a picture by a provider's id; send its bytes or its address",
            Part::Audio(_) => "holds a recording that is not WAV or MP3 as base64; send it so",
            _ => "holds a document by address; send its bytes",
        })
    });
    reason.map(|reason| Unreadable::new(format!("messages[{index}]"), reason))
}

/// A call's id. Mistral's must have nine letters or digits; one of someone else becomes such a one,
/// always the same, so that its result still names it.
fn call_id(id: &str, dialect: Dialect) -> String {
    let fits = id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if dialect != Dialect::Mistral || fits {
        return id.to_owned();
    }
    // FNV-1a: this only has to tell the calls of one conversation apart.
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let digits = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut short = String::with_capacity(9);
    for _ in 0..9 {
        short.push(char::from(digits[(hash % 36) as usize]));
        hash /= 36;
    }
    short
}
