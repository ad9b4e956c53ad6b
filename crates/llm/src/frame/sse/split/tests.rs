#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::frame::sse::{Event, Parser};

/// The parts of a stream in these pieces, and what is left.
fn split(pieces: &[&[u8]]) -> (Vec<Bytes>, Bytes) {
    let mut splitter = Splitter::default();
    let pieces = pieces.iter().map(|piece| Bytes::copy_from_slice(piece));
    let parts = pieces.flat_map(|piece| splitter.push(&piece).unwrap()).collect();
    (parts, splitter.finish())
}

fn joined(parts: &[Bytes], rest: &Bytes) -> Vec<u8> {
    let parts = parts.iter().chain([rest]);
    parts.flat_map(|part| part.iter().copied()).collect()
}

/// The events of parts, each read by itself.
fn events(parts: &[Bytes]) -> Vec<Event> {
    parts.iter().flat_map(|part| Parser::default().push(part).unwrap()).collect()
}

#[test]
fn events_comments_and_blank_lines_are_parts() {
    let stream =
        ": one\n: two\n\nevent: a\n: within\ndata: 1\n\n\ndata: 2\r\n\r\ndata: 3\r\rdata: 4";
    let (parts, rest) = split(&[stream.as_bytes()]);
    let expected = [
        ": one\n",
        ": two\n",
        "\n",
        "event: a\n: within\ndata: 1\n\n",
        "\n",
        "data: 2\r\n\r\n",
        "data: 3\r\r",
    ];
    assert_eq!(parts, expected);
    assert_eq!(rest, "data: 4");
}

#[test]
fn a_comment_does_not_wait_for_the_next_event() {
    let mut splitter = Splitter::default();
    assert!(splitter.push(&Bytes::from_static(b": keep")).unwrap().is_empty());
    assert_eq!(splitter.push(&Bytes::from_static(b"-alive\n")).unwrap(), [": keep-alive\n"]);
    assert_eq!(splitter.push(&Bytes::from_static(b"\n")).unwrap(), ["\n"]);
    assert!(splitter.finish().is_empty());
}

/// A reader that looks for `\r\n\r\n` has the event only with the last byte.
#[test]
fn the_second_half_of_a_line_end_does_not_wait_either() {
    let (parts, rest) = split(&[b"data: 1\r\n\r", b"\n", b"data: 2\r", b"\n\r\n"]);
    assert_eq!(parts, ["data: 1\r\n\r", "\n", "data: 2\r\n\r\n"]);
    assert!(rest.is_empty());
}

#[test]
fn the_last_event_may_have_no_end() {
    for (stream, last) in [
        ("data: 1\n\ndata: 2", "data: 2"),
        ("data: 1\n\ndata: 2\n", "data: 2\n"),
        ("data: 1\n\n: cut", ": cut"),
        ("data: 1\n\n", ""),
    ] {
        let (parts, rest) = split(&[stream.as_bytes()]);
        assert_eq!(parts, ["data: 1\n\n"], "{stream:?}");
        assert_eq!(rest, last, "{stream:?}");
    }
}

#[test]
fn what_lies_within_a_piece_is_not_copied() {
    let piece = Bytes::from_static(b"data: 1\n\ndata: 2\n\nda");
    let mut splitter = Splitter::default();
    let parts = splitter.push(&piece).unwrap();
    assert_eq!(parts, ["data: 1\n\n", "data: 2\n\n"]);
    assert_eq!(parts[0].as_ptr(), piece.as_ptr());
    assert_eq!(parts[1].as_ptr(), piece[9..].as_ptr());
    assert_eq!(splitter.push(&Bytes::from_static(b"ta: 3\n\n")).unwrap(), ["data: 3\n\n"]);
}

#[test]
fn pieces_may_be_cut_anywhere() {
    let stream = ": hello\r\nretry: 2000\r\nid: 1\r\n\r\nevent: trace\r\n\
                  data: {\"name\":\"grüße 🦀\"}\r\ndata: more\r\n\r\n: wait\n\ndata: last\r\rdata: 5";
    let bytes = stream.as_bytes();
    let whole = Parser::default().push(bytes).unwrap();
    assert_eq!(whole.len(), 2);
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let cut = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            let (parts, rest) = split(&cut);
            assert_eq!(joined(&parts, &rest), bytes, "cut at {first} and {second}");
            assert_eq!(events(&parts), whole, "cut at {first} and {second}");
            assert_eq!(rest, "data: 5", "cut at {first} and {second}");
        }
    }
}

#[test]
fn an_event_without_end_is_an_error() {
    let mut splitter = Splitter::default();
    let line = Bytes::from([b"data: ".as_slice(), &vec![b'x'; 1 << 20], b"\n"].concat());
    let outcome = (0..=64).map(|_| splitter.push(&line)).find(Result::is_err);
    assert_eq!(outcome, Some(Err(TooLong)));
}

proptest! {
    /// Lines of all kinds, ended in all ways, cut anywhere.
    #[test]
    fn bytes_out_are_bytes_in(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "\n", "\r", "\r\n", "\n\n", ":", ": c", "data: {\"a\":1}", "data", "event: x", "ü", " ",
            ]),
            0..40,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let stream = words.concat();
        let bytes = stream.as_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let (parts, rest) = split(&pieces);
        prop_assert_eq!(joined(&parts, &rest), bytes);
        prop_assert_eq!(events(&parts), Parser::default().push(bytes).unwrap());
        prop_assert!(parts.iter().all(|part| !part.is_empty()));
    }
}
