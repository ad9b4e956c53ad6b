use serde_json::Value;
use utoipa::ToSchema;

use super::amounts::{Costs, TokenCounts};
use super::value::{Code, Failure, Id, IpAddress, Level, Object, Source, SpanKind, Status, Time};

/// A span, whole or in part. Fields of the trace, from `traceName` on, speak of the trace. null
/// clears a field.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Span {
    /// The trace that it is of.
    trace_id: Id,
    /// The span's id. Where none is sent, the server makes one, so that sending twice makes two.
    span_id: Option<Id>,
    /// The span that it is a step of. Send it for every span but a trace's first: of a trace that was
    /// started with `start`, the first span has the trace's id. That span stands for the trace, with
    /// its status; where there is none, the earliest without a parent does.
    parent_span_id: Option<Id>,
    /// What it did.
    kind: Option<SpanKind>,
    /// Its name.
    name: Option<String>,
    /// How it stands. What has ended stays so.
    status: Option<Status>,
    /// How much it asks to be looked at.
    level: Option<Level>,
    /// A word about how it stands.
    status_message: Option<String>,
    /// What went wrong, in one field; excludes the four below.
    error: Option<Failure>,
    /// The error's type.
    error_type: Option<String>,
    /// The error's code.
    error_code: Option<Code>,
    /// What went wrong.
    error_message: Option<String>,
    /// The error's stack trace.
    error_stack: Option<String>,
    /// When it began.
    start_time: Option<Time>,
    /// When it ended.
    end_time: Option<Time>,
    /// When the first token came.
    first_token_time: Option<Time>,
    /// Milliseconds from the start to the first token.
    #[schema(minimum = 0, maximum = 1e12)]
    first_token_latency_ms: Option<f64>,
    /// The model that was asked.
    model: Option<Id>,
    /// The model that answered.
    response_model: Option<String>,
    /// Who runs the model.
    provider: Option<String>,
    /// Parameters of the call, such as the temperature.
    parameters: Option<Object>,
    /// Whether the answer is streamed.
    streaming: Option<bool>,
    /// The system prompt.
    system_prompt: Option<String>,
    /// What was asked. Text is kept as it is, all else as its JSON text.
    input: Option<Value>,
    /// What came back. Text is kept as it is, all else as its JSON text.
    output: Option<Value>,
    /// The tools that the model called.
    tool_calls: Option<Vec<Value>>,
    /// What it used.
    usage: Option<TokenCounts>,
    /// What it cost.
    cost: Option<Costs>,
    /// The id of the prompt's template.
    prompt_id: Option<Id>,
    /// The name of the prompt's template.
    prompt_name: Option<String>,
    /// The version of the prompt's template.
    prompt_version: Option<Code>,
    /// The service that it is of.
    service_name: Option<String>,
    /// The instrumentation that made it.
    scope_name: Option<String>,
    /// The version of that instrumentation.
    scope_version: Option<String>,
    /// The SDK that sends it.
    sdk_name: Option<String>,
    /// The version of that SDK.
    sdk_version: Option<String>,
    /// For which user agent. Where it is not sent, a root span has the request's.
    user_agent: Option<String>,
    /// For which address. Where it is not sent, a root span has the request's.
    ip: Option<IpAddress>,
    /// Another name of `ip`.
    ip_address: Option<IpAddress>,
    /// The trace's id in Langfuse.
    langfuse_trace_id: Option<Id>,
    /// The observation's id in Langfuse.
    langfuse_observation_id: Option<Id>,
    /// Adds keys to the span's metadata. A key is cleared with null as its value.
    #[schema(required = false)]
    metadata: Object,
    /// The trace's name.
    trace_name: Option<String>,
    /// For whom.
    user_id: Option<Id>,
    /// The session.
    session_id: Option<Id>,
    /// Where the interaction comes from.
    source: Option<Source>,
    /// The deployment environment.
    environment: Option<String>,
    /// The release of the application.
    release: Option<String>,
    /// The version of the application's logic.
    version: Option<String>,
    /// Adds tags, none of them empty.
    #[schema(required = false, min_length = 1)]
    tags: Vec<String>,
    /// The trace that this one belongs to.
    parent_trace_id: Option<Id>,
    /// When this message was made. It decides which of two messages is the later one.
    timestamp: Option<Time>,
}
