//! What a plan comes down to.

use serde_json::Value;

/// One request, and when it is due.
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    /// µs since 1970.
    pub(super) at: i64,
    /// Of the URL.
    pub(super) path: &'static str,
    /// JSON.
    pub(super) body: Value,
}
