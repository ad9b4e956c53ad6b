//! How an answer is to be generated: `generationConfig` and `toolConfig`.

use serde_json::{Number, Value, json};

use super::field::{
    Object, get, many, take, take_count, take_number, take_object, take_whole, text, wrong,
};
use super::schema::json_schema;
use crate::chat::{OutputFormat, Params, Reasoning, Request, ToolChoice, Unreadable};

const AT: &str = "generationConfig";

/// Reads `generationConfig` into the request. What the neutral form cannot say is given back.
pub(super) fn read(mut config: Object, request: &mut Request) -> Result<Object, Unreadable> {
    let config = &mut config;
    let stop = take(config, "stopSequences");
    let stop: Option<Vec<String>> =
        many(stop.as_ref()).iter().map(|stop| stop.as_str().map(str::to_owned)).collect();
    let choices = take_count(config, "candidateCount", AT)?;
    request.params = Params {
        max_tokens: take_count(config, "maxOutputTokens", AT)?,
        temperature: take_number(config, "temperature", AT)?,
        top_p: take_number(config, "topP", AT)?,
        top_k: take_count(config, "topK", AT)?,
        frequency_penalty: take_number(config, "frequencyPenalty", AT)?,
        presence_penalty: take_number(config, "presencePenalty", AT)?,
        stop: stop.ok_or_else(|| wrong(AT, "stopSequences", "must be a list of texts"))?,
        seed: take_whole(config, "seed", AT)?,
        choices: choices.map(|choices| u32::try_from(choices).unwrap_or(u32::MAX)),
        reasoning: None,
        service_tier: request.params.service_tier.take(),
    };
    read_thinking(config, request)?;
    read_output(config, request);
    Ok(std::mem::take(config))
}

/// Google says how much to think, and besides whether to tell the thoughts. The neutral form has
/// only the first, so the second is kept, also where it is left to its default.
fn read_thinking(config: &mut Object, request: &mut Request) -> Result<(), Unreadable> {
    let mut thinking = take_object(config, "thinkingConfig", AT)?;
    if thinking.is_empty() {
        return Ok(());
    }
    let level = text(&thinking, "thinkingLevel").map(str::to_ascii_lowercase);
    match get(&thinking, "thinkingBudget").and_then(Value::as_u64) {
        Some(budget) => {
            take(&mut thinking, "thinkingBudget");
            request.params.reasoning = Some(Reasoning::Budget(budget));
        }
        None => {
            if let Some(level) = level.filter(|level| level != "thinking_level_unspecified") {
                take(&mut thinking, "thinkingLevel");
                request.params.reasoning = Some(Reasoning::Effort(level));
            }
        }
    }
    let tells = take(&mut thinking, "includeThoughts").unwrap_or(Value::Bool(false));
    thinking.insert("includeThoughts".to_owned(), tells);
    config.insert("thinkingConfig".to_owned(), Value::Object(thinking));
    Ok(())
}

/// The form of the answer. A MIME type other than text and JSON stays, and its schema with it.
fn read_output(config: &mut Object, request: &mut Request) {
    let mime = text(config, "responseMimeType").unwrap_or("text/plain").to_owned();
    if mime != "application/json" {
        if mime == "text/plain" {
            take(config, "responseMimeType");
        }
        return;
    }
    take(config, "responseMimeType");
    let googles = take(config, "responseSchema").map(json_schema);
    let schema = take(config, "responseJsonSchema").or(googles);
    request.output = match schema {
        None => OutputFormat::Json,
        Some(schema) => {
            OutputFormat::Schema { name: name_of(&schema), description: None, schema, strict: None }
        }
    };
}

/// A schema's name, which Google does not ask for: its title where that can be a name.
fn name_of(schema: &Value) -> String {
    let title = schema.get("title").and_then(Value::as_str).unwrap_or_default();
    let is_name = (1..=64).contains(&title.len())
        && title.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_name { title.to_owned() } else { "response".to_owned() }
}

