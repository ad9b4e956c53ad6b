//! Writes requests, as SDKs do.

use bytes::Bytes;
use serde_json::{Value as Json, json};

use crate::otlp::raw::{RawEvent, RawLink, RawScope, RawSpan};
use crate::otlp::value::{AnyValue, Attribute};
use crate::otlp::{base64, hex};

/// The spans of one resource and scope.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) resource: Vec<Attribute>,
    pub(super) scope: RawScope,
    pub(super) spans: Vec<RawSpan>,
}

/// A protobuf message in the making. Default values are left out, as proto3 does.
#[derive(Default)]
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number as u8 & 0x7f) | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(super) fn number(&mut self, field: u64, number: u64) {
        if number != 0 {
            self.varint(field << 3);
            self.varint(number);
        }
    }

    pub(super) fn fixed64(&mut self, field: u64, number: u64) {
        if number != 0 {
            self.varint((field << 3) | 1);
            self.0.extend(number.to_le_bytes());
        }
    }

    /// Also when it is empty: within a oneof or a repeated field that is a value too.
    pub(super) fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint((field << 3) | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    pub(super) fn text(&mut self, field: u64, text: &str) {
        if !text.is_empty() {
            self.bytes(field, text.as_bytes());
        }
    }

    pub(super) fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }

    pub(super) fn attributes(&mut self, field: u64, attributes: &[Attribute]) {
        for (key, value) in attributes {
            self.message(field, |pair| {
                pair.text(1, key);
                pair.message(2, |any| any.value(value));
            });
        }
    }

    fn value(&mut self, value: &AnyValue) {
        match value {
            AnyValue::Empty => {}
            AnyValue::Text(text) => self.bytes(1, text.as_bytes()),
            AnyValue::Bool(flag) => {
                self.varint(2 << 3);
                self.varint(u64::from(*flag));
            }
            AnyValue::Int(int) => {
                self.varint(3 << 3);
                self.varint(*int as u64);
            }
            AnyValue::Double(double) | AnyValue::Written(double, _) => {
                self.varint((4 << 3) | 1);
                self.0.extend(double.to_le_bytes());
            }
            AnyValue::Array(values) => self.message(5, |array| {
                for value in values {
                    array.message(1, |any| any.value(value));
                }
            }),
            AnyValue::Map(members) => self.message(6, |map| map.attributes(1, members)),
            AnyValue::Bytes(bytes) => self.bytes(7, bytes),
        }
    }

    pub(super) fn span(&mut self, span: &RawSpan) {
        self.bytes(1, &span.trace_id);
        self.bytes(2, &span.span_id);
        self.text(3, &span.trace_state);
        self.bytes(4, &span.parent_span_id);
        self.text(5, &span.name);
        self.number(6, span.kind as u64);
        self.fixed64(7, span.start_nanos);
        self.fixed64(8, span.end_nanos);
        self.attributes(9, &span.attributes);
        self.number(10, span.dropped_attributes);
        for event in &span.events {
            self.message(11, |message| message.event(event));
        }
        self.number(12, span.dropped_events);
        for link in &span.links {
            self.message(13, |message| message.link(link));
        }
        self.number(14, span.dropped_links);
        self.message(15, |status| {
            status.text(2, &span.status_message);
            status.number(3, span.status_code as u64);
        });
    }

    fn event(&mut self, event: &RawEvent) {
        self.fixed64(1, event.nanos);
        self.text(2, &event.name);
        self.attributes(3, &event.attributes);
        self.number(4, event.dropped_attributes);
    }

    fn link(&mut self, link: &RawLink) {
        self.bytes(1, &link.trace_id);
        self.bytes(2, &link.span_id);
        self.text(3, &link.trace_state);
        self.attributes(4, &link.attributes);
        self.number(5, link.dropped_attributes);
    }

    fn group(&mut self, group: &Group) {
        self.message(1, |resource| resource.attributes(1, &group.resource));
        self.message(2, |scope_spans| {
            scope_spans.message(1, |scope| {
                scope.text(1, &group.scope.name);
                scope.text(2, &group.scope.version);
                scope.attributes(3, &group.scope.attributes);
            });
            for span in &group.spans {
                scope_spans.message(2, |message| message.span(span));
            }
        });
    }
}

