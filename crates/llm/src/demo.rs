//! The built-in provider: models that need no key and no network. They answer at a lifelike pace, always
//! alike to the same request, and can be told to be slow, to think, to fail, to call tools.
//!
//! | model | what it does |
//! |---|---|
//! | `demo/fast` | first token after about 0.2 s, then some 80 a second |
//! | `demo/slow` | first token after about 2 s, then 8 a second |
//! | `demo/reasoning` | thinks for a second before it answers |
//! | `demo/tools` | calls the request's first tool, then answers with its result |
//! | `demo/fail` | fails before it answers, as an overloaded provider does |
//! | `demo/fail-midway` | breaks off in the middle of its answer |
//! | `demo/embed` | makes vectors: texts with the same words get similar ones |
//!
//! What a model says is made here; when, is for the caller to keep to: an answer is a list of [`Step`]s.

mod embed;
mod schema;
mod words;

use std::time::Duration;

pub use embed::embed;
use serde_json::{Value, json};
use tracekeep_model::Usage;

use crate::chat::{
    ApiError, Counted, Delta, ErrorKind, Finish, Message, OutputFormat, Part, Request, Role,
    ToolCall, ToolChoice,
};

/// The models, by their names behind `demo/`.
pub const MODELS: &[&str] = &["fast", "slow", "reasoning", "tools", "fail", "fail-midway", EMBEDS];

/// The one of them that makes vectors.
const EMBEDS: &str = "embed";

/// Most tokens of an answer that asks for no limit.
const MOST_TOKENS: u64 = 400;

/// A piece of an answer, and how long after the one before it comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The pause before it.
    pub after: Duration,
    /// The piece.
    pub delta: Delta,
}

/// A model failed before it answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// How long that takes.
    pub after: Duration,
    /// What it says.
    pub error: Box<ApiError>,
}

/// What the model `model` (its name behind `demo/`) answers, from [`Delta::Start`] to [`Delta::End`].
/// Where it breaks off, [`Delta::Failed`] is the last.
///
/// # Errors
/// There is no such model, or it fails before it answers.
pub fn answer(model: &str, request: &Request) -> Result<Vec<Step>, Refusal> {
    let refused = |after, error| Refusal { after, error: Box::new(error) };
    let pace = Pace::of(model).ok_or_else(|| refused(Duration::ZERO, unknown(model)))?;
    if model == "fail" {
        return Err(refused(pace.first, overloaded()));
    }
    let mut script = Script::new(pace, request);
    script.say(Delta::Start {
        id: None,
        model: Some(format!("demo/{model}")),
        created: None,
        service_tier: None,
    });
    if model == "reasoning" {
        script.think(&words::thoughts(&last_said(request)));
    }
    match called(model, request) {
        Some(call) => script.call(call),
        None => script.tell(&content(request)),
    }
    if model == "fail-midway" {
        script.break_off();
    } else {
        script.end();
    }
    Ok(script.steps)
}

/// How fast a model is.
#[derive(Clone, Copy, Debug)]
struct Pace {
    first: Duration,
    token: Duration,
}

impl Pace {
    fn of(model: &str) -> Option<Self> {
        let (first, token) = match model {
            "fast" | "fail" | "fail-midway" => (200, 12),
            "reasoning" | "tools" => (300, 15),
            "slow" => (2_000, 125),
            _ => return None,
        };
        Some(Self { first: Duration::from_millis(first), token: Duration::from_millis(token) })
    }
}

/// An answer as it is made.
struct Script {
    pace: Pace,
    steps: Vec<Step>,
    left: u64,
    input: i64,
    output: i64,
    reasoning: i64,
    finish: Finish,
    stop: Vec<String>,
}

impl Script {
    fn new(pace: Pace, request: &Request) -> Self {
        let left = request.params.max_tokens.unwrap_or(MOST_TOKENS);
        Self {
            pace,
            steps: Vec::new(),
            left,
            input: tokens_of_request(request),
            output: 0,
            reasoning: 0,
            finish: Finish::Stop,
            stop: request.params.stop.clone(),
        }
    }

    fn say(&mut self, delta: Delta) {
        let after = match (self.steps.len(), &delta) {
            (_, Delta::Start { .. }) => Duration::ZERO,
            (1, _) => self.pace.first,
            (_, Delta::Text { .. } | Delta::Reasoning { .. } | Delta::Arguments { .. }) => {
                // No pace is even: from half to one and a half, always alike.
                let beat = [7, 10, 13, 6, 12, 9, 14, 8][self.steps.len() % 8];
                self.pace.token * beat / 10
            }
            _ => Duration::ZERO,
        };
        self.steps.push(Step { after, delta });
    }

    fn take_token(&mut self) -> bool {
        if self.left == 0 {
            self.finish = Finish::Length;
            return false;
        }
        self.left -= 1;
        true
    }

    fn think(&mut self, text: &str) {
        for token in words::tokens(text) {
            if !self.take_token() {
                return;
            }
            self.reasoning += 1;
            self.say(Delta::Reasoning { choice: 0, text: token.to_owned(), sealed: None });
        }
    }

