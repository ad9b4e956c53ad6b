//! How many entries a span, a resource or a scope may hold.

#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::build::Message;
use super::*;
use crate::otlp::entries::{MOST_OF_SPAN, MOST_SHARED};
use crate::otlp::raw::RawLink;

const OF_SPAN: &str = "span holds more than 50000 attributes, events, links and values within them; \
                       send fewer, or a long list as JSON text";

/// A way to fill a span with so many entries: the member that holds them in JSON, its JSON, and the
/// same in protobuf.
struct Filling {
    member: &'static str,
    json: fn(usize) -> String,
    protobuf: fn(&mut Message, usize),
}

/// A list of so many empty objects.
fn list(count: usize) -> String {
    format!("[{}]", vec!["{}"; count].join(","))
}

/// So many empty messages.
fn empty(to: &mut Message, field: u64, count: usize) {
    (0..count).for_each(|_| to.bytes(field, &[]));
}

/// Of an attribute, its array, and an array and a map in that: three are entries, the rest is for the
/// last two.
const fn halves(count: usize) -> (usize, usize) {
    ((count - 3) / 2, (count - 3) - (count - 3) / 2)
}

const FILLINGS: &[Filling] = &[
    Filling { member: "attributes", json: list, protobuf: |to, count| empty(to, 9, count) },
    Filling { member: "events", json: list, protobuf: |to, count| empty(to, 11, count) },
    Filling { member: "links", json: list, protobuf: |to, count| empty(to, 13, count) },
    Filling {
        member: "events",
        json: |count| format!(r#"[{{"attributes":{}}}]"#, list(count - 1)),
        protobuf: |to, count| to.message(11, |event| empty(event, 3, count - 1)),
    },
    Filling {
        member: "links",
        json: |count| format!(r#"[{{"attributes":{}}}]"#, list(count - 1)),
        protobuf: |to, count| to.message(13, |link| empty(link, 4, count - 1)),
    },
    Filling {
        member: "attributes",
        json: |count| format!(r#"[{{"value":{{"arrayValue":{{"values":{}}}}}}}]"#, list(count - 1)),
        protobuf: |to, count| {
            to.message(9, |pair| {
                pair.message(2, |any| any.message(5, |array| empty(array, 1, count - 1)));
            });
        },
    },
    // An array of an array and a map: that neither has too many does not help.
    Filling {
        member: "attributes",
        json: |count| {
            let (array, map) = halves(count);
            format!(
                r#"[{{"value":{{"arrayValue":{{"values":[
                    {{"arrayValue":{{"values":{}}}}},{{"kvlistValue":{{"values":{}}}}}
                ]}}}}}}]"#,
                list(array),
                list(map)
            )
        },
        protobuf: |to, count| {
            let (array, map) = halves(count);
            to.message(9, |pair| {
                pair.message(2, |any| {
                    any.message(5, |values| {
                        values.message(1, |any| any.message(5, |inner| empty(inner, 1, array)));
                        values.message(1, |any| any.message(6, |inner| empty(inner, 1, map)));
                    });
                });
            });
        },
    },
];

impl Filling {
    /// What becomes of three spans, the second of which holds so many entries: in both encodings the
    /// same.
    fn decode(&self, count: usize) -> Decoded {
        let mut spans = Message::default();
        spans.message(2, |message| message.span(&span(&[])));
        spans.message(2, |message| {
            message.span(&span(&[]));
            (self.protobuf)(message, count);
        });
        spans.message(2, |message| message.span(&span(&[])));
        let mut request = Message::default();
        request.message(1, |resource_spans| resource_spans.bytes(2, &spans.0));
        let protobuf = decode_protobuf(&request.0.into(), RECEIVED).unwrap();

        let neighbour = build::json_span(&span(&[]));
        let mut filled = neighbour.clone();
        filled[self.member] = json!("HERE");
        let filled = filled.to_string().replace("\"HERE\"", &(self.json)(count));
        let json = of_json(&format!("{neighbour},{filled},{neighbour}"));

        assert_eq!(protobuf.patches, json.patches);
        assert_eq!(protobuf.rejected, json.rejected);
        protobuf
    }
}

/// What becomes of these spans.
fn of_json(spans: &str) -> Decoded {
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#);
    decode_json(&body.into(), RECEIVED).unwrap()
}