/// The request in protobuf.
pub(super) fn protobuf(groups: &[Group]) -> Bytes {
    let mut request = Message::default();
    for group in groups {
        request.message(1, |message| message.group(group));
    }
    request.0.into()
}

/// The request in JSON.
pub(super) fn json(groups: &[Group]) -> Bytes {
    let groups: Vec<Json> = groups
        .iter()
        .map(|group| {
            json!({
                "resource": { "attributes": json_attributes(&group.resource) },
                "scopeSpans": [{
                    "scope": {
                        "name": &*group.scope.name,
                        "version": &*group.scope.version,
                        "attributes": json_attributes(&group.scope.attributes),
                    },
                    "spans": group.spans.iter().map(json_span).collect::<Vec<Json>>(),
                }],
            })
        })
        .collect();
    json!({ "resourceSpans": groups }).to_string().into()
}

/// One span in JSON.
pub(super) fn json_span(span: &RawSpan) -> Json {
    json!({
        "traceId": hex::encode(&span.trace_id),
        "spanId": hex::encode(&span.span_id),
        "traceState": &*span.trace_state,
        "parentSpanId": hex::encode(&span.parent_span_id),
        "name": &*span.name,
        "kind": span.kind,
        "startTimeUnixNano": span.start_nanos.to_string(),
        "endTimeUnixNano": span.end_nanos.to_string(),
        "attributes": json_attributes(&span.attributes),
        "droppedAttributesCount": span.dropped_attributes,
        "events": span.events.iter().map(json_event).collect::<Vec<Json>>(),
        "droppedEventsCount": span.dropped_events,
        "links": span.links.iter().map(json_link).collect::<Vec<Json>>(),
        "droppedLinksCount": span.dropped_links,
        "status": { "code": span.status_code, "message": &*span.status_message },
    })
}

fn json_event(event: &RawEvent) -> Json {
    json!({
        "timeUnixNano": event.nanos.to_string(),
        "name": &*event.name,
        "attributes": json_attributes(&event.attributes),
        "droppedAttributesCount": event.dropped_attributes,
    })
}

fn json_link(link: &RawLink) -> Json {
    json!({
        "traceId": hex::encode(&link.trace_id),
        "spanId": hex::encode(&link.span_id),
        "traceState": &*link.trace_state,
        "attributes": json_attributes(&link.attributes),
        "droppedAttributesCount": link.dropped_attributes,
    })
}

fn json_attributes(attributes: &[Attribute]) -> Vec<Json> {
    let pair = |(key, value): &Attribute| json!({ "key": &**key, "value": json_value(value) });
    attributes.iter().map(pair).collect()
}

fn json_value(value: &AnyValue) -> Json {
    match value {
        AnyValue::Empty => json!({}),
        AnyValue::Text(text) => json!({ "stringValue": &**text }),
        AnyValue::Bool(flag) => json!({ "boolValue": flag }),
        AnyValue::Int(int) => json!({ "intValue": int.to_string() }),
        AnyValue::Double(double) if double.is_finite() => json!({ "doubleValue": double }),
        AnyValue::Double(double) if double.is_nan() => json!({ "doubleValue": "NaN" }),
        AnyValue::Double(double) if *double > 0.0 => json!({ "doubleValue": "Infinity" }),
        AnyValue::Double(_) => json!({ "doubleValue": "-Infinity" }),
        AnyValue::Written(double, _) => json!({ "doubleValue": double }),
        AnyValue::Bytes(bytes) => json!({ "bytesValue": base64::encode(bytes) }),
        AnyValue::Array(values) => {
            let values: Vec<Json> = values.iter().map(json_value).collect();
            json!({ "arrayValue": { "values": values } })
        }
        AnyValue::Map(members) => {
            json!({ "kvlistValue": { "values": json_attributes(members) } })
        }
    }
}
