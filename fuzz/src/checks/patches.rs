//! What holds for everything that was accepted, over whichever protocol, and for every refusal.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::de::IgnoredAny;
use tracekeep_decode::FieldError;
use tracekeep_model::block::Block;
use tracekeep_model::{
    Field, Micros, Money, Rank, RecordKey, Register, State, Value, check_id, project_score,
    project_span, project_trace,
};

use super::RECEIVED;

/// A billion dollars, the most that one call may cost.
const MOST_MONEY: Money = Money(1_000_000_000_000_000_000_000);
/// Arrays and objects within each other that `serde_json` reads back.
const MOST_LEVELS: usize = 127;
/// Bytes of a refusal. It quotes what was sent, but not at any length.
const LONGEST_REFUSAL: usize = 2_000;

/// Checks what was understood of a request.
pub(super) fn check(patches: &[(RecordKey, State)]) {
    for (key, state) in patches {
        check_key(key);
        check_state(key, state);
    }
    is_journaled(patches);
    is_joined(patches);
}

/// A refusal names a field and gives a reason.
pub(super) fn check_refusal(error: &FieldError) {
    assert!(!error.field.is_empty() && !error.reason.is_empty(), "{error:?}");
    assert!(error.field.len() + error.reason.len() < LONGEST_REFUSAL, "{error:?}");
}

fn check_key(key: &RecordKey) {
    let fits = match key {
        RecordKey::Trace { trace_id } => check_id(trace_id).is_ok(),
        RecordKey::Span { trace_id, span_id } => {
            check_id(trace_id).is_ok() && check_id(span_id).is_ok()
        }
        RecordKey::Score { score_id } => check_id(score_id).is_ok(),
    };
    assert!(fits, "{key}");
}

fn check_state(key: &RecordKey, state: &State) {
    assert_eq!((state.received(), state.updated()), (RECEIVED, RECEIVED), "{key}");
    assert_eq!(state.deleted_at(), None, "{key}");
    let ordered = state.entries().windows(2).all(|pair| pair[0].register < pair[1].register);
    assert!(ordered, "{key}: {state:?}");
    for entry in state.entries() {
        assert!(entry.version.rank < Rank::Edited, "{key}: {entry:?}");
        assert!((Micros::EARLIEST..=RECEIVED).contains(&entry.version.time), "{key}: {entry:?}");
        assert!(fits(&entry.register, &entry.value), "{key}: {entry:?}");
    }
}

/// Whether the register may hold the value.
fn fits(register: &Register, value: &Value) -> bool {
    match (register, value) {
        (Register::Metadata(key), value) => {
            is_clean(key)
                && (*value == Value::Cleared || value.as_text().is_some_and(|v| is_json(v)))
        }
        (Register::Usage(name) | Register::Cost(name), Value::Cleared) => check_id(name).is_ok(),
        (Register::Usage(name), Value::Int(count)) => check_id(name).is_ok() && *count >= 0,
        (Register::Cost(name), Value::Money(amount)) => {
            check_id(name).is_ok() && (Money::ZERO..=MOST_MONEY).contains(amount)
        }
        (Register::Tag(tag), Value::Bool(true)) => !tag.is_empty() && is_clean(tag),
        (Register::Field(_), Value::Cleared) => true,
        (Register::Field(field), value) => fits_field(*field, value),
        _ => false,
    }
}

fn fits_field(field: Field, value: &Value) -> bool {
    match field {
        Field::StartTime | Field::EndTime | Field::FirstTokenTime | Field::Timestamp => {
            value.as_time().is_some_and(|time| time.check(RECEIVED).is_ok())
        }
        Field::FirstTokenLatency => value.as_int().is_some_and(|micros| micros >= 0),
        Field::ScoreNumber => matches!(value, Value::Float(number) if number.is_finite()),
        Field::Kind => matches!(value, Value::Kind(_)),
        Field::Status => matches!(value, Value::Status(_)),
        Field::Level => matches!(value, Value::Level(_)),
        Field::Streaming | Field::Public | Field::Bookmarked => value.as_bool().is_some(),
        _ => value.as_text().is_some_and(|text| is_clean(text) && fits_text(field, text)),
    }
}

fn fits_text(field: Field, text: &str) -> bool {
    match field {
        Field::ParentSpanId
        | Field::PromptId
        | Field::LangfuseTraceId
        | Field::LangfuseObservationId
        | Field::UserId
        | Field::SessionId
        | Field::ParentTraceId
        | Field::ConfigId
        | Field::TargetTraceId
        | Field::TargetSpanId
        | Field::TargetSessionId
        | Field::TargetRunId => check_id(text).is_ok(),
        Field::Source => {
            let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
            (1..=50).contains(&text.len()) && text.bytes().all(allowed)
        }
        Field::Parameters | Field::UsageGiven => text.starts_with('{') && is_json(text),
        Field::ToolCalls | Field::Events | Field::Links => text.starts_with('[') && is_json(text),
        Field::ScoreType => matches!(text, "NUMERIC" | "BOOLEAN" | "CATEGORICAL" | "TEXT"),
        Field::ScoreSource => matches!(text, "API" | "EVAL" | "ANNOTATION" | "FEEDBACK"),
        _ => true,
    }
}

/// No store keeps U+0000.
fn is_clean(text: &str) -> bool {
    !text.contains('\0')
}

/// JSON that everybody can read back.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok() && levels(text) <= MOST_LEVELS
}

/// How deep valid JSON nests.
fn levels(json: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The journal gives back what was written to it.
fn is_journaled(patches: &[(RecordKey, State)]) {
    let patches = patches.to_vec();
    let block = Block { project_id: "p".into(), received: RECEIVED, patches };
    assert_eq!(Block::decode(&block.encode()), Ok(block));
}

/// The order of messages and their repetition do not matter, and what they come to can be shown.
fn is_joined(patches: &[(RecordKey, State)]) {
    let once = joined(patches.iter());
    assert_eq!(joined(patches.iter().chain(patches)), once, "sent twice");
    assert_eq!(joined(patches.iter().rev()), once, "sent the other way round");
    for (key, state) in once {
        check_shown(key, &state);
    }
}

fn joined<'a>(
    patches: impl Iterator<Item = &'a (RecordKey, State)>,
) -> BTreeMap<&'a RecordKey, State> {
    let mut records = BTreeMap::new();
    for (key, state) in patches {
        match records.entry(key) {
            Entry::Vacant(slot) => {
                slot.insert(state.clone());
            }
            Entry::Occupied(mut slot) => State::join(slot.get_mut(), state.clone()),
        }
    }
    records
}

fn check_shown(key: &RecordKey, state: &State) {
    let counted = |count: Option<i64>| count.is_none_or(|count| count >= 0);
    let fits = match key {
        RecordKey::Trace { trace_id } => {
            check_id(&project_trace(trace_id, state).inherited.session_id).is_ok()
        }
        RecordKey::Span { trace_id, span_id } => {
            let span = project_span(trace_id, span_id, state);
            counted(span.duration())
                && counted(span.first_token_latency())
                && counted(span.usage.total())
                && span.cost.total().is_none_or(|cost| cost >= Money::ZERO)
        }
        RecordKey::Score { score_id } => {
            project_score(score_id, state).value.is_none_or(f64::is_finite)
        }
    };
    assert!(fits, "{key}: {state:?}");
}
