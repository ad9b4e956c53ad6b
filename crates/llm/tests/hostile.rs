//! Whatever a client or a provider sends, no reader panics, and what one protocol read every other
//! can write.
//!
//! The bytes are arbitrary ones, and the fixtures with changes: of bytes, and of the JSON within,
//! where another value, of a type that may not be expected there, is put in some place. A protocol
//! takes part by its entry in [`PROTOCOLS`] and its folder under `fixtures/llm`.

use std::{ffi::OsStr, fs, path::PathBuf};

use proptest::{prelude::*, sample::Index};
use serde_json::{Map, Value};
use tracekeep_llm::{
    chat::{ApiError, Delta, Fresh, Request, Response},
    chat_completions::{self, Dialect, StreamUsage},
    converse,
    frame::sse,
    messages, responses,
};

type ReadEvent = Box<dyn FnMut(&sse::Event) -> Option<Vec<Delta>>>;
type WriteDelta = Box<dyn FnMut(&Delta)>;

/// All that reads and writes a protocol. What a protocol does not offer does nothing.
struct Protocol {
    /// The folder of its fixtures.
    folder: &'static str,
    asked: fn(&[u8]),
    read_request: fn(&[u8]) -> Option<Request>,
    write_request: fn(&Request),
    read_response: fn(&[u8]) -> Option<Response>,
    write_response: fn(&Response),
    read_error: fn(&[u8]) -> ApiError,
    write_error: fn(&ApiError),
    reader: fn() -> ReadEvent,
    writer: fn() -> WriteDelta,
}

const PROTOCOLS: &[Protocol] = &[
    Protocol {
        folder: "chat_completions",
        asked: |body| {
            let _ = chat_completions::asked(body);
            if let Ok(text) = std::str::from_utf8(body) {
                let _ = chat_completions::ask_usage(text);
            }
        },
        read_request: |body| chat_completions::read_request(body).ok(),
        write_request: |request| {
            let _ = chat_completions::release(request);
            for dialect in [Dialect::OpenAi, Dialect::Mistral, Dialect::Open] {
                let _ = chat_completions::write_request_in(request, dialect);
                let mut request = request.clone();
                let _ = chat_completions::adopt(&mut request, dialect);
                let _ = chat_completions::write_request_in(&request, dialect);
            }
        },
        read_response: |body| chat_completions::read_response(body).ok(),
        write_response: |response| {
            let _ = chat_completions::write_response(response, &Fresh::default());
        },
        read_error: |body| chat_completions::read_error(500, body),
        write_error: |error| {
            let _ = chat_completions::write_error(error);
        },
        reader: || {
            let mut reader = chat_completions::Reader::default();
            Box::new(move |event: &sse::Event| {
                let _ = chat_completions::hide_usage(event);
                reader.read(event).ok()
            })
        },
        writer: || {
            let mut writer = chat_completions::Writer::new(Fresh::default(), StreamUsage::Asked);
            Box::new(move |delta: &Delta| drop(writer.write(delta)))
        },
    },
    Protocol {
        folder: "responses",
        asked: |body| {
            let _ = responses::asked(body);
        },
        read_request: |body| responses::read_request(body).ok(),
        write_request: |request| {
            let _ = responses::write_request(request);
            let _ = responses::release(request);
            let mut request = request.clone();
            let _ = responses::adopt(&mut request);
            let _ = responses::write_request(&request);
        },
        read_response: |body| responses::read_response(body).ok(),
        write_response: |response| {
            let _ = responses::write_response(response, &Fresh::default());
        },
        read_error: |body| responses::read_error(500, body),
        write_error: |error| {
            let _ = responses::write_error(error);
        },
        reader: || {
            let mut reader = responses::Reader::default();
            Box::new(move |event: &sse::Event| reader.read(event).ok())
        },
        writer: || {
            let mut writer = responses::Writer::new(Fresh::default());
            Box::new(move |delta: &Delta| drop(writer.write(delta)))
        },
    },
    Protocol {
        folder: "messages",
        asked: |body| {
            let _ = messages::asked(body);
            let _ = messages::read_token_count(body);
            if let Ok(text) = std::str::from_utf8(body) {
                let _ = messages::invoke_body(text);
            }
        },
        read_request: |body| messages::read_request(body).ok(),
        write_request: |request| {
            let _ = messages::check(request);
            let _ = messages::release(request);
            let _ = messages::write_request(request);
            let _ = messages::write_invoke_request(request);
            let _ = converse::check(request);
            let _ = converse::write_request(request);
        },
        read_response: |body| {
            let _ = converse::read_response(body);
            messages::read_response(body).ok()
        },
        write_response: |response| {
            let _ = messages::write_response(response, &Fresh::default());
        },
        read_error: |body| {
            assert!(!converse::read_error(500, body).message.is_empty());
            messages::read_error(500, body)
        },
        write_error: |error| {
            let _ = messages::write_error(error);
        },
        reader: || {
            let mut reader = messages::Reader::default();
            Box::new(move |event: &sse::Event| reader.read(event).ok())
        },
        writer: || {
            let mut writer = messages::Writer::new(Fresh::default());
            Box::new(move |delta: &Delta| drop(writer.write(delta)))
        },
    },
];

