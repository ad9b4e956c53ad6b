//! `ExportTraceServiceRequest` in OTLP/JSON: proto3 JSON with hex ids.
//!
//! As the specification asks, names are lowerCamelCase and unknown ones are ignored. What proto3 JSON
//! readers accept is accepted too: snake_case names, integers as text or numbers, enumerations by
//! name, `null` for absent. Spans, resources and scopes are first cut out unread, so that one of the
//! wrong shape does not take its neighbours with it.
//!
//! Half of a surrogate pair in text becomes U+FFFD; an id that holds one is refused.

mod counted;
mod scalar;
mod walk;

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tracekeep_model::Text;

use self::scalar::{Name, Whole};
use super::collect::Collector;
use super::entries::Entries;
use super::protobuf::too_deep;
use super::raw::{RawEvent, RawId, RawLink, RawScope, RawSpan, clean};
use super::trace::{check_nulls, is_id};
use super::value::{AnyValue, Attribute, MAX_DEPTH};
use super::{base64, hex};
use crate::{Decoded, FieldError, Receipt, escapes, finite};

#[derive(Deserialize)]
struct Resource {
    attributes: Option<Vec<KeyValue>>,
}

#[derive(Deserialize)]
struct Scope {
    name: Option<String>,
    version: Option<String>,
    attributes: Option<Vec<KeyValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    #[serde(alias = "trace_id")]
    trace_id: Option<String>,
    #[serde(alias = "span_id")]
    span_id: Option<String>,
    #[serde(alias = "trace_state")]
    trace_state: Option<String>,
    #[serde(alias = "parent_span_id")]
    parent_span_id: Option<String>,
    name: Option<String>,
    kind: Option<Name>,
    #[serde(alias = "start_time_unix_nano")]
    start_time_unix_nano: Option<Whole>,
    #[serde(alias = "end_time_unix_nano")]
    end_time_unix_nano: Option<Whole>,
    attributes: Option<Vec<KeyValue>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Option<Whole>,
    events: Option<Vec<Event>>,
    #[serde(alias = "dropped_events_count")]
    dropped_events_count: Option<Whole>,
    links: Option<Vec<Link>>,
    #[serde(alias = "dropped_links_count")]
    dropped_links_count: Option<Whole>,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Option<Whole>,
    name: Option<String>,
    attributes: Option<Vec<KeyValue>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    #[serde(alias = "trace_id")]
    trace_id: Option<String>,
    #[serde(alias = "span_id")]
    span_id: Option<String>,
    #[serde(alias = "trace_state")]
    trace_state: Option<String>,
    attributes: Option<Vec<KeyValue>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Option<Whole>,
}

#[derive(Deserialize)]
struct Status {
    message: Option<String>,
    code: Option<Name>,
}

#[derive(Deserialize)]
struct KeyValue {
    key: Option<String>,
    value: Option<Any>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Any {
    #[serde(alias = "string_value")]
    string_value: Option<String>,
    #[serde(alias = "bool_value")]
    bool_value: Option<bool>,
    #[serde(alias = "int_value")]
    int_value: Option<Whole>,
    #[serde(alias = "double_value")]
    double_value: Option<Box<RawValue>>,
    #[serde(alias = "array_value")]
    array_value: Option<Array>,
    #[serde(alias = "kvlist_value")]
    kvlist_value: Option<Map>,
    #[serde(alias = "bytes_value")]
    bytes_value: Option<String>,
}

#[derive(Deserialize)]
struct Array {
    values: Option<Vec<Any>>,
}

#[derive(Deserialize)]
struct Map {
    values: Option<Vec<KeyValue>>,
}

const KINDS: &[&str] = &["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUS_CODES: &[&str] = &["UNSET", "OK", "ERROR"];

/// Reads a request.
pub(super) fn decode(body: &Bytes, receipt: Receipt<'_>) -> Result<Decoded, serde_json::Error> {
    let mut collector = Collector::new(receipt);
    walk::request(body, &mut collector)?;
    Ok(collector.finish())
}

/// The typed form of something that was cut out unread, and whose `entries` are counted; errors name
/// its attributes `attributes`.
fn typed<T: DeserializeOwned>(
    entries: &Entries,
    attributes: &str,
    raw: &RawValue,
    nulls: &mut u64,
) -> Result<T, FieldError> {
    let unreadable = |error: serde_json::Error| {
        let reason = format!("cannot be read: {error}, counted from its start");
        FieldError::new(entries.holder(), reason)
    };
    let error = match counted::read(raw.get(), entries) {
        Ok(typed) => return Ok(typed),
        Err(error) if entries.are_too_many() => return Err(unreadable(error)),
        Err(error) => error,
    };
    // Half of a surrogate pair is an error to serde_json. It is rare, and so not looked for before.
    let (Cow::Owned(mended), replaced) = escapes::clean(raw.get()) else {
        return Err(unreadable(error));
    };
    entries.restart();
    let typed = counted::read(&mended, entries).map_err(unreadable)?;
    check_ids(attributes, &mended)?;
    *nulls += replaced;
    Ok(typed)
}

/// Attributes whose values are not read.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    attributes: Option<Vec<NamedValue<'a>>>,
}

#[derive(Deserialize)]
struct NamedValue<'a> {
    key: Option<String>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

/// Refuses ids in which something was replaced.
fn check_ids(parent: &str, mended: &str) -> Result<(), FieldError> {
    // It has been read as more than this.
    let Ok(Named { attributes }) = serde_json::from_str(mended) else { return Ok(()) };
    for pair in attributes.unwrap_or_default() {
        let is_damaged = pair.value.is_some_and(|value| value.get().contains(escapes::REPLACEMENT));
        let key = pair.key.unwrap_or_default();
        if is_damaged && is_id(parent, &key) {
            return Err(FieldError::new(format!("{parent}.{key}"), escapes::DAMAGED_ID));
        }
    }
    Ok(())
}

fn read_resource(raw: Option<&RawValue>, nulls: &mut u64) -> Result<Vec<Attribute>, FieldError> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let resource: Resource = Entries::of_resource()
        .within(|entries| typed(entries, "resource.attributes", raw, nulls))?;
    attributes(resource.attributes, "resource.attributes", 0, nulls)
}

