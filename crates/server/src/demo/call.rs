//! One call of a model that is a trace of its own, and the two ways to tell of it.

use serde_json::{Value, json};

use super::cast::{Service, User};
use super::dice::{Dice, Ids};
use super::failure::Failure;
use super::genai::{self, Generation};
use super::models::{self, Model, Usage};
use super::otlp::{self, Span};
use super::step::Step;

/// How often an answer is seen to grow, in µs.
const TICK: i64 = 200_000;

/// At most so many updates tell of one answer.
const MOST_UPDATES: i64 = 60;

/// What is asked, and what will be answered.
pub(super) struct Asked {
    /// Of the trace.
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    pub(super) service: &'static Service,
    pub(super) user: &'static User,
    pub(super) session: String,
    pub(super) model: &'static Model,
    pub(super) system: &'static str,
    pub(super) messages: Vec<Message>,
    pub(super) answer: String,
    pub(super) streaming: bool,
    pub(super) temperature: f64,
    pub(super) tags: &'static [&'static str],
}

/// One message of a conversation.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) role: &'static str,
    pub(super) content: String,
}

/// A call as it will have happened.
pub(super) struct Call {
    pub(super) asked: Asked,
    trace_id: String,
    span_id: String,
    score_id: String,
    /// µs since 1970.
    pub(super) start: i64,
    /// After how many µs the first token came.
    pub(super) first_token: i64,
    /// µs.
    pub(super) duration: i64,
    pub(super) usage: Usage,
    pub(super) failure: Option<Failure>,
    pub(super) rating: Option<Rating>,
}

/// What the user thought of the answer.
pub(super) struct Rating {
    /// 1 to 5.
    pub(super) stars: i64,
    pub(super) comment: &'static str,
    /// How many µs after the answer.
    pub(super) after: i64,
}

impl Asked {
    /// A call that begins at `start` and goes well.
    pub(super) fn call(self, dice: &mut Dice, ids: &mut Ids, start: i64) -> Call {
        let usage = self.usage();
        let first_token = dice.around(self.model.first_token_ms, 0.35) * 1_000;
        let speed = dice.around(self.model.tokens_per_second, 0.15);
        Call {
            trace_id: ids.trace(),
            span_id: ids.span(),
            score_id: ids.trace(),
            start,
            first_token,
            duration: first_token + usage.output * 1_000_000 / speed,
            usage,
            failure: None,
            rating: None,
            asked: self,
        }
    }

    /// Of a conversation all but the last message was sent before, and is cached.
    fn usage(&self) -> Usage {
        const FRAME: i64 = 4;
        let sizes = self.messages.iter().map(|message| models::tokens(&message.content) + FRAME);
        let all = models::tokens(self.system) + sizes.clone().sum::<i64>();
        let is_cached = self.messages.len() > 1 && self.model.caches();
        let input = if is_cached { sizes.last().unwrap_or(0) } else { all };
        Usage { input, cached: all - input, output: models::tokens(&self.answer) }
    }
}

impl Call {
    /// When it is over.
    pub(super) fn end(&self) -> i64 {
        self.start + self.duration
    }

