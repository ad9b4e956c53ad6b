//! The versions of a span's registers, beside its row.
//!
//! A row holds values; to join it with later patches each value's version is needed too. Most spans
//! are seen whole in one message, and then one version covers all of it: [`canonical`], which the row
//! itself tells, and nothing is stored. If such a message stated the latency of the first token, of
//! which the row has the moment, a byte says so. Otherwise:
//!
//! ```text
//! format:u8 = 1, length:u32, state (length bytes), state (the rest)
//! format:u8 = 2                                    told whole, with the latency of the first token
//! ```
//!
//! The first state has the versions of registers whose value is in the row (each `Cleared` here, to
//! store no value twice), the second has registers whose value is not (cleared ones, latencies).
//! Segments of formats 1 and 2 have nothing of format 2.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tracekeep_model::block::{decode_state, encode_state};
use tracekeep_model::{
    CostSource, Entry, Field, Rank, Register, Span, State, Step, Text, UsageType, Value, Version,
};

use crate::SegmentError;

const FORMAT: u8 = 1;
const WITH_LATENCY: u8 = 2;

/// What a message that told a span whole stated of its first token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FirstToken {
    /// Its moment, or nothing.
    Moment,
    /// How long after the start it came.
    Latency,
}

/// The version that covers a span which one message told whole.
fn canonical(span: &Span) -> Version {
    let step = if span.end_time.is_some() { Step::End } else { Step::Start };
    Version { rank: Rank::Stated, time: span.end_time.unwrap_or(span.start_time), step }
}

/// What to store beside the row so that [`restore`] gives `state` again; `None`: nothing.
pub(crate) fn encode(span: &Span, state: &State) -> Option<Bytes> {
    match told_whole(span, state) {
        Some(FirstToken::Moment) => return None,
        Some(FirstToken::Latency) => return Some(Bytes::from_static(&[WITH_LATENCY])),
        None => {}
    }
    let mut in_row = State::new(state.received());
    let mut apart = State::new(state.received());
    for entry in state.entries() {
        if column(span, &entry.register).as_ref() == Some(&entry.value) {
            in_row.set(entry.register.clone(), entry.version, Value::Cleared);
        } else {
            apart.set(entry.register.clone(), entry.version, entry.value.clone());
        }
    }
    let (in_row, apart) = (encode_state(&in_row), encode_state(&apart));
    let mut out = BytesMut::with_capacity(in_row.len() + apart.len() + 5);
    out.put_u8(FORMAT);
    out.put_u32_le(in_row.len() as u32);
    out.put_slice(&in_row);
    out.put_slice(&apart);
    Some(out.freeze())
}

/// Whether every register has the version that the row tells, and the row has a value for exactly the
/// registers of the state.
fn told_whole(span: &Span, state: &State) -> Option<FirstToken> {
    let version = canonical(span);
    let (mut always, mut has_moment, mut has_latency) = (0, false, false);
    let in_row = state.entries().iter().all(|entry| {
        entry.version == version
            && match (&entry.register, &entry.value) {
                (Register::Field(Field::Status), Value::Status(status)) => {
                    always += 1;
                    *status == span.status
                }
                (Register::Field(Field::Kind), Value::Kind(_))
                | (Register::Field(Field::Level), Value::Level(_))
                | (Register::Field(Field::StartTime), Value::Time(_)) => {
                    always += 1;
                    true
                }
                (Register::Field(Field::FirstTokenTime), Value::Time(_)) => {
                    has_moment = true;
                    true
                }
                (Register::Field(Field::FirstTokenLatency), Value::Int(micros)) => {
                    has_latency = true;
                    span.first_token_latency() == Some(*micros)
                }
                (Register::Field(Field::EndTime), Value::Time(_))
                | (Register::Field(Field::Streaming), Value::Bool(_))
                | (Register::Metadata(_), Value::Text(_))
                | (Register::Usage(_), Value::Int(_))
                | (Register::Cost(_), Value::Money(_)) => true,
                (Register::Field(field), Value::Text(_)) => is_text_column(*field),
                _ => false,
            }
    });
    match (in_row && always == 4, has_moment, has_latency) {
        (true, _, false) => Some(FirstToken::Moment),
        (true, false, true) => Some(FirstToken::Latency),
        _ => None,
    }
}

/// Fields that are a text column of the `spans` table.
fn is_text_column(field: Field) -> bool {
    (field as u8) <= Field::UsageGiven as u8
        && !matches!(
            field,
            Field::Kind
                | Field::Status
                | Field::Level
                | Field::StartTime
                | Field::EndTime
                | Field::FirstTokenTime
                | Field::FirstTokenLatency
                | Field::Streaming
        )
}

/// The state of a row.
pub(crate) fn restore(span: &Span, versions: Option<Bytes>) -> Result<State, SegmentError> {
    let entries = match versions {
        None => of_one_version(span, FirstToken::Moment),
        Some(blob) if blob[..] == [WITH_LATENCY] => of_one_version(span, FirstToken::Latency),
        Some(blob) => of_several_versions(span, blob)?,
    };
    Ok(State::restored(span.received_at, span.updated_at, entries))
}

/// The registers of a span that one message told whole.
fn of_one_version(span: &Span, first_token: FirstToken) -> Vec<Entry> {
    let version = canonical(span);
    let entry = |register: Register| {
        let is_moment = matches!(register, Register::Field(Field::FirstTokenTime));
        if is_moment && first_token == FirstToken::Latency {
            let register = Register::Field(Field::FirstTokenLatency);
            let value = Value::Int(span.first_token_latency()?);
            return Some(Entry { register, version, value });
        }
        let value = column(span, &register)?;
        Some(Entry { register, version, value })
    };
    registers(span).filter_map(entry).collect()
}

