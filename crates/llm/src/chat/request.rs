//! What is asked of a model.

use serde_json::{Map, Number, Value};

use super::{Message, Part};

/// A question to a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model, as the client names it.
    pub model: String,
    /// Instructions of the system or developer, in order.
    pub system: Vec<Part>,
    /// The conversation so far, in order.
    pub messages: Vec<Message>,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// Which of them it must.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once.
    pub parallel_tools: Option<bool>,
    /// The form of the answer.
    pub output: OutputFormat,
    /// How it is to be generated.
    pub params: Params,
    /// Whether the answer is wanted piece by piece.
    pub stream: bool,
    /// Whether the client asked for usage at the end of the stream. Only chat completions does not
    /// send it unasked.
    pub stream_usage: bool,
    /// The end user, as the client names them (`user`, `metadata.user_id`, `safety_identifier`).
    pub user: Option<String>,
    /// The client's own notes on the call.
    pub metadata: Map<String, Value>,
    /// Fields of the protocol it was read from that this form cannot say, by their names there.
    pub extra: Map<String, Value>,
}

/// How an answer is to be generated. `None`: as the provider does by itself. Numbers keep the
/// client's digits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    /// Most tokens of the answer, reasoning included where the provider counts it so.
    pub max_tokens: Option<u64>,
    /// Randomness; 0 to 2, with Anthropic 0 to 1.
    pub temperature: Option<Number>,
    /// The share of likelihood to choose from, 0 to 1.
    pub top_p: Option<Number>,
    /// How many of the likeliest tokens to choose from.
    pub top_k: Option<u64>,
    /// Less of what was said often, -2 to 2.
    pub frequency_penalty: Option<Number>,
    /// Less of what was said at all, -2 to 2.
    pub presence_penalty: Option<Number>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// Asks for the same answer again.
    pub seed: Option<i64>,
    /// How many answers; 1 unless said.
    pub choices: Option<u32>,
    /// How much to think.
    pub reasoning: Option<Reasoning>,
    /// Which class of service: `auto`, `default`, `flex`, `priority`, `standard_only` ….
    pub service_tier: Option<String>,
}

/// How much a model is to think before it answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reasoning {
    /// In words: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`.
    Effort(String),
    /// Most tokens of thought; 0 for none.
    Budget(u64),
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    pub description: Option<String>,
    /// JSON schema of its arguments.
    pub parameters: Option<Value>,
    /// Whether the arguments must fit the schema exactly.
    pub strict: Option<bool>,
}

/// Whether the model must call a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// It decides.
    Auto,
    /// It must not.
    None,
    /// It must call one.
    Any,
    /// It must call this one.
    Named(String),
}

/// The form of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum OutputFormat {
    /// Text.
    #[default]
    Text,
    /// Any JSON object.
    Json,
    /// JSON that fits a schema.
    Schema {
        /// The schema's name.
        name: String,
        /// What it is for, for the model.
        description: Option<String>,
        /// The schema.
        schema: Value,
        /// Whether it must fit exactly.
        strict: Option<bool>,
    },
}
