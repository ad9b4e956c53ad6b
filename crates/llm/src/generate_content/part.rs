//! The parts of a content: what is said in it.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::field::{Object, get, is_true, many, object, text};
use super::seal;
use crate::chat::{Media, MediaSource, Part, ToolCall, ToolResult};

/// Gives calls of tools their ids, where Google does not, and results the ids of their calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// How many there were.
    count: usize,
    /// Those without a result yet, by the tool's name, in order.
    open: HashMap<String, VecDeque<String>>,
}

impl Calls {
    /// The id of a call.
    pub(super) fn call(&mut self, id: Option<&str>, name: &str) -> String {
        let id = id.map_or_else(|| format!("call_{}", self.count), str::to_owned);
        self.count += 1;
        self.open.entry(name.to_owned()).or_default().push_back(id.clone());
        id
    }

    /// The id of the call that a result answers: of calls without ids, the first of that tool that
    /// has none yet.
    fn answered(&mut self, id: Option<&str>, name: &str) -> String {
        let open = self.open.get_mut(name);
        match (id, open) {
            (Some(id), open) => {
                if let Some(open) = open.filter(|open| open.front().is_some_and(|f| f == id)) {
                    open.pop_front();
                }
                id.to_owned()
            }
            (None, Some(open)) if !open.is_empty() => open.pop_front().expect("it is not empty"),
            (None, _) => {
                let id = format!("call_{}", self.count);
                self.count += 1;
                id
            }
        }
    }
}

/// Reads the parts of a content into neutral ones, and tells the place of the first that is of no
/// kind that is known; the others are read.
pub(super) fn read_all(content: &Object, calls: &mut Calls) -> (Vec<Part>, Option<usize>) {
    let mut parts = Vec::new();
    let mut unknown = None;
    for (at, part) in many(get(content, "parts")).iter().enumerate() {
        let is_known = part.as_object().is_some_and(|part| read(part, calls, &mut parts));
        if !is_known {
            unknown = unknown.or(Some(at));
        }
    }
    (parts, unknown)
}

/// Reads one part, which may become two: a seal on anything but thoughts or a call becomes a part
/// of secret thoughts after it. Returns whether it is of a kind that is known.
pub(super) fn read(part: &Object, calls: &mut Calls, into: &mut Vec<Part>) -> bool {
    let sealed = text(part, "thoughtSignature").map(seal::read);
    if let Some(call) = object(part, "functionCall") {
        let Some(name) = text(call, "name") else { return false };
        let arguments = get(call, "args").map_or_else(|| "{}".to_owned(), Value::to_string);
        let id = calls.call(text(call, "id"), name);
        into.push(Part::ToolCall(ToolCall { id, name: name.to_owned(), arguments, sealed }));
        return true;
    }
    if let Some(said) = text(part, "text") {
        if is_true(part, "thought") {
            into.push(Part::Reasoning { text: said.to_owned(), sealed });
            return true;
        }
        // A stream gives its last seal with an empty text.
        if !(said.is_empty() && sealed.is_some()) {
            into.push(Part::Text(said.to_owned()));
        }
    } else if let Some(data) = object(part, "inlineData") {
        into.push(inline(data));
    } else if let Some(file) = object(part, "fileData") {
        let Some(file) = stored(file) else { return false };
        into.push(file);
    } else if let Some(result) = object(part, "functionResponse") {
        let Some(result) = read_result(result, calls) else { return false };
        into.push(Part::ToolResult(result));
    } else if let Some(code) = object(part, "executableCode") {
        let language = text(code, "language").unwrap_or_default().to_ascii_lowercase();
        let code = text(code, "code").unwrap_or_default();
        into.push(Part::Text(format!("```{language}\n{code}\n```\n")));
    } else if let Some(result) = object(part, "codeExecutionResult") {
        let output = text(result, "output").unwrap_or_default();
        into.push(Part::Text(format!("```\n{output}\n```\n")));
    } else if sealed.is_none() {
        return false;
    }
    if sealed.is_some() {
        into.push(Part::Reasoning { text: String::new(), sealed });
    }
    true
}

