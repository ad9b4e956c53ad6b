//! A request as Bedrock is sent it.

use serde_json::{Map, Value, json};

use super::media::{audio, document, image, is_reachable};
use crate::chat::{
    Media, OutputFormat, Part, Request, Role, ToolCall, ToolChoice, ToolResult, Unreadable,
};
use crate::messages::thinking::{Plan, default_max_tokens, plan};
use crate::messages::turns::turns;
use crate::messages::{ONLY_JSON, REDACTED, at_most_one, input};

/// Characters of a call's id.
const MOST_ID: usize = 64;
/// Notes on a call.
const MOST_NOTES: usize = 16;
/// Characters of a note's name or value.
const MOST_NOTE: usize = 256;

/// The body for `converse` and `converse-stream`. What [`check`] names is left out, and besides what
/// changes no meaning: names of speakers, a seed, penalties of repetition, `parallel_tools`.
///
/// What only Claude or Nova takes (thinking, `top_k`) is in `additionalModelRequestFields`.
#[must_use]
pub fn write_request(request: &Request) -> Value {
    let is_claude = is_claude(&request.model);
    let plan = if is_claude { plan(request) } else { Plan::default() };
    let mut writer = Writer { is_claude, points: request.extra.get("cache_points"), documents: 0 };
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| {
        let is_empty = match &value {
            Value::Object(object) => object.is_empty(),
            Value::Array(array) => array.is_empty(),
            _ => false,
        };
        if !is_empty {
            body.insert(name.to_owned(), value);
        }
    };
    set("messages", Value::Array(writer.messages(request)));
    set("system", Value::Array(writer.system(request)));
    set("inferenceConfig", inference(request, &plan));
    set("toolConfig", writer.tools(request));
    set("additionalModelRequestFields", additional(request, &plan, is_claude));
    set("outputConfig", output_config(request, &plan, is_claude));
    set("requestMetadata", notes(&request.metadata));
    if let Some(tier) = request.params.service_tier.as_deref().and_then(service_tier) {
        set("serviceTier", json!({"type": tier}));
    }
    Value::Object(body)
}

/// Names what this protocol cannot say of a request and what would be missed.
///
/// # Errors
/// The first such thing, and what to do.
pub fn check(request: &Request) -> Result<(), Unreadable> {
    if request.params.choices.is_some_and(|choices| choices > 1) {
        return Err(Unreadable::new("n", "is more than 1: Bedrock gives one answer; ask for 1"));
    }
    for (number, message) in request.messages.iter().enumerate() {
        for (place, part) in message.parts.iter().enumerate() {
            check_part(part, &format!("messages[{number}].content[{place}]"))?;
        }
    }
    Ok(())
}

fn check_part(part: &Part, field: &str) -> Result<(), Unreadable> {
    let (media, written) = match part {
        Part::ToolResult(result) => {
            return result.parts.iter().try_for_each(|part| check_part(part, field));
        }
        Part::Image(media) => (media, image(media)),
        Part::Audio(media) => (media, audio(media)),
        Part::File(media) => (media, file(media, 1)),
        _ => return Ok(()),
    };
    if !is_reachable(media) {
        let reason = "is not here: Bedrock takes bytes and s3:// addresses; send the content";
        return Err(Unreadable::new(field, reason));
    }
    match written {
        Some(_) => Ok(()),
        None => Err(Unreadable::new(field, "is of a type that Bedrock does not take")),
    }
}

fn is_claude(model: &str) -> bool {
    model.contains("anthropic") || model.contains("claude")
}

fn file(media: &Media, number: usize) -> Option<Value> {
    let is_image = media.mime.as_deref().is_some_and(|mime| mime.starts_with("image/"));
    if is_image { image(media) } else { document(media, number) }
}

struct Writer<'a> {
    is_claude: bool,
    /// Where a client of Anthropic's protocol marked its cache.
    points: Option<&'a Value>,
    /// How many were written: their names must differ.
    documents: usize,
}

