//! The HTTP API described as OpenAPI 3.1, from the code.
//!
//! Each endpoint's file says its method, path, permission, parameters, body and answers, in the
//! attribute above its handler. `bodies` and `answers` describe what goes in and out, `page` is the
//! document for people. `docs/openapi.json` is the document as `make openapi` last wrote it; a test
//! fails where it differs.

pub(crate) mod answers;
pub(crate) mod bodies;
pub(crate) mod docs;
mod document;
pub(crate) mod get;
mod page;
pub(crate) mod parameters;
pub(crate) mod refusals;

use std::sync::LazyLock;

use utoipa::OpenApi as _;

use self::document::Document;
use self::page::Page;

/// The document, indented, in an order that stays.
pub(crate) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let json = Document::openapi().to_pretty_json().expect("texts and numbers become JSON");
        json + "\n"
    });
    &TEXT
}

/// The same for people.
fn page() -> &'static Page {
    static PAGE: LazyLock<Page> = LazyLock::new(|| {
        let document = serde_json::from_str(text()).expect("the document is JSON");
        Page::of(&document, &super::routes::paths())
    });
    &PAGE
}

#[cfg(test)]
mod tests;