    fn tell(&mut self, text: &str) {
        let end =
            self.stop.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop));
        let text = end.min().map_or(text, |end| &text[..end]);
        for token in words::tokens(text) {
            if !self.take_token() {
                return;
            }
            self.output += 1;
            self.say(Delta::Text { choice: 0, text: token.to_owned() });
        }
    }

    fn call(&mut self, call: ToolCall) {
        let arguments = call.arguments.clone();
        self.say(Delta::ToolCall {
            choice: 0,
            call: 0,
            begin: ToolCall { arguments: String::new(), ..call },
        });
        for token in words::tokens(&arguments) {
            self.output += 1;
            self.say(Delta::Arguments { choice: 0, call: 0, text: token.to_owned() });
        }
        self.finish = Finish::ToolCalls;
    }

    fn break_off(&mut self) {
        self.steps.truncate(self.steps.len().div_ceil(2).max(2));
        self.say(Delta::Failed(overloaded()));
    }

    fn end(&mut self) {
        let reason = self.finish.clone();
        self.say(Delta::Finish { choice: 0, reason });
        let usage = Usage {
            input: Some(self.input),
            output: Some(self.output),
            output_reasoning: (self.reasoning > 0).then_some(self.reasoning),
            ..Usage::default()
        };
        let stated = json!({
            "input_tokens": self.input,
            "output_tokens": self.output + self.reasoning,
            "reasoning_tokens": self.reasoning,
        });
        self.say(Delta::Counted(Counted { usage, stated }));
        self.say(Delta::End);
    }
}

/// The call that the model makes, if it makes one.
fn called(model: &str, request: &Request) -> Option<ToolCall> {
    let must = matches!(request.tool_choice, Some(ToolChoice::Any | ToolChoice::Named(_)));
    let may = model == "tools" && request.tool_choice != Some(ToolChoice::None);
    if !(must || may) || has_results(request) {
        return None;
    }
    let tool = match &request.tool_choice {
        Some(ToolChoice::Named(name)) => request.tools.iter().find(|tool| tool.name == *name)?,
        _ => request.tools.first()?,
    };
    let said = last_said(request);
    let arguments =
        tool.parameters.as_ref().map_or_else(|| json!({}), |s| schema::example(s, &said));
    Some(ToolCall {
        id: format!("call_demo_{}", request.messages.len()),
        name: tool.name.clone(),
        arguments: arguments.to_string(),
        sealed: None,
    })
}

fn has_results(request: &Request) -> bool {
    let last = request.messages.last();
    last.is_some_and(|last| last.parts.iter().any(|part| matches!(part, Part::ToolResult(_))))
}

fn content(request: &Request) -> String {
    let said = last_said(request);
    match &request.output {
        OutputFormat::Schema { schema, .. } => schema::example(schema, &said).to_string(),
        OutputFormat::Json => json!({ "answer": words::answer(&said) }).to_string(),
        OutputFormat::Text => match result(request) {
            Some(result) => words::from_result(&result),
            None => words::answer(&said),
        },
    }
}

/// The texts of the last tool's result.
fn result(request: &Request) -> Option<String> {
    let parts = &request.messages.last()?.parts;
    let last = parts.iter().rev().find_map(|part| match part {
        Part::ToolResult(result) => Some(result),
        _ => None,
    })?;
    Some(texts(&last.parts))
}

/// What the user said last.
fn last_said(request: &Request) -> String {
    let said = |message: &&Message| {
        message.role == Role::User && message.parts.iter().any(|part| matches!(part, Part::Text(_)))
    };
    request
        .messages
        .iter()
        .rev()
        .find(said)
        .map(|message| texts(&message.parts))
        .unwrap_or_default()
}

fn texts(parts: &[Part]) -> String {
    let texts: Vec<&str> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.join("\n")
}

/// About four bytes a token, as English has it, and four tokens a message.
fn tokens_of_request(request: &Request) -> i64 {
    let of_parts = |parts: &[Part]| -> usize {
        parts
            .iter()
            .map(|part| match part {
                Part::Text(text) | Part::Refusal(text) | Part::Reasoning { text, .. } => text.len(),
                Part::ToolCall(call) => call.name.len() + call.arguments.len(),
                Part::ToolResult(result) => texts(&result.parts).len(),
                // A picture is some hundred tokens.
                Part::Image(_) | Part::Audio(_) | Part::File(_) => 1_200,
            })
            .sum()
    };
    let tools: usize = request
        .tools
        .iter()
        .map(|tool| tool.name.len() + tool.parameters.as_ref().map_or(0, |p| p.to_string().len()))
        .sum();
    let messages: usize =
        request.messages.iter().map(|message| of_parts(&message.parts) + 16).sum();
    let bytes = of_parts(&request.system) + messages + tools;
    i64::try_from(bytes.div_ceil(4)).unwrap_or(i64::MAX)
}

fn overloaded() -> ApiError {
    let mut error =
        ApiError::new(ErrorKind::Overloaded, "The demo model is overloaded, as it was told to be.");
    error.r#type = Some("overloaded_error".to_owned());
    error.code = Some("overloaded".to_owned());
    error
}

fn unknown(model: &str) -> ApiError {
    let names: Vec<String> = MODELS.iter().map(|name| format!("demo/{name}")).collect();
    let message = match model {
        EMBEDS => {
            "`demo/embed` makes vectors and does not answer; ask it at /v1/embeddings.".into()
        }
        _ => format!("There is no model `demo/{model}`; there are {}.", names.join(", ")),
    };
    let mut error = ApiError::new(ErrorKind::NotFound, message);
    error.code = Some("model_not_found".to_owned());
    error.param = Some("model".to_owned());
    error
}

/// A value's text for people: strings without quotes.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests;
