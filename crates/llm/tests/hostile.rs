//! Whatever a client or a provider sends, no reader panics, and what was read can be written.
//!
//! The bytes are arbitrary ones, and the fixtures with changes: of bytes, and of the JSON within,
//! where another value, of a type that may not be expected there, is put in some place. A protocol
//! takes part by its line in [`PROTOCOLS`] and its folder under `fixtures/llm`.

use std::{fs, path::PathBuf};

use proptest::{prelude::*, sample::Index};
use serde_json::{Map, Value};
use tracekeep_llm::{
    chat::{ApiError, Delta, Fresh},
    frame::sse,
    responses,
};

struct Protocol {
    /// The folder of its fixtures.
    folder: &'static str,
    /// Reads a request in all ways, and writes it; whether it could be read.
    request: fn(&[u8]) -> bool,
    /// The same of an answer, and of an error.
    response: fn(&[u8]) -> bool,
    /// The same of a stream.
    stream: fn(&[sse::Event]) -> bool,
}

const PROTOCOLS: &[Protocol] = &[Protocol {
    folder: "responses",
    request: |body| {
        let asked = responses::asked(body).is_ok();
        let Ok(mut request) = responses::read_request(body) else { return false };
        let _ = responses::write_request(&request);
        let _ = responses::release(&request);
        let _ = responses::adopt(&mut request);
        let _ = responses::write_request(&request);
        asked
    },
    response: |body| {
        check_error(&responses::read_error(500, body));
        let Ok(response) = responses::read_response(body) else { return false };
        let _ = responses::write_response(&response, &Fresh::default());
        true
    },
    stream: |events| {
        let (mut reader, mut writer) =
            (responses::Reader::default(), responses::Writer::new(Fresh::default()));
        read_stream(
            events,
            |event| reader.read(event).ok(),
            |delta| {
                writer.write(delta);
            },
        )
    },
}];

fn check_error(error: &ApiError) {
    assert!(!error.message.is_empty(), "an error says something");
}

/// Whether all events could be read; they end at most once, and at the end.
fn read_stream(
    events: &[sse::Event],
    mut read: impl FnMut(&sse::Event) -> Option<Vec<Delta>>,
    mut write: impl FnMut(&Delta),
) -> bool {
    let mut ends = 0;
    let mut is_read = true;
    for event in events {
        let deltas = read(event);
        is_read &= deltas.is_some();
        for delta in deltas.unwrap_or_default() {
            assert_eq!(ends, 0, "nothing comes after the end");
            ends += usize::from(delta == Delta::End);
            write(&delta);
        }
    }
    is_read
}

fn fixtures(protocol: &Protocol, folder: &str) -> Vec<Vec<u8>> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/llm"));
    let mut files: Vec<_> = fs::read_dir(root.join(protocol.folder).join(folder))
        .expect("a folder of fixtures")
        .map(|entry| entry.expect("an entry of the folder").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}/{folder} has fixtures", protocol.folder);
    files.iter().map(|file| fs::read(file).expect("a fixture")).collect()
}

fn events(bytes: &[u8]) -> Vec<sse::Event> {
    sse::Parser::default().push(bytes).unwrap_or_default()
}

fn requests(protocol: &Protocol) -> Vec<Vec<u8>> {
    fixtures(protocol, "requests")
}

fn responses_of(protocol: &Protocol) -> Vec<Vec<u8>> {
    fixtures(protocol, "responses")
}

/// A change of bytes: at a place some are taken out and others put in.
type Cut = (Index, usize, Vec<u8>);

fn cut() -> impl Strategy<Value = Cut> {
    (any::<Index>(), 0..20usize, prop::collection::vec(any::<u8>(), 0..6))
}

fn apply_cut(bytes: &mut Vec<u8>, (at, taken, put): &Cut) {
    let at = at.index(bytes.len() + 1);
    let end = (at + taken).min(bytes.len());
    drop(bytes.splice(at..end, put.iter().copied()));
}

