//! `ExportTraceServiceRequest` in protobuf. The numbers are those of `trace.proto`, `common.proto`
//! and `resource.proto`; fields that are not read are skipped.

use bytes::Bytes;
use tracekeep_model::Text;

use super::collect::Collector;
use super::entries::Entries;
use super::raw::{RawEvent, RawId, RawLink, RawScope, RawSpan, clean};
use super::resource::Resource;
use super::trace::check_nulls;
use super::value::{AnyValue, Attribute, MAX_DEPTH};
use super::wire::{Reader, Wire, WireError};
use crate::{Decoded, FieldError, Receipt};

/// Reads a request.
pub(super) fn decode(body: &Bytes, receipt: Receipt<'_>) -> Result<Decoded, WireError> {
    let mut collector = Collector::new(receipt);
    let mut request = Reader::new(body);
    while let Some(field) = request.field()? {
        if let (1, Wire::Len(resource_spans)) = field {
            read_resource_spans(resource_spans, &mut collector)?;
        }
    }
    Ok(collector.finish())
}

fn read_resource_spans(
    message: Reader<'_>,
    collector: &mut Collector<'_>,
) -> Result<(), WireError> {
    let resource = match find_message(message, 1)? {
        Some(resource) => collector.resource(|nulls| {
            Entries::of_resource().within(|entries| read_resource(resource, nulls, entries))
        }),
        None => collector.resource(|_| Ok(Vec::new())),
    };
    let mut fields = message;
    while let Some(field) = fields.field()? {
        if let (2, Wire::Len(scope_spans)) = field {
            read_scope_spans(scope_spans, &resource, collector)?;
        }
    }
    Ok(())
}

fn read_scope_spans(
    message: Reader<'_>,
    resource: &Result<Resource, FieldError>,
    collector: &mut Collector<'_>,
) -> Result<(), WireError> {
    let origin = match find_message(message, 1)? {
        Some(scope) => collector.origin(resource, |nulls| {
            Entries::of_scope().within(|entries| read_scope(scope, nulls, entries))
        }),
        None => collector.origin(resource, |_| Ok(RawScope::default())),
    };
    let mut fields = message;
    while let Some(field) = fields.field()? {
        if let (2, Wire::Len(span)) = field {
            collector.span(&origin, |nulls| {
                Entries::of_span().within(|entries| read_span(span, nulls, entries))
            });
        }
    }
    Ok(())
}

