use crate::Text;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $name:literal),+ $(,)?) => {
        /// A field that a sender can state, of a trace, a span or a score.
        ///
        /// The numbers are written in blocks and segments: never reuse one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field { $($(#[$doc])* $variant = $number),+ }

        impl Field {
            /// Every field, in order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The column's name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The field with this number.
            #[must_use]
            pub fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

fields! {
    /// The span this one was started by.
    ParentSpanId = 1 "parent_span_id",
    /// What the span did.
    Kind = 2 "kind",
    /// What it is called.
    Name = 3 "name",
    /// How it stands. Terminal beats pending.
    Status = 4 "status",
    /// How much it asks to be looked at.
    Level = 5 "level",
    /// The sender's words about its status.
    StatusMessage = 6 "status_message",
    /// Class of the error.
    ErrorType = 7 "error_type",
    /// The provider's or sender's code of the error.
    ErrorCode = 8 "error_code",
    /// The error's text.
    ErrorMessage = 9 "error_message",
    /// The error's stack trace.
    ErrorStack = 10 "error_stack",
    /// When it began. The earliest of equal rank wins.
    StartTime = 11 "start_time",
    /// When it ended.
    EndTime = 12 "end_time",
    /// When the first token came.
    FirstTokenTime = 13 "first_token_time",
    /// Microseconds from start to the first token, where only that was sent.
    FirstTokenLatency = 14 "first_token_latency",
    /// The model that was asked.
    Model = 15 "model",
    /// The model that answered.
    ResponseModel = 16 "response_model",
    /// Who served the model.
    Provider = 17 "provider",
    /// The model's parameters: a JSON object.
    Parameters = 18 "parameters",
    /// Whether the answer was streamed.
    Streaming = 19 "streaming",
    /// The system prompt.
    SystemPrompt = 20 "system_prompt",
    /// What went in: the sender's text.
    Input = 21 "input",
    /// What came out: the sender's text.
    Output = 22 "output",
    /// Tool calls of the answer: a JSON array.
    ToolCalls = 23 "tool_calls",
    /// Id of the managed prompt.
    PromptId = 24 "prompt_id",
    /// Name of the managed prompt.
    PromptName = 25 "prompt_name",
    /// Version of the managed prompt.
    PromptVersion = 26 "prompt_version",
    /// OpenTelemetry `service.name`.
    ServiceName = 27 "service_name",
    /// The instrumentation's name.
    ScopeName = 28 "scope_name",
    /// The instrumentation's version.
    ScopeVersion = 29 "scope_version",
    /// The sending library.
    SdkName = 30 "sdk_name",
    /// The sending library's version.
    SdkVersion = 31 "sdk_version",
    /// The end user's agent.
    UserAgent = 32 "user_agent",
    /// The end user's address.
    Ip = 33 "ip",
    /// The trace's id in Langfuse.
    LangfuseTraceId = 34 "langfuse_trace_id",
    /// The observation's id in Langfuse.
    LangfuseObservationId = 35 "langfuse_observation_id",
    /// OpenTelemetry events other than exceptions: a JSON array.
    Events = 36 "events",
    /// OpenTelemetry links: a JSON array.
    Links = 37 "links",
    /// The sender's own usage object: JSON.
    UsageGiven = 38 "usage_given",

    /// The end user.
    UserId = 41 "user_id",
    /// The session.
    SessionId = 42 "session_id",
    /// Where the interaction came from: `playground`, `api`, `test`, …
    Source = 43 "source",
    /// The deployment environment.
    Environment = 44 "environment",
    /// The application's release.
    Release = 45 "release",
    /// The sender's version of the traced logic.
    Version = 46 "version",
    /// Whether anyone with the link may read the trace.
    Public = 47 "public",
    /// Whether someone marked the trace.
    Bookmarked = 48 "bookmarked",
    /// The trace that this one is a part of.
    ParentTraceId = 49 "parent_trace_id",

    /// Numeric or boolean value of a score.
    ScoreNumber = 60 "value",
    /// Categorical or text value of a score.
    ScoreText = 61 "string_value",
    /// NUMERIC, BOOLEAN, CATEGORICAL or TEXT.
    ScoreType = 62 "data_type",
    /// API, EVAL, ANNOTATION or FEEDBACK.
    ScoreSource = 63 "score_source",
    /// The author's words.
    Comment = 64 "comment",
    /// Who scored.
    Author = 65 "author",
    /// The score configuration.
    ConfigId = 66 "config_id",
    /// The scored trace.
    TargetTraceId = 67 "trace_id",
    /// The scored span.
    TargetSpanId = 68 "span_id",
    /// The scored session.
    TargetSessionId = 69 "target_session_id",
    /// The scored dataset run.
    TargetRunId = 70 "dataset_run_id",
    /// When it was scored.
    Timestamp = 71 "timestamp",
}

/// One independently versioned part of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Register {
    /// A field that is replaced whole.
    Field(Field),
    /// One top-level key of the metadata.
    Metadata(Text),
    /// One usage type's count.
    Usage(Text),
    /// One usage type's cost, or `total`.
    Cost(Text),
    /// One tag: present, or taken away.
    Tag(Text),
}

impl From<Field> for Register {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}
