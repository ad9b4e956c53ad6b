#![allow(clippy::unwrap_used)]

use crate::frame::sse;

/// A file of `fixtures/llm/responses`; `record.py` there says where it is from.
pub(super) fn fixture(path: &str) -> String {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests")
        + "/../../fixtures/llm/responses/";
    std::fs::read_to_string(format!("{folder}{path}")).unwrap()
}

pub(super) fn events(path: &str) -> Vec<sse::Event> {
    let events = sse::Parser::default().push(fixture(path).as_bytes()).unwrap();
    assert!(!events.is_empty(), "{path} has events");
    events
}
