//! The conversation of a client's request.

use serde_json::Value;

use super::super::message::{arguments, thinking, thought_signature, thoughts};
use super::fields::Fields;
use crate::chat::{
    Media, MediaSource, Message, Part, Request, Role, ToolCall, ToolResult, Unreadable,
};

/// Takes `messages` apart.
pub(super) fn read_messages(fields: &mut Fields, request: &mut Request) -> Result<(), Unreadable> {
    let Some(messages) = fields.array("messages")? else {
        return Err(fields.wrong("messages", "is missing: give the conversation as an array"));
    };
    // Results that follow each other are one turn.
    let mut is_in_results = false;
    for (index, message) in messages.into_iter().enumerate() {
        let at = format!("messages[{index}]");
        let mut message = Fields::new(&at, message)?;
        let was_in_results = std::mem::replace(&mut is_in_results, false);
        match message.text("role")?.as_deref() {
            Some("system" | "developer") => {
                let content = read_content(&mut message)?;
                if content.iter().any(|part| !matches!(part, Part::Text(_))) {
                    return Err(message.wrong("content", "of the system must be text"));
                }
                request.system.extend(content);
            }
            Some("user") => {
                let name = message.text("name")?;
                let parts = read_content(&mut message)?;
                request.messages.push(Message { role: Role::User, name, parts });
            }
            Some("assistant") => {
                let name = message.text("name")?;
                let parts = read_assistant(&mut message)?;
                request.messages.push(Message { role: Role::Assistant, name, parts });
            }
            Some("tool") => {
                let result = Part::ToolResult(read_result(&mut message)?);
                is_in_results = true;
                match request.messages.last_mut() {
                    Some(turn) if was_in_results => turn.parts.push(result),
                    _ => request.messages.push(Message {
                        role: Role::User,
                        name: None,
                        parts: vec![result],
                    }),
                }
            }
            Some("function") => {
                return Err(message.wrong("role", "`function` is the old form; send `tool`"));
            }
            _ => {
                return Err(message.wrong(
                    "role",
                    "must be `system`, `developer`, `user`, `assistant` or `tool`",
                ));
            }
        }
    }
    Ok(())
}

fn read_result(message: &mut Fields) -> Result<ToolResult, Unreadable> {
    let missing = message.wrong("tool_call_id", "is missing: name the call that this answers");
    Ok(ToolResult {
        call_id: message.text("tool_call_id")?.ok_or(missing)?,
        name: message.text("name")?,
        parts: read_content(message)?,
        is_error: false,
    })
}

fn read_assistant(message: &mut Fields) -> Result<Vec<Part>, Unreadable> {
    if message.take("function_call").is_some() {
        return Err(message.wrong("function_call", "is the old form; send `tool_calls`"));
    }
    if message.take("audio").is_some() {
        return Err(message.wrong(
            "audio",
            "names a recording that only OpenAI has; send its transcript as `content`",
        ));
    }
    // Whatever form they come in: what is not text here is no one's mistake worth refusing.
    let details = message.take("reasoning_details");
    let plain = [message.take("reasoning_content"), message.take("reasoning")];
    let plain = plain.iter().flatten().find_map(Value::as_str);
    let mut parts = thoughts(details.as_ref(), plain);
    parts.extend(read_content(message)?);
    if let Some(refusal) = message.text("refusal")?.filter(|refusal| !refusal.is_empty()) {
        parts.push(Part::Refusal(refusal));
    }
    let calls = message.array("tool_calls")?.unwrap_or_default();
    for (number, call) in calls.into_iter().enumerate() {
        let at = message.path(&format!("tool_calls[{number}]"));
        let sealed = thought_signature(&call);
        let call = read_call(Fields::new(&at, call)?, number)?;
        parts.push(Part::ToolCall(ToolCall { sealed, ..call }));
    }
    Ok(parts)
}