fn read_scope(raw: Option<&RawValue>, nulls: &mut u64) -> Result<RawScope, FieldError> {
    let Some(raw) = raw else { return Ok(RawScope::default()) };
    let scope: Scope =
        Entries::of_scope().within(|entries| typed(entries, "scope.attributes", raw, nulls))?;
    Ok(RawScope {
        name: text(scope.name, nulls),
        version: text(scope.version, nulls),
        attributes: attributes(scope.attributes, "scope.attributes", 0, nulls)?,
    })
}

fn read_span(raw: &RawValue, nulls: &mut u64) -> Result<RawSpan, FieldError> {
    let span: Span =
        Entries::of_span().within(|entries| typed(entries, "attributes", raw, nulls))?;
    let status = span.status.unwrap_or(Status { message: None, code: None });
    let events = span.events.unwrap_or_default().into_iter();
    let links = span.links.unwrap_or_default().into_iter();
    Ok(RawSpan {
        trace_id: id("trace_id", span.trace_id)?,
        span_id: id("span_id", span.span_id)?,
        parent_span_id: id("parent_span_id", span.parent_span_id)?,
        trace_state: text(span.trace_state, nulls),
        name: text(span.name, nulls),
        kind: number("kind", "SPAN_KIND_", KINDS, span.kind)?,
        start_nanos: unsigned("start_time_unix_nano", span.start_time_unix_nano)?,
        end_nanos: unsigned("end_time_unix_nano", span.end_time_unix_nano)?,
        attributes: attributes(span.attributes, "attributes", 0, nulls)?,
        dropped_attributes: unsigned("dropped_attributes_count", span.dropped_attributes_count)?,
        events: events.map(|event| read_event(event, nulls)).collect::<Result<_, _>>()?,
        dropped_events: unsigned("dropped_events_count", span.dropped_events_count)?,
        links: links.map(|link| read_link(link, nulls)).collect::<Result<_, _>>()?,
        dropped_links: unsigned("dropped_links_count", span.dropped_links_count)?,
        status_code: number("status.code", "STATUS_CODE_", STATUS_CODES, status.code)?,
        status_message: text(status.message, nulls),
    })
}

fn read_event(event: Event, nulls: &mut u64) -> Result<RawEvent, FieldError> {
    Ok(RawEvent {
        nanos: unsigned("events.time_unix_nano", event.time_unix_nano)?,
        name: text(event.name, nulls),
        attributes: attributes(event.attributes, "events.attributes", 0, nulls)?,
        dropped_attributes: unsigned(
            "events.dropped_attributes_count",
            event.dropped_attributes_count,
        )?,
    })
}

fn read_link(link: Link, nulls: &mut u64) -> Result<RawLink, FieldError> {
    Ok(RawLink {
        trace_id: id("links.trace_id", link.trace_id)?,
        span_id: id("links.span_id", link.span_id)?,
        trace_state: text(link.trace_state, nulls),
        attributes: attributes(link.attributes, "links.attributes", 0, nulls)?,
        dropped_attributes: unsigned(
            "links.dropped_attributes_count",
            link.dropped_attributes_count,
        )?,
    })
}

