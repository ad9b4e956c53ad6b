//! What a patch says, in short.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use tracekeep_model::{
    Field, Kind, Level, Micros, Rank, RecordKey, Register, State, Status, Step, Text, Value,
};

/// Bytes of an output, or of the text of one, that are shown; all of it is in the trace.
pub(crate) const MOST_OUTPUT: usize = 64 * 1_024;

/// Bytes of a name, a model or an error that are shown.
const MOST_LABEL: usize = 1_024;

/// What happened to a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Opened,
    Updated,
    Finished,
    /// Taken away, for good.
    Deleted,
}

/// One event: what one patch says of one span, or of a trace itself.
///
/// Texts are copies, so that an event does not keep the request body it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notice {
    #[serde(skip)]
    what: What,
    pub(crate) trace_id: Box<str>,
    /// `None`: said of the trace itself.
    span_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<Box<str>>,
    name: Option<Box<str>>,
    model: Option<Box<str>>,
    /// `None`: the message does not say. A late update does not open a span again.
    pub(crate) status: Option<Status>,
    start_time: Option<Micros>,
    end_time: Option<Micros>,
    /// When the message came.
    received_at: Micros,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Box<str>>,
    /// The whole output so far, as its sender stated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Box<str>>,
    /// The output is longer than what is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// Traces and spans that are deleted, whose other events must not be kept.
#[derive(Debug, Default)]
pub(super) struct Gone<'a> {
    traces: HashSet<&'a str>,
    /// By trace and span.
    spans: HashSet<(&'a str, &'a str)>,
}

impl<'a> Gone<'a> {
    /// What these events say is deleted.
    pub(super) fn of(notices: &'a [Notice]) -> Self {
        let deletions = notices.iter().filter(|notice| notice.is_deletion());
        let mut gone = Self::default();
        for notice in deletions {
            gone.add(&notice.trace_id, notice.span_id.as_deref());
        }
        gone
    }

    fn of_patches(patches: &'a [(RecordKey, State)]) -> Self {
        let deletions = patches.iter().filter(|(_, state)| state.deleted_at().is_some());
        let mut gone = Self::default();
        for (key, _) in deletions {
            match key {
                RecordKey::Trace { trace_id } => gone.add(trace_id, None),
                RecordKey::Span { trace_id, span_id } => gone.add(trace_id, Some(&**span_id)),
                RecordKey::Score { .. } => {}
            }
        }
        gone
    }

    fn add(&mut self, trace_id: &'a str, span_id: Option<&'a str>) {
        match span_id {
            None => self.traces.insert(trace_id),
            Some(span_id) => self.spans.insert((trace_id, span_id)),
        };
    }

    /// Whether nothing is deleted.
    pub(super) fn is_empty(&self) -> bool {
        self.traces.is_empty() && self.spans.is_empty()
    }

    /// Whether it is of something that is deleted.
    pub(super) fn covers(&self, notice: &Notice) -> bool {
        self.has(&notice.trace_id, notice.span_id.as_deref())
    }

    pub(super) fn has(&self, trace_id: &str, span_id: Option<&str>) -> bool {
        self.traces.contains(trace_id)
            || span_id.is_some_and(|span_id| self.spans.contains(&(trace_id, span_id)))
    }
}

/// The events of a block. Of what it deletes it tells that, and nothing else.
pub(super) fn notices(patches: &[(RecordKey, State)]) -> Vec<Notice> {
    let gone = Gone::of_patches(patches);
    let mut names: HashMap<&str, &Text> = HashMap::new();
    let mut with_spans: HashSet<&str> = HashSet::new();
    for (key, state) in patches {
        match key {
            RecordKey::Trace { trace_id } => {
                if let Some(name) = state.text(Field::Name) {
                    names.insert(&**trace_id, name);
                }
            }
            RecordKey::Span { trace_id, .. } => {
                with_spans.insert(&**trace_id);
            }
            RecordKey::Score { .. } => {}
        }
    }
    let notice = |(key, state): &(RecordKey, State)| match key {
        RecordKey::Trace { trace_id } if state.deleted_at().is_some() => {
            Some(Notice::of_deletion(trace_id, None, state))
        }
        RecordKey::Span { trace_id, span_id } if gone.has(trace_id, Some(&**span_id)) => {
            let is_said = state.deleted_at().is_some() && !gone.has(trace_id, None);
            is_said.then(|| Notice::of_deletion(trace_id, Some(span_id), state))
        }
        RecordKey::Trace { trace_id } if gone.has(trace_id, None) => None,
        RecordKey::Span { trace_id, span_id } => {
            let trace_name = names.get(&**trace_id).copied();
            Some(Notice::of_span(trace_id, span_id, state, trace_name))
        }
        // Where a message speaks of a trace and its spans, the spans' events say it.
        RecordKey::Trace { trace_id } if !with_spans.contains(&**trace_id) => {
            Some(Notice::of_trace(trace_id, state))
        }
        RecordKey::Trace { .. } | RecordKey::Score { .. } => None,
    };
    patches.iter().filter_map(notice).collect()
}

