//! What cohere's SDK sent and read: `fixtures/llm/cohere_chat`, made by its `record.py`.

use serde_json::Value;

use crate::frame::sse::{self, Event};

/// A file's text.
pub(super) fn text(path: &str) -> String {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests")
        + "/../../fixtures/llm/cohere_chat";
    std::fs::read_to_string(format!("{folder}/{path}")).expect("the fixture is there")
}

/// The body of a request that was recorded.
pub(super) fn request(name: &str) -> Value {
    let recorded: Value =
        serde_json::from_str(&text(&format!("requests/{name}.json"))).expect("it is JSON");
    recorded["body"].clone()
}

/// The events of a stream.
pub(super) fn events(path: &str) -> Vec<Event> {
    sse::Parser::default().push(text(path).as_bytes()).expect("it is short")
}
