//! Requests, both ways.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::config;
use super::field::{Object, body, camel, get, many, object, take, take_object, text, wrong};
use super::part::{self, Calls};
use super::schema::json_schema;
use crate::chat::{Media, MediaSource, Message, Part, Request, Role, Tool, ToolResult, Unreadable};

/// What Google wants where a call has no seal because another model, or nobody, made it: its own
/// documentation of thought signatures names this value for conversations that come from elsewhere.
pub(super) const NO_SEAL: &str = "skip_thought_signature_validator";

/// Reads a request. The model and whether a stream is wanted are in its address: the caller sets
/// `model`, `stream`. A seal on a text becomes secret thoughts after it; what is said besides of a
/// part (`videoMetadata`, `mediaResolution`) is lost.
///
/// # Errors
/// The body is not a request; the error names the field.
pub fn read_request(bytes: &[u8]) -> Result<Request, Unreadable> {
    let mut fields = body(bytes)?;
    let mut request = Request::default();
    if let Some(Value::String(model)) = take(&mut fields, "model") {
        request.model = model;
    }
    let contents = take(&mut fields, "contents")
        .ok_or_else(|| Unreadable::new("contents", "is missing: a list of contents is expected"))?;
    request.messages = read_messages(&contents)?;
    if let Some(system) = take(&mut fields, "systemInstruction") {
        request.system = read_system(&system)?;
    }
    if let Some(Value::String(tier)) = take(&mut fields, "serviceTier") {
        request.params.service_tier = Some(tier.to_ascii_lowercase());
    }
    if let Some(Value::Object(labels)) = get(&fields, "labels") {
        request.metadata = labels.clone();
    }
    let tools = take(&mut fields, "tools");
    let other_tools = read_tools(many(tools.as_ref()), &mut request)?;
    let tool_config = take_object(&mut fields, "toolConfig", "")?;
    let tool_config = config::read_tools(tool_config, &mut request);
    let generation = take_object(&mut fields, "generationConfig", "")?;
    let generation = config::read(generation, &mut request)?;

    request.extra = fields.into_iter().map(|(name, value)| (camel(&name), value)).collect();
    let mut keep = |name: &str, value: Value, is_empty: bool| {
        if !is_empty {
            request.extra.insert(name.to_owned(), value);
        }
    };
    let is_empty = other_tools.is_empty();
    keep("tools", other_tools.into(), is_empty);
    let is_empty = tool_config.is_empty();
    keep("toolConfig", tool_config.into(), is_empty);
    let is_empty = generation.is_empty();
    keep("generationConfig", generation.into(), is_empty);
    Ok(request)
}

fn read_messages(contents: &Value) -> Result<Vec<Message>, Unreadable> {
    let mut calls = Calls::default();
    let mut messages: Vec<Message> = Vec::new();
    for (at, content) in many(Some(contents)).iter().enumerate() {
        let place = format!("contents[{at}]");
        let Some(content) = content.as_object() else {
            return Err(Unreadable::new(place, "must be an object with `role` and `parts`"));
        };
        let role = match text(content, "role").unwrap_or_default() {
            "model" => Role::Assistant,
            // `function` is how results of tools were once said.
            "user" | "function" | "" => Role::User,
            other => {
                let reason = format!("is {other:?}; `user` or `model` is expected");
                return Err(wrong(&place, "role", &reason));
            }
        };
        let parts = read_parts(content, &place, &mut calls)?;
        match messages.last_mut() {
            // The SDK's chats keep each piece of a stream as a content of its own.
            Some(last) if last.role == Role::Assistant && role == Role::Assistant => {
                let mut joined = std::mem::take(&mut last.parts);
                joined.extend(parts);
                last.parts = part::join_thoughts(joined);
            }
            _ => messages.push(Message { role, name: None, parts }),
        }
    }
    Ok(messages)
}

