//! A client's request in the neutral form.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::block::{Block, Content};
use super::fields::{fields, value};
use crate::chat::{
    Media, MediaSource, Message, OutputFormat, Part, Reasoning, Request, Role, Tool, ToolChoice,
    ToolResult, Unreadable,
};

/// What this protocol calls the form of an answer where a name is needed elsewhere.
const FORMAT_NAME: &str = "output";

/// A request, of `/v1/messages` or `/v1/messages/count_tokens`.
///
/// # Errors
/// What is not this protocol's, or cannot be said in another: the field, and what to do.
pub fn read_request(body: &[u8]) -> Result<Request, Unreadable> {
    let mut request = Request { stream_usage: true, ..Request::default() };
    let mut reader = Fields::default();
    for (name, raw) in fields(body)? {
        reader.field(&mut request, name, raw)?;
    }
    let missing =
        |field: &str, remedy: &str| Unreadable::new(field, format!("is missing; {remedy}"));
    if request.model.is_empty() {
        return Err(missing("model", "name the model to ask"));
    }
    if !reader.has_messages {
        return Err(missing("messages", "send the conversation"));
    }
    reader.reasoning(&mut request);
    request.system.append(&mut reader.amid);
    if !reader.places.is_empty() {
        request.extra.insert("cache_points".to_owned(), Value::Object(reader.places));
    }
    Ok(request)
}

/// What several fields decide together.
#[derive(Default)]
struct Fields {
    has_messages: bool,
    thinking: Option<Value>,
    effort: Option<String>,
    /// Instructions in the middle of the conversation.
    amid: Vec<Part>,
    /// `cache_control` by place.
    places: Map<String, Value>,
}

impl Fields {
    fn field(&mut self, to: &mut Request, name: String, raw: &RawValue) -> Result<(), Unreadable> {
        let params = &mut to.params;
        let field = name.as_str();
        match field {
            "model" => to.model = value(field, raw, "the model's name")?,
            "messages" => self.messages(to, raw)?,
            "system" => {
                let content = Content::read(raw, field)?;
                to.system = self.parts(content, field, field)?;
            }
            "tools" => self.tools(to, raw)?,
            "tool_choice" => tool_choice(to, raw)?,
            "max_tokens" => params.max_tokens = Some(value(field, raw, "a whole number")?),
            "temperature" => params.temperature = Some(value(field, raw, "a number")?),
            "top_p" => params.top_p = Some(value(field, raw, "a number")?),
            "top_k" => params.top_k = Some(value(field, raw, "a whole number")?),
            "stop_sequences" => params.stop = value(field, raw, "a list of texts")?,
            "stream" => to.stream = value(field, raw, "true or false")?,
            "service_tier" => {
                params.service_tier = Some(value(field, raw, "auto or standard_only")?)
            }
            "metadata" => {
                to.metadata = value(field, raw, "an object")?;
                let user = to.metadata.remove("user_id");
                to.user = user.as_ref().and_then(Value::as_str).map(str::to_owned);
            }
            "thinking" => self.thinking = Some(value(field, raw, "an object with a type")?),
            "output_config" => self.output_config(to, value(field, raw, "an object")?)?,
            // How it was called before `output_config`.
            "output_format" => to.output = format(field, value(field, raw, "an object")?)?,
            _ => {
                let value = value(field, raw, "JSON of at most 128 levels")?;
                to.extra.insert(name, value);
            }
        }
        Ok(())
    }

