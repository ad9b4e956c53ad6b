//! One span, from what was sent to what is stated.

use tracekeep_model::{Field, Level, Micros, State, Status, Step, Text, Version};

use super::exception::{self, Errors};
use super::genai::GenAi;
use super::json_text::JsonText;
use super::raw::{RawEvent, RawSpan, said};
use super::resource::Origin;
use super::slot::Slot;
use super::trace::{TraceAttributes, TraceFacts};
use super::value::{AnyValue, Attribute, Metadata};
use super::writer::Writer;
use super::{events, hex};
use crate::{FieldError, Receipt, past_retention};

/// `STATUS_CODE_ERROR`.
const ERROR: i64 = 2;

/// What one span says.
#[derive(Debug)]
pub(super) struct Patch {
    /// The trace it belongs to.
    pub(super) trace_id: [u8; 16],
    /// Its id, in hex.
    pub(super) span_id: Text,
    /// The span.
    pub(super) state: State,
    /// What it says of its trace.
    pub(super) trace: TraceAttributes,
    /// The one version of all of it.
    pub(super) version: Version,
}

/// What a span must have.
#[derive(Debug)]
struct Head {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    parent: Option<Text>,
    start: Micros,
    /// `None`: the span has not ended yet, and is sent again when it has.
    end: Option<Micros>,
    version: Version,
}

/// What its attributes and events say, by convention.
#[derive(Debug, Default)]
struct Facts {
    genai: GenAi,
    errors: Errors,
    trace: TraceFacts,
    user_agent: Slot,
    ip: Slot,
    events: Option<JsonText>,
    metadata: Metadata,
}

/// Reads one span.
///
/// # Errors
/// Names what is missing or wrong; then nothing of the span is kept.
pub(super) fn read(
    raw: RawSpan,
    origin: &Origin,
    receipt: Receipt<'_>,
) -> Result<Patch, FieldError> {
    let received = receipt.at;
    let head = Head::read(&raw, receipt)?;
    let mut facts = Facts::default();
    facts.protocol(&raw);
    facts.gather(raw.attributes, raw.events, received)?;

    let mut trace = std::mem::take(&mut facts.trace).finish()?;
    if head.parent.is_none() {
        trace.root_name = said(&raw.name);
    }
    let status = match (head.end, raw.status_code) {
        (None, _) => Status::Pending,
        (Some(_), ERROR) => Status::Error,
        (Some(_), _) => Status::Success,
    };
    let failed = raw.status_code == ERROR;
    let message = said(&raw.status_message);

    let mut to = Writer::new(received, 32 + facts.metadata.len(), head.version);
    to.set(Field::ParentSpanId, head.parent);
    to.set(Field::Kind, Some(facts.genai.kind()));
    to.set(Field::Name, said(&raw.name));
    to.set(Field::Status, Some(status));
    to.set(Field::Level, Some(if failed { Level::Error } else { Level::Default }));
    to.set(Field::StatusMessage, message.clone());
    facts.errors.write(&mut to, failed, message, &mut facts.metadata);
    to.set(Field::StartTime, Some(head.start));
    to.set(Field::EndTime, head.end);
    let mut usage = facts.genai.write(&mut to, &mut facts.metadata);
    origin.write(&mut to);
    to.set(Field::UserAgent, facts.user_agent.into_text());
    to.set(Field::Ip, facts.ip.into_text());
    to.set(Field::Events, facts.events.map(close_array));
    to.set(Field::Links, events::links(&raw.links));
    usage.write_given(&mut to);
    origin.append_metadata(&mut facts.metadata);
    write_metadata(facts.metadata, &mut to);
    usage.write(&mut to);

    Ok(Patch {
        trace_id: head.trace_id,
        span_id: hex::encode(&head.span_id).into(),
        state: to.finish(),
        trace: trace.or(origin.trace()),
        version: head.version,
    })
}

impl Head {
    fn read(raw: &RawSpan, receipt: Receipt<'_>) -> Result<Self, FieldError> {
        let received = receipt.at;
        let trace_id = id("trace_id", &raw.trace_id)?;
        let span_id = id("span_id", &raw.span_id)?;
        // Some senders write "no parent" as zeros.
        let parent = match raw.parent_span_id.as_slice() {
            [] | [0, 0, 0, 0, 0, 0, 0, 0] => None,
            bytes => Some(hex::encode(&id::<8>("parent_span_id", bytes)?).into()),
        };
        if raw.start_nanos == 0 {
            let reason = "is 0; send when the span began, in nanoseconds since 1970";
            return Err(FieldError::new("start_time_unix_nano", reason));
        }
        let start = time("start_time_unix_nano", raw.start_nanos, received)?;
        if start < receipt.keeps_from {
            let reason = past_retention(start, receipt.keeps_from);
            return Err(FieldError::new("start_time_unix_nano", reason));
        }
        let end = match raw.end_nanos {
            0 => None,
            nanos => Some(time("end_time_unix_nano", nanos, received)?),
        };
        let step = if end.is_some() { Step::End } else { Step::Start };
        let version = Version::stated(end.unwrap_or(start), received, step);
        Ok(Self { trace_id, span_id, parent, start, end, version })
    }
}

