//! What people see: values computed from joined states.

use crate::{
    Entry, Estimate, Field, Kind, Level, Micros, Money, Rank, Register, State, Status, Text, Usage,
    UsageType, Value,
};

/// Attributes of the trace that each of its spans shows too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inherited {
    /// The trace's name.
    pub trace_name: Option<Text>,
    /// The end user.
    pub user_id: Option<Text>,
    /// The session; the trace's id where none was stated.
    pub session_id: Text,
    /// Where the interaction came from.
    pub source: Text,
    /// The deployment environment.
    pub environment: Text,
    /// The application's release.
    pub release: Option<Text>,
    /// The sender's version of the traced logic.
    pub version: Option<Text>,
    /// Tags, in bytewise order.
    pub tags: Vec<Text>,
}

/// A trace as shown, without its spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The trace's id.
    pub trace_id: Text,
    /// What its spans inherit.
    pub inherited: Inherited,
    /// Whether anyone with the link may read it.
    pub public: bool,
    /// Whether someone marked it.
    pub bookmarked: bool,
    /// The trace that this one is a part of.
    pub parent_trace_id: Option<Text>,
    /// Input stated for the trace itself.
    pub input: Option<Text>,
    /// Output stated for the trace itself.
    pub output: Option<Text>,
    /// Start stated for the trace itself (Langfuse does).
    pub timestamp: Option<Micros>,
    /// Top-level metadata keys, each with JSON text.
    pub metadata: Vec<(Text, Text)>,
    /// Receipt of the first message about it.
    pub received_at: Micros,
    /// Receipt of the latest message about it.
    pub updated_at: Micros,
}

/// Where a span's cost comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostSource {
    /// No cost is known.
    #[default]
    None,
    /// The sender stated it.
    Given,
    /// The price book computed it.
    Computed,
}

impl CostSource {
    /// The name in the API and in every store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Given => "given",
            Self::Computed => "computed",
        }
    }
}

/// What a span cost, in USD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Where the amounts come from.
    pub source: CostSource,
    /// Amounts by usage type, without the total.
    pub parts: Vec<(Text, Money)>,
    /// A total that was stated without its parts, or beside them.
    pub stated_total: Option<Money>,
}

impl Cost {
    /// The stated total, else the sum of the parts. `None`: not known.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        self.stated_total
            .or_else(|| self.parts.iter().map(|(_, amount)| *amount).reduce(|a, b| a + b))
    }

    /// Cost of all input.
    #[must_use]
    pub fn input(&self) -> Option<Money> {
        self.side(UsageType::is_input)
    }

    /// Cost of all output.
    #[must_use]
    pub fn output(&self) -> Option<Money> {
        self.side(UsageType::is_output)
    }

    fn side(&self, wanted: fn(&str) -> bool) -> Option<Money> {
        self.parts.iter().filter(|(name, _)| wanted(name)).map(|(_, a)| *a).reduce(|a, b| a + b)
    }
}

/// A span as shown, without what it inherits from its trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the column that `Field` documents")]
pub struct Span {
    pub trace_id: Text,
    pub span_id: Text,
    pub parent_span_id: Option<Text>,
    pub kind: Kind,
    pub name: Option<Text>,
    pub status: Status,
    pub level: Level,
    pub status_message: Option<Text>,
    pub error_type: Option<Text>,
    pub error_code: Option<Text>,
    pub error_message: Option<Text>,
    pub error_stack: Option<Text>,
    /// The stated start, else the receipt of the first message.
    pub start_time: Micros,
    pub end_time: Option<Micros>,
    pub first_token_time: Option<Micros>,
    pub model: Option<Text>,
    pub response_model: Option<Text>,
    pub provider: Option<Text>,
    pub parameters: Option<Text>,
    pub streaming: Option<bool>,
    pub system_prompt: Option<Text>,
    pub input: Option<Text>,
    pub output: Option<Text>,
    pub tool_calls: Option<Text>,
    pub usage: Usage,
    pub usage_given: Option<Text>,
    pub cost: Cost,
    /// The price by which the cost was computed; `None` where it was stated or is not known.
    pub price_id: Option<Text>,
    pub prompt_id: Option<Text>,
    pub prompt_name: Option<Text>,
    pub prompt_version: Option<Text>,
    pub service_name: Option<Text>,
    pub scope_name: Option<Text>,
    pub scope_version: Option<Text>,
    pub sdk_name: Option<Text>,
    pub sdk_version: Option<Text>,
    pub user_agent: Option<Text>,
    pub ip: Option<Text>,
    pub langfuse_trace_id: Option<Text>,
    pub langfuse_observation_id: Option<Text>,
    pub events: Option<Text>,
    pub links: Option<Text>,
    /// Top-level metadata keys, each with JSON text.
    pub metadata: Vec<(Text, Text)>,
    pub received_at: Micros,
    pub updated_at: Micros,
    pub size_bytes: u64,
}

