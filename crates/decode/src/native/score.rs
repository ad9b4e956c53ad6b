use tracekeep_model::{Field, RecordKey, State, Step, Text, Value};

use super::fields::Fields;
use super::json::{self, Document, Json};
use super::moment::Moment;
use super::patch::{Null, Patch};
use super::sent::Sent;
use super::{Context, metadata};
use crate::FieldError;

const FIELDS: &[&str] = &[
    "id",
    "trace_id",
    "span_id",
    "session_id",
    "dataset_run_id",
    "name",
    "value",
    "data_type",
    "source",
    "comment",
    "author",
    "config_id",
    "metadata",
    "timestamp",
];

const NUMERIC: &str = "NUMERIC";
const BOOLEAN: &str = "BOOLEAN";
const CATEGORICAL: &str = "CATEGORICAL";
const TEXT: &str = "TEXT";

const SOURCES: &[&str] = &["API", "EVAL", "ANNOTATION", "FEEDBACK"];

/// What can be scored, a span aside, which is scored within its trace.
const TARGETS: &[(&str, Field)] = &[
    ("trace_id", Field::TargetTraceId),
    ("session_id", Field::TargetSessionId),
    ("dataset_run_id", Field::TargetRunId),
];

/// Characters of a score's name.
const LONGEST_NAME: usize = 200;

/// A score that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// The sender's id of the score, else a fresh one.
    pub score_id: Text,
    /// The scored trace, also of a span.
    pub trace_id: Option<Text>,
    /// What to join.
    pub patches: Vec<(RecordKey, State)>,
    /// How many times U+0000 was replaced by U+FFFD.
    pub replaced_nulls: u64,
}

/// Decodes `POST /api/scores`.
///
/// A score with an id replaces the value and the target of the one with the same id.
///
/// # Errors
/// Names the field, the reason and the remedy.
pub fn score(body: &[u8], ctx: &mut Context<'_>) -> Result<Scored, FieldError> {
    let document = Document::of_body(body)?;
    let mut fields = Fields::of(&document.text, json::BODY)?;
    Ok(Scored { replaced_nulls: document.replaced_nulls, ..apply(&mut fields, ctx)? })
}

pub(super) fn apply(fields: &mut Fields<'_>, ctx: &mut Context<'_>) -> Result<Scored, FieldError> {
    fields.only(FIELDS)?;
    fields.rename(&[])?;
    let moment = Moment::read(fields, ctx.received)?;
    let mut patch = Patch::new(moment, Step::Update, Null::Clears);
    patch.set(Field::Name, name(fields)?);
    value(fields, &mut patch)?;
    source(fields, &mut patch)?;
    patch.put(Field::Comment, fields.stated("comment"), Sent::text)?;
    patch.put(Field::Author, fields.stated("author"), Sent::text)?;
    patch.put(Field::ConfigId, fields.stated("config_id"), Sent::id)?;
    let trace_id = target(fields, &mut patch)?;
    match moment.stated {
        Some(timestamp) => patch.set(Field::Timestamp, timestamp),
        None => patch.assume(Field::Timestamp, moment.received),
    }
    ctx.check_age(moment.stated, &[fields.get("timestamp")])?;
    metadata::read(fields, &mut patch)?;
    let score_id = match fields.get("id") {
        Some(sent) => sent.id()?,
        None => ctx.fresh_short_id(),
    };
    let patches = vec![(RecordKey::Score { score_id: score_id.clone() }, patch.into_state())];
    Ok(Scored { score_id, trace_id, patches, replaced_nulls: 0 })
}

fn name(fields: &Fields<'_>) -> Result<Text, FieldError> {
    let sent = fields.required("name", "what is scored, such as accuracy")?;
    let name = sent.text()?;
    match name.chars().count() {
        1..=LONGEST_NAME => Ok(name),
        length => Err(sent.error(format!("is {length} characters long; send 1 to {LONGEST_NAME}"))),
    }
}

/// The value as a number, as text or as both; what the type leaves out is cleared.
fn value(fields: &Fields<'_>, patch: &mut Patch) -> Result<(), FieldError> {
    let sent = fields.required("value", "a number, true or false, or text")?;
    let data_type = match fields.get("data_type") {
        Some(given) => given.one_of(&[NUMERIC, BOOLEAN, CATEGORICAL, TEXT])?,
        None => data_type_of(sent)?,
    };
    let (number, text) = match (data_type, sent.json()) {
        (NUMERIC, Json::Number) => (Some(sent.number()?), None),
        (BOOLEAN, Json::Boolean) => truth(sent.flag()?),
        (BOOLEAN, Json::Number) => truth(zero_or_one(sent)?),
        (CATEGORICAL | TEXT, Json::Text) => (None, Some(sent.text()?)),
        (NUMERIC, _) => return Err(sent.wrong("a number, as dataType NUMERIC says")),
        (BOOLEAN, _) => return Err(sent.wrong("true or false, as dataType BOOLEAN says")),
        _ => return Err(sent.wrong(&format!("text, as dataType {data_type} says"))),
    };
    patch.set(Field::ScoreNumber, number.map_or(Value::Cleared, Value::Float));
    patch.set(Field::ScoreText, text.map_or(Value::Cleared, Value::Text));
    patch.set(Field::ScoreType, data_type);
    Ok(())
}

fn data_type_of(sent: Sent<'_>) -> Result<&'static str, FieldError> {
    match sent.json() {
        Json::Number => Ok(NUMERIC),
        Json::Boolean => Ok(BOOLEAN),
        Json::Text => Ok(CATEGORICAL),
        _ => Err(sent.wrong("a number, true or false, or text")),
    }
}

fn truth(flag: bool) -> (Option<f64>, Option<Text>) {
    if flag {
        (Some(1.0), Some(Text::from_static("True")))
    } else {
        (Some(0.0), Some(Text::from_static("False")))
    }
}

fn zero_or_one(sent: Sent<'_>) -> Result<bool, FieldError> {
    match sent.count() {
        Ok(0) => Ok(false),
        Ok(1) => Ok(true),
        _ => Err(sent.error("is a number other than 0 and 1; send true or false")),
    }
}

fn source(fields: &Fields<'_>, patch: &mut Patch) -> Result<(), FieldError> {
    match fields.get("source") {
        Some(sent) => patch.set(Field::ScoreSource, sent.one_of(SOURCES)?),
        None => patch.assume(Field::ScoreSource, SOURCES[0]),
    }
    Ok(())
}

/// One target; those that it is not are cleared. Returns the trace's id where it is a trace or span.
fn target(fields: &Fields<'_>, patch: &mut Patch) -> Result<Option<Text>, FieldError> {
    let mut targets = TARGETS.iter().filter_map(|(name, field)| Some((*field, fields.get(name)?)));
    let Some((target, sent)) = targets.next() else {
        let reason = "is missing; send one target: traceId (and spanId), sessionId or datasetRunId";
        return Err(FieldError::new("traceId", reason));
    };
    if let Some((_, second)) = targets.next() {
        return Err(second.error(format!("is a second target beside `{}`; send one", sent.key())));
    }
    let id = sent.id()?;
    for (_, other) in TARGETS {
        patch.set(*other, Value::Cleared);
    }
    patch.set(target, id.clone());
    let of_trace = target == Field::TargetTraceId;
    match fields.get("span_id") {
        None => patch.set(Field::TargetSpanId, Value::Cleared),
        Some(span) if of_trace => patch.set(Field::TargetSpanId, span.id()?),
        Some(span) => return Err(span.error("needs the traceId that the span belongs to")),
    }
    Ok(of_trace.then_some(id))
}

#[cfg(test)]
mod tests;
