//! Events and links as the JSON arrays that a span keeps.

use tracekeep_model::{Micros, Text};

use super::hex;
use super::json_text::JsonText;
use super::raw::{RawEvent, RawLink};
use super::value::Attribute;

/// Appends `{name, time, attributes}`. An event without a time has no `time`.
pub(super) fn append(events: &mut JsonText, event: &RawEvent) {
    events.open(b'{');
    events.key("name");
    events.string(&event.name);
    if event.nanos != 0 {
        events.key("time");
        events.string(&Micros::from_nanos(event.nanos).to_string());
    }
    append_attributes(events, &event.attributes, event.dropped_attributes);
    events.close(b'}');
}

/// The array of `{trace_id, span_id, attributes}`, if there are links.
pub(super) fn links(links: &[RawLink]) -> Option<Text> {
    if links.is_empty() {
        return None;
    }
    let mut json = JsonText::array();
    for link in links {
        json.open(b'{');
        json.key("trace_id");
        json.string(&hex::encode(&link.trace_id));
        json.key("span_id");
        json.string(&hex::encode(&link.span_id));
        if !link.trace_state.is_empty() {
            json.key("trace_state");
            json.string(&link.trace_state);
        }
        append_attributes(&mut json, &link.attributes, link.dropped_attributes);
        json.close(b'}');
    }
    json.close(b']');
    Some(json.finish())
}

fn append_attributes(json: &mut JsonText, attributes: &[Attribute], dropped: u64) {
    json.key("attributes");
    json.open(b'{');
    json.members(attributes);
    json.close(b'}');
    if dropped != 0 {
        json.key("dropped_attributes_count");
        json.plain(&dropped);
    }
}
