//! A request as Anthropic is sent it.

use serde_json::{Map, Number, Value, json};

use super::REDACTED;
use super::media::{document, image_source};
use super::thinking::{default_max_tokens, plan};
use super::turns::turns;
use crate::chat::{
    Media, MediaSource, OutputFormat, Part, Request, Role, Tool, ToolChoice, ToolResult, Unreadable,
};

/// Said to the model where the client wants JSON of no certain schema: there is no field for that.
pub(crate) const ONLY_JSON: &str = "Answer with one JSON object and nothing else.";

/// Fields of the top level that only this protocol has and that go on as they came.
const OWN_FIELDS: [&str; 8] = [
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "mcp_servers",
    "speed",
    "user_profile_id",
    "anthropic_beta",
];

/// The version of the API that [`write_request`] writes for, as the header `anthropic-version`. The
/// next one refuses `temperature`, `top_p` and `top_k` with every model.
pub const VERSION: &str = "2023-06-01";

/// The body for `/v1/messages`. What [`check`] names is left out, and besides what changes no
/// meaning: names of speakers, notes, a seed, penalties of repetition, and
/// `temperature`, `top_p` and `top_k` where the model refuses them. A temperature over 1 becomes 1.
#[must_use]
pub fn write_request(request: &Request) -> Value {
    let plan = plan(request);
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("model", json!(request.model));
    let default = || default_max_tokens(&request.model).saturating_add(plan.room);
    set("max_tokens", json!(request.params.max_tokens.unwrap_or_else(default)));
    let system = system(request);
    if !system.is_empty() {
        set("system", Value::Array(system));
    }
    set("messages", Value::Array(messages(request)));
    let tools = tools(request);
    if !tools.is_empty() {
        if let Some(choice) = tool_choice(request) {
            set("tool_choice", choice);
        }
        set("tools", Value::Array(tools));
    }
    sampling(request, plan.fixes_sampling, &mut set);
    if let Some(thinking) = plan.thinking {
        set("thinking", thinking);
    }
    let config = output_config(request, plan.effort);
    if !config.is_empty() {
        set("output_config", Value::Object(config));
    }
    if let Some(user) = &request.user {
        set("metadata", json!({"user_id": user}));
    }
    if let Some(tier) = request.params.service_tier.as_deref().and_then(service_tier) {
        set("service_tier", json!(tier));
    }
    if request.stream {
        set("stream", json!(true));
    }
    for name in OWN_FIELDS {
        if let Some(value) = request.extra.get(name) {
            set(name, value.clone());
        }
    }
    Value::Object(body)
}

/// Names what this protocol cannot say of a request and what would be missed.
///
/// # Errors
/// The first such thing, and what to do.
pub fn check(request: &Request) -> Result<(), Unreadable> {
    if request.params.choices.is_some_and(|choices| choices > 1) {
        return Err(Unreadable::new("n", "is more than 1: Anthropic gives one answer; ask for 1"));
    }
    for (number, message) in request.messages.iter().enumerate() {
        for (place, part) in message.parts.iter().enumerate() {
            check_part(part, &format!("messages[{number}].content[{place}]"))?;
        }
    }
    Ok(())
}

fn check_part(part: &Part, field: &str) -> Result<(), Unreadable> {
    let media = match part {
        Part::Audio(_) => {
            return Err(Unreadable::new(
                field,
                "is audio, which Anthropic does not take; send text",
            ));
        }
        Part::ToolResult(result) => {
            return result.parts.iter().try_for_each(|part| check_part(part, field));
        }
        Part::Image(media) => media,
        Part::File(media) if is_sayable(media) => media,
        Part::File(_) => {
            let reason = "is a document of a type that Anthropic does not take; send PDF or text";
            return Err(Unreadable::new(field, reason));
        }
        _ => return Ok(()),
    };
    match &media.source {
        // Anthropic's own ids begin so.
        MediaSource::Id(id) if !id.starts_with("file_") => {
            let reason = format!("is the file {id:?} of another provider; send its content");
            Err(Unreadable::new(field, reason))
        }
        _ => Ok(()),
    }
}

fn is_sayable(media: &Media) -> bool {
    is_image(media) || document(media).is_some()
}

fn is_image(media: &Media) -> bool {
    media.mime.as_deref().is_some_and(|mime| mime.starts_with("image/"))
}

fn system(request: &Request) -> Vec<Value> {
    let mut blocks = Vec::new();
    for (place, part) in request.system.iter().enumerate() {
        if let Some(block) = block(part) {
            blocks.push(cached(block, request, &format!("system/{place}")));
        }
    }
    if request.output == OutputFormat::Json {
        blocks.push(json!({"type": "text", "text": ONLY_JSON}));
    }
    blocks
}

fn messages(request: &Request) -> Vec<Value> {
    let mut messages = Vec::new();
    for turn in turns(&request.messages) {
        let mut content = Vec::with_capacity(turn.parts.len());
        for ((number, place), part) in turn.parts {
            if let Some(block) = block(part) {
                content.push(cached(block, request, &format!("messages/{number}/{place}")));
            }
        }
        // Messages without content are refused.
        if !content.is_empty() {
            let role = if turn.role == Role::User { "user" } else { "assistant" };
            messages.push(json!({"role": role, "content": content}));
        }
    }
    messages
}

fn cached(mut block: Value, request: &Request, place: &str) -> Value {
    let points = request.extra.get("cache_points");
    if let Some(cache) = points.and_then(|points| points.get(place)) {
        block["cache_control"] = cache.clone();
    }
    block
}

