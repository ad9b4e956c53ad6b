#![allow(clippy::unwrap_used)]

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue};

use super::*;

/// Made and read back by Amazon's SDK for Python: `fixtures/llm/converse/record.py`.
const STREAM: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../fixtures/llm/converse/streams/error.bin"
));

fn framed(headers: &[(&'static str, &'static str)], payload: &'static str) -> Vec<u8> {
    let mut message = Raw::new(payload.as_bytes());
    for (name, value) in headers {
        message = message.add_header(Header::new(*name, HeaderValue::String((*value).into())));
    }
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn event(name: &'static str, payload: &'static str) -> Vec<u8> {
    framed(&[(":message-type", "event"), (":event-type", name)], payload)
}

fn parsed(bytes: &[u8]) -> Result<Vec<Message>, Broken> {
    Parser::default().push(bytes)
}

#[test]
fn events_and_exceptions_are_told_apart() {
    let messages = parsed(STREAM).unwrap();
    let kinds: Vec<&Kind> = messages.iter().map(|message| &message.kind).collect();
    let expected = [
        &Kind::Event("messageStart".into()),
        &Kind::Event("contentBlockDelta".into()),
        &Kind::Exception("throttlingException".into()),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(messages[0].payload.as_ref(), b"{\"role\": \"assistant\"}");
}

#[test]
fn pieces_may_be_cut_anywhere() {
    let whole = parsed(STREAM).unwrap();
    for cut in 0..=STREAM.len() {
        let mut parser = Parser::default();
        let mut messages = parser.push(&STREAM[..cut]).unwrap();
        messages.extend(parser.push(&STREAM[cut..]).unwrap());
        assert_eq!(messages, whole, "cut at {cut}");
        assert!(!parser.is_amid());
    }
    let mut parser = Parser::default();
    let one_by_one: Vec<_> = STREAM.chunks(1).flat_map(|byte| parser.push(byte).unwrap()).collect();
    assert_eq!(one_by_one, whole);
}

#[test]
fn a_stream_that_was_cut_off_shows() {
    let mut parser = Parser::default();
    assert_eq!(parser.push(&STREAM[..STREAM.len() - 1]).unwrap().len(), 2);
    assert!(parser.is_amid());
}

#[test]
fn an_error_without_description_has_a_code() {
    let headers =
        [(":message-type", "error"), (":error-code", "Oops"), (":error-message", "no luck")];
    let messages = parsed(&framed(&headers, "")).unwrap();
    let kind = Kind::Error { code: "Oops".into(), message: "no luck".into() };
    assert_eq!(messages, [Message { kind, payload: Bytes::new() }]);
}

#[test]
fn any_changed_byte_is_noticed() {
    let bytes = event("a", "{}");
    assert_eq!(parsed(&bytes).unwrap().len(), 1);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x01;
        // A longer length waits for bytes that never come; anything else is an error.
        assert_ne!(parsed(&changed).as_ref().map(Vec::len), Ok(1), "byte {at}");
    }
}

#[test]
fn lengths_that_no_message_has_are_refused_at_once() {
    for length in [0u32, 15, (24 << 20) + 1, u32::MAX] {
        let outcome = parsed(&length.to_be_bytes());
        assert!(matches!(outcome, Err(Broken::Length(_))), "{length}: {outcome:?}");
    }
    assert_eq!(parsed(&16u32.to_be_bytes()), Ok(vec![]));
}

#[test]
fn messages_without_their_headers_are_refused() {
    let cases: [&[(&'static str, &'static str)]; 4] = [
        &[],
        &[(":message-type", "event")],
        &[(":message-type", "exception"), (":event-type", "a")],
        &[(":message-type", "tomorrow")],
    ];
    for headers in cases {
        let outcome = parsed(&framed(headers, "{}"));
        assert!(matches!(outcome, Err(Broken::Damaged(_))), "{headers:?}: {outcome:?}");
    }
}