    fn messages(&mut self, to: &mut Request, raw: &RawValue) -> Result<(), Unreadable> {
        #[derive(Deserialize)]
        struct Turn<'a> {
            role: String,
            #[serde(borrow)]
            content: &'a RawValue,
        }
        self.has_messages = true;
        let messages: Vec<&RawValue> = value("messages", raw, "a list")?;
        for (number, raw) in messages.into_iter().enumerate() {
            let field = format!("messages[{number}]");
            let turn: Turn<'_> = value(&field, raw, "a message with role and content")?;
            let content = Content::read(turn.content, &format!("{field}.content"))?;
            let role = match turn.role.as_str() {
                "user" => Role::User,
                "assistant" => Role::Assistant,
                "system" => {
                    self.amid.extend(content.text().map(Part::Text));
                    continue;
                }
                other => {
                    let reason = format!("is {other:?}; use user, assistant or system");
                    return Err(Unreadable::new(format!("{field}.role"), reason));
                }
            };
            let place = format!("messages/{}", to.messages.len());
            let parts = self.parts(content, &format!("{field}.content"), &place)?;
            to.messages.push(Message { role, name: None, parts });
        }
        Ok(())
    }

    fn parts(
        &mut self,
        content: Content<'_>,
        field: &str,
        place: &str,
    ) -> Result<Vec<Part>, Unreadable> {
        let blocks = match content {
            Content::Text(text) if text.is_empty() => return Ok(Vec::new()),
            Content::Text(text) => return Ok(vec![Part::Text(text)]),
            Content::Blocks(blocks) => blocks,
        };
        let mut parts = Vec::with_capacity(blocks.len());
        for (number, raw) in blocks.into_iter().enumerate() {
            let field = format!("{field}[{number}]");
            let block: Block<'_> = value(&field, raw, "a block with a type")?;
            let before = parts.len();
            add_part(&mut parts, &block, &field)?;
            if parts.len() > before
                && let Some(cache) = block.cache_control
            {
                self.places.insert(format!("{place}/{}", parts.len() - 1), cache);
            }
        }
        Ok(parts)
    }

    fn tools(&mut self, to: &mut Request, raw: &RawValue) -> Result<(), Unreadable> {
        #[derive(Deserialize)]
        struct Written {
            #[serde(rename = "type")]
            kind: Option<String>,
            name: Option<String>,
            description: Option<String>,
            input_schema: Option<Value>,
            strict: Option<bool>,
            cache_control: Option<Value>,
        }
        let mut defined = Vec::new();
        let tools: Vec<&RawValue> = value("tools", raw, "a list")?;
        for (number, raw) in tools.into_iter().enumerate() {
            let field = format!("tools[{number}]");
            let tool: Written = value(&field, raw, "a tool with a name and input_schema")?;
            if tool.kind.is_some_and(|kind| kind != "custom") {
                defined.push(value(&field, raw, "JSON of at most 128 levels")?);
                continue;
            }
            let name = tool.name.ok_or_else(|| {
                Unreadable::new(format!("{field}.name"), "is missing; name the tool")
            })?;
            if let Some(cache) = tool.cache_control {
                self.places.insert(format!("tools/{}", to.tools.len()), cache);
            }
            to.tools.push(Tool {
                name,
                description: tool.description,
                parameters: tool.input_schema,
                strict: tool.strict,
            });
        }
        if !defined.is_empty() {
            to.extra.insert("tools".to_owned(), Value::Array(defined));
        }
        Ok(())
    }

    fn output_config(
        &mut self,
        to: &mut Request,
        mut config: Map<String, Value>,
    ) -> Result<(), Unreadable> {
        if let Some(said) = config.remove("format").filter(|said| !said.is_null()) {
            to.output = format("output_config.format", said)?;
        }
        match config.remove("effort") {
            None | Some(Value::Null) => {}
            Some(Value::String(effort)) => self.effort = Some(effort),
            Some(_) => {
                let reason = "must be low, medium, high, xhigh or max";
                return Err(Unreadable::new("output_config.effort", reason));
            }
        }
        if !config.is_empty() {
            to.extra.insert("output_config".to_owned(), Value::Object(config));
        }
        Ok(())
    }

    /// The client's own object is kept beside what is understood of it; null, where it said how much
    /// effort to take but not how to think.
    fn reasoning(&mut self, to: &mut Request) {
        let thinking = self.thinking.take();
        let said = |field: &str| thinking.as_ref().and_then(|thinking| thinking.get(field));
        let budget = said("budget_tokens").and_then(Value::as_u64);
        to.params.reasoning = match said("type").and_then(Value::as_str) {
            Some("enabled") => budget.map(Reasoning::Budget),
            Some("disabled") => Some(Reasoning::Budget(0)),
            _ => None,
        };
        if let Some(effort) = self.effort.take() {
            // Others know no more than this, and this protocol takes it from `output_config`.
            let is_most = effort == "max";
            if is_most {
                let config = to.extra.entry("output_config").or_insert_with(|| json!({}));
                config["effort"] = json!("max");
            }
            if to.params.reasoning.is_none() {
                let word = if is_most { "xhigh".to_owned() } else { effort };
                to.params.reasoning = Some(Reasoning::Effort(word));
            } else if !is_most {
                let config = to.extra.entry("output_config").or_insert_with(|| json!({}));
                config["effort"] = json!(effort);
            }
        }
        if thinking.is_some() || to.params.reasoning.is_some() {
            to.extra.insert("thinking".to_owned(), thinking.unwrap_or(Value::Null));
        }
    }
}