impl Writer<'_> {
    fn messages(&mut self, request: &Request) -> Vec<Value> {
        let mut messages = Vec::new();
        for turn in turns(&request.messages) {
            let mut content = Vec::with_capacity(turn.parts.len());
            for ((number, place), part) in turn.parts {
                if let Some(block) = self.block(part) {
                    content.push(block);
                    content.extend(self.point(&format!("messages/{number}/{place}")));
                }
            }
            if !content.is_empty() {
                let role = if turn.role == Role::User { "user" } else { "assistant" };
                messages.push(json!({"role": role, "content": content}));
            }
        }
        messages
    }

    fn system(&self, request: &Request) -> Vec<Value> {
        let mut blocks = Vec::new();
        for (place, part) in request.system.iter().enumerate() {
            if let Some(text) = text(part) {
                blocks.push(text);
                blocks.extend(self.point(&format!("system/{place}")));
            }
        }
        if request.output == OutputFormat::Json {
            blocks.push(json!({"text": ONLY_JSON}));
        }
        blocks
    }

    /// A mark of the cache, behind what it is to hold.
    fn point(&self, place: &str) -> Option<Value> {
        let cache = self.points?.get(place).filter(|_| self.is_claude)?;
        let mut point = json!({"type": "default"});
        if let Some(ttl) = cache.get("ttl").filter(|ttl| ttl.is_string()) {
            point["ttl"] = ttl.clone();
        }
        Some(json!({"cachePoint": point}))
    }

    /// A part of a message; none where it is empty or cannot be said.
    fn block(&mut self, part: &Part) -> Option<Value> {
        match part {
            Part::Text(_) | Part::Refusal(_) => text(part),
            Part::Image(media) => image(media),
            Part::Audio(media) => audio(media),
            Part::File(media) => self.file(media),
            Part::Reasoning { text, sealed } => {
                // Other models sign nothing and take none back.
                let sealed =
                    sealed.as_deref().filter(|sealed| self.is_claude && !sealed.is_empty())?;
                Some(match sealed.strip_prefix(REDACTED) {
                    Some(data) => json!({"reasoningContent": {"redactedContent": data}}),
                    None => json!({
                        "reasoningContent": {"reasoningText": {"text": text, "signature": sealed}}
                    }),
                })
            }
            Part::ToolCall(ToolCall { id, name, arguments, .. }) => Some(json!({
                "toolUse": {"toolUseId": call_id(id), "name": name, "input": input(arguments)}
            })),
            Part::ToolResult(result) => Some(self.tool_result(result)),
        }
    }

    fn file(&mut self, media: &Media) -> Option<Value> {
        let written = file(media, self.documents + 1)?;
        if written.get("document").is_some() {
            self.documents += 1;
        }
        Some(written)
    }

    fn tool_result(&mut self, result: &ToolResult) -> Value {
        let mut content = Vec::with_capacity(result.parts.len());
        for part in &result.parts {
            content.extend(match part {
                Part::Text(_) => text(part),
                Part::Image(media) => image(media),
                Part::File(media) => self.file(media),
                _ => None,
            });
        }
        let mut written = json!({"toolUseId": call_id(&result.call_id), "content": content});
        if result.is_error {
            written["status"] = json!("error");
        }
        json!({"toolResult": written})
    }

    /// Tools. Bedrock refuses calls in the conversation without them, so where the client sends none
    /// those that were called stand there by their names. It cannot be told to call none: then they are
    /// left out, unless they were called.
    fn tools(&self, request: &Request) -> Value {
        let is_none = request.tool_choice == Some(ToolChoice::None);
        let called = called(request);
        let mut tools = Vec::new();
        if !(is_none && called.is_empty()) {
            for (place, tool) in request.tools.iter().enumerate() {
                let mut written = json!({"name": tool.name});
                if let Some(description) = tool.description.as_ref().filter(|text| !text.is_empty())
                {
                    written["description"] = json!(description);
                }
                written["inputSchema"] = json!({"json": schema(tool.parameters.as_ref())});
                if let Some(strict) = tool.strict {
                    written["strict"] = json!(strict);
                }
                tools.push(json!({"toolSpec": written}));
                tools.extend(self.point(&format!("tools/{place}")));
            }
        }
        if tools.is_empty() {
            for name in called {
                let schema = json!({"json": schema(None)});
                tools.push(json!({"toolSpec": {"name": name, "inputSchema": schema}}));
            }
        }
        if tools.is_empty() {
            return json!({});
        }
        let choice = match &request.tool_choice {
            Some(ToolChoice::Auto) => json!({"auto": {}}),
            Some(ToolChoice::Any) => json!({"any": {}}),
            Some(ToolChoice::Named(name)) => json!({"tool": {"name": name}}),
            Some(ToolChoice::None) | None => return json!({"tools": tools}),
        };
        json!({"tools": tools, "toolChoice": choice})
    }
}

