use serde_json::Value;
use utoipa::ToSchema;

use super::value::{Id, IpAddress, Object, Source, Time};

/// Opens a trace: who asks which model what. null says nothing.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({
    "traceId": "tour-1",
    "source": "api",
    "model": "gpt-5-mini",
    "prompt": "Which city is the capital of Greece?",
    "userId": "u-17",
    "sessionId": "s-3",
    "tags": ["tour"],
    "streaming": true
})))]
pub(crate) struct StartTrace {
    /// Where the interaction comes from.
    source: Source,
    /// The model's name.
    model: Id,
    /// What is asked.
    prompt: Prompt,
    /// Who runs the model.
    provider: Option<String>,
    /// The id of the prompt's template.
    prompt_id: Option<Id>,
    /// The system prompt.
    system_prompt: Option<String>,
    /// The trace's id. Where none is sent, the server makes one of 32 hex digits.
    trace_id: Option<Id>,
    /// The trace that this one belongs to.
    parent_trace_id: Option<Id>,
    /// The session. Where none is sent, it is the trace's id.
    session_id: Option<Id>,
    /// For whom.
    user_id: Option<Id>,
    /// The trace's name.
    name: Option<String>,
    /// Parameters of the call, such as the temperature.
    parameters: Option<Object>,
    /// Whether the answer is streamed.
    streaming: Option<bool>,
    /// Whatever else there is to say, by key. Later messages add keys.
    metadata: Option<Object>,
    /// Tags, none of them empty. Later messages add tags.
    #[schema(min_length = 1)]
    tags: Option<Vec<String>>,
    /// The version of the application's logic.
    version: Option<String>,
    /// The deployment environment. Where none is sent, it is `default`.
    environment: Option<String>,
    /// The release of the application.
    release: Option<String>,
    /// When it began. Where it is not sent, `timestamp`, else the moment of receipt.
    start_time: Option<Time>,
    /// When this message was made. It decides which of two messages is the later one.
    timestamp: Option<Time>,
    /// For which user agent. Where it is not sent, the request's.
    user_agent: Option<String>,
    /// For which address. Where it is not sent, the request's.
    ip_address: Option<IpAddress>,
}

/// What is asked of a model. Text is kept as it is, all else as its JSON text.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Prompt {
    /// Text.
    Text(String),
    /// Chat messages.
    Messages(Vec<Value>),
    /// Anything else.
    Other(Object),
}