impl Span {
    /// Microseconds from start to end, 0 where the end lies before; `None` until it ended.
    #[must_use]
    pub fn duration(&self) -> Option<i64> {
        Some(self.end_time?.since(self.start_time))
    }

    /// Microseconds from start to the first token.
    #[must_use]
    pub fn first_token_latency(&self) -> Option<i64> {
        Some(self.first_token_time?.since(self.start_time))
    }

    /// Whether its tokens were counted by Tracekeep, as its sender counted none.
    #[must_use]
    pub fn tokens_estimated(&self) -> bool {
        self.usage_given.as_deref().is_some_and(Estimate::is_given)
    }
}

/// A score as shown.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each field is the column that `Field` documents")]
pub struct ScoreRow {
    pub score_id: Text,
    pub name: Option<Text>,
    pub value: Option<f64>,
    pub string_value: Option<Text>,
    pub data_type: Option<Text>,
    pub source: Option<Text>,
    pub comment: Option<Text>,
    pub author: Option<Text>,
    pub config_id: Option<Text>,
    pub trace_id: Option<Text>,
    pub span_id: Option<Text>,
    pub session_id: Option<Text>,
    pub dataset_run_id: Option<Text>,
    pub timestamp: Micros,
    pub metadata: Vec<(Text, Text)>,
    pub received_at: Micros,
    pub updated_at: Micros,
}

/// The trace that a state says.
#[must_use]
pub fn project_trace(trace_id: &Text, state: &State) -> Trace {
    let flag = |field| state.get(field).and_then(Value::as_bool).unwrap_or(false);
    let text = |field| state.text(field).cloned();
    Trace {
        trace_id: trace_id.clone(),
        inherited: Inherited {
            trace_name: text(Field::Name),
            user_id: text(Field::UserId),
            session_id: text(Field::SessionId).unwrap_or_else(|| trace_id.clone()),
            source: text(Field::Source).unwrap_or_else(|| Text::from_static("api")),
            environment: text(Field::Environment).unwrap_or_else(|| Text::from_static("default")),
            release: text(Field::Release),
            version: text(Field::Version),
            tags: tags(state),
        },
        public: flag(Field::Public),
        bookmarked: flag(Field::Bookmarked),
        parent_trace_id: text(Field::ParentTraceId),
        input: text(Field::Input),
        output: text(Field::Output),
        timestamp: state.time(Field::StartTime),
        metadata: metadata(state),
        received_at: state.received(),
        updated_at: state.updated(),
    }
}

/// The span that a state says. A cost is there where it was stated; [`Span::priced`] adds one where
/// it was not.
#[must_use]
pub fn project_span(trace_id: &Text, span_id: &Text, state: &State) -> Span {
    let text = |field| state.text(field).cloned();
    let start_time = state.time(Field::StartTime).unwrap_or(state.received());
    let end_time = state.time(Field::EndTime);
    let kind = match state.get(Field::Kind) {
        Some(Value::Kind(kind)) => *kind,
        _ => Kind::Span,
    };
    let stated_level = match state.get(Field::Level) {
        Some(Value::Level(level)) => Some(*level),
        _ => None,
    };
    let status = status(state, kind, stated_level, end_time);
    let default_level = if status == Status::Error { Level::Error } else { Level::Default };
    let (usage, usage_given) = usage(state);
    Span {
        trace_id: trace_id.clone(),
        span_id: span_id.clone(),
        parent_span_id: text(Field::ParentSpanId),
        kind,
        name: text(Field::Name),
        status,
        level: stated_level.unwrap_or(default_level),
        status_message: text(Field::StatusMessage),
        error_type: text(Field::ErrorType),
        error_code: text(Field::ErrorCode),
        error_message: text(Field::ErrorMessage),
        error_stack: text(Field::ErrorStack),
        start_time,
        end_time,
        first_token_time: first_token_time(state, start_time),
        model: text(Field::Model),
        response_model: text(Field::ResponseModel),
        provider: text(Field::Provider),
        parameters: text(Field::Parameters),
        streaming: state.get(Field::Streaming).and_then(Value::as_bool),
        system_prompt: text(Field::SystemPrompt),
        input: text(Field::Input),
        output: text(Field::Output),
        tool_calls: text(Field::ToolCalls),
        usage,
        usage_given,
        cost: cost(state),
        price_id: None,
        prompt_id: text(Field::PromptId),
        prompt_name: text(Field::PromptName),
        prompt_version: text(Field::PromptVersion),
        service_name: text(Field::ServiceName),
        scope_name: text(Field::ScopeName),
        scope_version: text(Field::ScopeVersion),
        sdk_name: text(Field::SdkName),
        sdk_version: text(Field::SdkVersion),
        user_agent: text(Field::UserAgent),
        ip: text(Field::Ip),
        langfuse_trace_id: text(Field::LangfuseTraceId),
        langfuse_observation_id: text(Field::LangfuseObservationId),
        events: text(Field::Events),
        links: text(Field::Links),
        metadata: metadata(state),
        received_at: state.received(),
        updated_at: state.updated(),
        size_bytes: state.size() as u64,
    }
}

