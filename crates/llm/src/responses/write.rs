//! Writes a request.

use serde_json::{Map, Value, json};

use crate::chat::{
    Media, MediaSource, Message, OutputFormat, Part, Reasoning, Request, Role, Tool, ToolChoice,
    ToolResult,
};

/// What the provider is sent. Fields of `extra` are written too: clear it, or call
/// [`super::adopt`], where the request was read from another protocol.
#[must_use]
pub fn write_request(request: &Request) -> Value {
    let params = &request.params;
    let mut rest = request.extra.clone();
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    let (instructions, system) = match request.system.split_first() {
        Some((Part::Text(text), others)) => (Some(text.as_str()), others),
        _ => (None, &request.system[..]),
    };
    set("model", Some(request.model.as_str().into()));
    set("instructions", instructions.map(Value::from));
    set("input", Some(input(system, &request.messages, rest.shift_remove("input"))));
    set("tools", tools(&request.tools, rest.shift_remove("tools")));
    set("tool_choice", request.tool_choice.as_ref().map(tool_choice));
    set("parallel_tool_calls", request.parallel_tools.map(Value::Bool));
    set("text", with(rest.shift_remove("text"), "format", format(&request.output)));
    let effort = params.reasoning.as_ref().and_then(effort).map(Value::from);
    set("reasoning", with(rest.shift_remove("reasoning"), "effort", effort));
    set("max_output_tokens", params.max_tokens.map(Value::from));
    set("temperature", params.temperature.clone().map(Value::Number));
    set("top_p", params.top_p.clone().map(Value::Number));
    set("service_tier", params.service_tier.as_deref().map(Value::from));
    set("user", request.user.as_deref().map(Value::from));
    set("metadata", metadata(&request.metadata));
    set("stream", request.stream.then_some(Value::Bool(true)));
    for (name, value) in rest {
        body.entry(name).or_insert(value);
    }
    Value::Object(body)
}

/// The object with one more field; none where both are nothing.
fn with(object: Option<Value>, name: &str, value: Option<Value>) -> Option<Value> {
    let mut fields = match object {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    if let Some(value) = value {
        fields.insert(name.to_owned(), value);
    }
    if fields.is_empty() { None } else { Some(Value::Object(fields)) }
}

/// OpenAI takes no values but texts.
fn metadata(metadata: &Map<String, Value>) -> Option<Value> {
    if metadata.is_empty() {
        return None;
    }
    let texts = metadata.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name.clone(), Value::String(text))
    });
    Some(Value::Object(texts.collect()))
}

fn input(system: &[Part], messages: &[Message], kept: Option<Value>) -> Value {
    let mut items = Vec::new();
    if !system.is_empty() {
        let content: Vec<_> = system.iter().filter_map(input_part).collect();
        items.push(json!({"type": "message", "role": "system", "content": content}));
    }
    let kept = match kept {
        Some(Value::Array(kept)) => kept,
        _ => Vec::new(),
    };
    let mut kept = kept.into_iter().peekable();
    let mut until = |number: usize, items: &mut Vec<Value>| {
        let is_due = |kept: &Value| kept["before"].as_u64().is_none_or(|at| at <= number as u64);
        while let Some(mut kept) = kept.next_if(is_due) {
            items.extend(kept.get_mut("item").map(Value::take));
        }
    };
    for (number, message) in messages.iter().enumerate() {
        until(number, &mut items);
        match message.role {
            Role::User => user(message, &mut items),
            Role::Assistant => assistant(message, &mut items),
        }
    }
    until(usize::MAX, &mut items);
    Value::Array(items)
}

fn user(message: &Message, items: &mut Vec<Value>) {
    let mut content = Vec::new();
    for part in &message.parts {
        if let Part::ToolResult(result) = part {
            push_message(items, "user", &mut content);
            items.push(output(result));
        } else {
            content.extend(input_part(part));
        }
    }
    push_message(items, "user", &mut content);
}

fn assistant(message: &Message, items: &mut Vec<Value>) {
    let mut content = Vec::new();
    for part in &message.parts {
        let item = match part {
            Part::Text(text) => {
                content.push(json!({"type": "output_text", "text": text}));
                continue;
            }
            Part::Refusal(text) => {
                content.push(json!({"type": "refusal", "refusal": text}));
                continue;
            }
            Part::Reasoning { text, sealed } => reasoning(text, sealed.as_deref()),
            Part::ToolCall(call) => json!({
                "type": "function_call",
                "call_id": call.id,
                "name": call.name,
                "arguments": call.arguments,
            }),
            // There is no way to say that the model did these.
            Part::Image(_) | Part::Audio(_) | Part::File(_) | Part::ToolResult(_) => continue,
        };
        push_message(items, "assistant", &mut content);
        items.push(item);
    }
    push_message(items, "assistant", &mut content);
}

