#![allow(clippy::unwrap_used)]

use super::*;

/// All events of a stream that comes whole, and the last id.
fn parsed(stream: &str) -> (Vec<(String, String)>, Option<String>) {
    let mut parser = Parser::default();
    let messages = parser.push(stream.as_bytes()).unwrap();
    let pairs = messages.into_iter().map(|message| (message.event, message.data)).collect();
    (pairs, parser.last_id().map(str::to_owned))
}

fn event(event: &str, data: &str) -> (String, String) {
    (event.to_owned(), data.to_owned())
}

#[test]
fn an_event_has_a_name_data_and_an_id() {
    let (events, id) = parsed("id: 7\nevent: trace\ndata: {\"a\":1}\n\n");
    assert_eq!(events, [event("trace", "{\"a\":1}")]);
    assert_eq!(id.as_deref(), Some("7"));
}

#[test]
fn an_event_ends_with_a_blank_line_only() {
    assert_eq!(parsed("event: a\ndata: 1\n"), (vec![], None));
}

#[test]
fn lines_end_in_three_ways() {
    for end in ["\n", "\r", "\r\n"] {
        let stream = ["event: a", "data: 1", "", "data: 2", "", ""].join(end);
        assert_eq!(parsed(&stream).0, [event("a", "1"), event("message", "2")], "{end:?}");
    }
}

#[test]
fn lines_of_data_are_joined() {
    assert_eq!(parsed("data: a\ndata:\ndata:  b\ndata\n\n").0, [event("message", "a\n\n b\n")]);
}

#[test]
fn comments_and_unknown_fields_are_left_out() {
    let stream = ": heartbeat\n\nretry: 2000\nx: y\n:\n\ndata: 1\n: within\n\n";
    assert_eq!(parsed(stream).0, [event("message", "1")]);
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_beginning_only() {
    assert_eq!(parsed("\u{feff}data: 1\n\n").0, [event("message", "1")]);
    assert_eq!(parsed("data: 1\n\n\u{feff}data: 2\n\n").0, [event("message", "1")]);
}

#[test]
fn an_id_counts_without_data_and_stays() {
    assert_eq!(parsed("retry: 2000\nid: 1-0\n\n"), (vec![], Some("1-0".to_owned())));
    assert_eq!(parsed("id: 1\n\ndata: x\n\n").1.as_deref(), Some("1"));
    // Not before its event is complete.
    assert_eq!(parsed("id: 1\n\nid: 2\ndata: x\n").1.as_deref(), Some("1"));
    assert_eq!(parsed("id: 1\n\nid: a\0b\n\n").1.as_deref(), Some("1"));
}

#[test]
fn a_name_without_data_is_no_event() {
    assert_eq!(parsed("event: a\n\ndata: 1\n\n").0, [event("message", "1")]);
}

#[test]
fn pieces_may_be_cut_anywhere() {
    let stream = "\u{feff}: hello\r\nretry: 2000\r\nid: 1\r\n\r\nevent: trace\r\n\
                  data: {\"name\":\"grüße 🦀\"}\r\ndata: more\r\nid: 2\r\n\r\ndata: last\n\n";
    let (whole, id) = parsed(stream);
    assert_eq!(whole.len(), 2);
    let bytes = stream.as_bytes();
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let mut parser = Parser::default();
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            let messages: Vec<_> = pieces
                .iter()
                .flat_map(|piece| parser.push(piece).unwrap())
                .map(|message| (message.event, message.data))
                .collect();
            assert_eq!(messages, whole, "cut at {first} and {second}");
            assert_eq!(parser.last_id(), id.as_deref());
        }
    }
}

#[test]
fn what_is_written_is_read_again() {
    let events = [Event::message("a\nb"), Event::named("x", "{}"), Event::message("")];
    let mut bytes = Vec::new();
    events.iter().for_each(|event| event.write(&mut bytes));
    assert_eq!(Parser::default().push(&bytes).unwrap(), events);
}

#[test]
fn an_event_without_end_is_an_error() {
    let mut parser = Parser::default();
    let piece = vec![b'x'; 1 << 20];
    let outcome = (0..=64).map(|_| parser.push(&piece)).find(Result::is_err);
    assert_eq!(outcome, Some(Err(TooLong)));
    let mut parser = Parser::default();
    let line = [b"data: ".as_slice(), &piece, b"\n"].concat();
    let outcome = (0..=64).map(|_| parser.push(&line)).find(Result::is_err);
    assert_eq!(outcome, Some(Err(TooLong)));
}
