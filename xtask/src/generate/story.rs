//! One trace: five spans that tell what happened.

use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use super::model::Model;
use crate::corpus::Corpus;
use crate::otlp::{AnyValue, Writer};
use crate::record::TraceId;

// OTLP's numbers of span kinds and status codes.
const INTERNAL: u64 = 1;
const CLIENT: u64 = 3;
const STATUS_ERROR: u64 = 2;

// Bytes of each span before jitter. They add up to `super::TRACE_BYTES`.
const AGENT_BYTES: usize = 1_000;
const RETRIEVAL_BYTES: usize = 1_300;
const QUESTION_BYTES: usize = 1_400;
const TOOL_BYTES: usize = 900;
const ANSWER_BYTES: usize = 1_650;
/// What an attribute takes beside its text: keys, lengths and the JSON around the text.
const MESSAGE_FRAME: usize = 100;

const MILLISECOND: u64 = 1_000_000;
const SYSTEM: &str = r#"[{"type":"text","content":"You are a support agent. Look orders up before you answer, and say what you do not know."}]"#;

const FAILURES: [(&str, &str); 3] = [
    ("openai.RateLimitError", "Error code: 429 - Rate limit reached for requests"),
    ("httpx.ReadTimeout", "The read operation timed out"),
    ("anthropic.APIStatusError", "Error code: 529 - Overloaded"),
];
const STACK: &str = r#"Traceback (most recent call last):
  File "/app/agent/run.py", line 118, in answer
    reply = await self.model.complete(messages, tools=self.tools)
  File "/app/agent/model.py", line 64, in complete
    return await self.client.post("/chat/completions", body=body, stream=stream)
  File "/app/lib/client.py", line 1529, in request
    raise self.status_error(response) from None
"#;

type SpanId = [u8; 8];

/// When a span began and ended, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug)]
struct Times {
    start: u64,
    end: u64,
}

impl Times {
    fn lasting(start: u64, nanos: u64) -> Self {
        Self { start, end: start + nanos }
    }
}

/// What every span begins with.
#[derive(Clone, Copy, Debug)]
struct Head<'a> {
    id: SpanId,
    parent: Option<SpanId>,
    name: &'a str,
    kind: u64,
    times: Times,
}

/// A call of the model.
#[derive(Clone, Copy, Debug)]
struct Turn {
    times: Times,
    first_token: u64,
    output_tokens: u64,
}

/// What happened in one trace, decided before anything is written.
#[derive(Debug)]
pub(crate) struct Story<'a> {
    corpus: &'a Corpus,
    rng: StdRng,
    trace_id: TraceId,
    root: SpanId,
    session: String,
    user: String,
    model: &'static Model,
    agent: Times,
    retrieval: Times,
    question: Turn,
    tool: Times,
    answer: Turn,
    input_tokens: u64,
    failure: Option<(&'static str, &'static str)>,
}

impl<'a> Story<'a> {
    /// `session` is a random number: it makes the session and its user.
    pub(crate) fn new(
        corpus: &'a Corpus,
        trace_id: TraceId,
        mut rng: StdRng,
        start: u64,
        session: u64,
    ) -> Self {
        let model = Model::pick(&mut rng);
        let mut pause = || rng.random_range(1..4_u64) * MILLISECOND;
        let (before, between, after) = (pause(), pause(), pause());
        let retrieval = Times::lasting(start + before, rng.random_range(20..140_u64) * MILLISECOND);
        let question = turn(&mut rng, model, retrieval.end + between, 15..60);
        let tool = Times::lasting(
            question.times.end + MILLISECOND,
            rng.random_range(5..400_u64) * MILLISECOND,
        );
        let answer = turn(&mut rng, model, tool.end + MILLISECOND, 80..500);
        let failed = rng.random_range(0..50_u32) == 0;
        Self {
            corpus,
            trace_id,
            root: random_id(&mut rng),
            session: format!("session-{session:016x}"),
            user: user(session),
            model,
            agent: Times { start, end: answer.times.end + after },
            retrieval,
            question,
            tool,
            answer,
            input_tokens: rng.random_range(300..1_500),
            failure: failed.then(|| FAILURES[rng.random_range(0..FAILURES.len())]),
            rng,
        }
    }

    /// Writes the spans into the `spans` field of a `ScopeSpans`.
    pub(crate) fn write(&mut self, scope_spans: &mut Writer) {
        scope_spans.message(2, |span| self.write_agent(span));
        scope_spans.message(2, |span| self.write_retrieval(span));
        scope_spans.message(2, |span| self.write_question(span));
        scope_spans.message(2, |span| self.write_tool(span));
        scope_spans.message(2, |span| self.write_answer(span));
    }

