//! A call of a model that Tracekeep itself made or passed on: what it knows of it, as patches.
//!
//! A call that stands alone is a lifecycle trace: its one span has the trace's id. One that is a part of
//! a trace has an id of its own, and says of the trace only what its sender stated.

use tracekeep_model::{
    Field, Kind, Level, Micros, Money, Rank, RecordKey, Register, State, Status, Step, Text, Usage,
    Version,
};

/// Where a call belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The trace.
    pub trace_id: Text,
    /// The call's span; the trace's id where the call is the trace.
    pub span_id: Text,
    /// The span that made the call.
    pub parent_span_id: Option<Text>,
}

/// What the sender says of the trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its name.
    pub name: Option<Text>,
    /// The end user.
    pub user_id: Option<Text>,
    /// The session.
    pub session_id: Option<Text>,
    /// Where the interaction comes from; assumed unless `stated_source`.
    pub source: Text,
    /// Whether the sender said so.
    pub is_source_stated: bool,
    /// The deployment environment.
    pub environment: Option<Text>,
    /// The application's release.
    pub release: Option<Text>,
    /// The sender's version of the traced logic.
    pub version: Option<Text>,
    /// Tags.
    pub tags: Vec<Text>,
    /// Metadata: keys, and JSON text.
    pub metadata: Vec<(Text, Text)>,
}

/// What is known when a call begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Begun {
    /// When.
    pub at: Micros,
    /// What the call does.
    pub kind: Option<Kind>,
    /// The span's own name, such as `chat gpt-5`.
    pub name: Option<Text>,
    /// The model, as the client names it.
    pub model: Text,
    /// Who serves it.
    pub provider: Option<Text>,
    /// JSON object.
    pub parameters: Option<Text>,
    /// Whether the answer is wanted as a stream.
    pub streaming: bool,
    /// The system's instructions.
    pub system_prompt: Option<Text>,
    /// The conversation: the client's JSON text, or plain text.
    pub input: Option<Text>,
    /// The managed prompt.
    pub prompt_id: Option<Text>,
    /// Its name.
    pub prompt_name: Option<Text>,
    /// Its version.
    pub prompt_version: Option<Text>,
    /// The client's program.
    pub user_agent: Option<Text>,
    /// The client's address.
    pub ip: Option<Text>,
}

/// What is known of a call later; what is `None` is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// When this is known.
    pub at: Micros,
    /// When the first token came.
    pub first_token: Option<Micros>,
    /// The model that answers, as the provider names it.
    pub response_model: Option<Text>,
    /// Who serves it, where that was decided after the call began.
    pub provider: Option<Text>,
    /// The answer so far: plain text, or JSON.
    pub output: Option<Text>,
    /// Tool calls of the answer: a JSON array.
    pub tool_calls: Option<Text>,
    /// What was counted, by disjoint types.
    pub usage: Option<Usage>,
    /// The provider's own object of it.
    pub usage_given: Option<Text>,
    /// What it cost, where the provider or a cache says it.
    pub cost: Option<Money>,
    /// Metadata of the call itself: keys, and JSON text.
    pub metadata: Vec<(Text, Text)>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With an answer.
    Success,
    /// Without one, or midway.
    Error(Failure),
}

/// Why a call failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Its class.
    pub r#type: Option<Text>,
    /// The provider's code, the HTTP status, or `cancelled`.
    pub code: Option<Text>,
    /// For people.
    pub message: Text,
}

