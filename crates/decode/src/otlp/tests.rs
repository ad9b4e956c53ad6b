//! Requests are described once, as raw spans; [`build`] writes them in both encodings, and every
//! test reads both and expects the same.

#![allow(clippy::unwrap_used)]

mod build;
mod content;
mod entries;
mod fuzz;
mod generations;
mod json_forms;
mod memory;
mod rejections;
mod responses;
mod shared;
mod spans;

use tracekeep_model::{Field, Micros, RecordKey, Register, State, Value};

use super::raw::{RawEvent, RawId, RawScope, RawSpan};
use super::value::{AnyValue, Attribute};
use super::{decode_json, decode_protobuf};
use crate::Decoded;
use build::Group;

/// 2026-01-01T00:00:10Z, when the requests of all tests are received.
const RECEIVED: Micros = Micros(1_767_225_610_000_000);
/// Nine seconds before.
const START: u64 = 1_767_225_601_000_000_000;
/// Seven seconds before.
const END: u64 = 1_767_225_603_000_000_000;

const TRACE_ID: &str = "0102030405060708090a0b0c0d0e0f10";
const SPAN_ID: &str = "a1a2a3a4a5a6a7a8";

impl From<&str> for AnyValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for AnyValue {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for AnyValue {
    fn from(double: f64) -> Self {
        Self::Double(double)
    }
}

impl From<bool> for AnyValue {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<&[&str]> for AnyValue {
    fn from(texts: &[&str]) -> Self {
        Self::Array(texts.iter().map(|text| Self::from(*text)).collect())
    }
}

fn attribute(key: &str, value: impl Into<AnyValue>) -> Attribute {
    (key.into(), value.into())
}

/// A child span that ended well, with these attributes.
fn span(attributes: &[Attribute]) -> RawSpan {
    RawSpan {
        trace_id: (1..=16).collect(),
        span_id: RawId::from_slice(&[0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8]),
        parent_span_id: RawId::from_slice(&[0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8]),
        name: "step".into(),
        start_nanos: START,
        end_nanos: END,
        attributes: attributes.to_vec(),
        ..RawSpan::default()
    }
}

fn event(name: &str, attributes: &[Attribute]) -> RawEvent {
    RawEvent {
        nanos: START + 500_000_000,
        name: name.into(),
        attributes: attributes.to_vec(),
        dropped_attributes: 0,
    }
}

/// Spans of one resource and scope without attributes.
fn group(spans: Vec<RawSpan>) -> Group {
    Group { resource: Vec::new(), scope: RawScope::default(), spans }
}

/// Reads the request in both encodings, which must say the same.
fn decode(groups: &[Group]) -> Decoded {
    let protobuf = decode_protobuf(&build::protobuf(groups), RECEIVED).unwrap();
    let json = decode_json(&build::json(groups), RECEIVED).unwrap();
    assert_eq!(protobuf.patches, json.patches);
    assert_eq!(protobuf.rejected, json.rejected);
    assert_eq!(protobuf.replaced_nulls, json.replaced_nulls);
    protobuf
}

/// The states that one span gives: its own and its trace's.
fn read(span: RawSpan) -> (State, Option<State>) {
    read_group(group(vec![span]))
}

fn read_group(group: Group) -> (State, Option<State>) {
    let decoded = decode(&[group]);
    assert!(decoded.rejected.is_empty(), "{:?}", decoded.rejected);
    let mut patches = decoded.patches.into_iter();
    let (key, state) = patches.next().unwrap();
    assert_eq!(key, RecordKey::Span { trace_id: TRACE_ID.into(), span_id: SPAN_ID.into() });
    let trace = patches.next().map(|(key, trace)| {
        assert_eq!(key, RecordKey::Trace { trace_id: TRACE_ID.into() });
        trace
    });
    assert_eq!(patches.next(), None);
    (state, trace)
}

/// The state of a span with these attributes.
fn read_attributes(attributes: &[Attribute]) -> State {
    read(span(attributes)).0
}

/// Why a request of this one span is rejected.
fn rejection(span: RawSpan) -> String {
    let decoded = decode(&[group(vec![span])]);
    assert!(decoded.patches.is_empty(), "{:?}", decoded.patches);
    assert_eq!(decoded.rejected.len(), 1);
    decoded.rejected[0].error.to_string()
}

fn text(state: &State, field: Field) -> Option<&str> {
    state.text(field).map(|text| &**text)
}

fn metadata<'a>(state: &'a State, key: &str) -> Option<&'a str> {
    let entry = state.entry(&Register::Metadata(key.into()))?;
    entry.value.as_text().map(|text| &**text)
}

fn usage(state: &State) -> Vec<(&str, i64)> {
    state
        .entries()
        .iter()
        .filter_map(|entry| match (&entry.register, &entry.value) {
            (Register::Usage(name), Value::Int(count)) => Some((&**name, *count)),
            _ => None,
        })
        .collect()
}