fn read_parts(content: &Object, at: &str, calls: &mut Calls) -> Result<Vec<Part>, Unreadable> {
    match part::read_all(content, calls) {
        (parts, None) => Ok(part::join_thoughts(parts)),
        (_, Some(unknown)) => Err(Unreadable::new(
            format!("{at}.parts[{unknown}]"),
            "is of no kind that is known here; text, inlineData, fileData, functionCall (with its \
             name), functionResponse (with its name), executableCode and codeExecutionResult are",
        )),
    }
}

/// `systemInstruction`: a content whose role says nothing. A plain text is read as well.
fn read_system(system: &Value) -> Result<Vec<Part>, Unreadable> {
    match system {
        Value::String(text) => Ok(vec![Part::Text(text.clone())]),
        Value::Object(content) => read_parts(content, "systemInstruction", &mut Calls::default()),
        _ => Err(Unreadable::new("systemInstruction", "must be an object with `parts`")),
    }
}

/// Reads the tools that are functions, and gives back the others.
fn read_tools(tools: &[Value], request: &mut Request) -> Result<Vec<Value>, Unreadable> {
    let mut others = Vec::new();
    for (at, tool) in tools.iter().enumerate() {
        let place = format!("tools[{at}]");
        let Value::Object(tool) = tool else {
            return Err(Unreadable::new(place, "must be an object"));
        };
        let mut tool = tool.clone();
        let functions = take(&mut tool, "functionDeclarations");
        for (at, function) in many(functions.as_ref()).iter().enumerate() {
            let place = format!("{place}.functionDeclarations[{at}]");
            request.tools.push(read_function(function, &place)?);
        }
        if !tool.is_empty() {
            others.push(Value::Object(tool));
        }
    }
    Ok(others)
}

fn read_function(function: &Value, at: &str) -> Result<Tool, Unreadable> {
    let named = function.as_object().and_then(|fields| Some((fields, text(fields, "name")?)));
    let Some((fields, name)) = named else {
        return Err(wrong(at, "name", "is missing: a function must have one"));
    };
    let googles = get(fields, "parameters").cloned().map(json_schema);
    Ok(Tool {
        name: name.to_owned(),
        description: text(fields, "description").map(str::to_owned),
        parameters: get(fields, "parametersJsonSchema").cloned().or(googles),
        strict: None,
    })
}

/// What Google is sent. The model and the stream belong into the address. Lost are what Google has
/// no words for and what changes no answer's meaning: `user`, `metadata`, names of speakers,
/// `detail` of pictures, `strict`, `parallel_tools`.
///
/// # Errors
/// Something in the conversation cannot be said: a file that another provider keeps, a result of a
/// call that is not in the conversation.
pub fn write_request(request: &Request) -> Result<Value, Unreadable> {
    let mut written = Object::new();
    written.insert("contents".to_owned(), write_messages(request)?.into());
    if !request.system.is_empty() {
        check_media(&request.system, "system")?;
        let parts = part::write_all(&request.system, &|_| "");
        written.insert("systemInstruction".to_owned(), json!({"parts": parts}));
    }
    let kept = |name: &str| object(&request.extra, name).cloned().unwrap_or_default();
    let tools = write_tools(request);
    if !tools.is_empty() {
        written.insert("tools".to_owned(), tools.into());
    }
    let mut say = |name: &str, object: Object| {
        if !object.is_empty() {
            written.insert(name.to_owned(), object.into());
        }
    };
    say("toolConfig", config::write_tools(request.tool_choice.as_ref(), kept("toolConfig")));
    say("generationConfig", config::write(request, kept("generationConfig")));
    match request.params.service_tier.as_deref() {
        Some(tier @ ("flex" | "priority" | "standard")) => {
            written.insert("serviceTier".to_owned(), tier.into());
        }
        Some("standard_only") => {
            written.insert("serviceTier".to_owned(), "standard".into());
        }
        _ => {}
    }
    for (name, value) in &request.extra {
        if is_googles(name) && !written.contains_key(name) {
            written.insert(name.clone(), value.clone());
        }
    }
    Ok(Value::Object(written))
}