    /// The lifecycle: start, updates while the answer grows, complete, and perhaps a score.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.started()];
        if self.asked.streaming {
            steps.extend(self.growing());
        }
        steps.push(self.completed());
        steps.extend(self.rated());
        steps
    }

    /// The same as a span: a root that is a generation.
    pub(super) fn span(&self) -> Span {
        let asked = &self.asked;
        let messages = asked.messages.iter();
        let output = if asked.answer.is_empty() { vec![] } else { vec![genai::answered(&asked.answer)] };
        let streamed = asked.streaming && self.usage.output > 0;
        let generation = Generation {
            model: asked.model,
            system: asked.system,
            input: messages.map(|message| genai::said(message.role, &message.content)).collect(),
            output,
            usage: self.usage,
            temperature: asked.temperature,
            first_token: streamed.then_some(self.first_token),
        };
        let mut attributes = generation.attributes();
        attributes.extend(genai::of_trace(asked.name, asked.source, asked.user, &asked.session));
        attributes.push(("tracekeep.tags", json!(asked.tags)));
        Span {
            service: asked.service,
            trace_id: self.trace_id.clone(),
            span_id: self.span_id.clone(),
            parent: None,
            name: format!("chat {}", asked.model.name),
            kind: otlp::CLIENT,
            start: self.start,
            end: self.end(),
            attributes,
            failure: self.failure.clone(),
        }
    }

    fn started(&self) -> Step {
        let asked = &self.asked;
        let body = json!({
            "traceId": self.trace_id,
            "source": asked.source,
            "model": asked.model.name,
            "provider": asked.model.provider,
            "prompt": prompt(&asked.messages),
            "systemPrompt": asked.system,
            "sessionId": asked.session,
            "userId": asked.user.id,
            "name": asked.name,
            "parameters": { "temperature": asked.temperature, "max_tokens": 2_048 },
            "streaming": asked.streaming,
            "metadata": { "plan": asked.user.plan, "locale": asked.user.language.locale() },
            "tags": asked.tags,
            "environment": asked.service.environment,
            "release": asked.service.release,
            "timestamp": millis(self.start),
        });
        Step { at: self.start, path: "/api/tracing/start", body }
    }

    /// The answer so far, again and again.
    fn growing(&self) -> Vec<Step> {
        let writing = self.duration - self.first_token;
        let characters = self.asked.answer.chars().count();
        let tick = TICK.max(writing / MOST_UPDATES);
        let mut steps = Vec::new();
        let mut since = 0;
        while since < writing && characters > 0 {
            let share = (since + tick / 4) as f64 / writing as f64;
            let shown = ((characters as f64 * share.min(1.0)) as usize).max(1);
            let text: String = self.asked.answer.chars().take(shown).collect();
            let mut updates = json!({ "response_content": text });
            if since == 0 {
                updates["first_token_latency_ms"] = json!(millis(self.first_token));
            }
            let at = self.start + self.first_token + since;
            let body =
                json!({ "traceId": self.trace_id, "updates": updates, "timestamp": millis(at) });
            steps.push(Step { at, path: "/api/tracing/update", body });
            since += tick;
        }
        steps
    }

    fn completed(&self) -> Step {
        let status = if self.failure.is_some() { "error" } else { "success" };
        let mut result = json!({ "status": status });
        if !self.asked.answer.is_empty() {
            result["response"] = json!(self.asked.answer);
        }
        if let Some(failure) = &self.failure {
            result["error"] = json!({
                "message": failure.message,
                "code": failure.code,
                "type": failure.class,
                "stack": failure.stack,
            });
        }
        if self.usage.input + self.usage.cached > 0 {
            let Usage { input, cached, output } = self.usage;
            result["tokens"] = json!({ "input": input, "output": output, "input_cache_read": cached });
            result["cost"] = self.cost();
        }
        if self.asked.streaming && self.usage.output > 0 {
            result["firstTokenLatencyMs"] = json!(millis(self.first_token));
        }
        let body = json!({
            "traceId": self.trace_id,
            "result": result,
            "timestamp": millis(self.end()),
        });
        Step { at: self.end(), path: "/api/tracing/complete", body }
    }

    /// Text, because JSON numbers pass through floats.
    fn cost(&self) -> Value {
        let cost = self.asked.model.cost(self.usage);
        json!({
            "input_cost": models::dollars(cost.input),
            "output_cost": models::dollars(cost.output),
            "total_cost": models::dollars(cost.input + cost.output),
        })
    }

    fn rated(&self) -> Option<Step> {
        let rating = self.rating.as_ref()?;
        let at = self.end() + rating.after;
        let body = json!({
            "id": self.score_id,
            "traceId": self.trace_id,
            "name": "satisfaction",
            "value": rating.stars,
            "comment": rating.comment,
            "source": "FEEDBACK",
            "timestamp": millis(at),
        });
        Some(Step { at, path: "/api/scores", body })
    }
}

/// A single question is text; a conversation is its messages.
fn prompt(messages: &[Message]) -> Value {
    if let [one] = messages {
        return json!(one.content);
    }
    let message = |message: &Message| json!({ "role": message.role, "content": message.content });
    messages.iter().map(message).collect()
}

/// The lifecycle API speaks of milliseconds.
fn millis(micros: i64) -> i64 {
    micros / 1_000
}