impl Notice {
    /// One that says nothing more yet.
    fn bare(what: What, trace_id: &Text, received_at: Micros) -> Self {
        Self {
            what,
            trace_id: (&**trace_id).into(),
            span_id: None,
            parent_span_id: None,
            name: None,
            model: None,
            status: None,
            start_time: None,
            end_time: None,
            received_at,
            error: None,
            output: None,
            truncated: false,
        }
    }

    fn of_trace(trace_id: &Text, state: &State) -> Self {
        let name = state.text(Field::Name).map(label);
        Self { name, ..Self::bare(What::Updated, trace_id, state.updated()) }
    }

    /// Of a trace, or of one of its spans.
    fn of_deletion(trace_id: &Text, span_id: Option<&Text>, state: &State) -> Self {
        let deleted_at = state.deleted_at().unwrap_or(state.updated());
        let span_id = span_id.map(|span_id| (&**span_id).into());
        Self { span_id, ..Self::bare(What::Deleted, trace_id, deleted_at) }
    }

    fn of_span(trace_id: &Text, span_id: &Text, state: &State, trace_name: Option<&Text>) -> Self {
        let text = |field| state.text(field).map(label);
        let parent_span_id = text(Field::ParentSpanId);
        // A root span that has no name shows its trace's.
        let trace_name = trace_name.filter(|_| parent_span_id.is_none());
        let (what, status) = standing(state);
        let failed = status == Some(Status::Error);
        let output = state.text(Field::Output);
        Self {
            what,
            trace_id: (&**trace_id).into(),
            span_id: Some((&**span_id).into()),
            parent_span_id,
            name: text(Field::Name).or_else(|| trace_name.map(label)),
            model: text(Field::Model),
            status,
            start_time: start_time(state, what),
            end_time: state.time(Field::EndTime),
            received_at: state.updated(),
            error: text(Field::ErrorMessage)
                .or_else(|| text(Field::StatusMessage))
                .filter(|_| failed),
            output: output.map(|output| cut(output, MOST_OUTPUT).into()),
            truncated: output.is_some_and(|output| output.len() > MOST_OUTPUT),
        }
    }

    /// The name of the event.
    ///
    /// A span without a parent may be a step beside the one that stands for the trace, which may have
    /// come long before. So only the span with the trace's id, which always does, opens a trace.
    pub(crate) fn event(&self) -> &'static str {
        match self.what {
            What::Opened if self.span_id.as_ref() == Some(&self.trace_id) => "trace",
            What::Opened => "span",
            What::Updated => "update",
            What::Finished => "finish",
            What::Deleted => "deleted",
        }
    }

    /// Whether it says that something is gone.
    pub(crate) fn is_deletion(&self) -> bool {
        self.what == What::Deleted
    }

    /// Bytes in memory.
    pub(super) fn size(&self) -> usize {
        let texts = [
            &self.span_id,
            &self.parent_span_id,
            &self.name,
            &self.model,
            &self.error,
            &self.output,
        ];
        let texts: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
        size_of::<Self>() + self.trace_id.len() + texts
    }
}

/// What happened, and the status that follows; the same rules as in `project_span`, for a part.
fn standing(state: &State) -> (What, Option<Status>) {
    let stated = match state.get(Field::Status) {
        Some(Value::Status(status)) => Some(*status),
        _ => None,
    };
    if stated.is_some_and(Status::is_terminal) {
        return (What::Finished, stated);
    }
    let is_event = matches!(state.get(Field::Kind), Some(Value::Kind(Kind::Event)));
    if is_event || state.time(Field::EndTime).is_some() {
        let is_bad = matches!(state.get(Field::Level), Some(Value::Level(Level::Error)));
        let failed = is_bad || state.get(Field::ErrorMessage).is_some();
        return (What::Finished, Some(if failed { Status::Error } else { Status::Success }));
    }
    let start = state.entry(&Register::Field(Field::StartTime));
    if start.is_some_and(|entry| entry.version.step == Step::Start) {
        return (What::Opened, Some(Status::Pending));
    }
    (What::Updated, stated)
}

/// What an update or an end assumes of the start is no news.
fn start_time(state: &State, what: What) -> Option<Micros> {
    let entry = state.entry(&Register::Field(Field::StartTime))?;
    let is_known = what == What::Opened || entry.version.rank > Rank::Assumed;
    entry.value.as_time().filter(|_| is_known)
}

fn label(text: &Text) -> Box<str> {
    cut(text, MOST_LABEL).into()
}

/// The beginning of a text, cut between characters.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests;