fn attributes(
    pairs: Option<Vec<KeyValue>>,
    parent: &str,
    depth: usize,
    nulls: &mut u64,
) -> Result<Vec<Attribute>, FieldError> {
    let mut attributes = Vec::new();
    for pair in pairs.unwrap_or_default() {
        let key = text(pair.key, nulls);
        let before = *nulls;
        let value = match pair.value {
            Some(value) => any_value(value, depth, nulls)
                .map_err(|error| FieldError { field: format!("{parent}.{key}"), ..error })?,
            None => AnyValue::Empty,
        };
        check_nulls(parent, &key, *nulls - before)?;
        attributes.push((key, value));
    }
    Ok(attributes)
}

fn any_value(any: Any, depth: usize, nulls: &mut u64) -> Result<AnyValue, FieldError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    Ok(if let Some(string) = any.string_value {
        AnyValue::Text(clean(string.into(), nulls))
    } else if let Some(flag) = any.bool_value {
        AnyValue::Bool(flag)
    } else if let Some(whole) = any.int_value {
        let int = whole.get().and_then(|int| i64::try_from(int).ok());
        AnyValue::Int(int.ok_or_else(|| unreadable("int64"))?)
    } else if let Some(double) = any.double_value {
        self::double(double.get())?
    } else if let Some(array) = any.array_value {
        let values = array.values.unwrap_or_default().into_iter();
        AnyValue::Array(
            values.map(|any| any_value(any, depth + 1, nulls)).collect::<Result<_, _>>()?,
        )
    } else if let Some(map) = any.kvlist_value {
        AnyValue::Map(attributes(map.values, "value", depth + 1, nulls)?)
    } else if let Some(encoded) = any.bytes_value {
        let bytes = base64::decode(&encoded).ok_or_else(|| unreadable("base64"))?;
        AnyValue::Bytes(bytes.into())
    } else {
        AnyValue::Empty
    })
}

fn unreadable(what: &str) -> FieldError {
    FieldError::new("value", format!("is no {what}"))
}

fn text(given: Option<String>, nulls: &mut u64) -> Text {
    given.map(|text| clean(text.into(), nulls)).unwrap_or_default()
}

fn id(field: &str, given: Option<String>) -> Result<RawId, FieldError> {
    let Some(text) = given else { return Ok(RawId::new()) };
    hex::decode(&text).ok_or_else(|| {
        let shown: String = text.chars().take(64).collect();
        FieldError::new(field, format!("is `{shown}`; send hex"))
    })
}

fn unsigned(field: &str, given: Option<Whole>) -> Result<u64, FieldError> {
    let Some(whole) = given else { return Ok(0) };
    let number = whole.get().and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| FieldError::new(field, "is no unsigned 64-bit integer"))
}

fn number(
    field: &str,
    prefix: &str,
    names: &[&str],
    given: Option<Name>,
) -> Result<i64, FieldError> {
    let name = match given {
        None => return Ok(0),
        Some(Name::Number(number)) => return Ok(number),
        Some(Name::Text(name)) => name,
    };
    if let Ok(number) = name.parse::<i64>() {
        return Ok(number);
    }
    let short = name.strip_prefix(prefix).unwrap_or(&name);
    match names.iter().position(|known| known.eq_ignore_ascii_case(short)) {
        Some(at) => Ok(at as i64),
        None => {
            let shown: String = name.chars().take(64).collect();
            let allowed = names.join(", ");
            Err(FieldError::new(field, format!("is `{shown}`, which is none of {allowed}")))
        }
    }
}

/// A number, or the text of one: `"NaN"`, `"Infinity"`, `"-Infinity"`. A number that a double would
/// write otherwise keeps its digits.
fn double(raw: &str) -> Result<AnyValue, FieldError> {
    let no_double = || unreadable("double");
    if raw.starts_with('"') {
        let text: String = serde_json::from_str(raw).map_err(|_| no_double())?;
        return text.trim().parse().map(AnyValue::Double).map_err(|_| no_double());
    }
    // Of what begins so, JSON has numbers only.
    if !raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return Err(no_double());
    }
    let number: f64 = raw.parse().map_err(|_| no_double())?;
    if number.is_infinite() {
        let shown: String = raw.chars().take(64).collect();
        return Err(FieldError::new("value", format!("is {shown}, {}", finite::REMEDY)));
    }
    let is_written_so = serde_json::to_string(&number).is_ok_and(|written| written == raw);
    Ok(if is_written_so { AnyValue::Double(number) } else { AnyValue::Written(number, raw.into()) })
}
