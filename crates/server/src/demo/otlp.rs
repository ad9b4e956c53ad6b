//! Spans as OTLP/JSON: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>.

use serde_json::{Value, json};

use super::cast::{SERVICES, Service};
use super::dice::Ids;
use super::failure::Failure;
use super::genai::Attributes;

/// Where requests go.
pub(super) const PATH: &str = "/v1/traces";

/// `SPAN_KIND_INTERNAL`
pub(super) const INTERNAL: i64 = 1;
/// `SPAN_KIND_SERVER`
pub(super) const SERVER: i64 = 2;
/// `SPAN_KIND_CLIENT`
pub(super) const CLIENT: i64 = 3;

/// A span that has ended.
pub(super) struct Span {
    pub(super) service: &'static Service,
    /// 32 hex digits.
    pub(super) trace_id: String,
    /// 16 hex digits.
    pub(super) span_id: String,
    pub(super) parent: Option<String>,
    pub(super) name: String,
    /// One of [`INTERNAL`], [`SERVER`], [`CLIENT`].
    pub(super) kind: i64,
    /// µs since 1970, as is `end`.
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) attributes: Attributes,
    pub(super) failure: Option<Failure>,
}

/// A trace in the making.
pub(super) struct Tracer {
    pub(super) service: &'static Service,
    pub(super) trace_id: String,
    pub(super) ids: Ids,
}

impl Tracer {
    /// A trace with an id of its own.
    pub(super) fn new(service: &'static Service, mut ids: Ids) -> Self {
        Self { service, trace_id: ids.trace(), ids }
    }

    /// The root, which ends when everything else is planned.
    pub(super) fn root(&mut self, name: &str, kind: i64, start: i64) -> Span {
        self.span(None, name, kind, (start, start))
    }

    /// A span below `parent`, from a moment to a moment.
    pub(super) fn child(&mut self, parent: &Span, name: &str, kind: i64, time: (i64, i64)) -> Span {
        self.span(Some(parent.span_id.clone()), name, kind, time)
    }

    fn span(&mut self, parent: Option<String>, name: &str, kind: i64, time: (i64, i64)) -> Span {
        Span {
            service: self.service,
            trace_id: self.trace_id.clone(),
            span_id: self.ids.span(),
            parent,
            name: name.to_owned(),
            kind,
            start: time.0,
            end: time.1,
            attributes: Attributes::new(),
            failure: None,
        }
    }
}

/// An `ExportTraceServiceRequest`.
pub(super) fn export(spans: &[Span]) -> Value {
    let resources: Vec<Value> =
        SERVICES.iter().filter_map(|service| resource(service, spans)).collect();
    json!({ "resourceSpans": resources })
}

/// The spans of one service, if there are any.
fn resource(service: &Service, spans: &[Span]) -> Option<Value> {
    let own = spans.iter().filter(|span| std::ptr::eq(span.service, service));
    let own: Vec<Value> = own.map(encode).collect();
    if own.is_empty() {
        return None;
    }
    let attributes = [
        ("service.name", json!(service.name)),
        ("service.version", json!(service.release)),
        ("deployment.environment.name", json!(service.environment)),
        ("telemetry.sdk.language", json!(service.language)),
        ("telemetry.sdk.name", json!("opentelemetry")),
        ("telemetry.sdk.version", json!(service.sdk_version)),
    ];
    Some(json!({
        "resource": { "attributes": pairs(&attributes) },
        "scopeSpans": [{
            "scope": { "name": service.scope, "version": service.scope_version },
            "spans": own,
        }],
    }))
}

fn encode(span: &Span) -> Value {
    let mut json = json!({
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": nanos(span.start),
        "endTimeUnixNano": nanos(span.end),
        "attributes": pairs(&span.attributes),
        "status": {},
    });
    if let Some(parent) = &span.parent {
        json["parentSpanId"] = json!(parent);
    }
    if let Some(failure) = &span.failure {
        let mut attributes = span.attributes.clone();
        attributes.push(("error.type", json!(failure.class)));
        attributes.push(("error.code", json!(failure.code)));
        json["attributes"] = pairs(&attributes);
        json["status"] = json!({ "code": 2, "message": failure.message });
        json["events"] = json!([exception(failure, span.end)]);
    }
    json
}

fn exception(failure: &Failure, at: i64) -> Value {
    let attributes = [
        ("exception.type", json!(failure.class)),
        ("exception.message", json!(failure.message)),
        ("exception.stacktrace", json!(failure.stack)),
    ];
    json!({ "timeUnixNano": nanos(at), "name": "exception", "attributes": pairs(&attributes) })
}

fn pairs(attributes: &[(&'static str, Value)]) -> Value {
    attributes.iter().map(|(key, value)| json!({ "key": key, "value": any(value) })).collect()
}

/// 64-bit integers are text in proto3 JSON.
fn any(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => json!({ "boolValue": flag }),
        Value::Number(number) => match number.as_i64() {
            Some(int) => json!({ "intValue": int.to_string() }),
            None => json!({ "doubleValue": number }),
        },
        Value::String(text) => json!({ "stringValue": text }),
        Value::Array(values) => {
            let values: Vec<Value> = values.iter().map(any).collect();
            json!({ "arrayValue": { "values": values } })
        }
        Value::Null | Value::Object(_) => json!({ "stringValue": value.to_string() }),
    }
}

fn nanos(micros: i64) -> String {
    (micros * 1_000).to_string()
}
