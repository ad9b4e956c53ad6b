#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::Value;

use super::super::fixtures;
use super::*;
use crate::frame::sse::Splitter;

#[test]
fn usage_is_asked_for_and_nothing_else_changes() {
    let asks = |body: &str| ask_usage(body).unwrap();
    assert_eq!(
        asks("{ \"model\":\"m\", \"stream\":true , \"n\":1.0 }"),
        "{ \"model\":\"m\", \"stream\":true , \"n\":1.0 ,\"stream_options\":{\"include_usage\":true}}"
    );
    assert_eq!(
        asks("{\"stream_options\": {\"include_obfuscation\": false },\"stream\":true}"),
        "{\"stream_options\": {\"include_obfuscation\": false ,\"include_usage\":true},\"stream\":true}"
    );
    assert_eq!(
        asks("{\"stream\":true,\"stream_options\":{\"include_usage\":false}}"),
        "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"
    );
    assert_eq!(
        asks("{\"stream\":true,\"stream_options\":null}"),
        "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"
    );
}

#[test]
fn who_asks_already_or_wants_no_stream_is_left_alone() {
    for body in [
        "{\"model\":\"m\"}",
        "{\"stream\":false}",
        "{\"stream\":true,\"stream\":false}",
        "{\"stream\":true, \"stream_options\":{ \"include_usage\":true}}",
    ] {
        assert_eq!(ask_usage(body).unwrap(), body);
    }
}

#[test]
fn options_that_are_none_are_named() {
    let error = ask_usage("{\"stream\":true,\"stream_options\":5}").unwrap_err();
    assert_eq!(error.field, "stream_options");
    assert_eq!(ask_usage("[]").unwrap_err().field, "body");
}

#[test]
fn a_client_that_did_not_ask_sees_a_stream_without_usage() {
    let events = fixtures::events("streams/openai_text.sse");
    let hidden: Vec<_> = events.iter().filter_map(hide_usage).collect();
    let expected: Vec<_> = events
        .iter()
        .filter(|event| !event.data.contains("\"choices\":[],"))
        .map(|event| Event { data: event.data.replace(",\"usage\":null", ""), ..event.clone() })
        .collect();
    assert_eq!(hidden, expected);
    assert_eq!(hidden.len(), events.len() - 1);
    assert_eq!(hidden.last().unwrap().data, "[DONE]");
    assert!(events[0].data.contains("usage") && !hidden[0].data.contains("usage"));
    assert!(hidden[0].data.contains("\"obfuscation\":\"aB3\""), "what is unknown stays");
}

#[test]
fn azures_filter_results_and_usage_that_nobody_asked_for_stay() {
    let azure = fixtures::events("streams/azure.sse");
    assert_eq!(hide_usage(&azure[0]).as_ref(), Some(&azure[0]));
    for stream in ["streams/groq.sse", "streams/mistral.sse", "streams/openrouter.sse"] {
        for event in fixtures::events(stream) {
            assert_eq!(hide_usage(&event).as_ref(), Some(&event), "{stream}");
        }
    }
    let odd = Event::message("{\"usage\" no JSON");
    assert_eq!(hide_usage(&odd), Some(odd.clone()));
}

/// A stream as it goes on, in pieces of that length.
fn shown(stream: &[u8], length: usize) -> Vec<u8> {
    let mut splitter = Splitter::default();
    let pieces = stream.chunks(length).map(Bytes::copy_from_slice);
    let mut parts: Vec<_> = pieces.flat_map(|piece| splitter.push(&piece).unwrap()).collect();
    parts.push(splitter.finish());
    let mut shown = Vec::new();
    for part in &parts {
        match hide_usage_raw(part) {
            Hidden::Keep => shown.extend_from_slice(part),
            Hidden::Drop => {}
            Hidden::Replace(bytes) => shown.extend_from_slice(&bytes),
        }
    }
    shown
}