/// A part of a message; none where it is empty or cannot be said.
fn block(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) | Part::Refusal(text) => {
            (!text.is_empty()).then(|| json!({"type": "text", "text": text}))
        }
        Part::Image(media) => Some(json!({"type": "image", "source": image_source(media)})),
        Part::File(media) if is_image(media) => {
            Some(json!({"type": "image", "source": image_source(media)}))
        }
        Part::File(media) => document(media),
        Part::Audio(_) => None,
        // Thoughts that Anthropic did not sign are refused.
        Part::Reasoning { text, sealed } => {
            let sealed = sealed.as_deref().filter(|sealed| !sealed.is_empty())?;
            Some(match sealed.strip_prefix(REDACTED) {
                Some(data) => json!({"type": "redacted_thinking", "data": data}),
                None => json!({"type": "thinking", "thinking": text, "signature": sealed}),
            })
        }
        Part::ToolCall(call) => Some(json!({
            "type": "tool_use",
            "id": call_id(&call.id),
            "name": call.name,
            "input": input(&call.arguments),
        })),
        Part::ToolResult(result) => Some(tool_result(result)),
    }
}

fn tool_result(result: &ToolResult) -> Value {
    let mut content: Vec<Value> = result.parts.iter().filter_map(block).collect();
    if content.is_empty() && result.is_error {
        // An error without content is refused.
        content.push(json!({"type": "text", "text": "error"}));
    }
    let mut written = json!({"type": "tool_result", "tool_use_id": call_id(&result.call_id)});
    if !content.is_empty() {
        written["content"] = Value::Array(content);
    }
    if result.is_error {
        written["is_error"] = json!(true);
    }
    written
}

/// Ids have letters, digits, `_` and `-`; others get `_` for what is not.
fn call_id(id: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    id.chars().map(|c| if fits(c) { c } else { '_' }).collect()
}

/// Arguments as the object that the protocol wants; what is none is kept as text within one.
pub(crate) fn input(arguments: &str) -> Value {
    if arguments.trim().is_empty() {
        return json!({});
    }
    match serde_json::from_str::<Value>(arguments) {
        Ok(Value::Object(object)) => Value::Object(object),
        _ => json!({"arguments": arguments}),
    }
}

fn tools(request: &Request) -> Vec<Value> {
    let written = request.tools.iter().enumerate();
    let written = written.map(|(place, of)| cached(tool(of), request, &format!("tools/{place}")));
    let defined = request.extra.get("tools").and_then(Value::as_array);
    written.chain(defined.into_iter().flatten().cloned()).collect()
}

fn tool(tool: &Tool) -> Value {
    let mut written = json!({"name": tool.name});
    if let Some(description) = &tool.description {
        written["description"] = json!(description);
    }
    written["input_schema"] = object_schema(tool.parameters.as_ref());
    if let Some(strict) = tool.strict {
        written["strict"] = json!(strict);
    }
    written
}

/// A schema of an object, which the protocol requires to be said.
fn object_schema(schema: Option<&Value>) -> Value {
    let mut schema = match schema {
        Some(Value::Object(schema)) => schema.clone(),
        _ => Map::new(),
    };
    schema.entry("type").or_insert_with(|| json!("object"));
    Value::Object(schema)
}

fn tool_choice(request: &Request) -> Option<Value> {
    let mut choice = match (&request.tool_choice, request.parallel_tools) {
        (Some(ToolChoice::None), _) => return Some(json!({"type": "none"})),
        (None, None) => return None,
        (None | Some(ToolChoice::Auto), _) => json!({"type": "auto"}),
        (Some(ToolChoice::Any), _) => json!({"type": "any"}),
        (Some(ToolChoice::Named(name)), _) => json!({"type": "tool", "name": name}),
    };
    if let Some(parallel) = request.parallel_tools {
        choice["disable_parallel_tool_use"] = json!(!parallel);
    }
    Some(choice)
}

/// With thinking, and in later generations always, the API takes none.
fn sampling<R>(request: &Request, is_fixed: bool, set: &mut impl FnMut(&str, Value) -> R) {
    let params = &request.params;
    if !is_fixed {
        if let Some(temperature) = &params.temperature {
            set("temperature", at_most_one(temperature));
        }
        if let Some(top_k) = params.top_k {
            set("top_k", json!(top_k));
        }
    }
    // Several generations refuse it beside a temperature; 1 says nothing.
    let says_something = |top_p: &&Number| top_p.as_f64() != Some(1.0);
    if let Some(top_p) = params.top_p.as_ref().filter(says_something).filter(|_| !is_fixed) {
        set("top_p", Value::Number(top_p.clone()));
    }
    let stop: Vec<&String> = params.stop.iter().filter(|text| !text.trim().is_empty()).collect();
    if !stop.is_empty() {
        set("stop_sequences", json!(stop));
    }
}

/// Others go up to 2.
pub(crate) fn at_most_one(temperature: &Number) -> Value {
    if temperature.as_f64().is_some_and(|number| number > 1.0) {
        json!(1)
    } else {
        Value::Number(temperature.clone())
    }
}

fn output_config(request: &Request, effort: Option<&str>) -> Map<String, Value> {
    let kept = request.extra.get("output_config").and_then(Value::as_object);
    let mut config = kept.cloned().unwrap_or_default();
    if let Some(effort) = effort {
        config.entry("effort").or_insert_with(|| json!(effort));
    }
    if let OutputFormat::Schema { schema, .. } = &request.output {
        config.insert("format".to_owned(), json!({"type": "json_schema", "schema": schema}));
    }
    config
}

fn service_tier(tier: &str) -> Option<&'static str> {
    match tier {
        "auto" | "priority" => Some("auto"),
        "standard_only" | "default" => Some("standard_only"),
        _ => None,
    }
}
