//! What the folder holds: every kind of content, said by hand and always the same.

use tracekeep_model::{
    Field, Kind, Level, Micros, Money, Rank, RecordKey, Register, State, Status, Step, Text, Value,
    Version,
};

/// When it plays.
const NOON: i64 = 1_770_000_000_000_000;

/// A patch for a record.
pub(super) type Said = (RecordKey, State);

/// Every trace that is ever spoken of.
pub(super) const TRACES: &[&str] = &[
    "whole", "agent", "stated", "updated", "letters", "pending", "deleted", "empty", "later",
    "new 0", "new 6",
];

/// Fields of a span that hold plain text.
const TEXTS: &[Field] = &[
    Field::Name,
    Field::StatusMessage,
    Field::ErrorType,
    Field::ErrorCode,
    Field::ErrorMessage,
    Field::ErrorStack,
    Field::Model,
    Field::ResponseModel,
    Field::Provider,
    Field::SystemPrompt,
    Field::Input,
    Field::Output,
    Field::PromptId,
    Field::PromptName,
    Field::PromptVersion,
    Field::ServiceName,
    Field::ScopeName,
    Field::ScopeVersion,
    Field::SdkName,
    Field::SdkVersion,
    Field::UserAgent,
    Field::Ip,
    Field::LangfuseTraceId,
    Field::LangfuseObservationId,
];

