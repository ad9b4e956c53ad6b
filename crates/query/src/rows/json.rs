//! The JSON texts that Tracekeep itself makes: without blanks, in bytewise order.

use std::collections::{BTreeMap, BTreeSet};

use tracekeep_model::Text;

use crate::Cell;

/// An object; the values are JSON already.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> Cell {
    let sorted: BTreeMap<&str, String> = members.into_iter().collect();
    let written: Vec<String> =
        sorted.iter().map(|(key, json)| format!("{}:{json}", quoted(key))).collect();
    Cell::from(format!("{{{}}}", written.join(",")))
}

/// Metadata: each key with the sender's JSON.
pub(super) fn metadata(members: &[(Text, Text)]) -> Cell {
    object(members.iter().map(|(key, json)| (&**key, json.to_string())))
}

/// Tags: an array of texts.
pub(super) fn tags(tags: &[Text]) -> Cell {
    let sorted: BTreeSet<&str> = tags.iter().map(|tag| &**tag).collect();
    let written: Vec<String> = sorted.into_iter().map(quoted).collect();
    Cell::from(format!("[{}]", written.join(",")))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
