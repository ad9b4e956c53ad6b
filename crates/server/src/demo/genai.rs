//! The OpenTelemetry GenAI conventions, as SDKs write them:
//! <https://github.com/open-telemetry/semantic-conventions-genai>.

use serde_json::{Value, json};

use super::cast::User;
use super::models::{Model, Usage};

/// Attributes of a span, in the order they are sent.
pub(super) type Attributes = Vec<(&'static str, Value)>;

/// A call of a model within a trace.
pub(super) struct Generation {
    pub(super) model: &'static Model,
    pub(super) system: &'static str,
    /// Messages, made by this module.
    pub(super) input: Vec<Value>,
    pub(super) output: Vec<Value>,
    pub(super) usage: Usage,
    pub(super) temperature: f64,
    /// After how many µs the first token came, where the answer was streamed.
    pub(super) first_token: Option<i64>,
}

impl Generation {
    /// What its span says.
    pub(super) fn attributes(&self) -> Attributes {
        let mut attributes = vec![
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.provider.name", json!(self.model.provider)),
            ("gen_ai.request.model", json!(self.model.name)),
            ("gen_ai.request.temperature", json!(self.temperature)),
            ("gen_ai.request.max_tokens", json!(2_048)),
            ("gen_ai.input.messages", json!(Value::from(self.input.clone()).to_string())),
        ];
        if !self.system.is_empty() {
            let instructions = json!([{ "type": "text", "content": self.system }]);
            attributes.push(("gen_ai.system_instructions", json!(instructions.to_string())));
        }
        if let Some(first_token) = self.first_token {
            attributes.push(("gen_ai.request.stream", json!(true)));
            let seconds = first_token as f64 / 1e6;
            attributes.push(("gen_ai.response.time_to_first_chunk", json!(seconds)));
        }
        if !self.output.is_empty() {
            let messages = Value::from(self.output.clone()).to_string();
            attributes.push(("gen_ai.response.model", json!(self.model.answers_as)));
            attributes.push(("gen_ai.output.messages", json!(messages)));
        }
        attributes.extend(counts(self.usage));
        attributes
    }
}

/// Here, unlike in the lifecycle API, input includes what was read from the cache.
fn counts(usage: Usage) -> Attributes {
    if usage.input + usage.cached == 0 {
        return Vec::new();
    }
    let mut counts = vec![
        ("gen_ai.usage.input_tokens", json!(usage.input + usage.cached)),
        ("gen_ai.usage.output_tokens", json!(usage.output)),
    ];
    if usage.cached > 0 {
        counts.push(("gen_ai.usage.cache_read.input_tokens", json!(usage.cached)));
    }
    counts
}

/// What a root span says of its trace.
pub(super) fn of_trace(name: &str, source: &str, user: &User, session: &str) -> Attributes {
    vec![
        ("tracekeep.trace.name", json!(name)),
        ("tracekeep.source", json!(source)),
        ("tracekeep.metadata.plan", json!(user.plan)),
        ("tracekeep.metadata.locale", json!(user.language.locale())),
        ("user.id", json!(user.id)),
        ("session.id", json!(session)),
    ]
}

/// Something said.
pub(super) fn said(role: &str, text: &str) -> Value {
    json!({ "role": role, "parts": [{ "type": "text", "content": text }] })
}

/// An answer that ends the conversation for now.
pub(super) fn answered(text: &str) -> Value {
    json!({
        "role": "assistant",
        "parts": [{ "type": "text", "content": text }],
        "finish_reason": "stop",
    })
}

/// An answer that is a tool call, with the thought before it.
pub(super) fn called(thought: &str, id: &str, tool: &str, arguments: &Value) -> Value {
    json!({
        "role": "assistant",
        "parts": [
            { "type": "text", "content": thought },
            { "type": "tool_call", "id": id, "name": tool, "arguments": arguments },
        ],
        "finish_reason": "tool_call",
    })
}

/// What a tool answered.
pub(super) fn returned(id: &str, result: &Value) -> Value {
    json!({
        "role": "tool",
        "parts": [{ "type": "tool_call_response", "id": id, "response": result }],
    })
}
