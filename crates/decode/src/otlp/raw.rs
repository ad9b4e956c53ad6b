//! What was sent, whichever encoding it came in.

use smallvec::SmallVec;
use tracekeep_model::Text;

use super::value::Attribute;

/// An id as sent: of any length, not yet checked.
pub(super) type RawId = SmallVec<[u8; 16]>;

/// `opentelemetry.proto.trace.v1.Span`. Absent and default are the same, as in proto3.
#[derive(Clone, Debug, Default)]
pub(super) struct RawSpan {
    pub(super) trace_id: RawId,
    pub(super) span_id: RawId,
    pub(super) parent_span_id: RawId,
    pub(super) trace_state: Text,
    pub(super) name: Text,
    pub(super) kind: i64,
    pub(super) start_nanos: u64,
    pub(super) end_nanos: u64,
    pub(super) attributes: Vec<Attribute>,
    pub(super) dropped_attributes: u64,
    pub(super) events: Vec<RawEvent>,
    pub(super) dropped_events: u64,
    pub(super) links: Vec<RawLink>,
    pub(super) dropped_links: u64,
    pub(super) status_code: i64,
    pub(super) status_message: Text,
}

/// `Span.Event`.
#[derive(Clone, Debug, Default)]
pub(super) struct RawEvent {
    pub(super) nanos: u64,
    pub(super) name: Text,
    pub(super) attributes: Vec<Attribute>,
    pub(super) dropped_attributes: u64,
}

/// `Span.Link`.
#[derive(Clone, Debug, Default)]
pub(super) struct RawLink {
    pub(super) trace_id: RawId,
    pub(super) span_id: RawId,
    pub(super) trace_state: Text,
    pub(super) attributes: Vec<Attribute>,
    pub(super) dropped_attributes: u64,
}

/// `InstrumentationScope`.
#[derive(Clone, Debug, Default)]
pub(super) struct RawScope {
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) attributes: Vec<Attribute>,
}

/// Text without U+0000, which no store keeps; each that was replaced by U+FFFD is counted.
pub(super) fn clean(text: Text, nulls: &mut u64) -> Text {
    if memchr::memchr(0, text.as_bytes()).is_none() {
        return text;
    }
    *nulls += memchr::memchr_iter(0, text.as_bytes()).count() as u64;
    text.replace('\0', "\u{FFFD}").into()
}

/// The text, if there is any.
pub(super) fn said(text: &Text) -> Option<Text> {
    (!text.is_empty()).then(|| text.clone())
}