impl Protocol {
    /// Whether the bytes could be read as a request.
    fn request(&self, body: &[u8]) -> bool {
        (self.asked)(body);
        let request = (self.read_request)(body);
        for other in PROTOCOLS {
            request.iter().for_each(other.write_request);
        }
        request.is_some()
    }

    /// Whether the bytes could be read as an answer; any can as an error.
    fn response(&self, body: &[u8]) -> bool {
        let error = (self.read_error)(body);
        assert!(!error.message.is_empty(), "an error says something");
        let response = (self.read_response)(body);
        for other in PROTOCOLS {
            (other.write_error)(&error);
            response.iter().for_each(other.write_response);
        }
        response.is_some()
    }

    /// Whether all events could be read.
    fn stream(&self, events: &[sse::Event]) -> bool {
        let mut read = (self.reader)();
        let mut writers: Vec<_> = PROTOCOLS.iter().map(|other| (other.writer)()).collect();
        let (mut ends, mut is_read) = (0, true);
        for event in events {
            let deltas = read(event);
            is_read &= deltas.is_some();
            for delta in deltas.unwrap_or_default() {
                assert_eq!(ends, 0, "nothing comes after the end");
                ends += usize::from(delta == Delta::End);
                writers.iter_mut().for_each(|write| write(&delta));
            }
        }
        is_read
    }

    /// Its fixtures of that folder, in the order of their names.
    fn fixtures(&self, folder: &str, extension: &str) -> Vec<Vec<u8>> {
        let root = PathBuf::from(
            std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests")
                + "/../../fixtures/llm",
        );
        let mut files: Vec<_> = fs::read_dir(root.join(self.folder).join(folder))
            .expect("a folder of fixtures")
            .map(|entry| entry.expect("an entry of the folder").path())
            .filter(|path| path.extension() == Some(OsStr::new(extension)))
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{}/{folder} has fixtures", self.folder);
        files.iter().map(|file| fs::read(file).expect("a fixture")).collect()
    }

    fn requests(&self) -> Vec<Vec<u8>> {
        self.fixtures("requests", "json")
    }

    fn responses(&self) -> Vec<Vec<u8>> {
        self.fixtures("responses", "json")
    }

    fn streams(&self) -> Vec<Vec<u8>> {
        self.fixtures("streams", "sse")
    }
}

fn events(bytes: &[u8]) -> Vec<sse::Event> {
    sse::Parser::default().push(bytes).unwrap_or_default()
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
        Value::Array(values) => values.iter().map(places).sum::<usize>(),
        Value::Object(fields) => fields.values().map(places).sum::<usize>(),
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

/// Without this the others could be about what no reader ever looks into. That every fixture is
/// read is for the protocols' own tests.
#[test]
fn fixtures_are_read() {
    for protocol in PROTOCOLS {
        let folder = protocol.folder;
        assert!(protocol.requests().iter().any(|body| protocol.request(body)), "{folder}");
        assert!(protocol.responses().iter().any(|body| protocol.response(body)), "{folder}");
        let streams = protocol.streams();
        let mut streams = streams.iter().map(|bytes| events(bytes));
        assert!(streams.all(|events| !events.is_empty() && protocol.stream(&events)), "{folder}");
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
            protocol.request(&bytes);
            protocol.response(&bytes);
            protocol.stream(&events(&bytes));
            let text = String::from_utf8_lossy(&bytes).into_owned();
            protocol.stream(&[sse::Event::message(text)]);
        }
    }

    #[test]
    fn arbitrary_json(values in prop::collection::vec(odd(), 1..4)) {
        let bodies: Vec<_> = values.iter().map(Value::to_string).collect();
        for protocol in PROTOCOLS {
            for body in &bodies {
                protocol.request(body.as_bytes());
                protocol.response(body.as_bytes());
            }
            let events: Vec<_> = bodies.iter().map(sse::Event::message).collect();
            protocol.stream(&events);
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
            protocol.request(&change(protocol.requests()));
            protocol.response(&change(protocol.responses()));
            protocol.stream(&events(&change(protocol.streams())));
        }
    }

    #[test]
    fn fixtures_whose_values_were_changed(
        which in any::<Index>(),
        swaps in prop::collection::vec(swap(), 1..4),
    ) {
        for protocol in PROTOCOLS {
            protocol.request(&swapped(which.get(protocol.requests().as_slice()).as_slice(), &swaps));
            protocol.response(&swapped(which.get(protocol.responses().as_slice()).as_slice(), &swaps));
        }
    }

    #[test]
    fn streams_whose_events_were_changed(
        which in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), swap()), 0..6),
        moves in prop::collection::vec((any::<Index>(), any::<Index>(), 0..3u8), 0..3),
    ) {
        for protocol in PROTOCOLS {
            let mut events = events(which.get(protocol.streams().as_slice()).as_slice());
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
            protocol.stream(&events);
        }
    }
}
