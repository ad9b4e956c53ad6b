//! Recordings, which the SDKs have judged (`fixtures/llm/chat_completions/record.py`).
#![allow(clippy::unwrap_used)]

use std::path::Path;

use crate::frame::sse::{Event, Parser};

/// The bytes of a recording.
pub(super) fn bytes(path: &str) -> Vec<u8> {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests"))
        .join("../../fixtures/llm/chat_completions");
    std::fs::read(folder.join(path)).unwrap()
}

/// A recording as text.
pub(super) fn text(path: &str) -> String {
    String::from_utf8(bytes(path)).unwrap()
}

/// A recording as JSON.
pub(super) fn json(path: &str) -> serde_json::Value {
    serde_json::from_slice(&bytes(path)).unwrap()
}

/// The events of a recorded stream.
pub(super) fn events(path: &str) -> Vec<Event> {
    Parser::default().push(&bytes(path)).unwrap()
}
