#![allow(clippy::unwrap_used)]

use super::*;
use crate::openai::{audio, images};

fn recorded(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/llm/openai/streams");
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
    assert_eq!(streamed.failed().unwrap().message, "No.");
    assert!(streamed.is_over());
}

#[test]
fn what_is_no_json_passes_unread() {
    let mut streamed = Streamed::events(audio::streamed);
    streamed.push(b": ping\n\ndata: nothing\n\ndata: [DONE]\n\n", Micros(1));
    assert!(streamed.is_over() && streamed.failed().is_none());
    assert_eq!(text(&streamed), None);
}