/// The resource or scope need not come before the spans, so it is looked for first.
fn find_message(mut message: Reader<'_>, number: u32) -> Result<Option<Reader<'_>>, WireError> {
    while let Some((found, wire)) = message.field()? {
        if let Wire::Len(inner) = wire
            && found == number
        {
            return Ok(Some(inner));
        }
    }
    Ok(None)
}

fn read_resource(
    mut message: Reader<'_>,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<Vec<Attribute>, FieldError> {
    let mut attributes = Vec::new();
    while let Some(field) = message.field()? {
        if let (1, Wire::Len(pair)) = field {
            attributes.push(read_attribute(pair, "resource.attributes", 0, nulls, entries)?);
        }
    }
    Ok(attributes)
}

fn read_scope(
    mut message: Reader<'_>,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<RawScope, FieldError> {
    let mut scope = RawScope::default();
    while let Some(field) = message.field()? {
        match field {
            (1, Wire::Len(text)) => scope.name = read_text(text, "scope.name", nulls)?,
            (2, Wire::Len(text)) => scope.version = read_text(text, "scope.version", nulls)?,
            (3, Wire::Len(pair)) => {
                scope.attributes.push(read_attribute(pair, "scope.attributes", 0, nulls, entries)?);
            }
            _ => {}
        }
    }
    Ok(scope)
}

fn read_span(
    mut message: Reader<'_>,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<RawSpan, FieldError> {
    let mut span = RawSpan { attributes: Vec::with_capacity(24), ..RawSpan::default() };
    while let Some(field) = message.field()? {
        match field {
            (1, Wire::Len(id)) => span.trace_id = RawId::from_slice(id.as_slice()),
            (2, Wire::Len(id)) => span.span_id = RawId::from_slice(id.as_slice()),
            (3, Wire::Len(text)) => span.trace_state = read_text(text, "trace_state", nulls)?,
            (4, Wire::Len(id)) => span.parent_span_id = RawId::from_slice(id.as_slice()),
            (5, Wire::Len(text)) => span.name = read_text(text, "name", nulls)?,
            (6, Wire::Varint(kind)) => span.kind = kind as i64,
            (7, Wire::Fixed64(nanos)) => span.start_nanos = nanos,
            (8, Wire::Fixed64(nanos)) => span.end_nanos = nanos,
            (9, Wire::Len(pair)) => {
                span.attributes.push(read_attribute(pair, "attributes", 0, nulls, entries)?);
            }
            (10, Wire::Varint(count)) => span.dropped_attributes = count,
            (11, Wire::Len(event)) => span.events.push(read_event(event, nulls, entries)?),
            (12, Wire::Varint(count)) => span.dropped_events = count,
            (13, Wire::Len(link)) => span.links.push(read_link(link, nulls, entries)?),
            (14, Wire::Varint(count)) => span.dropped_links = count,
            (15, Wire::Len(status)) => read_status(status, &mut span, nulls)?,
            _ => {}
        }
    }
    Ok(span)
}

fn read_status(
    mut message: Reader<'_>,
    span: &mut RawSpan,
    nulls: &mut u64,
) -> Result<(), FieldError> {
    while let Some(field) = message.field()? {
        match field {
            (2, Wire::Len(text)) => span.status_message = read_text(text, "status.message", nulls)?,
            (3, Wire::Varint(code)) => span.status_code = code as i64,
            _ => {}
        }
    }
    Ok(())
}

fn read_event(
    mut message: Reader<'_>,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<RawEvent, FieldError> {
    entries.add()?;
    let mut event = RawEvent::default();
    while let Some(field) = message.field()? {
        match field {
            (1, Wire::Fixed64(nanos)) => event.nanos = nanos,
            (2, Wire::Len(text)) => event.name = read_text(text, "events.name", nulls)?,
            (3, Wire::Len(pair)) => {
                let attribute = read_attribute(pair, "events.attributes", 0, nulls, entries)?;
                event.attributes.push(attribute);
            }
            (4, Wire::Varint(count)) => event.dropped_attributes = count,
            _ => {}
        }
    }
    Ok(event)
}

fn read_link(
    mut message: Reader<'_>,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<RawLink, FieldError> {
    entries.add()?;
    let mut link = RawLink::default();
    while let Some(field) = message.field()? {
        match field {
            (1, Wire::Len(id)) => link.trace_id = RawId::from_slice(id.as_slice()),
            (2, Wire::Len(id)) => link.span_id = RawId::from_slice(id.as_slice()),
            (3, Wire::Len(text)) => link.trace_state = read_text(text, "links.trace_state", nulls)?,
            (4, Wire::Len(pair)) => {
                link.attributes.push(read_attribute(pair, "links.attributes", 0, nulls, entries)?);
            }
            (5, Wire::Varint(count)) => link.dropped_attributes = count,
            _ => {}
        }
    }
    Ok(link)
}

fn read_attribute(
    mut message: Reader<'_>,
    parent: &str,
    depth: usize,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<Attribute, FieldError> {
    entries.add()?;
    let (mut key, mut value) = (Text::new(), AnyValue::Empty);
    let mut within = 0;
    while let Some(field) = message.field()? {
        match field {
            (1, Wire::Len(text)) => key = read_text(text, parent, nulls)?,
            (2, Wire::Len(any)) => {
                let before = *nulls;
                value = read_value(any, depth, nulls, entries)
                    .map_err(|error| FieldError { field: format!("{parent}.{key}"), ..error })?;
                within += *nulls - before;
            }
            _ => {}
        }
    }
    check_nulls(parent, &key, within)?;
    Ok((key, value))
}

fn read_value(
    mut message: Reader<'_>,
    depth: usize,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<AnyValue, FieldError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let mut value = AnyValue::Empty;
    while let Some(field) = message.field()? {
        value = match field {
            (1, Wire::Len(text)) => AnyValue::Text(read_text(text, "value", nulls)?),
            (2, Wire::Varint(flag)) => AnyValue::Bool(flag != 0),
            (3, Wire::Varint(int)) => AnyValue::Int(int as i64),
            (4, Wire::Fixed64(bits)) => AnyValue::Double(f64::from_bits(bits)),
            (5, Wire::Len(array)) => AnyValue::Array(read_array(array, depth + 1, nulls, entries)?),
            (6, Wire::Len(map)) => AnyValue::Map(read_map(map, depth + 1, nulls, entries)?),
            (7, Wire::Len(bytes)) => AnyValue::Bytes(bytes.bytes()),
            _ => value,
        };
    }
    Ok(value)
}

fn read_array(
    mut message: Reader<'_>,
    depth: usize,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<Vec<AnyValue>, FieldError> {
    let mut values = Vec::new();
    while let Some(field) = message.field()? {
        if let (1, Wire::Len(any)) = field {
            entries.add()?;
            values.push(read_value(any, depth, nulls, entries)?);
        }
    }
    Ok(values)
}

fn read_map(
    mut message: Reader<'_>,
    depth: usize,
    nulls: &mut u64,
    entries: &Entries,
) -> Result<Vec<Attribute>, FieldError> {
    let mut members = Vec::new();
    while let Some(field) = message.field()? {
        if let (1, Wire::Len(pair)) = field {
            members.push(read_attribute(pair, "value", depth, nulls, entries)?);
        }
    }
    Ok(members)
}

fn read_text(message: Reader<'_>, field: &str, nulls: &mut u64) -> Result<Text, FieldError> {
    match Text::try_from(message.bytes()) {
        Ok(text) => Ok(clean(text, nulls)),
        Err(error) => Err(FieldError::new(
            field,
            format!("is no UTF-8 text: {error}; send bytes as bytes_value"),
        )),
    }
}

/// The reason both encodings give.
pub(super) fn too_deep() -> FieldError {
    FieldError::new("value", format!("nests deeper than {MAX_DEPTH} levels; send it as JSON text"))
}