fn read_call(mut call: Fields, number: usize) -> Result<ToolCall, Unreadable> {
    let Some(mut function) = call.object("function")? else {
        return Err(call.wrong("function", "is missing: only calls of functions can be passed on"));
    };
    let missing = function.wrong("name", "is missing: name the function");
    Ok(ToolCall {
        id: call.text("id")?.unwrap_or_else(|| format!("call_{number}")),
        name: function.text("name")?.ok_or(missing)?,
        arguments: arguments(function.take("arguments").as_ref()),
        sealed: None,
    })
}

fn read_content(message: &mut Fields) -> Result<Vec<Part>, Unreadable> {
    let chunks = match message.take("content") {
        None => return Ok(Vec::new()),
        Some(Value::String(text)) if text.is_empty() => return Ok(Vec::new()),
        Some(Value::String(text)) => return Ok(vec![Part::Text(text)]),
        Some(Value::Array(chunks)) => chunks,
        Some(_) => return Err(message.wrong("content", "must be a string or an array of parts")),
    };
    let mut parts = Vec::with_capacity(chunks.len());
    for (number, chunk) in chunks.into_iter().enumerate() {
        let at = message.path(&format!("content[{number}]"));
        // Thoughts are read from the whole of the chunk.
        if chunk.get("type").and_then(Value::as_str) == Some("thinking") {
            parts.extend(thinking(&chunk));
        } else {
            parts.push(read_part(Fields::new(&at, chunk)?)?);
        }
    }
    Ok(parts)
}

fn read_part(mut part: Fields) -> Result<Part, Unreadable> {
    let kind = part.text("type")?.unwrap_or_default();
    match kind.as_str() {
        "text" => Ok(Part::Text(needed(&mut part, "text")?)),
        "refusal" => Ok(Part::Refusal(needed(&mut part, "refusal")?)),
        "image_url" => {
            // Mistral takes the address itself as well.
            let url = part.peek("image_url").and_then(Value::as_str).map(Media::from_url);
            if let Some(image) = url {
                return Ok(Part::Image(image));
            }
            let mut image = object(&mut part, "image_url")?;
            let media = Media::from_url(&needed(&mut image, "url")?);
            Ok(Part::Image(Media { detail: image.text("detail")?, ..media }))
        }
        "input_audio" => {
            let mut audio = object(&mut part, "input_audio")?;
            let data = needed(&mut audio, "data")?;
            let mime = audio.text("format")?.map(|format| match format.as_str() {
                "mp3" => "audio/mpeg".to_owned(),
                _ => format!("audio/{format}"),
            });
            let source = MediaSource::Base64(data);
            Ok(Part::Audio(Media { source, mime, name: None, detail: None }))
        }
        "file" => {
            let mut file = object(&mut part, "file")?;
            let name = file.text("filename")?;
            let media = match (file.text("file_id")?, file.text("file_data")?) {
                (Some(id), _) => {
                    Media { source: MediaSource::Id(id), mime: None, name: None, detail: None }
                }
                (None, Some(data)) => file_data(data),
                (None, None) => {
                    return Err(file.wrong("file_data", "is missing: give it or `file_id`"));
                }
            };
            Ok(Part::File(Media { name, ..media }))
        }
        // Mistral's.
        "document_url" => {
            let media = Media::from_url(&needed(&mut part, "document_url")?);
            Ok(Part::File(Media { name: part.text("document_name")?, ..media }))
        }
        _ => Err(part.wrong(
            "type",
            &format!(
                "`{kind}` cannot be passed on to this provider; send `text`, `image_url`, \
                 `input_audio` or `file`"
            ),
        )),
    }
}

/// `file_data` is a data URL; some send bare base64, OpenRouter takes addresses.
fn file_data(data: String) -> Media {
    if data.starts_with("data:") || data.contains("://") {
        Media::from_url(&data)
    } else {
        Media { source: MediaSource::Base64(data), mime: None, name: None, detail: None }
    }
}

fn needed(fields: &mut Fields, name: &str) -> Result<String, Unreadable> {
    let text = fields.text(name)?;
    text.ok_or_else(|| fields.wrong(name, "is missing: it must be a string"))
}

fn object(fields: &mut Fields, name: &str) -> Result<Fields, Unreadable> {
    let object = fields.object(name)?;
    object.ok_or_else(|| fields.wrong(name, "is missing: it must be an object"))
}
