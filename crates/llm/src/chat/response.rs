//! What a model answers.

use serde_json::Value;
use tracekeep_model::Usage;

use super::Part;

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// The provider's id of it.
    pub id: Option<String>,
    /// The model that answered, as the provider names it.
    pub model: Option<String>,
    /// When, in seconds since 1970, where the provider says it.
    pub created: Option<i64>,
    /// The answers, by index; most often one.
    pub choices: Vec<Choice>,
    /// What was counted.
    pub counted: Option<Counted>,
    /// The class of service that was given.
    pub service_tier: Option<String>,
}

/// One of the answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// What the model said, in order.
    pub parts: Vec<Part>,
    /// Why it ended. `None`: it did not.
    pub finish: Option<Finish>,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model was done, or said a stop text.
    Stop,
    /// `max_tokens` was reached.
    Length,
    /// It waits for the results of tools.
    ToolCalls,
    /// It was stopped for what it says.
    ContentFilter,
    /// Another reason, as the provider names it.
    Other(String),
}

/// What a provider counted of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// Units by disjoint types: cached input is not in `input`, reasoning is not in `output`.
    pub usage: Usage,
    /// The provider's own object, unchanged.
    pub stated: Value,
}

/// What an answer is called where its provider does not say.
#[derive(Clone, Debug, Default)]
pub struct Fresh {
    /// Its id, without prefix.
    pub id: String,
    /// When, in seconds since 1970.
    pub created: i64,
    /// The model that was asked.
    pub model: String,
}