/// The one refusal, and how many patches there are.
fn refusal(decoded: &Decoded) -> (usize, String, usize) {
    let [rejected] = decoded.rejected.as_slice() else { panic!("{:?}", decoded.rejected) };
    (rejected.index, rejected.error.to_string(), decoded.patches.len())
}

#[test]
fn a_span_may_hold_so_many_entries() {
    for filling in FILLINGS {
        let decoded = filling.decode(MOST_OF_SPAN);
        assert_eq!((decoded.patches.len(), decoded.refused()), (3, 0), "{}", filling.member);
    }
}

#[test]
fn a_span_of_more_entries_goes_alone() {
    for filling in FILLINGS {
        let decoded = filling.decode(MOST_OF_SPAN + 1);
        assert_eq!(refusal(&decoded), (1, OF_SPAN.to_owned(), 2), "{}", filling.member);
    }
}

#[test]
fn entries_of_all_lists_are_counted_together() {
    let mut filled = span(&[]);
    filled.attributes = vec![attribute("a", 1i64); MOST_OF_SPAN - 2];
    filled.events = vec![event("e", &[])];
    filled.links = vec![RawLink::default()];
    assert_eq!(decode(&[group(vec![filled.clone()])]).refused(), 0);
    filled.links.push(RawLink::default());
    assert_eq!(rejection(filled), OF_SPAN);
}

#[test]
fn each_span_counts_for_itself() {
    let half = span(&vec![attribute("a", 1i64); MOST_OF_SPAN / 2 + 1]);
    assert_eq!(decode(&[group(vec![half.clone(), half])]).refused(), 0);
}

#[test]
fn what_comes_after_too_many_entries_is_not_read() {
    // No name, and no field of protobuf: who read so far would say so.
    let filled = format!(r#"{{"attributes":{},"name":7}}"#, list(MOST_OF_SPAN + 1));
    assert_eq!(refusal(&of_json(&filled)), (0, OF_SPAN.to_owned(), 0));

    let mut filled = Message::default();
    empty(&mut filled, 9, MOST_OF_SPAN + 1);
    filled.0.push(0);
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        resource_spans.message(2, |scope_spans| scope_spans.bytes(2, &filled.0));
    });
    let decoded = decode_protobuf(&request.0.into(), RECEIVED).unwrap();
    assert_eq!(refusal(&decoded), (0, OF_SPAN.to_owned(), 0));
}

#[test]
fn a_span_that_is_mended_is_counted_anew() {
    let with = |count: usize| {
        let mut filled = build::json_span(&span(&[]));
        filled["attributes"] = json!("HERE");
        filled["status"] = json!({ "message": "HALF" });
        of_json(&filled.to_string().replace("\"HERE\"", &list(count)).replace("HALF", r"\uD83D"))
    };
    let decoded = with(MOST_OF_SPAN);
    assert_eq!((decoded.patches.len(), decoded.refused()), (1, 0), "{:?}", decoded.rejected);
    assert_eq!(refusal(&with(MOST_OF_SPAN + 1)), (0, OF_SPAN.to_owned(), 0));
}

#[test]
fn lists_that_nobody_reads_are_not_counted() {
    let mut filled = build::json_span(&span(&[]));
    filled["other"] = json!("HERE");
    let decoded = of_json(&filled.to_string().replace("\"HERE\"", &list(MOST_OF_SPAN + 1)));
    assert_eq!((decoded.patches.len(), decoded.refused()), (1, 0));
}

#[test]
fn a_resource_or_scope_of_too_many_entries_rejects_its_own_spans() {
    let attributes = |count: usize| vec![attribute("a", 1i64); count];
    let plain = || group(vec![span(&[])]);
    let resource = |count: usize| Group { resource: attributes(count), ..plain() };
    let scope = |count: usize| {
        let scope = RawScope { attributes: attributes(count), ..RawScope::default() };
        Group { scope, ..plain() }
    };
    let most = decode(&[resource(MOST_SHARED), scope(MOST_SHARED)]);
    assert_eq!((most.patches.len(), most.refused()), (2, 0));
    for (holder, group) in
        [("resource", resource(MOST_SHARED + 1)), ("scope", scope(MOST_SHARED + 1))]
    {
        let wanted = format!(
            "{holder} holds more than 10000 attributes and values within them; send fewer, or a \
             long list as JSON text"
        );
        assert_eq!(refusal(&decode(&[plain(), group, plain()])), (1, wanted, 2));
    }
}