/// Whether a field that was kept is one of this protocol: by its capital letter, which no other's
/// fields have. (`labels` is a field of this protocol only.)
fn is_googles(name: &str) -> bool {
    name == "labels" || name.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn write_messages(request: &Request) -> Result<Vec<Value>, Unreadable> {
    let wants_seals = config::generation(&request.model).is_some_and(|number| number >= 3);
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut contents: Vec<Value> = Vec::new();
    let mut after_results = false;
    for (at, message) in request.messages.iter().enumerate() {
        let place = format!("messages[{at}]");
        for part in &message.parts {
            match part {
                Part::ToolCall(call) => {
                    names.insert(&call.id, &call.name);
                }
                Part::ToolResult(result) => check_result(result, &names, &place)?,
                _ => {}
            }
        }
        check_media(&message.parts, &place)?;
        let mut parts =
            part::write_all(&message.parts, &|result| tool_of(result, &names).unwrap_or_default());
        if wants_seals {
            seal_first_call(&mut parts);
        }
        let is_results = message.role == Role::User
            && !message.parts.is_empty()
            && message.parts.iter().all(|part| matches!(part, Part::ToolResult(_)));
        // Google wants the results of calls that were made at once in one content; others say each
        // in a message of its own.
        let together = contents.last_mut().filter(|_| after_results && is_results);
        match together.and_then(|content| content["parts"].as_array_mut()) {
            Some(before) => before.append(&mut parts),
            None => {
                let role = if message.role == Role::Assistant { "model" } else { "user" };
                contents.push(json!({"role": role, "parts": parts}));
            }
        }
        after_results = is_results;
    }
    Ok(contents)
}

fn tool_of<'a>(result: &'a ToolResult, names: &HashMap<&'a str, &'a str>) -> Option<&'a str> {
    result.name.as_deref().or_else(|| names.get(result.call_id.as_str()).copied())
}

fn check_result(
    result: &ToolResult,
    names: &HashMap<&str, &str>,
    at: &str,
) -> Result<(), Unreadable> {
    check_media(&result.parts, at)?;
    if result.name.is_some() || names.contains_key(result.call_id.as_str()) {
        return Ok(());
    }
    let reason = format!(
        "answers the call {:?}, which no message before it makes; Google must be told the tool's \
         name",
        result.call_id
    );
    Err(Unreadable::new(at, reason))
}

fn check_media(parts: &[Part], at: &str) -> Result<(), Unreadable> {
    for part in parts {
        let (Part::Image(media) | Part::Audio(media) | Part::File(media)) = part else { continue };
        check_medium(media, at)?;
    }
    Ok(())
}

fn check_medium(media: &Media, at: &str) -> Result<(), Unreadable> {
    match &media.source {
        MediaSource::Id(id) if !part::is_googles(id) => {
            let reason = format!(
                "has the file {id:?}, which another provider keeps and Google cannot read; send \
                 its bytes or an address"
            );
            Err(Unreadable::new(at, reason))
        }
        _ => Ok(()),
    }
}

/// Of the calls that a model makes at once, only the first has a seal.
fn seal_first_call(parts: &mut [Value]) {
    let is_call = |part: &&mut Value| part.get("functionCall").is_some();
    if let Some(Value::Object(first)) = parts.iter_mut().find(is_call)
        && !first.contains_key("thoughtSignature")
    {
        first.insert("thoughtSignature".to_owned(), NO_SEAL.into());
    }
}

fn write_tools(request: &Request) -> Vec<Value> {
    let functions: Vec<Value> = request.tools.iter().map(write_function).collect();
    let mut tools = Vec::new();
    if !functions.is_empty() {
        tools.push(json!({"functionDeclarations": functions}));
    }
    // Tools of other protocols that were kept have a type.
    let others = many(request.extra.get("tools")).iter().filter(|tool| tool.get("type").is_none());
    tools.extend(others.cloned());
    tools
}

fn write_function(tool: &Tool) -> Value {
    let mut function = json!({"name": tool.name});
    if let Some(description) = &tool.description {
        function["description"] = description.as_str().into();
    }
    if let Some(parameters) = &tool.parameters {
        function["parametersJsonSchema"] = parameters.clone();
    }
    function
}

#[cfg(test)]
mod tests;
