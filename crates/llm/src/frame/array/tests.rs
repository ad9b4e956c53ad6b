#![allow(clippy::unwrap_used)]

use super::*;

fn parsed(stream: &str) -> Vec<String> {
    let events = Parser::default().push(stream.as_bytes()).unwrap();
    events.into_iter().map(|event| event.data).collect()
}

#[test]
fn objects_are_told_apart_by_their_brackets() {
    let stream = "[{\"a\": {\"b\": [1, {}]}}\n,\r\n{\"c\":2}\n]";
    assert_eq!(parsed(stream), ["{\"a\": {\"b\": [1, {}]}}", "{\"c\":2}"]);
}

#[test]
fn brackets_and_quotes_within_texts_do_not_count() {
    let first = r#"{"a":"}]\"{\\","b":"\\\""}"#;
    assert_eq!(parsed(&format!("[{first},{{}}]")), [first, "{}"]);
}

#[test]
fn an_object_without_an_array_is_read() {
    assert_eq!(parsed("{\"error\":{}}"), ["{\"error\":{}}"]);
}

#[test]
fn an_empty_stream_has_no_events() {
    assert_eq!(parsed("[]"), [""; 0]);
    assert_eq!(parsed(""), [""; 0]);
    assert_eq!(parsed("\u{feff}[ \r\n ]\n"), [""; 0]);
}

#[test]
fn an_object_without_end_is_no_event() {
    assert_eq!(parsed("[{\"a\":1},{\"b\":"), ["{\"a\":1}"]);
}

#[test]
fn pieces_may_be_cut_anywhere() {
    let stream = "\u{feff}[{\"a\":\"grüße \\\"🦀\\\\\"}\r\n,\r\n{\"b\":[{}]}]\r\n";
    let whole = parsed(stream);
    assert_eq!(whole, ["{\"a\":\"grüße \\\"🦀\\\\\"}", "{\"b\":[{}]}"]);
    let bytes = stream.as_bytes();
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let mut parser = Parser::default();
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            let read = pieces.iter().flat_map(|piece| parser.push(piece).unwrap());
            let read: Vec<_> = read.map(|event| event.data).collect();
            assert_eq!(read, whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn what_is_no_object_is_an_error() {
    for (stream, byte) in [("[1]", b'1'), ("data: {}", b'd'), ("[{},\"a\"]", b'"'), ("}", b'}')] {
        let outcome = Parser::default().push(stream.as_bytes());
        assert_eq!(outcome, Err(Broken::NotObjects(byte)), "{stream}");
    }
}

#[test]
fn an_object_without_end_is_an_error_in_time() {
    let mut parser = Parser::default();
    assert_eq!(parser.push(b"[{\"a\":\""), Ok(vec![]));
    let piece = vec![b'x'; 1 << 20];
    let pushed = (0..=64).map(|_| parser.push(&piece)).position(|outcome| outcome.is_err());
    assert_eq!(pushed, Some(63));
}

#[test]
fn what_is_written_is_read_again() {
    let events = [Event::message("{\"a\":\"]\"}"), Event::message("{}")];
    let mut bytes = Vec::new();
    let mut writer = Writer::default();
    events.iter().for_each(|event| writer.write(event, &mut bytes));
    writer.end(&mut bytes);
    assert_eq!(bytes, b"[{\"a\":\"]\"},\r\n{}]");
    assert_eq!(Parser::default().push(&bytes).unwrap(), events);
    let mut bytes = Vec::new();
    Writer::default().end(&mut bytes);
    assert_eq!(bytes, b"[]");
}
