//! What the tests of this folder share.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use tracekeep_model::{
    Entry, Micros, RecordKey, Register, Span, State, Text, Trace, project_span, project_trace,
};

use super::Context;

/// 2026-08-01T00:00:00Z, when every test request is received unless it says otherwise.
pub(super) const NOW: Micros = Micros(1_785_542_400_000_000);

/// A moment `seconds` after noon of the day before, and its RFC 3339 text.
pub(super) fn noon(seconds: i64) -> Micros {
    Micros::parse("2026-07-31T12:00:00Z").unwrap().plus(seconds * Micros::SECOND)
}

/// Runs `decode` with a request from 192.0.2.1 received at [`NOW`]; fresh ids count up from 1.
pub(super) fn with<T>(decode: impl FnOnce(&mut Context<'_>) -> T) -> T {
    at(NOW, decode)
}

/// As [`with`], received at `received`.
pub(super) fn at<T>(received: Micros, decode: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let mut drawn = 0;
    let mut fresh_ids = || {
        drawn += 1;
        Text::from(format!("{drawn:016x}{drawn:016x}"))
    };
    let mut ctx = Context {
        received,
        keeps_from: Micros::EARLIEST,
        full: &|_| None,
        user_agent: Some("browser/1"),
        ip: Some("192.0.2.1"),
        fresh_ids: &mut fresh_ids,
    };
    decode(&mut ctx)
}

/// The records that patches make.
pub(super) fn joined(
    patches: impl IntoIterator<Item = (RecordKey, State)>,
) -> BTreeMap<RecordKey, State> {
    let mut records: BTreeMap<RecordKey, State> = BTreeMap::new();
    for (key, state) in patches {
        match records.remove(&key) {
            Some(mut known) => {
                known.join(state);
                records.insert(key, known);
            }
            None => {
                records.insert(key, state);
            }
        }
    }
    records
}

/// The one span of the patches.
pub(super) fn span(patches: &[(RecordKey, State)]) -> Span {
    let records = joined(patches.to_vec());
    let spans: Vec<Span> = records
        .iter()
        .filter_map(|(key, state)| match key {
            RecordKey::Span { trace_id, span_id } => Some(project_span(trace_id, span_id, state)),
            _ => None,
        })
        .collect();
    assert_eq!(spans.len(), 1, "{patches:?}");
    spans.into_iter().next().unwrap()
}

/// The one trace of the patches.
pub(super) fn trace(patches: &[(RecordKey, State)]) -> Trace {
    let records = joined(patches.to_vec());
    let traces: Vec<Trace> = records
        .iter()
        .filter_map(|(key, state)| match key {
            RecordKey::Trace { trace_id } => Some(project_trace(trace_id, state)),
            _ => None,
        })
        .collect();
    assert_eq!(traces.len(), 1, "{patches:?}");
    traces.into_iter().next().unwrap()
}

/// The entry of a register, in whichever record has it.
pub(super) fn entry(
    patches: &[(RecordKey, State)],
    register: impl Into<Register>,
) -> Option<Entry> {
    let register = register.into();
    patches.iter().find_map(|(_, state)| state.entry(&register)).cloned()
}

/// Text as an optional column shows it.
pub(super) fn some(text: &str) -> Option<Text> {
    Some(Text::from(text))
}