fn add_part(parts: &mut Vec<Part>, block: &Block<'_>, field: &str) -> Result<(), Unreadable> {
    match block.kind.as_str() {
        "image" => parts.push(Part::Image(block.source(field)?.media(field)?)),
        "document" => {
            parts.extend(block.context.clone().map(Part::Text));
            parts.push(Part::File(document(block, field)?));
        }
        "search_result" => parts.extend(search_result(block, field)?),
        "tool_result" => parts.push(Part::ToolResult(tool_result(block, field)?)),
        "container_upload" => {
            let reason = "is a file in Anthropic's container, which no other provider has; \
                          send the file itself";
            return Err(Unreadable::new(field, reason));
        }
        "text" | "thinking" | "redacted_thinking" | "tool_use" | "compaction" => {
            parts.extend(block.said());
        }
        kind if is_providers(kind) => {}
        other => {
            let reason = format!(
                "is {other:?}, which cannot be said in another protocol; leave it out, or ask a \
                 provider of this protocol"
            );
            return Err(Unreadable::new(format!("{field}.type"), reason));
        }
    }
    Ok(())
}

/// Whether a block says what the provider's own tools did.
fn is_providers(kind: &str) -> bool {
    matches!(kind, "server_tool_use" | "mcp_tool_use" | "tool_reference")
        || kind.ends_with("_tool_result")
}

fn document(block: &Block<'_>, field: &str) -> Result<Media, Unreadable> {
    let mut media = block.source(field)?.media(field)?;
    media.name.clone_from(&block.title);
    if matches!(media.source, MediaSource::Url(_)) {
        // Other documents cannot be named by address.
        media.mime = Some("application/pdf".to_owned());
    }
    Ok(media)
}

/// What the client found itself, as text: others have no such block.
fn search_result(block: &Block<'_>, field: &str) -> Result<Option<Part>, Unreadable> {
    let Some(content) = block.content else { return Ok(None) };
    let text = Content::read(content, &format!("{field}.content"))?.text().unwrap_or_default();
    let source = block.source.and_then(|source| serde_json::from_str::<String>(source.get()).ok());
    let lines = [block.title.clone(), source, Some(text)];
    let lines: Vec<String> = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect();
    Ok(Some(lines.join("\n")).filter(|text| !text.is_empty()).map(Part::Text))
}

fn tool_result(block: &Block<'_>, field: &str) -> Result<ToolResult, Unreadable> {
    let call_id = block.tool_use_id.clone().ok_or_else(|| {
        Unreadable::new(format!("{field}.tool_use_id"), "is missing; name the call it answers")
    })?;
    let mut parts = Vec::new();
    if let Some(content) = block.content {
        let field = format!("{field}.content");
        match Content::read(content, &field)? {
            Content::Text(text) if text.is_empty() => {}
            Content::Text(text) => parts.push(Part::Text(text)),
            Content::Blocks(blocks) => {
                for (number, raw) in blocks.into_iter().enumerate() {
                    let field = format!("{field}[{number}]");
                    let block: Block<'_> = value(&field, raw, "a block with a type")?;
                    // A result within a result is none of this protocol's.
                    if block.kind != "tool_result" {
                        add_part(&mut parts, &block, &field)?;
                    }
                }
            }
        }
    }
    let is_error = block.is_error.unwrap_or(false);
    Ok(ToolResult { call_id, name: None, parts, is_error })
}

fn tool_choice(to: &mut Request, raw: &RawValue) -> Result<(), Unreadable> {
    #[derive(Deserialize)]
    struct Choice {
        #[serde(rename = "type")]
        kind: String,
        name: Option<String>,
        disable_parallel_tool_use: Option<bool>,
    }
    let choice: Choice = value("tool_choice", raw, "an object with a type")?;
    to.parallel_tools = choice.disable_parallel_tool_use.map(|disabled| !disabled);
    to.tool_choice = Some(match (choice.kind.as_str(), choice.name) {
        ("auto", _) => ToolChoice::Auto,
        ("any", _) => ToolChoice::Any,
        ("none", _) => ToolChoice::None,
        ("tool", Some(name)) => ToolChoice::Named(name),
        ("tool", None) => {
            return Err(Unreadable::new("tool_choice.name", "is missing; name the tool"));
        }
        (other, _) => {
            let reason = format!("is {other:?}; use auto, any, tool or none");
            return Err(Unreadable::new("tool_choice.type", reason));
        }
    });
    Ok(())
}

fn format(field: &str, mut said: Value) -> Result<OutputFormat, Unreadable> {
    if said.get("type").and_then(Value::as_str) != Some("json_schema") {
        return Err(Unreadable::new(format!("{field}.type"), "must be json_schema"));
    }
    let schema =
        said.get_mut("schema").map(Value::take).filter(Value::is_object).ok_or_else(|| {
            Unreadable::new(format!("{field}.schema"), "must be the schema, a JSON object")
        })?;
    let name = FORMAT_NAME.to_owned();
    Ok(OutputFormat::Schema { name, description: None, schema, strict: Some(true) })
}