fn push_message(items: &mut Vec<Value>, role: &str, content: &mut Vec<Value>) {
    if !content.is_empty() {
        let content = std::mem::take(content);
        items.push(json!({"type": "message", "role": role, "content": content}));
    }
}

fn reasoning(text: &str, sealed: Option<&str>) -> Value {
    let summary =
        if text.is_empty() { json!([]) } else { json!([{"type": "summary_text", "text": text}]) };
    let mut item = json!({"type": "reasoning", "summary": summary});
    if let Some(sealed) = sealed {
        item["encrypted_content"] = sealed.into();
    }
    item
}

fn output(result: &ToolResult) -> Value {
    let output = match result.parts.as_slice() {
        [] => Value::from(""),
        [Part::Text(text)] => text.as_str().into(),
        parts => parts.iter().filter_map(input_part).collect(),
    };
    let mut item =
        json!({"type": "function_call_output", "call_id": result.call_id, "output": output});
    if let Some(name) = &result.name {
        item["name"] = name.as_str().into();
    }
    item
}

fn input_part(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) | Part::Refusal(text) => Some(json!({"type": "input_text", "text": text})),
        Part::Image(media) => Some(image(media)),
        Part::Audio(media) => Some(audio(media)),
        Part::File(media) => Some(file(media)),
        Part::Reasoning { .. } | Part::ToolCall(_) | Part::ToolResult(_) => None,
    }
}

fn image(media: &Media) -> Value {
    let mut part = match &media.source {
        MediaSource::Id(id) => json!({"type": "input_image", "file_id": id}),
        _ => json!({"type": "input_image", "image_url": media.to_url()}),
    };
    if let Some(detail) = &media.detail {
        part["detail"] = detail.as_str().into();
    }
    part
}

fn audio(media: &Media) -> Value {
    let MediaSource::Base64(data) = &media.source else { return file(media) };
    let format = match media.mime.as_deref().unwrap_or("audio/wav") {
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/wave" | "audio/x-wav" | "audio/vnd.wave" => "wav",
        other => other.strip_prefix("audio/").unwrap_or(other),
    };
    json!({"type": "input_audio", "input_audio": {"data": data, "format": format}})
}

fn file(media: &Media) -> Value {
    let mut part = json!({"type": "input_file"});
    let name = media.name.as_deref();
    match &media.source {
        MediaSource::Url(url) => part["file_url"] = url.as_str().into(),
        MediaSource::Id(id) => part["file_id"] = id.as_str().into(),
        MediaSource::Base64(data) => {
            part["file_data"] = match media.mime {
                Some(_) => media.to_url().into(),
                None => data.as_str().into(),
            };
        }
    }
    if let Some(name) = name {
        part["filename"] = name.into();
    }
    if let Some(detail) = &media.detail {
        part["detail"] = detail.as_str().into();
    }
    part
}

fn tools(tools: &[Tool], others: Option<Value>) -> Option<Value> {
    let mut values: Vec<_> = tools.iter().map(tool).collect();
    if let Some(Value::Array(others)) = others {
        values.extend(others);
    }
    if values.is_empty() { None } else { Some(Value::Array(values)) }
}

fn tool(tool: &Tool) -> Value {
    let mut value = json!({"type": "function", "name": tool.name, "parameters": tool.parameters});
    if let Some(description) = &tool.description {
        value["description"] = description.as_str().into();
    }
    if let Some(strict) = tool.strict {
        value["strict"] = strict.into();
    }
    value
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Any => "required".into(),
        ToolChoice::Named(name) => json!({"type": "function", "name": name}),
    }
}

fn format(output: &OutputFormat) -> Option<Value> {
    match output {
        OutputFormat::Text => None,
        OutputFormat::Json => Some(json!({"type": "json_object"})),
        OutputFormat::Schema { name, description, schema, strict } => {
            let mut format = json!({"type": "json_schema", "name": name, "schema": schema});
            if let Some(description) = description {
                format["description"] = description.as_str().into();
            }
            if let Some(strict) = strict {
                format["strict"] = (*strict).into();
            }
            Some(format)
        }
    }
}

/// This protocol has no budgets of tokens. The steps are ours: about what the efforts use.
fn effort(reasoning: &Reasoning) -> Option<&str> {
    match reasoning {
        Reasoning::Effort(effort) => Some(effort),
        // Models that cannot think refuse any effort, `none` too.
        Reasoning::Budget(0) => None,
        Reasoning::Budget(..=2048) => Some("low"),
        Reasoning::Budget(..=8192) => Some("medium"),
        Reasoning::Budget(_) => Some("high"),
    }
}
