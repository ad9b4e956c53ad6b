//! A call as the lifecycle API is told of it, in the order it happens.

use serde_json::{Value, json};

use super::{Call, Message};
use crate::demo::models::{self, Usage};
use crate::demo::step::Step;

/// How often an answer is seen to grow, in µs.
const TICK: i64 = 200_000;

/// At most so many updates tell of one answer.
const MOST_UPDATES: i64 = 60;

impl Call {
    /// Start, updates while the answer grows, complete, and perhaps a score.
    pub(in crate::demo) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.started()];
        if self.asked.streaming {
            steps.extend(self.growing());
        }
        steps.push(self.completed());
        steps.extend(self.rated());
        steps
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
            result["tokens"] =
                json!({ "input": input, "output": output, "input_cache_read": cached });
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