    fn write_agent(&mut self, span: &mut Writer) {
        let end = span.position() + self.jittered(AGENT_BYTES);
        let (id, times) = (self.root, self.agent);
        let name = "invoke_agent support";
        self.write_head(span, Head { id, parent: None, name, kind: INTERNAL, times });
        text(span, "gen_ai.operation.name", "invoke_agent");
        text(span, "gen_ai.agent.name", "support");
        text(span, "gen_ai.provider.name", self.model.provider);
        text(span, "gen_ai.conversation.id", &self.session);
        text(span, "user.id", &self.user);
        text(span, "session.id", &self.session);
        let room = room(span, end, 2);
        self.write_input(span, room * 2 / 5);
        match self.failure {
            None => self.write_output(span, room * 3 / 5),
            Some((kind, message)) => {
                text(span, "error.type", kind);
                write_status(span, message);
            }
        }
    }

    fn write_retrieval(&mut self, span: &mut Writer) {
        let end = span.position() + self.jittered(RETRIEVAL_BYTES);
        self.write_child(span, "retrieval knowledge-base", self.retrieval);
        text(span, "gen_ai.operation.name", "retrieval");
        text(span, "gen_ai.provider.name", "opensearch");
        text(span, "gen_ai.data_source.id", "knowledge-base");
        let query = self.words(60);
        text(span, "gen_ai.retrieval.query.text", &query);
        let room = room(span, end, 1).saturating_sub(80);
        let (first, second) = (self.words(room * 3 / 5), self.words(room * 2 / 5));
        let (one, two) = (self.document(), self.document());
        let documents = format!(
            r#"[{{"id":"doc-{one}","score":0.87,"content":"{first}"}},{{"id":"doc-{two}","score":0.71,"content":"{second}"}}]"#
        );
        text(span, "gen_ai.retrieval.documents", &documents);
    }

    /// The model asks for a tool.
    fn write_question(&mut self, span: &mut Writer) {
        let end = span.position() + self.jittered(QUESTION_BYTES);
        self.write_call(span, self.question, "tool_calls");
        let room = room(span, end, 2).saturating_sub(60);
        self.write_input(span, room * 4 / 5);
        let (call, query) = (self.call_id(), self.words(room / 5));
        let output = format!(
            r#"[{{"role":"assistant","parts":[{{"type":"tool_call","id":"{call}","name":"find_order","arguments":{{"query":"{query}"}}}}],"finish_reason":"tool_call"}}]"#
        );
        text(span, "gen_ai.output.messages", &output);
    }

