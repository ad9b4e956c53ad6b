//! Reads a request.

use serde_json::{Map, Value};

use super::{
    input,
    object::{Object, unknown, wrong},
};
use crate::chat::{OutputFormat, Params, Part, Reasoning, Request, Tool, ToolChoice, Unreadable};

/// Reads a request whole. Fields that only this protocol has are in `extra`, by their names; so are
/// what is left of `text` and `reasoning`, the built-in ones of `tools`, and of `input` the items
/// that are neither messages, functions' calls and results nor thoughts, as `{"before", "item"}`.
///
/// # Errors
/// The text is not JSON, or a field is not what it must be.
pub fn read_request(body: &[u8]) -> Result<Request, Unreadable> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Unreadable::new("body", format!("is not JSON: {error}")))?;
    let mut body = Object::new("", body)?;
    // OpenAI may keep any of them with what is stored there.
    let is_stored = ["prompt", "previous_response_id", "conversation"].map(|name| body.has(name));
    let [has_prompt, ..] = is_stored;
    let model = if has_prompt {
        body.text("model")?.unwrap_or_default()
    } else {
        body.needed_text("model")?
    };
    let input = match body.take("input") {
        Some(value) => input::read(value)?,
        None if is_stored.contains(&true) => input::Input::default(),
        None => {
            let reason = "is missing; it must be a string or an array of items";
            return Err(Unreadable::new("input", reason));
        }
    };
    let instructions = body.text("instructions")?.map(Part::Text);
    let (tools, other_tools) = tools(body.list("tools")?)?;
    let (tool_choice, other_choice) = tool_choice(body.take("tool_choice"))?;
    let (output, rest_of_text) = output(body.object("text")?)?;
    let (reasoning, rest_of_reasoning) = reasoning(body.object("reasoning")?)?;
    let user = body.text("user")?;
    let mut request = Request {
        model,
        system: instructions.into_iter().chain(input.system).collect(),
        messages: input.messages,
        tools,
        tool_choice,
        parallel_tools: body.flag("parallel_tool_calls")?,
        output,
        params: params(&mut body, reasoning)?,
        stream: body.flag("stream")?.unwrap_or_default(),
        stream_usage: false,
        // `safety_identifier` follows `user`; where both are given they need not be the same.
        user: if user.is_some() { user } else { body.text("safety_identifier")? },
        metadata: body.object("metadata")?.map(Object::rest).unwrap_or_default(),
        extra: Map::new(),
    };
    request.extra = body.rest();
    let rests = [
        ("input", Value::Array(input.kept)),
        ("tools", Value::Array(other_tools)),
        ("tool_choice", other_choice.unwrap_or_default()),
        ("text", Value::Object(rest_of_text)),
        ("reasoning", Value::Object(rest_of_reasoning)),
    ];
    let rests = rests.into_iter().filter(|(_, rest)| !is_nothing(rest));
    request.extra.extend(rests.map(|(name, rest)| (name.to_owned(), rest)));
    request.extra.retain(|_, value| !value.is_null());
    Ok(request)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn params(body: &mut Object, reasoning: Option<Reasoning>) -> Result<Params, Unreadable> {
    Ok(Params {
        max_tokens: body.count("max_output_tokens")?,
        temperature: body.number("temperature")?,
        top_p: body.number("top_p")?,
        service_tier: body.text("service_tier")?,
        reasoning,
        ..Params::default()
    })
}

/// The functions, and the other tools.
fn tools(values: Vec<Value>) -> Result<(Vec<Tool>, Vec<Value>), Unreadable> {
    let (mut tools, mut others) = (Vec::new(), Vec::new());
    for (number, value) in values.into_iter().enumerate() {
        let at = format!("tools[{number}]");
        let is_function = match value.get("type") {
            Some(Value::String(kind)) => kind == "function",
            Some(other) => return Err(wrong(format!("{at}.type"), other, "a string")),
            None if value.is_object() => {
                let reason = "is missing; it must say what the tool is, such as function";
                return Err(Unreadable::new(format!("{at}.type"), reason));
            }
            None => return Err(wrong(at, &value, "an object")),
        };
        if !is_function {
            others.push(value);
            continue;
        }
        let mut tool = Object::new(at, value)?;
        tools.push(Tool {
            name: tool.needed_text("name")?,
            description: tool.text("description")?,
            parameters: tool.object("parameters")?.map(|schema| Value::Object(schema.rest())),
            strict: tool.flag("strict")?,
        });
    }
    Ok((tools, others))
}

/// Which tool must be called, or a choice that only this protocol has.
fn tool_choice(value: Option<Value>) -> Result<(Option<ToolChoice>, Option<Value>), Unreadable> {
    let choice = match value {
        None => return Ok((None, None)),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            "required" => ToolChoice::Any,
            _ => return Err(unknown("tool_choice", &word, "auto, none, required or an object")),
        },
        Some(Value::Object(fields))
            if fields.get("type").is_some_and(|kind| kind == "function") =>
        {
            let name = Object::new("tool_choice", Value::Object(fields))?.needed_text("name")?;
            ToolChoice::Named(name)
        }
        Some(Value::Object(fields)) => return Ok((None, Some(Value::Object(fields)))),
        Some(other) => {
            return Err(wrong("tool_choice", &other, "auto, none, required or an object"));
        }
    };
    Ok((Some(choice), None))
}

fn output(text: Option<Object>) -> Result<(OutputFormat, Map<String, Value>), Unreadable> {
    let Some(mut text) = text else { return Ok((OutputFormat::Text, Map::new())) };
    let Some(mut format) = text.object("format")? else {
        return Ok((OutputFormat::Text, text.rest()));
    };
    let kind = format.needed_text("type")?;
    let output = match kind.as_str() {
        "text" => OutputFormat::Text,
        "json_object" => OutputFormat::Json,
        "json_schema" => {
            let Some(schema) = format.object("schema")? else {
                let reason = "is missing; it must be a JSON schema";
                return Err(Unreadable::new(format.place("schema"), reason));
            };
            OutputFormat::Schema {
                name: format.needed_text("name")?,
                description: format.text("description")?,
                schema: Value::Object(schema.rest()),
                strict: format.flag("strict")?,
            }
        }
        _ => {
            let expected = "text, json_object or json_schema";
            return Err(unknown(format.place("type"), &kind, expected));
        }
    };
    Ok((output, text.rest()))
}

fn reasoning(
    reasoning: Option<Object>,
) -> Result<(Option<Reasoning>, Map<String, Value>), Unreadable> {
    let Some(mut reasoning) = reasoning else { return Ok((None, Map::new())) };
    let effort = reasoning.text("effort")?.map(Reasoning::Effort);
    Ok((effort, reasoning.rest()))
}

#[cfg(test)]
mod tests;
