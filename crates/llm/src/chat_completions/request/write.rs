//! What a provider is sent.

use serde_json::{Map, Value, json};

use super::Dialect;
use super::write_messages::write_messages;
use crate::chat::{OutputFormat, Params, Reasoning, Request, Tool, ToolChoice};

/// The request in the dialect that fits the model's name.
#[must_use]
pub fn write_request(request: &Request) -> Value {
    write_request_in(request, Dialect::of_model(&request.model))
}

/// The request in that dialect. `extra` is sent along: [`super::adopt`] comes first where the request
/// was read from another protocol. What that refuses is left out.
#[must_use]
pub fn write_request_in(request: &Request, dialect: Dialect) -> Value {
    let mut body = Map::new();
    put(&mut body, "model", Some(request.model.as_str()));
    put(&mut body, "messages", Some(write_messages(request, dialect)));
    write_tools(&mut body, request, dialect);
    put(&mut body, "response_format", write_output(&request.output));
    write_params(&mut body, &request.params, dialect);
    write_stream(&mut body, request, dialect);
    if dialect != Dialect::Mistral {
        put(&mut body, "user", request.user.as_deref());
    }
    if !request.metadata.is_empty() {
        put(&mut body, "metadata", Some(request.metadata.clone()));
    }
    for (name, value) in &request.extra {
        if !body.contains_key(name) && name != "stream_options" {
            body.insert(name.clone(), value.clone());
        }
    }
    body.into()
}

/// Sets a field that there is something for.
fn put(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

fn write_tools(body: &mut Map<String, Value>, request: &Request, dialect: Dialect) {
    let mut tools: Vec<_> = request.tools.iter().map(|tool| write_tool(tool, dialect)).collect();
    // Those that are not functions, as they were read.
    if let Some(Value::Array(others)) = request.extra.get("tools") {
        tools.extend(others.iter().cloned());
    }
    if tools.is_empty() {
        return; // the fields below are refused without tools
    }
    body.insert("tools".to_owned(), tools.into());
    let choice = request.tool_choice.as_ref().map(|choice| match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Any => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    });
    put(body, "tool_choice", choice);
    put(body, "parallel_tool_calls", request.parallel_tools);
}

fn write_tool(tool: &Tool, dialect: Dialect) -> Value {
    let mut function = Map::new();
    put(&mut function, "name", Some(tool.name.as_str()));
    put(&mut function, "description", tool.description.as_deref());
    // For OpenAI no schema means no arguments; Mistral's must be there.
    let none = (dialect == Dialect::Mistral).then(|| json!({"type": "object", "properties": {}}));
    put(&mut function, "parameters", tool.parameters.clone().or(none));
    put(&mut function, "strict", tool.strict);
    json!({"type": "function", "function": function})
}

fn write_output(output: &OutputFormat) -> Option<Value> {
    match output {
        OutputFormat::Text => None,
        OutputFormat::Json => Some(json!({"type": "json_object"})),
        OutputFormat::Schema { name, description, schema, strict } => {
            let mut format = Map::new();
            put(&mut format, "name", Some(name.as_str()));
            put(&mut format, "description", description.as_deref());
            put(&mut format, "schema", Some(schema.clone()));
            put(&mut format, "strict", *strict);
            Some(json!({"type": "json_schema", "json_schema": format}))
        }
    }
}

fn write_params(body: &mut Map<String, Value>, params: &Params, dialect: Dialect) {
    let limit = match dialect {
        Dialect::OpenAi => "max_completion_tokens",
        Dialect::Mistral | Dialect::Open => "max_tokens",
    };
    put(body, limit, params.max_tokens);
    put(body, "temperature", params.temperature.clone().map(Value::Number));
    put(body, "top_p", params.top_p.clone().map(Value::Number));
    if dialect != Dialect::OpenAi {
        put(body, "top_k", params.top_k);
    }
    put(body, "frequency_penalty", params.frequency_penalty.clone().map(Value::Number));
    put(body, "presence_penalty", params.presence_penalty.clone().map(Value::Number));
    if !params.stop.is_empty() {
        put(body, "stop", Some(params.stop.clone()));
    }
    let seed = if dialect == Dialect::Mistral { "random_seed" } else { "seed" };
    put(body, seed, params.seed);
    put(body, "n", params.choices);
    put(body, "reasoning_effort", params.reasoning.as_ref().and_then(effort));
    put(body, "service_tier", params.service_tier.as_deref());
}

/// How much to think, in words. No one defines which budget is how much; these steps are a judgement.
/// A budget of 0 is not said: models that do not think refuse the field, and most that do have no
/// word for it.
fn effort(reasoning: &Reasoning) -> Option<&str> {
    match reasoning {
        Reasoning::Effort(effort) => Some(effort.as_str()),
        Reasoning::Budget(0) => None,
        Reasoning::Budget(..=2_048) => Some("low"),
        Reasoning::Budget(..=16_384) => Some("medium"),
        Reasoning::Budget(_) => Some("high"),
    }
}

fn write_stream(body: &mut Map<String, Value>, request: &Request, dialect: Dialect) {
    if !request.stream {
        return;
    }
    body.insert("stream".to_owned(), true.into());
    // Mistral sends usage unasked, and refuses to be asked.
    if dialect == Dialect::Mistral {
        return;
    }
    let mut options = match request.extra.get("stream_options") {
        Some(Value::Object(options)) => options.clone(),
        _ => Map::new(),
    };
    if request.stream_usage {
        options.insert("include_usage".to_owned(), true.into());
    }
    if !options.is_empty() {
        body.insert("stream_options".to_owned(), options.into());
    }
}