/// What a call's beginning says.
#[must_use]
pub fn begun(place: &Place, about: &About, call: Begun) -> Vec<(RecordKey, State)> {
    let at = call.at;
    let version = Version::stated(at, at, Step::Start);
    let assumed = version.with_rank(Rank::Assumed);
    let mut span = State::with_capacity(at, 20);
    let mut text = |field: Field, value: Option<Text>| {
        if let Some(value) = value {
            span.set(field, version, value);
        }
    };
    text(Field::ParentSpanId, place.parent_span_id.clone());
    text(Field::Name, call.name);
    text(Field::Model, (!call.model.is_empty()).then_some(call.model));
    text(Field::Provider, call.provider);
    text(Field::Parameters, call.parameters);
    text(Field::SystemPrompt, call.system_prompt);
    text(Field::Input, call.input);
    text(Field::PromptId, call.prompt_id);
    text(Field::PromptName, call.prompt_name);
    text(Field::PromptVersion, call.prompt_version);
    text(Field::UserAgent, call.user_agent);
    text(Field::Ip, call.ip);
    span.set(Field::Kind, version, call.kind.unwrap_or(Kind::Generation));
    span.set(Field::Status, version, Status::Pending);
    span.set(Field::StartTime, version, at);
    span.set(Field::Streaming, version, call.streaming);
    span.trim();

    let mut trace = State::with_capacity(at, 8);
    let mut text = |field: Field, value: &Option<Text>| {
        if let Some(value) = value {
            trace.set(field, version, value.clone());
        }
    };
    text(Field::Name, &about.name);
    text(Field::UserId, &about.user_id);
    text(Field::SessionId, &about.session_id);
    text(Field::Environment, &about.environment);
    text(Field::Release, &about.release);
    text(Field::Version, &about.version);
    let source = if about.is_source_stated { version } else { assumed };
    trace.set(Field::Source, source, about.source.clone());
    say(&mut trace, version, &about.tags, &about.metadata);
    trace.trim();
    vec![(trace_key(place), trace), (span_key(place), span)]
}

/// What is known of a call while it runs: so that it shows live, and is there after a crash.
#[must_use]
pub fn progress(place: &Place, progress: Progress) -> Vec<(RecordKey, State)> {
    patches(place, progress, Step::Update, None)
}

/// What a call's end says.
#[must_use]
pub fn ended(place: &Place, progress: Progress, end: End) -> Vec<(RecordKey, State)> {
    patches(place, progress, Step::End, Some(end))
}

fn patches(place: &Place, said: Progress, step: Step, end: Option<End>) -> Vec<(RecordKey, State)> {
    let at = said.at;
    let version = Version::stated(at, at, step);
    let mut span = State::with_capacity(at, 16);
    let mut text = |field: Field, value: Option<Text>| {
        if let Some(value) = value {
            span.set(field, version, value);
        }
    };
    text(Field::ResponseModel, said.response_model);
    text(Field::Provider, said.provider);
    text(Field::Output, said.output);
    text(Field::ToolCalls, said.tool_calls);
    text(Field::UsageGiven, said.usage_given);
    if let Some(first_token) = said.first_token {
        span.set(Field::FirstTokenTime, version, first_token);
    }
    for (name, count) in said.usage.iter().flat_map(Usage::types) {
        span.set(Register::Usage(name.into()), version, count);
    }
    if let Some(total) = said.usage.as_ref().and_then(|usage| usage.stated_total) {
        span.set(Register::Usage(Text::from_static("total")), version, total);
    }
    if let Some(cost) = said.cost {
        span.set(Register::Cost(Text::from_static("total")), version, cost);
    }
    if let Some(end) = end {
        span.set(Field::EndTime, version, at);
        finish(&mut span, version, end);
    }
    say(&mut span, version, &[], &said.metadata);
    span.trim();
    vec![(span_key(place), span)]
}

fn finish(span: &mut State, version: Version, end: End) {
    match end {
        End::Success => span.set(Field::Status, version, Status::Success),
        End::Error(failure) => {
            span.set(Field::Status, version, Status::Error);
            span.set(Field::Level, version, Level::Error);
            span.set(Field::ErrorMessage, version, failure.message);
            if let Some(class) = failure.r#type {
                span.set(Field::ErrorType, version, class);
            }
            if let Some(code) = failure.code {
                span.set(Field::ErrorCode, version, code);
            }
        }
    }
}

fn say(record: &mut State, version: Version, tags: &[Text], metadata: &[(Text, Text)]) {
    for tag in tags {
        record.set(Register::Tag(tag.clone()), version, true);
    }
    for (key, value) in metadata {
        record.set(Register::Metadata(key.clone()), version, value.clone());
    }
}

fn trace_key(place: &Place) -> RecordKey {
    RecordKey::Trace { trace_id: place.trace_id.clone() }
}

fn span_key(place: &Place) -> RecordKey {
    RecordKey::Span { trace_id: place.trace_id.clone(), span_id: place.span_id.clone() }
}

#[cfg(test)]
mod tests;