/// Fields of a span that hold JSON.
const JSON: &[(Field, &str)] = &[
    (Field::Parameters, r#"{"temperature":0.50,"stop":["\n"]}"#),
    (Field::ToolCalls, r#"[{"name":"search","arguments":{"q":"ä"}}]"#),
    (Field::Events, r#"[{"name":"retry","time":1}]"#),
    (Field::Links, r#"[{"trace_id":"ab","span_id":"cd"}]"#),
    (Field::UsageGiven, r#"{"prompt_tokens":12,"completion_tokens":5}"#),
];

/// One message about one record: all that it states has one version.
struct Message {
    key: RecordKey,
    state: State,
    version: Version,
}

impl Message {
    fn new(key: RecordKey, second: i64, step: Step) -> Self {
        let time = moment(second);
        let version = Version { rank: Rank::Stated, time, step };
        Self { key, state: State::new(time), version }
    }

    fn span(trace: &str, span: &str, second: i64, step: Step) -> Self {
        Self::new(RecordKey::Span { trace_id: trace.into(), span_id: span.into() }, second, step)
    }

    fn trace(trace: &str, second: i64) -> Self {
        Self::new(RecordKey::Trace { trace_id: trace.into() }, second, Step::Update)
    }

    fn score(score: &str, second: i64) -> Self {
        Self::new(RecordKey::Score { score_id: score.into() }, second, Step::Update)
    }

    fn with(mut self, register: impl Into<Register>, value: impl Into<Value>) -> Self {
        self.state.set(register, self.version, value);
        self
    }

    fn said(self) -> Said {
        (self.key, self.state)
    }
}

fn moment(second: i64) -> Micros {
    Micros(NOON + second * Micros::SECOND)
}

fn usage(name: &str) -> Register {
    Register::Usage(Text::from(name))
}

fn cost(name: &str) -> Register {
    Register::Cost(Text::from(name))
}

fn metadata(key: &str) -> Register {
    Register::Metadata(Text::from(key))
}

fn tag(name: &str) -> Register {
    Register::Tag(Text::from(name))
}

fn deleted(key: RecordKey, second: i64) -> Said {
    (key, State::deleted(moment(second)))
}

/// What is merged, in blocks; the archive is sealed after each list of blocks.
pub(super) fn rounds() -> Vec<Vec<Vec<Said>>> {
    let first = vec![whole(), agent(), stated(), updated(), letters(), pending(), gone(), scores()];
    vec![first, vec![late_end(), eight_spans("later", 400)]]
}

/// A span that one message told whole.
fn whole() -> Vec<Said> {
    let mut span = Message::span("whole", "only", 9, Step::End)
        .with(Field::Kind, Kind::Generation)
        .with(Field::Status, Status::Error)
        .with(Field::Level, Level::Warning)
        .with(Field::StartTime, moment(0))
        .with(Field::EndTime, moment(9))
        .with(Field::FirstTokenTime, moment(2))
        .with(Field::Streaming, true)
        .with(metadata("team"), "\"search\"")
        .with(metadata("nested \"key\""), r#"{"a": [1, 2.50]}"#)
        .with(usage("input"), 100i64)
        .with(usage("input_cache_read"), 20i64)
        .with(usage("input_cache_write"), 3i64)
        .with(usage("output"), 50i64)
        .with(usage("output_reasoning"), 7i64)
        .with(usage("images"), 2i64)
        .with(cost("input"), Money(250_000_000_001))
        .with(cost("output"), Money(500_000_000_000));
    for field in TEXTS {
        span = span.with(*field, format!("{} of the span", field.as_str()));
    }
    for (field, json) in JSON {
        span = span.with(*field, *json);
    }
    vec![span.said()]
}

/// A trace with a span of each kind, of each level, in each status.
fn agent() -> Vec<Said> {
    let mut patches = Vec::new();
    for (number, kind) in (0i64..).zip(Kind::ALL) {
        let index = usize::try_from(number).unwrap_or_default();
        let mut span = Message::span("agent", &format!("step {number}"), 20 + number, Step::Start)
            .with(Field::Kind, *kind)
            .with(Field::Status, Status::ALL[index % Status::ALL.len()])
            .with(Field::Level, Level::ALL[index % Level::ALL.len()])
            .with(Field::StartTime, moment(20 + number))
            .with(Field::Model, "m1");
        if number > 0 {
            span = span.with(Field::ParentSpanId, format!("step {}", (number - 1) / 2));
        }
        patches.push(span.said());
    }
    patches
}

/// A trace of which all is said that can be said of a trace.
fn stated() -> Vec<Said> {
    let trace = Message::trace("stated", 40)
        .with(Field::Name, "named")
        .with(Field::StartTime, moment(39))
        .with(Field::Input, "question")
        .with(Field::Output, "answer")
        .with(Field::UserId, "ada")
        .with(Field::SessionId, "talk")
        .with(Field::Source, "playground")
        .with(Field::Environment, "production")
        .with(Field::Release, "1.2")
        .with(Field::Version, "v3")
        .with(Field::Public, true)
        .with(Field::Bookmarked, true)
        .with(Field::ParentTraceId, "agent")
        .with(tag("blue"), true)
        .with(tag("gr\"een"), true)
        .with(tag("red"), false)
        .with(metadata("team"), "\"chat\"");
    let generation = Message::span("stated", "call", 41, Step::Start)
        .with(Field::Kind, Kind::Generation)
        .with(Field::StartTime, moment(41))
        .with(Field::Model, "m2")
        .with(usage("total"), 9i64)
        .with(cost("total"), Money(1));
    let edited = Message {
        version: Version { rank: Rank::Edited, time: moment(45), step: Step::Update },
        ..Message::trace("stated", 45)
    };
    let edited = edited.with(Field::Release, "1.3").with(metadata("note"), "\"by hand\"");
    vec![trace.said(), generation.said(), edited.said()]
}

/// Spans that several messages told, with what is not in any column.
fn updated() -> Vec<Said> {
    let begun = Message::span("updated", "a", 60, Step::Start)
        .with(Field::StartTime, moment(60))
        .with(Field::Kind, Kind::Generation)
        .with(Field::Status, Status::Pending)
        .with(Field::Input, "first")
        .with(Field::Name, "to be cleared")
        .with(metadata("k"), "1");
    let changed = Message::span("updated", "a", 61, Step::Update)
        .with(Field::Output, "so far")
        .with(Field::Name, Value::Cleared)
        .with(Field::FirstTokenLatency, 250_000i64)
        .with(metadata("k"), "2")
        .with(usage("input"), 4i64);
    let other = Message::span("updated", "b", 62, Step::Start)
        .with(Field::ParentSpanId, "a")
        .with(Field::StartTime, moment(62));
    vec![begun.said(), changed.said(), other.said()]
}

/// Texts that are easily broken, and one that is longer than most.
fn letters() -> Vec<Said> {
    let odd = "it's \"quoted\" \\ \r\n\t\u{1} ä a\u{308} \u{feff}\u{202e}\u{1F600}";
    let long = "The quick brown fox asks again, ä \u{1F600}. ".repeat(7_000);
    let span = Message::span("letters", "😀", 80, Step::End)
        .with(Field::StartTime, moment(80))
        .with(Field::EndTime, moment(81))
        .with(Field::Name, odd)
        .with(Field::Input, format!("{long}the needle"))
        .with(Field::Output, "")
        .with(metadata(odd), serde_json::Value::from(odd).to_string());
    let trace = Message::trace("letters", 80).with(Field::Input, long).with(tag(odd), true);
    vec![span.said(), trace.said()]
}

/// A span that has not ended yet.
fn pending() -> Vec<Said> {
    let span = Message::span("pending", "open", 100, Step::Start)
        .with(Field::StartTime, moment(100))
        .with(Field::Kind, Kind::Generation)
        .with(Field::Status, Status::Pending)
        .with(Field::Model, "m1");
    vec![span.said()]
}

/// A trace that was deleted, and one of which hardly anything is known.
fn gone() -> Vec<Said> {
    let span = Message::span("deleted", "a", 120, Step::Start).with(Field::Input, "forget me");
    let empty = Message::trace("empty", 121).with(Field::Name, "empty");
    let key = RecordKey::Trace { trace_id: "deleted".into() };
    vec![span.said(), deleted(key, 125), empty.said()]
}

fn scores() -> Vec<Said> {
    let number = Message::score("number", 140)
        .with(Field::Name, "help")
        .with(Field::ScoreNumber, Value::Float(0.1))
        .with(Field::ScoreType, "NUMERIC")
        .with(Field::ScoreSource, "API")
        .with(Field::TargetTraceId, "whole")
        .with(Field::TargetSpanId, "only");
    let word = Message::score("word", 141)
        .with(Field::Name, "tone")
        .with(Field::ScoreText, "kind")
        .with(Field::ScoreType, "CATEGORICAL")
        .with(Field::ScoreSource, "ANNOTATION")
        .with(Field::Comment, "it's \"fine\"")
        .with(Field::Author, "ada")
        .with(Field::ConfigId, "c1")
        .with(Field::TargetSessionId, "talk")
        .with(Field::Timestamp, moment(139))
        .with(metadata("by"), "\"hand\"");
    let run = Message::score("run", 142)
        .with(Field::Name, "pass")
        .with(Field::ScoreNumber, Value::Float(1.0))
        .with(Field::ScoreType, "BOOLEAN")
        .with(Field::ScoreSource, "EVAL")
        .with(Field::TargetRunId, "run 1");
    let of_deleted = Message::score("of deleted", 143)
        .with(Field::Name, "help")
        .with(Field::ScoreNumber, Value::Float(0.5))
        .with(Field::TargetTraceId, "deleted");
    let withdrawn = Message::score("withdrawn", 144).with(Field::Name, "help");
    let key = RecordKey::Score { score_id: "withdrawn".into() };
    let said = [number, word, run, of_deleted, withdrawn].map(Message::said);
    said.into_iter().chain([deleted(key, 145)]).collect()
}

/// The end of a span whose trace was sealed before.
fn late_end() -> Vec<Said> {
    let end = Message::span("pending", "open", 300, Step::End)
        .with(Field::EndTime, moment(300))
        .with(Field::Status, Status::Success)
        .with(Field::Output, "done");
    vec![end.said()]
}

/// A trace like many.
fn eight_spans(trace: &str, second: i64) -> Vec<Said> {
    let span = |number: i64| {
        Message::span(trace, &format!("span {number}"), second + 9, Step::End)
            .with(Field::Kind, Kind::Tool)
            .with(Field::Status, Status::Success)
            .with(Field::Level, Level::Default)
            .with(Field::StartTime, moment(second + number))
            .with(Field::EndTime, moment(second + 9))
            .with(Field::Input, format!("input {number}"))
            .said()
    };
    (0..8).map(span).collect()
}

/// What comes later, to a version that may be another: a late patch, a new span, a deletion.
pub(super) fn afterwards() -> Vec<Said> {
    let end = Message::span("updated", "a", 500, Step::End)
        .with(Field::EndTime, moment(500))
        .with(Field::Output, "all of it")
        .with(metadata("late"), "true");
    let new = Message::span("updated", "c", 501, Step::Start)
        .with(Field::ParentSpanId, "b")
        .with(Field::StartTime, moment(501));
    let name = Message::trace("updated", 502).with(Field::Name, "updated later");
    let key = RecordKey::Trace { trace_id: "whole".into() };
    vec![end.said(), new.said(), name.said(), deleted(key, 503)]
}

/// Traces of so many further seals that they are compacted together with what was there.
pub(super) fn further() -> Vec<Vec<Said>> {
    (0..7).map(|number| eight_spans(&format!("new {number}"), 600 + 20 * number)).collect()
}
