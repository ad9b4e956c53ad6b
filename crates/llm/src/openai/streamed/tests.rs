#![allow(clippy::unwrap_used)]

use super::*;
use crate::openai::{audio, images};

fn recorded(name: &str) -> Vec<u8> {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests")
        + "/../../fixtures/llm/openai/streams";
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

fn text(streamed: &Streamed) -> Option<&str> {
    match streamed.response().choices.first()?.parts.first()? {
        Part::Text(text) => Some(text),
        _ => None,
    }
}

#[test]
fn a_transcript_grows_and_is_counted_at_its_end() {
    let bytes = recorded("transcription.sse");
    let half = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
    let mut streamed = Streamed::events(audio::streamed);
    streamed.push(&bytes[..half], Micros(5));
    assert_eq!((text(&streamed), streamed.is_over()), (Some("Hallo"), false));
    streamed.push(&bytes[half..], Micros(7));
    assert_eq!((text(&streamed), streamed.is_over()), (Some("Hallo."), true));
    assert_eq!(streamed.pace(), Some((Micros(5), Micros(7), 2)));
    assert_eq!(streamed.response().counted.as_ref().unwrap().usage.output, Some(45));
}

#[test]
fn pictures_are_counted_and_not_kept() {
    let mut streamed = Streamed::events(images::streamed);
    for piece in recorded("images.sse").chunks(7) {
        streamed.push(piece, Micros(1));
    }
    assert!(streamed.is_over());
    assert!(streamed.response().choices.is_empty());
    assert_eq!(streamed.response().counted.as_ref().unwrap().usage.input, Some(10));
}

#[test]
fn sound_is_noted_by_its_pieces() {
    let counted = audio::count_speech("Hi!");
    let mut streamed = Streamed::bytes().assuming(Some(counted.clone()));
    assert_eq!(streamed.pace(), None);
    streamed.push(b"data: [DONE]\n\n", Micros(3));
    assert_eq!(streamed.pace(), Some((Micros(3), Micros(3), 1)));
    assert!(!streamed.is_over(), "sound is no event");
    assert_eq!(streamed.response().counted, Some(counted));
}

#[test]
fn an_error_among_events_is_told() {
    let mut streamed = Streamed::events(audio::streamed);
    streamed.push(b"event: error\ndata: {\"error\": {\"message\": \"No.\"}}\n\n", Micros(1));
    assert_eq!(streamed.failure().unwrap().message, "No.");
    assert!(streamed.is_over());
}

#[test]
fn what_is_no_json_passes_unread() {
    let mut streamed = Streamed::events(audio::streamed);
    streamed.push(b": ping\n\ndata: nothing\n\ndata: [DONE]\n\n", Micros(1));
    assert!(streamed.is_over() && streamed.failure().is_none());
    assert_eq!(text(&streamed), None);
}

fn code(streamed: &Streamed) -> Option<String> {
    streamed.failure().and_then(|error| error.code)
}

#[test]
fn a_stream_without_its_last_event_is_incomplete() {
    type Read = fn(&Event) -> Option<Counted>;
    let kinds: [(&str, Read); 2] =
        [("transcription.sse", audio::streamed), ("images.sse", images::streamed)];
    for (name, count) in kinds {
        let bytes = recorded(name);
        let half = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
        let mut streamed = Streamed::events(count);
        streamed.push(&bytes[..half], Micros(1));
        assert_eq!(code(&streamed).as_deref(), Some("incomplete_stream"), "{name}");
        streamed.push(&bytes[half..], Micros(2));
        assert_eq!(code(&streamed), None, "{name}");
    }
    let mut sound = Streamed::bytes();
    sound.push(b"ID3", Micros(1));
    assert_eq!(code(&sound), None, "sound has no last event");
}

#[test]
fn a_stream_that_cannot_be_read_is_malformed() {
    let mut streamed = Streamed::events(audio::streamed);
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..=64 {
        streamed.push(&piece, Micros(1));
    }
    assert_eq!(code(&streamed).as_deref(), Some("malformed_stream"));
}

#[test]
fn a_transcript_without_end_is_kept_in_part() {
    let mut streamed = Streamed::events(audio::streamed);
    let more = "x".repeat(1 << 20);
    let event = format!("data: {{\"type\":\"transcript.text.delta\",\"delta\":\"{more}\"}}\n\n");
    for _ in 0..=MOST_BYTES >> 20 {
        streamed.push(event.as_bytes(), Micros(1));
    }
    assert_eq!(text(&streamed).unwrap().len(), MOST_BYTES);
    assert_eq!(streamed.pace().unwrap().2, 65);
}