#[test]
fn all_bytes_but_usage_go_on_as_they_came() {
    let stream = ": OPENROUTER PROCESSING\r\n\r\nid: 7\r\n\
                  data: {\"choices\":[{}],  \"usage\":null}\r\n\r\n\
                  data:{\"choices\":[{\"delta\":{\"content\":\"\\u0041\"}}]}\n\n\
                  data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n: wait\n\ndata: [DONE]";
    let expected = stream
        .replace(",  \"usage\":null", "")
        .replace("data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n", "");
    for length in 1..=stream.len() {
        let shown = shown(stream.as_bytes(), length);
        assert_eq!(String::from_utf8(shown).unwrap(), expected, "pieces of {length}");
    }
}

#[test]
fn a_stream_that_needs_no_change_has_none() {
    for stream in ["streams/groq.sse", "streams/mistral.sse", "streams/openrouter.sse"] {
        let bytes = fixtures::bytes(stream);
        assert_eq!(shown(&bytes, 50), bytes, "{stream}");
    }
}

#[test]
fn the_events_that_go_on_are_those_of_a_client_that_did_not_ask() {
    for stream in ["streams/openai_text.sse", "streams/azure.sse"] {
        let bytes = fixtures::bytes(stream);
        let expected: Vec<_> = fixtures::events(stream).iter().filter_map(hide_usage).collect();
        assert_eq!(Parser::default().push(&shown(&bytes, 33)).unwrap(), expected, "{stream}");
    }
}

#[test]
fn usage_in_a_last_event_without_end_is_hidden() {
    let usage = b"data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}";
    assert_eq!(hide_usage_raw(usage), Hidden::Drop);
    let null = b"data: {\"choices\":[{}],\"usage\":null}";
    assert_eq!(hide_usage_raw(null), Hidden::Replace("data: {\"choices\":[{}]}".into()));
}

fn replaced(part: &str) -> Hidden {
    Hidden::Replace(Bytes::copy_from_slice(part.as_bytes()))
}

/// Whether a part is done without reading its JSON.
fn is_fast(part: &str) -> bool {
    let at = FIND_NAME.find(part.as_bytes()).unwrap();
    null_usage(part.as_bytes(), at).is_some()
}

#[test]
fn a_null_usage_is_cut_out_without_reading_the_json() {
    for (part, expected) in [
        ("data: {\"a\":1,\"usage\":null}\n\n", "data: {\"a\":1}\n\n"),
        ("data:{\"a\":1, \"usage\": null}\r\n\r\n", "data:{\"a\":1}\r\n\r\n"),
        (
            "data: {\"a\":[{}],\"usage\":null,\"b\":{\"c\":[\"}\\\"\\\\\"]},\"d\":\"]\"}\r\r",
            "data: {\"a\":[{}],\"b\":{\"c\":[\"}\\\"\\\\\"]},\"d\":\"]\"}\r\r",
        ),
        ("data: {\"a\":\"\\\"usage\\\"\",\"usage\":null}", "data: {\"a\":\"\\\"usage\\\"\"}"),
    ] {
        assert!(is_fast(part), "{part}");
        assert_eq!(hide_usage_raw(part.as_bytes()), replaced(expected), "{part}");
    }
}

#[test]
fn what_only_a_reader_can_tell_is_read() {
    for (part, expected) in [
        // It is not the chunk's own.
        ("data: {\"x\":{\"a\":1,\"usage\":null}}\n\n", Hidden::Keep),
        ("data: {\"x\":[{\"a\":1,\"usage\":null}]}\n\n", Hidden::Keep),
        ("data: [{\"a\":1,\"usage\":null}]\n\n", Hidden::Keep),
        ("data: {\"x\":{\"a\":1,\"usage\":null},\"usage\":{}}\n\n", Hidden::Keep),
        // It is no null, or no name.
        ("data: {\"a\":1,\"usage\":nullable}\n\n", Hidden::Keep),
        ("data: {\"a\":[1,\"usage\"]}\n\n", Hidden::Keep),
        // It is in no data, or the data has no end.
        (": {\"a\":1,\"usage\":null}\n\n", Hidden::Keep),
        ("event: x\ndata: 1\nx: {\"a\":1,\"usage\":null}\n\n", Hidden::Keep),
        ("data: {\"a\":1,\"usage\":null,\"b\":\"}\n\n", Hidden::Keep),
        ("data: {\"a\":1,\"usage\":null\n\n", Hidden::Keep),
        ("data: {\"a\":1,\"usage\":null}\n\ndata: {}\n\n", Hidden::Keep),
        // It is the first field.
        ("data: {\"usage\":null,\"a\":1}\n\n", replaced("data: {\"a\":1}\n\n")),
        ("event: x\ndata: {\"a\":1,\"usage\":null}\n\n", replaced("event: x\ndata: {\"a\":1}\n\n")),
    ] {
        assert!(!is_fast(part), "{part}");
        assert_eq!(hide_usage_raw(part.as_bytes()), expected, "{part}");
    }
}

