//! What a person asks in the playground.

use serde::Deserialize;
use serde_json::{Map, Number, Value};
use tracekeep_decode::FieldError;
use tracekeep_llm::chat::{OutputFormat, Params, Part, Reasoning, Request};
use tracekeep_llm::chat_completions;
use tracekeep_model::{Text, check_id};

use crate::error::ApiError;
use crate::gateway::place::MOST_TAGS;

/// Models that are asked the same at once, at most.
const MOST_MODELS: usize = 8;

/// A request's body. The names of the plan.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    prompt: Option<String>,
    system_prompt: Option<String>,
    model: Option<String>,
    models: Option<Vec<String>>,
    #[serde(default)]
    parameters: Parameters,
    trace_id: Option<String>,
    prompt_id: Option<String>,
    session_id: Option<String>,
    user_id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    metadata: Map<String, Value>,
    messages: Option<Value>,
    tools: Option<Value>,
    schema: Option<Value>,
}

/// How to generate.
#[derive(Clone, Debug, Default, Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<String>,
}

/// One model's question, and what its trace shows of it.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) request: Request,
    pub(super) model: String,
    pub(super) trace_id: Option<Text>,
    pub(super) prompt_id: Option<Text>,
    pub(super) session_id: Option<Text>,
    pub(super) user_id: Option<Text>,
    pub(super) name: Option<Text>,
    pub(super) tags: Vec<Text>,
    /// Keys, and JSON text.
    pub(super) metadata: Vec<(Text, Text)>,
    pub(super) input: Text,
    pub(super) system_prompt: Option<Text>,
    pub(super) parameters: Option<Text>,
}

impl Question {
    /// The question of `POST /api/playground/stream`.
    pub(super) fn one(body: &[u8]) -> Result<Self, ApiError> {
        let body = read(body)?;
        if body.models.is_some() {
            let reason = "is for /api/playground/compare; name one model in `model`";
            return Err(FieldError::new("models", reason).into());
        }
        let model = body.model.clone().filter(|model| !model.is_empty()).ok_or_else(|| {
            FieldError::new("model", "is missing; name a model, such as `demo/fast`")
        })?;
        body.ask(model)
    }

    /// The questions of `POST /api/playground/compare`, one a model.
    pub(super) fn several(body: &[u8]) -> Result<Vec<Self>, ApiError> {
        let body = read(body)?;
        if body.model.is_some() {
            let reason = "is for /api/playground/stream; name the models in `models`";
            return Err(FieldError::new("model", reason).into());
        }
        if body.trace_id.is_some() {
            let reason = "is for one model; each model's answer is a trace of its own here";
            return Err(FieldError::new("traceId", reason).into());
        }
        let models = body.models.clone().unwrap_or_default();
        if models.iter().any(String::is_empty) {
            return Err(FieldError::new("models", "has an empty name; name each model").into());
        }
        if !(1..=MOST_MODELS).contains(&models.len()) {
            let reason = format!("has {} models; name 1 to {MOST_MODELS}", models.len());
            return Err(FieldError::new("models", reason).into());
        }
        models.into_iter().map(|model| body.ask(model)).collect()
    }
}

fn read(body: &[u8]) -> Result<Body, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { "body".to_owned() } else { path };
        ApiError::from(FieldError::new(field, format!("cannot be read: {}", error.inner())))
    })?;
    reader.end().map_err(|error| ApiError::unreadable(format!("the body: {error}")))?;
    Ok(read)
}

impl Body {
    fn ask(&self, model: String) -> Result<Question, ApiError> {
        let mut request = self.conversation()?;
        request.model.clone_from(&model);
        request.stream = true;
        request.stream_usage = true;
        request.params = self.parameters.params();
        if let Some(schema) = &self.schema {
            request.output = OutputFormat::Schema {
                name: "answer".to_owned(),
                description: None,
                schema: schema.clone(),
                strict: None,
            };
        }
        let input = match (&self.messages, &self.prompt) {
            (Some(messages), _) => messages.to_string(),
            (None, prompt) => prompt.clone().unwrap_or_default(),
        };
        let id = |field: &str, id: &Option<String>| -> Result<Option<Text>, ApiError> {
            let Some(id) = id else { return Ok(None) };
            check_id(id).map_err(|error| FieldError::new(field, error))?;
            Ok(Some(id.as_str().into()))
        };
        let metadata = self.metadata.iter();
        Ok(Question {
            trace_id: id("traceId", &self.trace_id)?,
            prompt_id: id("promptId", &self.prompt_id)?,
            session_id: id("sessionId", &self.session_id)?,
            user_id: id("userId", &self.user_id)?,
            name: self.name.as_deref().map(Into::into),
            tags: self.tags.iter().take(MOST_TAGS).map(|tag| tag.as_str().into()).collect(),
            metadata: metadata
                .map(|(key, value)| (key.as_str().into(), value.to_string().into()))
                .collect(),
            input: input.into(),
            system_prompt: self.system_prompt.as_deref().map(Into::into),
            parameters: self.shown_parameters(),
            request,
            model,
        })
    }

    /// Messages and tools are those of chat completions.
    fn conversation(&self) -> Result<Request, ApiError> {
        let messages = match (&self.messages, &self.prompt) {
            (Some(_), Some(_)) => {
                let reason = "is there beside `prompt`; send one of them";
                return Err(FieldError::new("messages", reason).into());
            }
            (Some(messages), None) => messages.clone(),
            (None, Some(prompt)) => serde_json::json!([{ "role": "user", "content": prompt }]),
            (None, None) => {
                let reason = "is missing; send text, or chat messages as `messages`";
                return Err(FieldError::new("prompt", reason).into());
            }
        };
        let mut body = serde_json::json!({ "model": "", "messages": messages });
        if let Some(tools) = &self.tools {
            body["tools"] = tools.clone();
        }
        let read = chat_completions::read_request(body.to_string().as_bytes());
        let mut request = read.map_err(|error| FieldError::new(error.field, error.reason))?;
        let sent = self.tools.as_ref().map_or(Some(0), |tools| tools.as_array().map(Vec::len));
        if sent != Some(request.tools.len()) {
            let reason = "must be an array of functions: \
                          {\"type\": \"function\", \"function\": {\"name\": …}}";
            return Err(FieldError::new("tools", reason).into());
        }
        if let Some(system) = self.system_prompt.as_ref().filter(|text| !text.is_empty()) {
            request.system.insert(0, Part::Text(system.clone()));
        }
        Ok(request)
    }

    fn shown_parameters(&self) -> Option<Text> {
        let mut shown = match serde_json::to_value(&self.parameters) {
            Ok(Value::Object(shown)) => shown,
            _ => Map::new(),
        };
        for (name, value) in [("tools", &self.tools), ("schema", &self.schema)] {
            if let Some(value) = value {
                shown.insert(name.to_owned(), value.clone());
            }
        }
        (!shown.is_empty()).then(|| Value::Object(shown).to_string().into())
    }
}

impl Parameters {
    fn params(&self) -> Params {
        Params {
            max_tokens: self.max_tokens,
            temperature: self.temperature.clone(),
            top_p: self.top_p.clone(),
            top_k: self.top_k,
            frequency_penalty: self.frequency_penalty.clone(),
            presence_penalty: self.presence_penalty.clone(),
            stop: self.stop.clone().unwrap_or_default(),
            seed: self.seed,
            reasoning: self.reasoning_effort.clone().map(Reasoning::Effort),
            ..Params::default()
        }
    }
}

#[cfg(test)]
mod tests;
