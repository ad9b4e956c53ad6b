use utoipa::ToSchema;

use super::value::{Id, Object, Time};

/// A judgement of one target: a trace, a span of it, a session or a dataset run. A score with an id
/// replaces the one with the same id. null clears a field.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(examples(json!({
    "traceId": "tour-1",
    "name": "helpful",
    "value": 1,
    "source": "FEEDBACK",
    "comment": "right and short"
})))]
pub(crate) struct GiveScore {
    /// The score's id. Where none is sent, the server makes one, so that sending twice makes two.
    id: Option<Id>,
    /// The trace that is judged, or that of the span.
    trace_id: Option<Id>,
    /// The span that is judged; needs `traceId`.
    span_id: Option<Id>,
    /// The session that is judged.
    session_id: Option<Id>,
    /// The dataset run that is judged.
    dataset_run_id: Option<Id>,
    /// What is judged, such as `accuracy`.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The value.
    value: ScoreValue,
    /// The value's type. Where none is sent, it follows from the value; text is `CATEGORICAL`.
    data_type: Option<ScoreType>,
    /// Where it comes from. Where none is sent, it is `API`.
    source: Option<ScoreSource>,
    /// Why it was judged so.
    comment: Option<String>,
    /// Who judged.
    author: Option<String>,
    /// The configuration of the score.
    config_id: Option<Id>,
    /// Adds keys. A key is cleared with null as its value.
    #[schema(required = false)]
    metadata: Object,
    /// When it was judged. Where it is not sent, the moment of receipt.
    timestamp: Option<Time>,
}

/// A number, true or false (also 1 or 0), or text.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum ScoreValue {
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// Text.
    Text(String),
}

/// The type of a score's value.
#[derive(ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ScoreType {
    /// A number.
    Numeric,
    /// True or false.
    Boolean,
    /// One of some words.
    Categorical,
    /// Any text.
    Text,
}

/// Where a score comes from.
#[derive(ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ScoreSource {
    /// A program.
    Api,
    /// An evaluation.
    Eval,
    /// Somebody whose task it was.
    Annotation,
    /// A user.
    Feedback,
}