impl Facts {
    /// What the protocol itself says and no field holds.
    fn protocol(&mut self, raw: &RawSpan) {
        let kind = match raw.kind {
            0 | 1 => None,
            2 => Some(Text::from_static("\"SERVER\"")),
            3 => Some(Text::from_static("\"CLIENT\"")),
            4 => Some(Text::from_static("\"PRODUCER\"")),
            5 => Some(Text::from_static("\"CONSUMER\"")),
            other => Some(other.to_string().into()),
        };
        self.metadata.reserve(raw.attributes.len() + 4);
        if let Some(kind) = kind {
            self.metadata.push((Text::from_static("otel.kind"), kind));
        }
        if !raw.trace_state.is_empty() {
            let json = AnyValue::Text(raw.trace_state.clone()).into_json();
            self.metadata.push((Text::from_static("otel.trace_state"), json));
        }
        for (key, count) in [
            ("otel.dropped_attributes_count", raw.dropped_attributes),
            ("otel.dropped_events_count", raw.dropped_events),
            ("otel.dropped_links_count", raw.dropped_links),
        ] {
            if count != 0 {
                self.metadata.push((Text::from_static(key), count.to_string().into()));
            }
        }
    }

    fn gather(
        &mut self,
        attributes: Vec<Attribute>,
        mut raw_events: Vec<RawEvent>,
        received: Micros,
    ) -> Result<(), FieldError> {
        for (key, value) in attributes {
            if let Some((key, value)) = self.take(key, value)? {
                self.metadata.push((key, value.into_json()));
            }
        }
        self.genai.details(&mut raw_events);
        // Of several exceptions the last one ended the span; the others stay events.
        let last = raw_events.iter().rposition(|event| &*event.name == exception::EVENT);
        for (at, event) in raw_events.into_iter().enumerate() {
            let left = if Some(at) == last {
                self.errors.exception(event)
            } else {
                self.genai.event(event, received)
            };
            if let Some(event) = left {
                events::append(self.events.get_or_insert_with(JsonText::array), &event);
            }
        }
        Ok(())
    }

    /// Offers an attribute to the convention it belongs to; what nobody takes comes back.
    fn take(&mut self, key: Text, value: AnyValue) -> Result<Option<Attribute>, FieldError> {
        match key.split_once('.') {
            Some(("gen_ai", "conversation.id" | "user" | "user.id" | "request.user"))
            | Some(("tracekeep" | "user" | "enduser" | "session" | "deployment", _)) => {
                self.trace.take(key, value)
            }
            Some(("gen_ai", _)) => self.genai.take(key, value),
            Some(("error" | "http" | "user_agent" | "client", _)) => Ok(match &*key {
                "user_agent.original" => self.user_agent.offer(2, key, value),
                "http.user_agent" => self.user_agent.offer(1, key, value),
                "client.address" => self.ip.offer(2, key, value),
                "http.client_ip" => self.ip.offer(1, key, value),
                _ => self.errors.take(key, value),
            }),
            _ => Ok(Some((key, value))),
        }
    }
}

/// Appending in register order is fastest.
fn write_metadata(mut metadata: Metadata, to: &mut Writer) {
    metadata.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (key, json) in metadata {
        to.metadata(key, json);
    }
}

fn close_array(mut json: JsonText) -> Text {
    json.close(b']');
    json.finish()
}

/// Checks an id of `N` bytes.
fn id<const N: usize>(field: &str, bytes: &[u8]) -> Result<[u8; N], FieldError> {
    match <[u8; N]>::try_from(bytes) {
        Ok(id) if id != [0; N] => Ok(id),
        Ok(_) => Err(FieldError::new(field, "is all zeros; send the id that the SDK made")),
        Err(_) => {
            let reason = format!("is {} bytes long; send {N}", bytes.len());
            Err(FieldError::new(field, reason))
        }
    }
}

fn time(field: &str, nanos: u64, received: Micros) -> Result<Micros, FieldError> {
    Micros::from_nanos(nanos).check(received).map_err(|error| FieldError::new(field, error))
}
