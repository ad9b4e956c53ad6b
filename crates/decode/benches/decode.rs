//! What decoding costs a span: a request of OTLP in both encodings, and the lifecycle API's messages.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value as Json, json};
use tracekeep_decode::native::{Context, complete, start};
use tracekeep_decode::otlp::{decode_json, decode_protobuf};
use tracekeep_decode::{Decoded, FieldError};
use tracekeep_model::{Micros, RecordKey, Text};

const TRACES: u64 = 100;
const SPANS: u64 = 5;
/// Bytes of each of a span's two texts: with the rest a span has about 1.25 KB.
const TEXT_BYTES: usize = 380;
/// Nanoseconds since 1970.
const NOON: u64 = 1_770_000_000_000_000_000;
const RECEIVED: Micros = Micros(1_770_000_060_000_000);
/// Name and operation of each span of a trace.
const STEPS: [(&str, &str); SPANS as usize] = [
    ("invoke_agent support", "invoke_agent"),
    ("retrieval docs", "retrieval"),
    ("chat gpt-5.2", "chat"),
    ("execute_tool find_order", "execute_tool"),
    ("chat gpt-5.2", "chat"),
];

struct Span {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    parent: Option<[u8; 8]>,
    name: &'static str,
    start: u64,
    end: u64,
    attributes: Vec<(&'static str, Value)>,
}

enum Value {
    Text(String),
    Int(i64),
    Double(f64),
}

/// Words of a small vocabulary.
fn words(seed: &mut u64, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 12);
    while out.len() < bytes {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push_str(&format!("w{} ", (*seed >> 33) % 2_000));
    }
    out
}

fn text(key: &'static str, value: impl Into<String>) -> (&'static str, Value) {
    (key, Value::Text(value.into()))
}

fn message(key: &'static str, role: &str, content: &str) -> (&'static str, Value) {
    let part = json!({ "type": "text", "content": content });
    text(key, json!([{ "role": role, "parts": [part] }]).to_string())
}

fn span(trace: u64, step: u64, seed: &mut u64) -> Span {
    let (name, operation) = STEPS[step as usize];
    let id = |step: u64| (trace * SPANS + step + 1).to_be_bytes();
    let mut trace_id = [0xa5; 16];
    trace_id[8..].copy_from_slice(&trace.to_be_bytes());
    let mut attributes = vec![
        text("gen_ai.operation.name", operation),
        text("gen_ai.provider.name", "openai"),
        text("gen_ai.conversation.id", format!("session-{}", trace / 4)),
        text("user.id", format!("user-{}", trace % 30)),
    ];
    if operation == "chat" {
        attributes.extend([
            text("gen_ai.request.model", "gpt-5.2"),
            text("gen_ai.response.model", "gpt-5.2-2026-01-01"),
            text("gen_ai.response.id", format!("resp_{trace:08x}{step:08x}")),
            ("gen_ai.request.temperature", Value::Double(0.2)),
            ("gen_ai.request.max_tokens", Value::Int(1_024)),
            ("gen_ai.usage.input_tokens", Value::Int(420)),
            ("gen_ai.usage.output_tokens", Value::Int(96)),
        ]);
    }
    attributes.push(message("gen_ai.input.messages", "user", &words(seed, TEXT_BYTES)));
    attributes.push(message("gen_ai.output.messages", "assistant", &words(seed, TEXT_BYTES)));
    let start = NOON + trace * 1_000_000 + step * 1_000;
    Span {
        trace_id,
        span_id: id(step),
        parent: (step > 0).then(|| id(0)),
        name,
        start,
        end: start + 900_000_000,
        attributes,
    }
}

fn spans() -> Vec<Span> {
    let mut seed = 7;
    (0..TRACES * SPANS).map(|n| span(n / SPANS, n % SPANS, &mut seed)).collect()
}

fn resource() -> Vec<(&'static str, Value)> {
    vec![
        text("service.name", "support-agent"),
        text("telemetry.sdk.name", "opentelemetry"),
        text("telemetry.sdk.version", "1.45.2"),
    ]
}