/// Thoughts that were streamed in pieces, as one part.
pub(super) fn join_thoughts(parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        if let Part::Reasoning { text, sealed } = &part
            && let Some(Part::Reasoning { text: so_far, sealed: seal }) = joined.last_mut()
            && seal.is_none()
        {
            so_far.push_str(text);
            seal.clone_from(sealed);
            continue;
        }
        joined.push(part);
    }
    joined
}

/// A medium, of the kind that its MIME type says.
fn medium(media: Media) -> Part {
    match media.mime.as_deref().and_then(|mime| mime.split('/').next()) {
        Some("image") => Part::Image(media),
        Some("audio") => Part::Audio(media),
        _ => Part::File(media),
    }
}

fn inline(data: &Object) -> Part {
    let bytes = text(data, "data").unwrap_or_default();
    medium(Media {
        source: MediaSource::Base64(standard_base64(bytes)),
        mime: text(data, "mimeType").map(str::to_owned),
        name: text(data, "displayName").map(str::to_owned),
        detail: None,
    })
}

/// Google's own SDK writes the URL-safe alphabet; others read only the standard one.
fn standard_base64(data: &str) -> String {
    let mut standard = data.replace('-', "+").replace('_', "/");
    let missing = standard.len().next_multiple_of(4) - standard.len();
    standard.push_str(&"==="[..missing]);
    standard
}

fn stored(file: &Object) -> Option<Part> {
    let uri = text(file, "fileUri")?.to_owned();
    let source = if is_googles(&uri) { MediaSource::Id(uri) } else { MediaSource::Url(uri) };
    Some(medium(Media {
        source,
        mime: text(file, "mimeType").map(str::to_owned),
        name: text(file, "displayName").map(str::to_owned),
        detail: None,
    }))
}

/// Whether only Google can read what is there: a file of its file service or of Cloud Storage.
pub(super) fn is_googles(uri: &str) -> bool {
    uri.starts_with("gs://")
        || uri.starts_with("files/")
        || uri.starts_with("https://generativelanguage.googleapis.com/")
}

/// A result. Google's documentation: `output` holds what the tool gave and `error` its failure;
/// where there is neither, the whole object is what it gave.
fn read_result(result: &Object, calls: &mut Calls) -> Option<ToolResult> {
    let name = text(result, "name")?;
    let call_id = calls.answered(text(result, "id"), name);
    let mut parts = Vec::new();
    let mut is_error = false;
    if let Some(Value::Object(response)) = get(result, "response") {
        let single = response.iter().next().filter(|_| response.len() == 1);
        is_error = single.is_some_and(|(key, _)| key == "error");
        let said = match single {
            Some((key, Value::String(text))) if key == "output" || is_error => text.clone(),
            Some((_, value @ Value::Object(_))) if is_error => value.to_string(),
            _ => {
                is_error = false;
                Value::Object(response.clone()).to_string()
            }
        };
        parts.push(Part::Text(said));
    }
    for part in many(get(result, "parts")).iter().filter_map(Value::as_object) {
        if let Some(data) = object(part, "inlineData") {
            parts.push(inline(data));
        } else if let Some(file) = object(part, "fileData") {
            parts.extend(stored(file));
        }
    }
    Some(ToolResult { call_id, name: Some(name.to_owned()), parts, is_error })
}

