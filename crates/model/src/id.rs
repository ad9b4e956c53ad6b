use std::fmt;

use crate::Text;

/// The longest id of any record, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 800;

/// Why an id was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("is empty; send 1 to {MAX_ID_BYTES} bytes")]
    Empty,
    /// Too many bytes.
    #[error("is {0} bytes long; send at most {MAX_ID_BYTES}")]
    TooLong(usize),
    /// A control character.
    #[error("holds the control character {0:?}; send printable text")]
    Control(char),
}

/// Checks an id of any record: 1 to 800 bytes of UTF-8 without control characters.
///
/// # Errors
/// Says which rule it breaks.
pub fn check_id(id: &str) -> Result<(), IdError> {
    if id.is_empty() {
        return Err(IdError::Empty);
    }
    if id.len() > MAX_ID_BYTES {
        return Err(IdError::TooLong(id.len()));
    }
    match id.chars().find(|c| c.is_control()) {
        Some(control) => Err(IdError::Control(control)),
        None => Ok(()),
    }
}

/// Names one record within a project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKey {
    /// One end-to-end interaction.
    Trace {
        /// The trace's id.
        trace_id: Text,
    },
    /// One step of a trace.
    Span {
        /// The trace it belongs to.
        trace_id: Text,
        /// The span's id, unique within its trace.
        span_id: Text,
    },
    /// One judgement.
    Score {
        /// The score's id.
        score_id: Text,
    },
}

impl RecordKey {
    /// Bytes that the key takes in memory, about: its ids too, though other keys may share them.
    #[must_use]
    pub fn memory(&self) -> usize {
        let ids = match self {
            Self::Trace { trace_id } => trace_id.len(),
            Self::Span { trace_id, span_id } => trace_id.len() + span_id.len(),
            Self::Score { score_id } => score_id.len(),
        };
        ids + size_of::<Self>()
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trace { trace_id } => write!(f, "trace {trace_id}"),
            Self::Span { trace_id, span_id } => write!(f, "span {span_id} of trace {trace_id}"),
            Self::Score { score_id } => write!(f, "score {score_id}"),
        }
    }
}

/// The `id` that a row has beside its natural key: a trace id of 32 hex digits is one as it stands,
/// any other text gives a name-based UUID (RFC 9562, version 5).
#[must_use]
pub fn row_uuid(key: &str) -> String {
    const NAMESPACE: uuid::Uuid = uuid::uuid!("6f0f3ad1-7c3a-5a59-9c0c-6d1f4a2b7e10");
    let as_it_stands = if key.len() == 32 { uuid::Uuid::try_parse(key).ok() } else { None };
    as_it_stands.unwrap_or_else(|| uuid::Uuid::new_v5(&NAMESPACE, key.as_bytes())).to_string()
}