/// A protobuf message in the making.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number as u8 & 0x7f) | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn fixed64(&mut self, field: u64, number: u64) {
        self.varint((field << 3) | 1);
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint((field << 3) | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }

    fn attributes(&mut self, field: u64, attributes: &[(&'static str, Value)]) {
        for (key, value) in attributes {
            self.message(field, |pair| {
                pair.bytes(1, key.as_bytes());
                pair.message(2, |any| match value {
                    Value::Text(text) => any.bytes(1, text.as_bytes()),
                    Value::Int(int) => any.number(3, *int as u64),
                    Value::Double(double) => any.fixed64(4, double.to_bits()),
                });
            });
        }
    }

    fn span(&mut self, span: &Span) {
        self.bytes(1, &span.trace_id);
        self.bytes(2, &span.span_id);
        if let Some(parent) = &span.parent {
            self.bytes(4, parent);
        }
        self.bytes(5, span.name.as_bytes());
        self.number(6, 3);
        self.fixed64(7, span.start);
        self.fixed64(8, span.end);
        self.attributes(9, &span.attributes);
    }
}

/// The request in protobuf.
fn protobuf(spans: &[Span]) -> Bytes {
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        resource_spans.message(1, |message| message.attributes(1, &resource()));
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(1, |scope| scope.bytes(1, b"support-agent.tracing"));
            for span in spans {
                scope_spans.message(2, |message| message.span(span));
            }
        });
    });
    request.0.into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn json_attributes(attributes: &[(&'static str, Value)]) -> Vec<Json> {
    let pair = |(key, value): &(&'static str, Value)| {
        let value = match value {
            Value::Text(text) => json!({ "stringValue": text }),
            Value::Int(int) => json!({ "intValue": int.to_string() }),
            Value::Double(double) => json!({ "doubleValue": double }),
        };
        json!({ "key": key, "value": value })
    };
    attributes.iter().map(pair).collect()
}

fn json_span(span: &Span) -> Json {
    json!({
        "traceId": hex(&span.trace_id),
        "spanId": hex(&span.span_id),
        "parentSpanId": span.parent.map_or_else(String::new, |id| hex(&id)),
        "name": span.name,
        "kind": 3,
        "startTimeUnixNano": span.start.to_string(),
        "endTimeUnixNano": span.end.to_string(),
        "attributes": json_attributes(&span.attributes),
    })
}

/// The same request in JSON.
fn json_request(spans: &[Span]) -> Bytes {
    let spans: Vec<Json> = spans.iter().map(json_span).collect();
    let scope_spans = json!([{ "scope": { "name": "support-agent.tracing" }, "spans": spans }]);
    let resource = json!({ "attributes": json_attributes(&resource()) });
    json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": scope_spans }] })
        .to_string()
        .into()
}

/// Nothing may be refused, else something else is measured.
fn check(decoded: &Decoded) {
    assert!(decoded.rejected.is_empty(), "{:?}", decoded.rejected);
    let is_span = |key: &RecordKey| matches!(key, RecordKey::Span { .. });
    let spans = decoded.patches.iter().filter(|(key, _)| is_span(key)).count();
    assert_eq!(spans as u64, TRACES * SPANS);
}

fn otlp(c: &mut Criterion) {
    let spans = spans();
    let (protobuf, json) = (protobuf(&spans), json_request(&spans));
    check(&decode_protobuf(&protobuf, RECEIVED).unwrap());
    check(&decode_json(&json, RECEIVED).unwrap());
    let elements = TRACES * SPANS;
    eprintln!("bytes a span: {} in protobuf", protobuf.len() as u64 / elements);
    let mut group = c.benchmark_group("otlp");
    group.throughput(Throughput::ElementsAndBytes { elements, bytes: protobuf.len() as u64 });
    group.bench_function("protobuf", |b| {
        b.iter(|| decode_protobuf(black_box(&protobuf), RECEIVED).unwrap());
    });
    group.throughput(Throughput::ElementsAndBytes { elements, bytes: json.len() as u64 });
    group.bench_function("json", |b| {
        b.iter(|| decode_json(black_box(&json), RECEIVED).unwrap());
    });
}

/// Runs a decoder as a request does.
fn with<T>(decode: impl FnOnce(&mut Context<'_>) -> Result<T, FieldError>) -> T {
    let mut fresh_ids = || Text::from_static("0123456789abcdef0123456789abcdef");
    let mut context = Context {
        received: RECEIVED,
        keeps_from: tracekeep_model::Micros::EARLIEST,
        full: &|_| None,
        user_agent: Some("bench/1"),
        ip: Some("192.0.2.1"),
        fresh_ids: &mut fresh_ids,
    };
    decode(&mut context).unwrap()
}

fn native(c: &mut Criterion) {
    let mut seed = 7;
    let started = json!({
        "traceId": "0123456789abcdef0123456789abcdef",
        "source": "api",
        "provider": "openai",
        "model": "gpt-5.2",
        "prompt": words(&mut seed, TEXT_BYTES),
        "systemPrompt": "You are a support agent.",
        "userId": "user-1",
        "sessionId": "session-1",
        "parameters": { "temperature": 0.2, "max_tokens": 1_024 },
        "streaming": true,
        "metadata": { "team": "support", "attempt": 1 },
    })
    .to_string();
    let completed = json!({
        "traceId": "0123456789abcdef0123456789abcdef",
        "result": {
            "status": "success",
            "response": words(&mut seed, TEXT_BYTES),
            "tokens": { "input": 420, "output": 96 },
            "firstTokenLatencyMs": 150,
        },
    })
    .to_string();
    let mut group = c.benchmark_group("native");
    group.throughput(Throughput::Elements(1));
    group.bench_function("start", |b| {
        b.iter(|| with(|context| start(black_box(started.as_bytes()), context)));
    });
    group.bench_function("complete", |b| {
        b.iter(|| with(|context| complete(black_box(completed.as_bytes()), context)));
    });
}

criterion_group!(benches, otlp, native);
criterion_main!(benches);