/// Parts as Google has them. `tool` tells the name of the tool that a call's id is of.
pub(super) fn write_all<'a>(
    parts: &'a [Part],
    tool: &dyn Fn(&'a ToolResult) -> &'a str,
) -> Vec<Value> {
    let mut written: Vec<Value> = Vec::with_capacity(parts.len());
    for part in parts {
        let value = match part {
            Part::Text(text) | Part::Refusal(text) => json!({"text": text}),
            Part::Image(media) => write_media(media, "image/png"),
            Part::Audio(media) => write_media(media, "audio/wav"),
            Part::File(media) => write_media(media, "application/pdf"),
            Part::Reasoning { text, sealed: Some(sealed) } if text.is_empty() => {
                match written.last_mut() {
                    // Models that make pictures want the seal on the picture that it came with.
                    Some(Value::Object(last)) if last.contains_key("inlineData") => {
                        last.insert("thoughtSignature".to_owned(), seal::written(sealed).into());
                        continue;
                    }
                    _ => json!({"text": "", "thoughtSignature": seal::written(sealed)}),
                }
            }
            Part::Reasoning { text, sealed } => {
                let mut value = json!({"text": text, "thought": true});
                add_seal(&mut value, sealed.as_deref());
                value
            }
            Part::ToolCall(call) => write_call(call),
            Part::ToolResult(result) => write_result(result, tool(result)),
        };
        written.push(value);
    }
    written
}

pub(super) fn write_call(call: &ToolCall) -> Value {
    let mut function = json!({"name": call.name, "args": arguments(&call.arguments)});
    if !is_ours(&call.id) {
        function["id"] = call.id.as_str().into();
    }
    let mut value = json!({"functionCall": function});
    add_seal(&mut value, call.sealed.as_deref());
    value
}

fn add_seal(part: &mut Value, sealed: Option<&str>) {
    if let Some(sealed) = sealed {
        part["thoughtSignature"] = seal::written(sealed).into();
    }
}

/// Arguments as the object that Google wants. What a model wrote need not be one; then it is kept
/// as text, so that the conversation can go on.
fn arguments(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Value::Object(arguments),
        _ if text.trim().is_empty() || text.trim() == "null" => json!({}),
        _ => json!({"arguments": text}),
    }
}

/// Whether Tracekeep made up this id, where Google gave none: `call_{n}`.
fn is_ours(id: &str) -> bool {
    let number = id.strip_prefix("call_").unwrap_or("-");
    number.len() < 7 && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn write_result(result: &ToolResult, tool: &str) -> Value {
    let texts: Vec<&str> = result
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) | Part::Refusal(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let said = texts.join("\n");
    let response = match (serde_json::from_str(&said), result.is_error) {
        (Ok(Value::Object(said)), false) => Value::Object(said),
        (Ok(Value::Object(said)), true) => json!({"error": said}),
        (_, false) => json!({"output": said}),
        (_, true) => json!({"error": said}),
    };
    let mut function = json!({"name": tool, "response": response});
    if !is_ours(&result.call_id) {
        function["id"] = result.call_id.as_str().into();
    }
    let media: Vec<Value> = result
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Image(media) => Some(write_media(media, "image/png")),
            Part::Audio(media) => Some(write_media(media, "audio/wav")),
            Part::File(media) => Some(write_media(media, "application/pdf")),
            _ => None,
        })
        .collect();
    if !media.is_empty() {
        function["parts"] = media.into();
    }
    json!({"functionResponse": function})
}

/// A medium. Google wants to know its MIME type: where nobody said it, it is told from the name of
/// the file, or taken to be the commonest of its kind.
fn write_media(media: &Media, commonest: &str) -> Value {
    let address = match &media.source {
        MediaSource::Url(uri) | MediaSource::Id(uri) => uri.as_str(),
        MediaSource::Base64(_) => media.name.as_deref().unwrap_or_default(),
    };
    let told = media.mime.as_deref().or_else(|| mime_of(address));
    let mut value = match &media.source {
        MediaSource::Base64(data) => {
            json!({"mimeType": told.unwrap_or(commonest), "data": data})
        }
        MediaSource::Url(uri) | MediaSource::Id(uri) => match told {
            Some(mime) => json!({"mimeType": mime, "fileUri": uri}),
            None => json!({"fileUri": uri}),
        },
    };
    if let Some(name) = &media.name {
        value["displayName"] = name.as_str().into();
    }
    let field = if value.get("data").is_some() { "inlineData" } else { "fileData" };
    json!({ field: value })
}

/// The MIME type that the end of a file's name says.
fn mime_of(address: &str) -> Option<&'static str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let (_, ending) = path.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "mp3" => "audio/mp3",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
