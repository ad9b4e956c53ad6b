//! One call of a model that is a trace of its own, and the two ways to tell of it.

mod lifecycle;

use serde_json::json;

use super::cast::{Service, User};
use super::dice::{Dice, Ids};
use super::failure::Failure;
use super::genai::{self, Generation};
use super::models::{self, Model, Usage};
use super::otlp::{self, Span};

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
        let mut sizes =
            self.messages.iter().map(|message| models::tokens(&message.content) + FRAME);
        let all = models::tokens(self.system) + sizes.clone().sum::<i64>();
        let is_cached = self.messages.len() > 1 && self.model.caches();
        let input = if is_cached { sizes.next_back().unwrap_or(0) } else { all };
        Usage { input, cached: all - input, output: models::tokens(&self.answer) }
    }
}

impl Call {
    /// When it is over.
    pub(super) fn end(&self) -> i64 {
        self.start + self.duration
    }

    /// The same as a span: a root that is a generation.
    pub(super) fn span(&self) -> Span {
        let asked = &self.asked;
        let messages = asked.messages.iter();
        let output =
            if asked.answer.is_empty() { vec![] } else { vec![genai::answered(&asked.answer)] };
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
            failure: self.failure,
        }
    }
}
