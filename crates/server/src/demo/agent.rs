//! A task that an agent works on: it thinks, uses a tool, reads what came back, and again.

use serde_json::{Value, json};

use super::cast;
use super::dice::Dice;
use super::failure::Failure;
use super::genai::{self, Generation};
use super::models::{self, Model, Usage};
use super::otlp::{CLIENT, INTERNAL, Span, Tracer};
use super::talks::Facts;
use super::tasks::{TASKS, Task, ToolUse};

/// The agent at work.
struct Run<'a> {
    dice: &'a mut Dice,
    tracer: Tracer,
    root: Span,
    task: &'static Task,
    model: &'static Model,
    facts: Facts,
    /// µs since 1970: until when everything is planned.
    now: i64,
    /// What the model has read so far.
    messages: Vec<Value>,
    spans: Vec<Span>,
}

/// The spans of one task that begins at `start`, in the order they end: the root last.
pub(super) fn task(dice: &mut Dice, start: i64) -> Vec<Span> {
    let task = dice.one(TASKS);
    let user = cast::someone(dice);
    let model = *dice.weighted(models::WORK);
    let facts = Facts::draw(dice);
    let question = facts.fill(dice.one::<&str>(task.asks));
    let mut ids = dice.ids(start);
    let session = format!("{}-{}", task.agent, ids.short());

    let mut tracer = Tracer::new(&cast::AGENTS, ids);
    let mut root = tracer.root(&format!("invoke_agent {}", task.agent), INTERNAL, start);
    root.attributes = genai::of_trace(task.name, "api", user, &session);
    root.attributes.extend([
        ("gen_ai.operation.name", json!("invoke_agent")),
        ("gen_ai.agent.name", json!(task.agent)),
        ("tracekeep.tags", json!(["agent", task.agent])),
    ]);
    let messages = vec![genai::said("user", &question)];
    let now = start + 6_000;
    let spans = Vec::new();
    Run { dice, tracer, root, task, model, facts, now, messages, spans }.finish()
}

impl Run<'_> {
    fn finish(mut self) -> Vec<Span> {
        let asked = Value::from(self.messages.clone()).to_string();
        for (number, step) in (1..).zip(self.task.steps) {
            self.use_tool(&format!("call_{number}"), step);
        }
        let answer = self.facts.fill(self.task.answer);
        let message = genai::answered(&answer);
        let answered = Value::from(vec![message.clone()]).to_string();
        self.generate(message, &answer);
        self.root.attributes.push(("gen_ai.input.messages", json!(asked)));
        self.root.attributes.push(("gen_ai.output.messages", json!(answered)));
        self.root.end = self.now + 3_000;
        self.spans.push(self.root);
        self.spans
    }

    /// A generation that decides to use it, and its use.
    fn use_tool(&mut self, id: &str, step: &'static ToolUse) {
        let arguments = self.json(step.arguments);
        let result = self.json(step.result);
        let call = genai::called(step.thought, id, step.tool, &arguments);
        self.generate(call, &format!("{} {arguments}", step.thought));
        if let Some(failure) = step.failure
            && self.dice.percent(45)
        {
            self.execute(id, step, &arguments, Err(failure));
            // The runtime, not the model, tries again.
            self.now += self.dice.between(300, 700) * 1_000;
        }
        self.execute(id, step, &arguments, Ok(&result));
        self.messages.push(genai::returned(id, &result));
    }

    /// One attempt, and what it calls in turn.
    fn execute(
        &mut self,
        id: &str,
        step: &ToolUse,
        arguments: &Value,
        outcome: Result<&Value, Failure>,
    ) {
        let start = self.now;
        let end = start + self.dice.around(step.took, 0.4) * 1_000 + 4_000;
        let name = format!("execute_tool {}", step.tool);
        let mut tool = self.tracer.child(&self.root, &name, INTERNAL, (start, end));
        let within = (start + 1_500, end - 1_500);
        let mut inner = self.tracer.child(&tool, step.inner, CLIENT, within);
        inner.attributes = vec![("server.address", json!("tools.internal"))];
        tool.attributes = vec![
            ("gen_ai.operation.name", json!("execute_tool")),
            ("gen_ai.tool.name", json!(step.tool)),
            ("gen_ai.tool.call.id", json!(id)),
            ("gen_ai.tool.type", json!("function")),
            ("gen_ai.tool.call.arguments", json!(arguments.to_string())),
        ];
        match outcome {
            Ok(result) => {
                tool.attributes.push(("gen_ai.tool.call.result", json!(result.to_string())));
            }
            Err(failure) => tool.failure = Some(failure),
        }
        self.now = end + 2_000;
        self.spans.extend([inner, tool]);
    }

    /// The model reads everything so far and answers `message`, whose words are `text`.
    fn generate(&mut self, message: Value, text: &str) {
        let read = models::tokens(&Value::from(self.messages.clone()).to_string());
        let system = models::tokens(self.task.system);
        // Everything but the latest message was read before.
        let latest = self.messages.last().map_or(0, |last| models::tokens(&last.to_string()));
        let cached = if self.messages.len() > 1 { system + read - latest } else { 0 };
        let usage = Usage { input: system + read - cached, cached, output: models::tokens(text) };
        let first_token = self.dice.around(self.model.first_token_ms, 0.3) * 1_000;
        let speed = self.dice.around(self.model.tokens_per_second, 0.15);
        let end = self.now + first_token + usage.output * 1_000_000 / speed;
        let generation = Generation {
            model: self.model,
            system: self.task.system,
            input: self.messages.clone(),
            output: vec![message.clone()],
            usage,
            temperature: 0.2,
            first_token: Some(first_token),
        };
        let name = format!("chat {}", self.model.name);
        let mut span = self.tracer.child(&self.root, &name, CLIENT, (self.now, end));
        span.attributes = generation.attributes();
        self.spans.push(span);
        self.messages.push(message);
        self.now = end + 2_000;
    }

    /// Text of a task as JSON, with the facts in it.
    fn json(&self, text: &str) -> Value {
        serde_json::from_str(&self.facts.fill(text)).unwrap_or_default()
    }
}
