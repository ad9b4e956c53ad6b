use serde_json::Value;
use utoipa::ToSchema;

use super::value::Id;

/// What to ask a model. Send `prompt` or `messages`.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({ "model": "demo/fast", "prompt": "How do I bake bread?" })))]
pub(crate) struct AskModel {
    /// The model: `demo/fast`, `demo/slow`, `demo/reasoning`, `demo/tools`, `demo/fail` and
    /// `demo/fail-midway` always exist; others as `provider/model`, or by a name that tells whose
    /// they are.
    model: Option<Id>,
    /// What the user says.
    prompt: Option<String>,
    /// Chat messages, in the shape of OpenAI's chat completions.
    messages: Option<Vec<Value>>,
    /// Instructions that go before all messages.
    system_prompt: Option<String>,
    /// How to generate.
    parameters: Option<ModelParameters>,
    /// Tools that the model may call, in the shape of OpenAI's chat completions.
    tools: Option<Vec<Value>>,
    /// A JSON schema that the answer must fit.
    schema: Option<Value>,
    /// A trace that was started for this question; else a new one is made.
    trace_id: Option<Id>,
    /// The managed prompt that this is.
    prompt_id: Option<Id>,
    /// The session.
    session_id: Option<Id>,
    /// The end user.
    user_id: Option<Id>,
    /// The trace's name.
    name: Option<String>,
    /// Tags of the trace.
    tags: Option<Vec<String>>,
    /// Metadata of the trace.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// What to ask several models, each of which answers for itself.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({ "models": ["demo/fast", "demo/slow"], "prompt": "How do I bake bread?" })))]
pub(crate) struct CompareModels {
    /// The models, as in `model` of one.
    #[schema(min_items = 1, max_items = 8)]
    models: Vec<Id>,
    /// What the user says.
    prompt: Option<String>,
    /// Chat messages, in the shape of OpenAI's chat completions.
    messages: Option<Vec<Value>>,
    /// Instructions that go before all messages.
    system_prompt: Option<String>,
    /// How to generate.
    parameters: Option<ModelParameters>,
    /// Tools that the models may call.
    tools: Option<Vec<Value>>,
    /// A JSON schema that the answers must fit.
    schema: Option<Value>,
    /// The managed prompt that this is.
    prompt_id: Option<Id>,
    /// The session.
    session_id: Option<Id>,
    /// The end user.
    user_id: Option<Id>,
    /// The traces' name.
    name: Option<String>,
    /// Tags of the traces.
    tags: Option<Vec<String>>,
    /// Metadata of the traces.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// How a model is to generate; what is left out is as the provider has it.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ModelParameters {
    /// Randomness, 0 to 2.
    temperature: Option<f64>,
    /// Most tokens of the answer.
    #[schema(minimum = 0)]
    max_tokens: Option<i64>,
    /// The share of likelihood to choose from, 0 to 1.
    top_p: Option<f64>,
    /// How many of the likeliest tokens to choose from.
    #[schema(minimum = 0)]
    top_k: Option<i64>,
    /// Less of what was said often, -2 to 2.
    frequency_penalty: Option<f64>,
    /// Less of what was said at all, -2 to 2.
    presence_penalty: Option<f64>,
    /// Texts that end the answer.
    stop: Option<Vec<String>>,
    /// Asks for the same answer again.
    seed: Option<i64>,
    /// How much to think: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`.
    reasoning_effort: Option<String>,
}
