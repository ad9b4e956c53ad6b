//! A client's request.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::messages::read_messages;
use crate::chat::{OutputFormat, Params, Reasoning, Request, Tool, ToolChoice, Unreadable};

/// A request, to be said in another protocol. Instructions of the system and developer are taken out
/// of the conversation, wherever they are in it. Tools and choices of tools that are not functions
/// stay in `extra`, under their names.
///
/// # Errors
/// The body is not what the protocol says, or holds what no other protocol can say: recordings that
/// the model made, the forms of before `tools`, parts of an unknown type.
pub fn read_request(body: &[u8]) -> Result<Request, Unreadable> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not JSON: {error}")))?;
    let mut fields = Fields::new("", body)?;
    for (old, new) in [("functions", "tools"), ("function_call", "tool_choice")] {
        if fields.take(old).is_some() {
            return Err(fields.wrong(old, &format!("is the old form; send `{new}`")));
        }
    }
    let mut request = Request {
        model: fields.text("model")?.unwrap_or_default(),
        stream: fields.flag("stream")?.unwrap_or(false),
        ..Request::default()
    };
    read_messages(&mut fields, &mut request)?;
    read_tools(&mut fields, &mut request)?;
    request.output = read_output(&mut fields)?;
    request.params = read_params(&mut fields)?;
    if let Some(mut options) = fields.object("stream_options")? {
        request.stream_usage = options.flag("include_usage")?.unwrap_or(false);
        let rest = options.rest();
        if !rest.is_empty() {
            fields.put("stream_options", rest.into());
        }
    }
    request.user = match fields.text("user")? {
        None => fields.text("safety_identifier")?,
        user => user,
    };
    request.metadata = fields.object("metadata")?.map(Fields::rest).unwrap_or_default();
    let unread = std::mem::take(&mut request.extra);
    request.extra = fields.rest().into_iter().chain(unread).filter(|(_, v)| !v.is_null()).collect();
    Ok(request)
}

fn read_params(fields: &mut Fields) -> Result<Params, Unreadable> {
    let limit = fields.whole("max_completion_tokens")?;
    let old_limit = fields.whole("max_tokens")?;
    let seed = match fields.number("seed")? {
        None => fields.number("random_seed")?,
        seed => seed,
    };
    let choices = fields.whole("n")?;
    Ok(Params {
        max_tokens: limit.or(old_limit),
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        top_k: fields.whole("top_k")?,
        frequency_penalty: fields.number("frequency_penalty")?,
        presence_penalty: fields.number("presence_penalty")?,
        stop: read_stop(fields)?,
        seed: match seed {
            None => None,
            Some(number) => Some(
                number.as_i64().ok_or_else(|| fields.wrong("seed", "must be a whole number"))?,
            ),
        },
        choices: match choices {
            None => None,
            Some(number) => Some(
                u32::try_from(number).map_err(|_| fields.wrong("n", "must be below 4294967296"))?,
            ),
        },
        reasoning: read_reasoning(fields)?,
        service_tier: fields.text("service_tier")?,
    })
}

fn read_stop(fields: &mut Fields) -> Result<Vec<String>, Unreadable> {
    let texts = match fields.take("stop") {
        None => return Ok(Vec::new()),
        Some(Value::String(text)) => return Ok(vec![text]),
        Some(Value::Array(texts)) => texts,
        Some(_) => return Err(fields.wrong("stop", "must be a string or an array of strings")),
    };
    let text = |text| match text {
        Value::String(text) => Ok(text),
        _ => Err(fields.wrong("stop", "must be a string or an array of strings")),
    };
    texts.into_iter().map(text).collect()
}

/// `reasoning_effort`, or OpenRouter's `reasoning: {effort}` or `{max_tokens}`.
fn read_reasoning(fields: &mut Fields) -> Result<Option<Reasoning>, Unreadable> {
    if let Some(effort) = fields.text("reasoning_effort")? {
        return Ok(Some(Reasoning::Effort(effort)));
    }
    let stated = fields.peek("reasoning");
    let effort = stated.and_then(|stated| stated.get("effort")?.as_str());
    let budget = stated.and_then(|stated| stated.get("max_tokens")?.as_u64());
    let reasoning = match (effort, budget) {
        (Some(effort), _) => Reasoning::Effort(effort.to_owned()),
        (None, Some(budget)) => Reasoning::Budget(budget),
        (None, None) => return Ok(None),
    };
    fields.take("reasoning");
    Ok(Some(reasoning))
}

fn read_output(fields: &mut Fields) -> Result<OutputFormat, Unreadable> {
    let Some(mut format) = fields.object("response_format")? else {
        return Ok(OutputFormat::Text);
    };
    match format.text("type")?.as_deref() {
        None | Some("text") => Ok(OutputFormat::Text),
        Some("json_object") => Ok(OutputFormat::Json),
        Some("json_schema") => {
            let missing = format.wrong("json_schema", "is missing: give `name` and `schema`");
            let mut schema = format.object("json_schema")?.ok_or(missing)?;
            Ok(OutputFormat::Schema {
                name: schema.text("name")?.unwrap_or_else(|| "answer".to_owned()),
                description: schema.text("description")?,
                strict: schema.flag("strict")?,
                // Mistral's SDK calls it so.
                schema: schema
                    .take("schema")
                    .or_else(|| schema.take("schema_definition"))
                    .ok_or_else(|| schema.wrong("schema", "is missing: give a JSON schema"))?,
            })
        }
        Some(_) => Err(format.wrong("type", "must be `text`, `json_object` or `json_schema`")),
    }
}

fn read_tools(fields: &mut Fields, request: &mut Request) -> Result<(), Unreadable> {
    let mut others = Vec::new();
    for (index, tool) in fields.array("tools")?.unwrap_or_default().into_iter().enumerate() {
        let is_function = tool.get("function").is_some();
        if !is_function {
            others.push(tool);
            continue;
        }
        let mut tool = Fields::new(&format!("tools[{index}]"), tool)?;
        let Some(mut function) = tool.object("function")? else { continue };
        request.tools.push(Tool {
            name: function
                .text("name")?
                .ok_or_else(|| function.wrong("name", "is missing: name the function"))?,
            description: function.text("description")?,
            parameters: function.take("parameters"),
            strict: function.flag("strict")?,
        });
    }
    if !others.is_empty() {
        request.extra.insert("tools".to_owned(), others.into());
    }
    request.parallel_tools = fields.flag("parallel_tool_calls")?;
    request.tool_choice = read_tool_choice(fields, &mut request.extra)?;
    Ok(())
}

fn read_tool_choice(
    fields: &mut Fields,
    extra: &mut Map<String, Value>,
) -> Result<Option<ToolChoice>, Unreadable> {
    let Some(choice) = fields.take("tool_choice") else { return Ok(None) };
    if let Some(word) = choice.as_str() {
        return match word {
            "auto" => Ok(Some(ToolChoice::Auto)),
            "none" => Ok(Some(ToolChoice::None)),
            // Mistral's word is `any`.
            "required" | "any" => Ok(Some(ToolChoice::Any)),
            _ => Err(fields.wrong(
                "tool_choice",
                "must be `auto`, `none`, `required` or an object that names a function",
            )),
        };
    }
    let function = choice.get("function").and_then(|function| function.get("name")?.as_str());
    if let Some(name) = function {
        return Ok(Some(ToolChoice::Named(name.to_owned())));
    }
    extra.insert("tool_choice".to_owned(), choice);
    Ok(None)
}
