//! What Cohere is sent.

use serde_json::{Map, Number, Value, json};

use crate::chat::{
    Media, Message, OutputFormat, Part, Reasoning, Request, Role, Tool, ToolChoice, ToolResult,
    Unreadable,
};

/// Cohere takes these as the least and the most of `p`; elsewhere 1 is common and means all.
const P: std::ops::RangeInclusive<f64> = 0.01..=0.99;

/// What Cohere is sent. Lost is what it has no words for and what changes no answer's meaning:
/// `user`, `metadata`, `service_tier`, names of speakers, `parallel_tools`, other providers' secret
/// thoughts, and what was kept of another protocol.
///
/// # Errors
/// Something that is asked cannot be said: recordings and documents, pictures outside of what the
/// user says, pictures that another provider keeps, more than one answer.
pub fn write_request(request: &Request) -> Result<Value, Unreadable> {
    if request.params.choices.is_some_and(|choices| choices > 1) {
        return Err(Unreadable::new("n", "is more than 1; Cohere gives one answer: ask for one"));
    }
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        let content = only_texts(&request.system, "system", "instructions")?.join("\n\n");
        messages.push(json!({"role": "system", "content": content}));
    }
    for (at, message) in request.messages.iter().enumerate() {
        let place = format!("messages[{at}]");
        match message.role {
            Role::User => write_user(message, &place, &mut messages)?,
            Role::Assistant => messages.push(write_assistant(message, &place)?),
        }
    }
    let mut written = Map::new();
    written.insert("model".to_owned(), request.model.as_str().into());
    written.insert("messages".to_owned(), messages.into());
    write_tools(request, &mut written);
    write_params(request, &mut written);
    written.insert("stream".to_owned(), request.stream.into());
    Ok(Value::Object(written))
}

/// What the user says: each result of a tool is a message of its own.
fn write_user(message: &Message, at: &str, into: &mut Vec<Value>) -> Result<(), Unreadable> {
    let mut content = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text(text) | Part::Refusal(text) => {
                content.push(json!({"type": "text", "text": text}));
            }
            Part::Image(image) => content.push(write_image(image, at)?),
            Part::ToolResult(result) => into.push(write_result(result, at)?),
            Part::Audio(_) => return Err(no_words(at, "a recording")),
            Part::File(_) => return Err(no_words(at, "a document")),
            Part::Reasoning { .. } | Part::ToolCall(_) => {}
        }
    }
    match content.as_slice() {
        [] => {}
        [one] if one["type"] == "text" => {
            into.push(json!({"role": "user", "content": one["text"]}));
        }
        _ => into.push(json!({"role": "user", "content": content})),
    }
    Ok(())
}

fn write_image(image: &Media, at: &str) -> Result<Value, Unreadable> {
    let Some(url) = image.to_url() else {
        let reason = "has a picture that another provider keeps; send its bytes or an address";
        return Err(Unreadable::new(at, reason));
    };
    let mut address = json!({"url": url});
    if let Some(detail) = &image.detail {
        address["detail"] = detail.as_str().into();
    }
    Ok(json!({"type": "image_url", "image_url": address}))
}

fn write_result(result: &ToolResult, at: &str) -> Result<Value, Unreadable> {
    let texts = only_texts(&result.parts, at, "results of tools")?;
    let content: Vec<Value> =
        texts.iter().map(|text| json!({"type": "text", "text": text})).collect();
    Ok(json!({"role": "tool", "tool_call_id": result.call_id, "content": content}))
}

/// What the model said. Where it calls tools, Cohere has one text besides the calls, its plan.
fn write_assistant(message: &Message, at: &str) -> Result<Value, Unreadable> {
    let mut content = Vec::new();
    let mut calls = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text(text) | Part::Refusal(text) => {
                content.push(json!({"type": "text", "text": text}));
            }
            // Sealed thoughts are another provider's.
            Part::Reasoning { text, sealed: None } if !text.is_empty() => {
                content.push(json!({"type": "thinking", "thinking": text}));
            }
            Part::ToolCall(call) => calls.push(json!({
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            })),
            Part::Image(_) => return Err(no_words(at, "a picture by the model")),
            Part::Audio(_) => return Err(no_words(at, "a recording")),
            Part::File(_) => return Err(no_words(at, "a document")),
            Part::Reasoning { .. } | Part::ToolResult(_) => {}
        }
    }
    if calls.is_empty() {
        return Ok(json!({"role": "assistant", "content": content}));
    }
    let said = content.iter().filter_map(|it| it["text"].as_str().or(it["thinking"].as_str()));
    let plan = said.collect::<Vec<_>>().join("\n");
    let mut written = json!({"role": "assistant", "tool_calls": calls});
    if !plan.is_empty() {
        written["tool_plan"] = plan.into();
    }
    Ok(written)
}