/// `generationConfig`, around what was kept of it.
pub(super) fn write(request: &Request, mut config: Object) -> Object {
    let params = &request.params;
    let mut say = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            config.insert(name.to_owned(), value);
        }
    };
    let number = |number: &Option<Number>| number.clone().map(Value::Number);
    say("maxOutputTokens", params.max_tokens.map(Value::from));
    say("temperature", number(&params.temperature));
    say("topP", number(&params.top_p));
    say("topK", params.top_k.map(Value::from));
    say("frequencyPenalty", number(&params.frequency_penalty));
    say("presencePenalty", number(&params.presence_penalty));
    say("stopSequences", (!params.stop.is_empty()).then(|| params.stop.clone().into()));
    say("seed", params.seed.map(Value::from));
    say("candidateCount", params.choices.map(Value::from));
    match &request.output {
        OutputFormat::Text => {}
        OutputFormat::Json => say("responseMimeType", Some("application/json".into())),
        OutputFormat::Schema { schema, .. } => {
            say("responseMimeType", Some("application/json".into()));
            say("responseJsonSchema", Some(schema.clone()));
        }
    }
    if let Some(reasoning) = &params.reasoning {
        let kept = take(&mut config, "thinkingConfig");
        let kept = kept.and_then(|kept| kept.as_object().cloned()).unwrap_or_default();
        config.insert("thinkingConfig".to_owned(), thinking(&request.model, reasoning, kept));
    }
    config
}

fn thinking(model: &str, reasoning: &Reasoning, mut config: Object) -> Value {
    let thinks = match reasoning {
        Reasoning::Budget(budget) => *budget > 0,
        Reasoning::Effort(effort) => effort != "none",
    };
    if get(&config, "includeThoughts").is_none() {
        config.insert("includeThoughts".to_owned(), thinks.into());
    }
    let (name, value): (&str, Value) = match reasoning {
        Reasoning::Budget(budget) => ("thinkingBudget", (*budget).into()),
        // Google's own table for OpenAI's efforts (ai.google.dev, OpenAI compatibility).
        Reasoning::Effort(effort) if generation(model) == Some(2) => {
            let budget = match effort.as_str() {
                "none" => 0,
                "minimal" | "low" => 1024,
                "medium" => 8192,
                _ => 24576,
            };
            ("thinkingBudget", budget.into())
        }
        // Later models cannot be kept from thinking; this is the least.
        Reasoning::Effort(effort) if effort == "none" => ("thinkingLevel", "MINIMAL".into()),
        Reasoning::Effort(effort) => ("thinkingLevel", effort.to_ascii_uppercase().into()),
    };
    config.insert(name.to_owned(), value);
    Value::Object(config)
}

/// The generation of a model: 3 of `gemini-3.1-pro-preview`. `None` where its name does not say.
pub(super) fn generation(model: &str) -> Option<u32> {
    let (_, rest) = model.rsplit_once("gemini-")?;
    rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// Reads `toolConfig`. What the neutral form cannot say is given back.
pub(super) fn read_tools(mut config: Object, request: &mut Request) -> Object {
    let Some(Value::Object(calling)) = take(&mut config, "functionCallingConfig") else {
        return config;
    };
    let mode = text(&calling, "mode").unwrap_or_default().to_ascii_uppercase();
    let names = many(get(&calling, "allowedFunctionNames"));
    let choice = match (mode.as_str(), names) {
        ("AUTO" | "VALIDATED", _) => Some(ToolChoice::Auto),
        ("NONE", _) => Some(ToolChoice::None),
        ("ANY", [Value::String(name)]) => Some(ToolChoice::Named(name.clone())),
        ("ANY", _) => Some(ToolChoice::Any),
        _ => None,
    };
    let is_all = match mode.as_str() {
        "AUTO" | "NONE" => names.is_empty(),
        "ANY" => names.len() < 2,
        _ => false,
    };
    let more = ["mode", "allowedFunctionNames", "allowed_function_names"];
    if !is_all || calling.keys().any(|key| !more.contains(&key.as_str())) {
        config.insert("functionCallingConfig".to_owned(), Value::Object(calling));
    }
    request.tool_choice = choice;
    config
}

/// `toolConfig`, around what was kept of it.
pub(super) fn write_tools(choice: Option<&ToolChoice>, mut config: Object) -> Object {
    let calling = match choice {
        None => return config,
        Some(ToolChoice::Auto) => json!({"mode": "AUTO"}),
        Some(ToolChoice::None) => json!({"mode": "NONE"}),
        Some(ToolChoice::Any) => json!({"mode": "ANY"}),
        Some(ToolChoice::Named(name)) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    // What was kept says more than the choice does.
    if get(&config, "functionCallingConfig").is_none() {
        config.insert("functionCallingConfig".to_owned(), calling);
    }
    config
}

#[cfg(test)]
mod tests;