/// A value that may not be expected.
fn odd() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "",
        "text",
        "message",
        "function_call",
        "reasoning",
        "user",
        "assistant",
        "system",
        "error",
        "data:",
        "data:;base64,",
        "completed",
        "failed",
        "incomplete",
        "image",
        "tool",
        "ü",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "type", "text", "content", "role", "id", "name", "error", "input", "output", "delta",
    ]);
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let fields = prop::collection::vec((names.clone(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            fields.prop_map(|fields| {
                let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(fields.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// A change of a JSON text: the value at a place, counted through all of it, becomes another, or
/// its field is taken out.
type Swap = (Index, Option<Value>);

fn swap() -> impl Strategy<Value = Swap> {
    (any::<Index>(), prop::option::weighted(0.8, odd()))
}

fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(values) => values.iter().map(places).sum(),
        Value::Object(fields) => fields.values().map(places).sum(),
        _ => 0,
    }
}

fn apply_swap(value: &mut Value, (at, new): &Swap) {
    let mut at = at.index(places(value));
    put(value, &mut at, new.as_ref());
}

/// Puts the value in the place that is that many further on. Whether it was reached.
fn put(value: &mut Value, at: &mut usize, new: Option<&Value>) -> bool {
    if *at == 0 {
        *value = new.cloned().unwrap_or_default();
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(values) => values.iter_mut().any(|value| put(value, at, new)),
        Value::Object(fields) => {
            let mut names = fields.iter_mut();
            let reached = names.find_map(|(name, value)| {
                let is_next = *at == 0;
                put(value, at, new).then(|| is_next.then(|| name.clone()))
            });
            if let (Some(Some(name)), None) = (&reached, new) {
                fields.remove(name);
            }
            reached.is_some()
        }
        _ => false,
    }
}

fn swapped(bytes: &[u8], swaps: &[Swap]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(bytes).expect("a fixture is JSON");
    swaps.iter().for_each(|swap| apply_swap(&mut value, swap));
    value.to_string().into_bytes()
}

#[test]
fn fixtures_are_read() {
    for protocol in PROTOCOLS {
        for body in requests(protocol) {
            let shown = String::from_utf8_lossy(&body);
            assert!((protocol.request)(&body), "{}: {shown}", protocol.folder);
        }
        for body in responses_of(protocol) {
            let shown = String::from_utf8_lossy(&body);
            assert!((protocol.response)(&body), "{}: {shown}", protocol.folder);
        }
        for bytes in fixtures(protocol, "streams") {
            let events = events(&bytes);
            assert!(!events.is_empty(), "{}: a stream has events", protocol.folder);
            assert!((protocol.stream)(&events), "{}: {events:?}", protocol.folder);
        }
    }
}

#[test]
fn a_swap_changes_one_place() {
    let swapped = |at: usize, new: Option<Value>| {
        let mut value = serde_json::json!({"a": [1, {"b": 2}], "c": 3});
        let mut at = at;
        assert!(put(&mut value, &mut at, new.as_ref()));
        value.to_string()
    };
    let new = || Some(Value::from("x"));
    assert_eq!(swapped(0, new()), "\"x\"");
    assert_eq!(swapped(2, new()), r#"{"a":["x",{"b":2}],"c":3}"#);
    assert_eq!(swapped(4, new()), r#"{"a":[1,{"b":"x"}],"c":3}"#);
    assert_eq!(swapped(4, None), r#"{"a":[1,{}],"c":3}"#);
    assert_eq!(swapped(5, None), r#"{"a":[1,{"b":2}]}"#);
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for protocol in PROTOCOLS {
            (protocol.request)(&bytes);
            (protocol.response)(&bytes);
            (protocol.stream)(&events(&bytes));
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (protocol.stream)(&[sse::Event::message(text)]);
        }
    }

    #[test]
    fn arbitrary_json(values in prop::collection::vec(odd(), 1..4)) {
        let bodies: Vec<_> = values.iter().map(Value::to_string).collect();
        for protocol in PROTOCOLS {
            for body in &bodies {
                (protocol.request)(body.as_bytes());
                (protocol.response)(body.as_bytes());
            }
            let events: Vec<_> = bodies.iter().map(sse::Event::message).collect();
            (protocol.stream)(&events);
        }
    }

    #[test]
    fn fixtures_whose_bytes_were_changed(
        which in any::<Index>(),
        cuts in prop::collection::vec(cut(), 1..4),
    ) {
        for protocol in PROTOCOLS {
            let change = |files: Vec<Vec<u8>>| {
                let mut bytes = which.get(&files).clone();
                cuts.iter().for_each(|cut| apply_cut(&mut bytes, cut));
                bytes
            };
            (protocol.request)(&change(requests(protocol)));
            (protocol.response)(&change(responses_of(protocol)));
            (protocol.stream)(&events(&change(fixtures(protocol, "streams"))));
        }
    }

    #[test]
    fn fixtures_whose_values_were_changed(
        which in any::<Index>(),
        swaps in prop::collection::vec(swap(), 1..4),
    ) {
        for protocol in PROTOCOLS {
            (protocol.request)(&swapped(which.get(&requests(protocol)), &swaps));
            (protocol.response)(&swapped(which.get(&responses_of(protocol)), &swaps));
        }
    }

    #[test]
    fn streams_whose_events_were_changed(
        which in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), swap()), 0..6),
        moves in prop::collection::vec((any::<Index>(), any::<Index>(), 0..3u8), 0..3),
    ) {
        for protocol in PROTOCOLS {
            let mut events = events(which.get(&fixtures(protocol, "streams")));
            for (at, swap) in &changes {
                let at = at.index(events.len());
                let event = &mut events[at];
                if let Ok(mut value) = serde_json::from_str(&event.data) {
                    apply_swap(&mut value, swap);
                    event.data = value.to_string();
                }
            }
            for (from, to, kind) in &moves {
                let (from, to) = (from.index(events.len()), to.index(events.len()));
                match kind {
                    0 => events.swap(from, to),
                    1 => {
                        let twice = events[from].clone();
                        events.insert(to, twice);
                    }
                    _ if events.len() > 1 => drop(events.remove(from)),
                    _ => {}
                }
            }
            (protocol.stream)(&events);
        }
    }
}