/// The texts of parts that may be nothing else.
fn only_texts<'a>(parts: &'a [Part], at: &str, what: &str) -> Result<Vec<&'a str>, Unreadable> {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) | Part::Refusal(text) => Ok(text.as_str()),
        _ => Err(no_words(at, &format!("something else than text in {what}"))),
    });
    texts.collect()
}

fn no_words(at: &str, what: &str) -> Unreadable {
    Unreadable::new(at, format!("has {what}, which Cohere cannot be sent; say it as text"))
}

fn write_tools(request: &Request, into: &mut Map<String, Value>) {
    // Cohere can be made to call a tool, but not a certain one; so it is given no other.
    let named = match &request.tool_choice {
        Some(ToolChoice::Named(name)) => Some(name.as_str()),
        _ => None,
    };
    let is_given = |tool: &&Tool| named.is_none_or(|name| tool.name == name);
    let tools: Vec<&Tool> = request.tools.iter().filter(is_given).collect();
    if tools.is_empty() {
        return;
    }
    if tools.iter().all(|tool| tool.strict == Some(true)) {
        into.insert("strict_tools".to_owned(), true.into());
    }
    let tools: Vec<Value> = tools.into_iter().map(write_tool).collect();
    into.insert("tools".to_owned(), tools.into());
    let choice = match &request.tool_choice {
        None | Some(ToolChoice::Auto) => return,
        Some(ToolChoice::None) => "NONE",
        Some(ToolChoice::Any | ToolChoice::Named(_)) => "REQUIRED",
    };
    into.insert("tool_choice".to_owned(), choice.into());
}

fn write_tool(tool: &Tool) -> Value {
    let none = || json!({"type": "object", "properties": {}});
    let parameters = tool.parameters.clone().unwrap_or_else(none);
    let mut function = json!({"name": tool.name, "parameters": parameters});
    if let Some(description) = &tool.description {
        function["description"] = description.as_str().into();
    }
    json!({"type": "function", "function": function})
}

fn write_params(request: &Request, into: &mut Map<String, Value>) {
    let params = &request.params;
    let mut say = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            into.insert(name.to_owned(), value);
        }
    };
    let number = |number: &Option<Number>| number.clone().map(Value::Number);
    say("max_tokens", params.max_tokens.map(Value::from));
    say("temperature", number(&params.temperature));
    say("p", params.top_p.as_ref().map(within_p));
    say("k", params.top_k.map(Value::from));
    say("frequency_penalty", number(&params.frequency_penalty));
    say("presence_penalty", number(&params.presence_penalty));
    say("stop_sequences", (!params.stop.is_empty()).then(|| params.stop.clone().into()));
    say("seed", params.seed.map(Value::from));
    say(
        "response_format",
        match &request.output {
            OutputFormat::Text => None,
            OutputFormat::Json => Some(json!({"type": "json_object"})),
            OutputFormat::Schema { schema, .. } => {
                Some(json!({"type": "json_object", "json_schema": schema}))
            }
        },
    );
    say(
        "thinking",
        params.reasoning.as_ref().map(|reasoning| match reasoning {
            Reasoning::Budget(0) => json!({"type": "disabled"}),
            Reasoning::Effort(effort) if effort == "none" => json!({"type": "disabled"}),
            Reasoning::Budget(budget) => json!({"type": "enabled", "token_budget": budget}),
            Reasoning::Effort(_) => json!({"type": "enabled"}),
        }),
    );
}

/// `p` as it is where Cohere takes it, else the nearest that it takes.
fn within_p(top_p: &Number) -> Value {
    match top_p.as_f64() {
        Some(p) if !P.contains(&p) => p.clamp(*P.start(), *P.end()).into(),
        _ => Value::Number(top_p.clone()),
    }
}

#[cfg(test)]
mod tests;