    fn write_tool(&mut self, span: &mut Writer) {
        let end = span.position() + self.jittered(TOOL_BYTES);
        self.write_child(span, "execute_tool find_order", self.tool);
        text(span, "gen_ai.operation.name", "execute_tool");
        text(span, "gen_ai.tool.name", "find_order");
        text(span, "gen_ai.tool.type", "function");
        text(span, "gen_ai.tool.call.id", &self.call_id());
        let query = self.words(60);
        text(span, "gen_ai.tool.call.arguments", &format!(r#"{{"query":"{query}"}}"#));
        span.attribute(9, "app.cache.hit", AnyValue::Bool(self.rng.random_range(0..4_u32) == 0));
        let room = room(span, end, 1);
        let found = self.words(room);
        let order = self.rng.random_range(100_000..999_999_u32);
        let result = format!(r#"{{"order":{order},"state":"shipped","note":"{found}"}}"#);
        text(span, "gen_ai.tool.call.result", &result);
    }

    /// The model answers, or fails.
    fn write_answer(&mut self, span: &mut Writer) {
        let end = span.position() + self.jittered(ANSWER_BYTES);
        let finish = if self.failure.is_some() { "error" } else { "stop" };
        self.write_call(span, self.answer, finish);
        let room = room(span, end, 2);
        self.write_input(span, room / 2);
        match self.failure {
            None => self.write_output(span, room / 2),
            Some((kind, message)) => {
                text(span, "error.type", kind);
                write_exception(span, kind, message, self.answer.times.end);
                write_status(span, message);
            }
        }
    }

    fn write_call(&mut self, span: &mut Writer, turn: Turn, finish: &str) {
        let model = self.model;
        self.write_child(span, &format!("chat {}", model.requested), turn.times);
        text(span, "gen_ai.operation.name", "chat");
        text(span, "gen_ai.provider.name", model.provider);
        text(span, "gen_ai.conversation.id", &self.session);
        text(span, "gen_ai.request.model", model.requested);
        span.attribute(9, "gen_ai.request.temperature", AnyValue::Double(0.2));
        span.attribute(9, "gen_ai.request.max_tokens", AnyValue::Int(1_024));
        span.attribute(9, "gen_ai.request.stream", AnyValue::Bool(true));
        text(span, "gen_ai.response.model", model.answered);
        text(span, "gen_ai.response.id", &format!("resp_{:016x}", self.rng.next_u64()));
        span.attribute(9, "gen_ai.response.finish_reasons", AnyValue::Texts(&[finish]));
        let seconds = turn.first_token as f64 / 1e9;
        span.attribute(9, "gen_ai.response.time_to_first_chunk", AnyValue::Double(seconds));
        int(span, "gen_ai.usage.input_tokens", self.input_tokens);
        int(span, "gen_ai.usage.output_tokens", turn.output_tokens);
        int(span, "gen_ai.usage.cache_read.input_tokens", self.input_tokens / 256 * 128);
        text(span, "gen_ai.system_instructions", SYSTEM);
    }

    fn write_input(&mut self, span: &mut Writer, bytes: usize) {
        let words = self.words(bytes);
        let json =
            format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{words}"}}]}}]"#);
        text(span, "gen_ai.input.messages", &json);
    }

    fn write_output(&mut self, span: &mut Writer, bytes: usize) {
        let words = self.words(bytes);
        let json = format!(
            r#"[{{"role":"assistant","parts":[{{"type":"text","content":"{words}"}}],"finish_reason":"stop"}}]"#
        );
        text(span, "gen_ai.output.messages", &json);
    }

    fn write_child(&mut self, span: &mut Writer, name: &str, times: Times) {
        let id = random_id(&mut self.rng);
        self.write_head(span, Head { id, parent: Some(self.root), name, kind: CLIENT, times });
    }

    fn write_head(&self, span: &mut Writer, head: Head<'_>) {
        span.bytes(1, &self.trace_id.0);
        span.bytes(2, &head.id);
        if let Some(parent) = head.parent {
            span.bytes(4, &parent);
        }
        span.string(5, head.name);
        span.varint(6, head.kind);
        span.fixed64(7, head.times.start);
        span.fixed64(8, head.times.end);
    }

    fn words(&mut self, bytes: usize) -> String {
        let mut words = String::with_capacity(bytes + 24);
        self.corpus.append(&mut self.rng, &mut words, bytes);
        words
    }

    fn document(&mut self) -> u32 {
        self.rng.random_range(0..40_000)
    }

    fn call_id(&self) -> String {
        format!("call_{}", &self.trace_id.to_string()[..16])
    }

    /// A size, give or take a quarter.
    fn jittered(&mut self, bytes: usize) -> usize {
        self.rng.random_range(bytes * 3 / 4..bytes * 5 / 4)
    }
}

/// The cube makes few users send much.
pub(super) fn user(session: u64) -> String {
    let share = (session >> 11) as f64 / (1_u64 << 53) as f64;
    format!("user-{:05}", (share.powi(3) * 5_000.0) as u64)
}

fn turn(rng: &mut StdRng, model: &Model, start: u64, tokens: std::ops::Range<u64>) -> Turn {
    let output_tokens = rng.random_range(tokens);
    let (first_token, last_token) = model.answer(rng, output_tokens);
    Turn { times: Times::lasting(start, last_token), first_token, output_tokens }
}

pub(super) fn random_id<const N: usize>(rng: &mut StdRng) -> [u8; N] {
    let mut id = [0; N];
    rng.fill_bytes(&mut id);
    id
}

/// How many bytes of text fit before `end`, in so many messages.
fn room(span: &Writer, end: usize, messages: usize) -> usize {
    end.saturating_sub(span.position() + messages * MESSAGE_FRAME)
}

fn text(span: &mut Writer, key: &str, value: &str) {
    span.attribute(9, key, AnyValue::Text(value));
}

fn int(span: &mut Writer, key: &str, value: u64) {
    span.attribute(9, key, AnyValue::Int(i64::try_from(value).unwrap_or(i64::MAX)));
}

fn write_exception(span: &mut Writer, kind: &str, message: &str, time: u64) {
    span.message(11, |event| {
        event.fixed64(1, time);
        event.string(2, "exception");
        event.attribute(3, "exception.type", AnyValue::Text(kind));
        event.attribute(3, "exception.message", AnyValue::Text(message));
        let stack = format!("{STACK}{kind}: {message}\n");
        event.attribute(3, "exception.stacktrace", AnyValue::Text(&stack));
    });
}

fn write_status(span: &mut Writer, message: &str) {
    span.message(15, |status| {
        status.string(2, message);
        status.varint(3, STATUS_ERROR);
    });
}
