//! What google-genai sent and read: `fixtures/llm/generate_content`, made by its `record.py`.

use serde_json::Value;

use crate::frame::sse::{self, Event};

/// A file's text.
pub(super) fn text(path: &str) -> String {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests")
        + "/../../fixtures/llm/generate_content";
    std::fs::read_to_string(format!("{folder}/{path}")).expect("the fixture is there")
}

/// A file's JSON.
pub(super) fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).expect("the fixture is JSON")
}

/// The body of a request that was recorded.
pub(super) fn request(name: &str) -> String {
    json(&format!("requests/{name}.json"))["body"].to_string()
}

/// The events of a stream.
pub(super) fn events(path: &str) -> Vec<Event> {
    sse::Parser::default().push(text(path).as_bytes()).expect("it is short")
}
