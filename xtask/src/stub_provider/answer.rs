//! What the stub says: OpenAI's chat completions, whole or as events.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde::Deserialize;
use tokio::time::{Sleep, sleep};

/// The words of every answer, over and over: each, with a blank before it, is a token.
const WORDS: &str = "It left our warehouse this morning and arrives on Thursday before noon.";

/// What of a request matters.
#[derive(Debug, Deserialize)]
pub(super) struct Asked<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

impl Asked<'_> {
    pub(super) fn is_streamed(&self) -> bool {
        self.stream.unwrap_or(false)
    }

    /// Whether a stream is to end with its usage.
    pub(super) fn wants_usage(&self) -> bool {
        let options = self.stream_options.as_ref();
        options.and_then(|options| options.include_usage).unwrap_or(false)
    }
}

/// What is the same in all answers.
#[derive(Debug)]
pub(super) struct Texts {
    tokens: u32,
    content: String,
}

impl Texts {
    pub(super) fn new(tokens: u32) -> Self {
        Self { tokens, content: words(tokens).flat_map(|word| [" ", word]).collect() }
    }
}

fn words(tokens: u32) -> impl Iterator<Item = &'static str> {
    WORDS.split(' ').cycle().take(tokens as usize)
}

/// One answer.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    texts: &'a Texts,
    id: String,
    created: u64,
    /// A JSON string.
    model: String,
    /// A JSON object.
    usage: String,
}

impl<'a> Answer<'a> {
    /// Answer `number` to a request of so many bytes; `created` is in seconds since 1970.
    pub(super) fn new(
        texts: &'a Texts,
        asked: &Asked<'_>,
        number: u64,
        created: u64,
        request_bytes: usize,
    ) -> Self {
        // Four bytes a token is what English text has.
        let (input, output) = (request_bytes as u64 / 4, u64::from(texts.tokens));
        let total = input + output;
        let usage = format!(
            r#"{{"prompt_tokens":{input},"completion_tokens":{output},"total_tokens":{total},"#,
        ) + r#""prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"#
            + r#""completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"#
            + r#""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#;
        let model = serde_json::Value::from(&*asked.model).to_string();
        Self { texts, id: format!("chatcmpl-{number:024x}"), created, model, usage }
    }

    /// The body of an answer in one piece.
    pub(super) fn whole(&self) -> String {
        let Self { id, created, model, usage, .. } = self;
        let content = &self.texts.content;
        format!(
            r#"{{"id":"{id}","object":"chat.completion","created":{created},"model":{model},"choices":[{{"index":0,"message":{{"role":"assistant","content":"{content}","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"usage":{usage},"service_tier":"default","system_fingerprint":null}}"#,
        )
    }

    /// The server-sent events of a stream.
    pub(super) fn events(&self, with_usage: bool) -> Vec<String> {
        let mut events = Vec::with_capacity(self.texts.tokens as usize + 4);
        let first = r#"{"role":"assistant","content":"","refusal":null}"#;
        events.push(self.event(&choice(first, "null"), "null", with_usage));
        for word in words(self.texts.tokens) {
            let delta = format!(r#"{{"content":" {word}"}}"#);
            events.push(self.event(&choice(&delta, "null"), "null", with_usage));
        }
        events.push(self.event(&choice("{}", r#""stop""#), "null", with_usage));
        if with_usage {
            events.push(self.event("[]", &self.usage, true));
        }
        events.push("data: [DONE]\n\n".to_owned());
        events
    }

    /// Where usage was asked for, every event has the field.
    fn event(&self, choices: &str, usage: &str, with_usage: bool) -> String {
        let Self { id, created, model, .. } = self;
        let usage = if with_usage { format!(r#","usage":{usage}"#) } else { String::new() };
        format!(
            "data: {{\"id\":\"{id}\",\"object\":\"chat.completion.chunk\",\"created\":{created},\"model\":{model},\"service_tier\":\"default\",\"system_fingerprint\":null,\"choices\":{choices}{usage}}}\n\n",
        )
    }
}

fn choice(delta: &str, finish_reason: &str) -> String {
    format!(r#"[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish_reason}}}]"#)
}

/// The body of a stream: pieces with a pause between them.
#[derive(Debug)]
pub(super) struct Pieces {
    waiting: VecDeque<Bytes>,
    pause: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    /// An event a piece; without a pause, all are one.
    pub(super) fn new(events: Vec<String>, pause: Duration) -> Self {
        let waiting = match pause.is_zero() {
            true => VecDeque::from([Bytes::from(events.concat())]),
            false => events.into_iter().map(Bytes::from).collect(),
        };
        Self { waiting, pause, sleep: None }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if let Some(sleep) = &mut this.sleep {
            ready!(sleep.as_mut().poll(context));
            this.sleep = None;
        }
        let Some(piece) = this.waiting.pop_front() else { return Poll::Ready(None) };
        if !this.waiting.is_empty() {
            this.sleep = Some(Box::pin(sleep(this.pause)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_empty()
    }
}
