use serde_json::Value;
use utoipa::ToSchema;

use super::amounts::{Costs, TokenCounts};
use super::value::{Code, Failure, Id, IpAddress, Level, Object, Source, Status, Time};

/// Changes a trace. It may come before its start, and more than once.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({
    "traceId": "tour-1",
    "updates": { "firstTokenLatencyMs": 180, "metadata": { "plan": "pro" } }
})))]
pub(crate) struct UpdateTrace {
    /// The trace's id.
    trace_id: Id,
    /// What has changed.
    updates: TraceUpdates,
    /// When this message was made. It decides which of two messages is the later one.
    timestamp: Option<Time>,
}

/// Columns of `ai_interaction_traces` and other fields of a trace. null clears a field.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TraceUpdates {
    /// The same id once more: a trace keeps its id.
    #[schema(required = false)]
    trace_id: Id,
    /// The trace that this one belongs to.
    parent_trace_id: Option<Id>,
    /// The session.
    session_id: Option<Id>,
    /// For whom.
    user_id: Option<Id>,
    /// Where the interaction comes from.
    source: Option<Source>,
    /// The id of the prompt's template.
    prompt_id: Option<Id>,
    /// The name of the prompt's template.
    prompt_name: Option<String>,
    /// The version of the prompt's template.
    prompt_version: Option<Code>,
    /// The model that was asked.
    model_id: Option<Id>,
    /// Another name of `modelId`.
    model: Option<Id>,
    /// The model that answered.
    response_model: Option<String>,
    /// Who runs the model.
    provider: Option<String>,
    /// What was asked. Text is kept as it is, all else as its JSON text.
    prompt_content: Option<Value>,
    /// Another name of `promptContent`.
    prompt: Option<Value>,
    /// The system prompt.
    system_prompt: Option<String>,
    /// Parameters of the call, such as the temperature.
    parameters: Option<Object>,
    /// What came back, so far. Text is kept as it is, all else as its JSON text.
    response_content: Option<Value>,
    /// Another name of `responseContent`.
    response: Option<Value>,
    /// The tools that the model called.
    tool_calls: Option<Vec<Value>>,
    /// What it used.
    tokens_used: Option<TokenCounts>,
    /// What it cost.
    cost_calculation: Option<Costs>,
    /// When it began.
    start_time: Option<Time>,
    /// When it ended.
    end_time: Option<Time>,
    /// Milliseconds from start to end. It is computed, never kept: beside `startTime` it says when
    /// the end was; beside `endTime` it says nothing; alone it is refused, as the start it counts from
    /// may still change or come.
    #[schema(minimum = 0, maximum = 1e12)]
    duration_ms: Option<f64>,
    /// Milliseconds from the start to the first token.
    #[schema(minimum = 0, maximum = 1e12)]
    first_token_latency_ms: Option<f64>,
    /// When the first token came.
    first_token_time: Option<Time>,
    /// Whether the answer is streamed.
    streaming_enabled: Option<bool>,
    /// Another name of `streamingEnabled`.
    streaming: Option<bool>,
    /// How it stands. What has ended stays so.
    status: Option<Status>,
    /// A word about how it stands.
    status_message: Option<String>,
    /// How much it asks to be looked at.
    level: Option<Level>,
    /// What went wrong, in one field; excludes the four below.
    error: Option<Failure>,
    /// What went wrong.
    error_message: Option<String>,
    /// The error's code.
    error_code: Option<Code>,
    /// The error's type.
    error_type: Option<String>,
    /// The error's stack trace.
    error_stack: Option<String>,
    /// The trace's id in Langfuse.
    langfuse_trace_id: Option<Id>,
    /// The observation's id in Langfuse.
    langfuse_observation_id: Option<Id>,
    /// For which user agent.
    user_agent: Option<String>,
    /// For which address.
    ip_address: Option<IpAddress>,
    /// The trace's name.
    name: Option<String>,
    /// Adds keys. A key is cleared with null as its value.
    #[schema(required = false)]
    metadata: Object,
    /// Adds tags, none of them empty.
    #[schema(required = false, min_length = 1)]
    tags: Vec<String>,
    /// The version of the application's logic.
    version: Option<String>,
    /// The deployment environment.
    environment: Option<String>,
    /// The release of the application.
    release: Option<String>,
    /// Whether it may be shown to anybody.
    public: Option<bool>,
    /// Whether it is bookmarked.
    bookmarked: Option<bool>,
}