/// The tools that were called in the conversation, each once.
fn called(request: &Request) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        if let Part::ToolCall(call) = part
            && !names.contains(&call.name.as_str())
        {
            names.push(&call.name);
        }
    }
    names
}

fn schema(parameters: Option<&Value>) -> Value {
    match parameters {
        Some(schema @ Value::Object(_)) => schema.clone(),
        _ => json!({"type": "object", "properties": {}}),
    }
}

/// Blank texts are refused.
fn text(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) | Part::Refusal(text) if !text.trim().is_empty() => {
            Some(json!({"text": text}))
        }
        _ => None,
    }
}

/// Ids have 64 of letters, digits, `_`, `.`, `:` and `-`. Longer ones keep both ends.
fn call_id(id: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
    let id: String = id.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if id.len() <= MOST_ID {
        return id;
    }
    let half = MOST_ID / 2;
    format!("{}{}", &id[..half], &id[id.len() - half..])
}

fn inference(request: &Request, plan: &Plan) -> Value {
    let params = &request.params;
    let mut config = Map::new();
    // Thoughts with a budget must fit within.
    let room =
        (plan.room > 0).then(|| default_max_tokens(&request.model).saturating_add(plan.room));
    if let Some(most) = params.max_tokens.or(room) {
        config.insert("maxTokens".to_owned(), json!(most));
    }
    if let Some(temperature) = params.temperature.as_ref().filter(|_| !plan.fixes_sampling) {
        config.insert("temperature".to_owned(), at_most_one(temperature));
    }
    let top_p = params.top_p.as_ref().filter(|top_p| top_p.as_f64() != Some(1.0));
    if let Some(top_p) = top_p.filter(|_| !plan.fixes_sampling) {
        config.insert("topP".to_owned(), Value::Number(top_p.clone()));
    }
    let stop: Vec<&String> = params.stop.iter().filter(|text| !text.is_empty()).collect();
    if !stop.is_empty() {
        config.insert("stopSequences".to_owned(), json!(stop));
    }
    Value::Object(config)
}

fn additional(request: &Request, plan: &Plan, is_claude: bool) -> Value {
    let mut fields = Map::new();
    if let Some(thinking) = &plan.thinking {
        fields.insert("thinking".to_owned(), thinking.clone());
    }
    if let Some(top_k) = request.params.top_k.filter(|_| !plan.fixes_sampling) {
        if is_claude {
            fields.insert("top_k".to_owned(), json!(top_k));
        } else if request.model.contains("nova") {
            fields.insert("inferenceConfig".to_owned(), json!({"topK": top_k}));
        }
    }
    Value::Object(fields)
}

fn output_config(request: &Request, plan: &Plan, is_claude: bool) -> Value {
    let mut config = Map::new();
    if let OutputFormat::Schema { name, description, schema, .. } = &request.output {
        let mut said = json!({"schema": schema.to_string(), "name": name});
        if let Some(description) = description {
            said["description"] = json!(description);
        }
        let format = json!({"type": "json_schema", "structure": {"jsonSchema": said}});
        config.insert("textFormat".to_owned(), format);
    }
    if let Some(effort) = plan.effort.filter(|_| is_claude) {
        config.insert("effort".to_owned(), json!(effort));
    }
    Value::Object(config)
}

/// The client's notes, as far as they are short texts of the characters that are taken.
fn notes(metadata: &Map<String, Value>) -> Value {
    let fits = |text: &str| {
        let taken = |c: char| c.is_ascii_alphanumeric() || c == ' ' || ":_@$#=/+,-.".contains(c);
        text.chars().all(taken) && text.len() <= MOST_NOTE
    };
    let notes = metadata
        .iter()
        .filter(|(name, value)| !name.is_empty() && fits(name) && value.as_str().is_some_and(fits));
    notes.take(MOST_NOTES).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn service_tier(tier: &str) -> Option<&str> {
    match tier {
        "priority" | "flex" | "reserved" => Some(tier),
        "default" | "standard_only" => Some("default"),
        _ => None,
    }
}