/// The JSON that goes on; `None` where nothing does.
fn meaning(part: &str, hidden: Hidden) -> Option<Value> {
    let bytes = match hidden {
        Hidden::Keep => Bytes::copy_from_slice(part.as_bytes()),
        Hidden::Drop => return None,
        Hidden::Replace(bytes) => bytes,
    };
    let events = Parser::default().push(&[&bytes[..], b"\n\n"].concat()).unwrap();
    assert_eq!(events.len(), 1, "{part}");
    Some(serde_json::from_str(&events[0].data).unwrap())
}

/// Values, some of which look like what is cut out.
fn value() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        any::<String>(),
        prop::sample::select(vec!["usage", ",\"usage\":null", "}", "\\", "\"", "]}\n"])
            .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        texts.prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let names = prop::sample::select(vec!["usage", "a", "b", "choices"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..4).prop_map(|fields| {
                let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(fields.collect())
            }),
        ]
    })
}

proptest! {
    /// Chunks with a usage, of null or not, in any place and beside anything.
    #[test]
    fn with_and_without_reading_the_same_goes_on(
        fields in prop::collection::vec(
            (prop::sample::select(vec!["id", "x", "obfuscation", "\"", "u"]), value()),
            0..4,
        ),
        usage in prop_oneof![3 => Just(Value::Null), 1 => value()],
        at in any::<prop::sample::Index>(),
        comma in prop::sample::select(vec![",", ", ", " ,", ",  "]),
        colon in prop::sample::select(vec![":", ": ", " :"]),
        start in prop::sample::select(vec!["data:", "data: ", "id: 7\ndata: "]),
        end in prop::sample::select(vec!["", "\n\n", "\r\n\r\n", " \n\n"]),
    ) {
        // A name that is there twice takes a reader, and is no chunk.
        let mut names = std::collections::HashSet::new();
        let mut fields: Vec<_> = fields.into_iter().filter(|(name, _)| names.insert(*name)).collect();
        fields.insert(at.index(fields.len() + 1), ("usage", usage));
        let fields = fields.iter().map(|(name, value)| format!("{}{colon}{value}", Value::from(*name)));
        let part = format!("{start}{{{}}}{end}", fields.collect::<Vec<_>>().join(comma));
        let [whole, read] = [hide_usage_raw, hide_read].map(|hide| hide(part.as_bytes()));
        prop_assert_eq!(meaning(&part, whole), meaning(&part, read), "{}", part);
    }
}

#[test]
fn data_in_several_lines_is_written_anew() {
    let part = b"event: x\ndata: {\"choices\":[{}],\ndata: \"usage\":null}\n\n";
    let Hidden::Replace(bytes) = hide_usage_raw(part) else { panic!("it is kept") };
    let events = Parser::default().push(&bytes).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event, "x");
    assert_eq!(events[0].data.split_whitespace().collect::<String>(), "{\"choices\":[{}]}");
}

#[test]
fn what_is_no_event_goes_on() {
    for part in [": \"usage\"\n", "data: {\"usage\" no JSON\n\n", "x: \"usage\"\n\n"] {
        assert_eq!(hide_usage_raw(part.as_bytes()), Hidden::Keep, "{part}");
    }
}