/// The score that a state says.
#[must_use]
pub fn project_score(score_id: &Text, state: &State) -> ScoreRow {
    let text = |field| state.text(field).cloned();
    ScoreRow {
        score_id: score_id.clone(),
        name: text(Field::Name),
        value: match state.get(Field::ScoreNumber) {
            Some(Value::Float(number)) => Some(*number),
            _ => None,
        },
        string_value: text(Field::ScoreText),
        data_type: text(Field::ScoreType),
        source: text(Field::ScoreSource),
        comment: text(Field::Comment),
        author: text(Field::Author),
        config_id: text(Field::ConfigId),
        trace_id: text(Field::TargetTraceId),
        span_id: text(Field::TargetSpanId),
        session_id: text(Field::TargetSessionId),
        dataset_run_id: text(Field::TargetRunId),
        timestamp: state.time(Field::Timestamp).unwrap_or(state.received()),
        metadata: metadata(state),
        received_at: state.received(),
        updated_at: state.updated(),
    }
}

/// A stated terminal status; else what has an end has ended, well unless it carries an error.
fn status(state: &State, kind: Kind, level: Option<Level>, end: Option<Micros>) -> Status {
    if let Some(Value::Status(status)) = state.get(Field::Status)
        && status.is_terminal()
    {
        return *status;
    }
    let failed = level == Some(Level::Error) || state.get(Field::ErrorMessage).is_some();
    match (end.is_some() || kind == Kind::Event, failed) {
        (true, true) => Status::Error,
        (true, false) => Status::Success,
        (false, _) => Status::Pending,
    }
}

/// Of a stated moment and a stated latency, the later statement counts.
fn first_token_time(state: &State, start: Micros) -> Option<Micros> {
    let time = state.entry(&Field::FirstTokenTime.into());
    let latency = state.entry(&Field::FirstTokenLatency.into());
    let computed = |value: &Value| value.as_int().map(|micros| start.plus(micros));
    match (time, latency) {
        (Some(t), Some(l)) if l.version > t.version => computed(&l.value),
        (Some(t), _) => t.value.as_time(),
        (None, Some(l)) => computed(&l.value),
        (None, None) => None,
    }
}

/// What was counted, and the object that says so. What nobody stated is shown only where nobody stated
/// anything of the kind: two ways of counting are never mixed.
fn usage(state: &State) -> (Usage, Option<Text>) {
    let (mut stated, mut inferred) = (Usage::default(), Usage::default());
    for entry in state.entries() {
        if let (Register::Usage(name), Value::Int(count)) = (&entry.register, &entry.value) {
            let side = if is_stated(entry) { &mut stated } else { &mut inferred };
            side.set(name, *count);
        }
    }
    let given = state.entry(&Field::UsageGiven.into());
    let given = given.filter(|entry| entry.value.as_text().is_some());
    let is_given_stated = given.is_some_and(is_stated);
    let text = |entry: &Entry| entry.value.as_text().cloned();
    if is_given_stated || !stated.is_empty() {
        (stated, given.filter(|_| is_given_stated).and_then(text))
    } else {
        (inferred, given.and_then(text))
    }
}

fn is_stated(entry: &Entry) -> bool {
    entry.version.rank >= Rank::Stated
}

fn cost(state: &State) -> Cost {
    let mut cost = Cost::default();
    for entry in state.entries() {
        if let (Register::Cost(name), Value::Money(amount)) = (&entry.register, &entry.value) {
            cost.source = CostSource::Given;
            if &**name == UsageType::TOTAL {
                cost.stated_total = Some(*amount);
            } else {
                cost.parts.push((name.clone(), *amount));
            }
        }
    }
    cost
}

fn metadata(state: &State) -> Vec<(Text, Text)> {
    let pair = |e: &crate::Entry| match (&e.register, &e.value) {
        (Register::Metadata(key), Value::Text(json)) => Some((key.clone(), json.clone())),
        _ => None,
    };
    state.entries().iter().filter_map(pair).collect()
}

fn tags(state: &State) -> Vec<Text> {
    let present = |e: &crate::Entry| match (&e.register, &e.value) {
        (Register::Tag(tag), Value::Bool(true)) => Some(tag.clone()),
        _ => None,
    };
    state.entries().iter().filter_map(present).collect()
}

#[cfg(test)]
mod tests;