fn of_several_versions(span: &Span, blob: Bytes) -> Result<Vec<Entry>, SegmentError> {
    let (in_row, apart) = split(blob)?;
    let mut entries = Vec::with_capacity(in_row.entries().len() + apart.entries().len());
    for entry in in_row.entries() {
        let value =
            column(span, &entry.register).ok_or_else(|| damaged("no value for a register"))?;
        entries.push(Entry { value, ..entry.clone() });
    }
    entries.extend(apart.entries().iter().cloned());
    Ok(entries)
}

fn split(mut blob: Bytes) -> Result<(State, State), SegmentError> {
    if blob.len() < 5 {
        return Err(damaged("versions end early"));
    }
    let format = blob.get_u8();
    if format != FORMAT {
        return Err(damaged(&format!("versions have format {format}; start a newer Tracekeep")));
    }
    let length = blob.get_u32_le() as usize;
    if length > blob.len() {
        return Err(damaged("versions end early"));
    }
    let in_row = blob.split_to(length);
    let state = |bytes| decode_state(&bytes).map_err(|error| damaged(&error.to_string()));
    Ok((state(in_row)?, state(blob)?))
}

fn damaged(reason: &str) -> SegmentError {
    SegmentError::Damaged { path: "spans.parquet".into(), reason: reason.into() }
}

/// Every register of which the row holds a value, whether or not it was stated.
fn registers(span: &Span) -> impl Iterator<Item = Register> {
    let usage = span.usage.types().map(|(name, _)| Register::Usage(name.into()));
    let total = span.usage.stated_total.map(|_| Register::Usage(UsageType::TOTAL.into()));
    let given = span.cost.source == CostSource::Given;
    let parts = span.cost.parts.iter().filter(move |_| given);
    let cost = parts.map(|(name, _)| Register::Cost(name.clone()));
    let cost_total = span.cost.stated_total.filter(|_| given);
    Field::ALL
        .iter()
        .copied()
        .filter(|field| field_value(span, *field).is_some())
        .map(Register::Field)
        .chain(span.metadata.iter().map(|(key, _)| Register::Metadata(key.clone())))
        .chain(usage)
        .chain(total)
        .chain(cost)
        .chain(cost_total.map(|_| Register::Cost(UsageType::TOTAL.into())))
}

/// What the row holds for a register.
fn column(span: &Span, register: &Register) -> Option<Value> {
    match register {
        Register::Field(field) => field_value(span, *field),
        Register::Metadata(key) => pick(&span.metadata, key).cloned().map(Value::Text),
        Register::Usage(key) if &**key == UsageType::TOTAL => {
            span.usage.stated_total.map(Value::Int)
        }
        Register::Usage(key) => {
            span.usage.types().find(|(name, _)| *name == &**key).map(|(_, count)| Value::Int(count))
        }
        Register::Cost(_) if span.cost.source != CostSource::Given => None,
        Register::Cost(key) if &**key == UsageType::TOTAL => {
            span.cost.stated_total.map(Value::Money)
        }
        Register::Cost(key) => pick(&span.cost.parts, key).copied().map(Value::Money),
        Register::Tag(_) => None,
    }
}

fn pick<'a, V>(pairs: &'a [(Text, V)], key: &Text) -> Option<&'a V> {
    pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

fn field_value(span: &Span, field: Field) -> Option<Value> {
    let text = |value: &Option<Text>| value.clone().map(Value::Text);
    match field {
        Field::ParentSpanId => text(&span.parent_span_id),
        Field::Kind => Some(Value::Kind(span.kind)),
        Field::Name => text(&span.name),
        Field::Status => Some(Value::Status(span.status)),
        Field::Level => Some(Value::Level(span.level)),
        Field::StatusMessage => text(&span.status_message),
        Field::ErrorType => text(&span.error_type),
        Field::ErrorCode => text(&span.error_code),
        Field::ErrorMessage => text(&span.error_message),
        Field::ErrorStack => text(&span.error_stack),
        Field::StartTime => Some(Value::Time(span.start_time)),
        Field::EndTime => span.end_time.map(Value::Time),
        Field::FirstTokenTime => span.first_token_time.map(Value::Time),
        Field::Model => text(&span.model),
        Field::ResponseModel => text(&span.response_model),
        Field::Provider => text(&span.provider),
        Field::Parameters => text(&span.parameters),
        Field::Streaming => span.streaming.map(Value::Bool),
        Field::SystemPrompt => text(&span.system_prompt),
        Field::Input => text(&span.input),
        Field::Output => text(&span.output),
        Field::ToolCalls => text(&span.tool_calls),
        Field::PromptId => text(&span.prompt_id),
        Field::PromptName => text(&span.prompt_name),
        Field::PromptVersion => text(&span.prompt_version),
        Field::ServiceName => text(&span.service_name),
        Field::ScopeName => text(&span.scope_name),
        Field::ScopeVersion => text(&span.scope_version),
        Field::SdkName => text(&span.sdk_name),
        Field::SdkVersion => text(&span.sdk_version),
        Field::UserAgent => text(&span.user_agent),
        Field::Ip => text(&span.ip),
        Field::LangfuseTraceId => text(&span.langfuse_trace_id),
        Field::LangfuseObservationId => text(&span.langfuse_observation_id),
        Field::Events => text(&span.events),
        Field::Links => text(&span.links),
        Field::UsageGiven => text(&span.usage_given),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
