//! Names of `ai_interaction_traces`, in which lists answer, for what `traces` has under others.

use std::borrow::Cow;

use super::field::Named;
use crate::{Cell, Column, Table};

/// Another name of a column, and what it is called in `traces`.
const SAME: &[(&str, &str)] = &[
    ("tokens_used", "total_tokens"),
    ("tokens_used.input", "input_tokens"),
    ("tokens_used.output", "output_tokens"),
    ("tokens_used.total", "total_tokens"),
    ("tokens_used.details", "usage_details"),
    ("cost_calculation", "total_cost"),
    ("cost_calculation.input_cost", "input_cost"),
    ("cost_calculation.output_cost", "output_cost"),
    ("cost_calculation.total_cost", "total_cost"),
    ("cost_calculation.details", "cost_details"),
    ("ip_address", "ip"),
    ("created_at", "received_at"),
];

/// Milliseconds, of which `traces` has microseconds.
const MILLIS: &[(&str, &str)] =
    &[("duration_ms", "duration_us"), ("first_token_latency_ms", "first_token_us")];

/// Columns that are never missing, of which `traces` has some that are.
const DEFAULTED: &[(&str, &str)] = &[("model_id", "model"), ("streaming_enabled", "streaming")];

/// Texts of the span that stands for the trace.
const TEXTS: &[&str] = &["prompt_content", "system_prompt", "response_content"];

/// The columns whose members have names of their own in `traces`.
const OBJECTS: [&str; 2] = ["tokens_used", "cost_calculation"];

/// The name that the table itself has for a column, or a key of one, that the answers of lists call
/// otherwise.
pub(super) fn own_name(table: Table, name: &str) -> Cow<'_, str> {
    if table != Table::Traces {
        return Cow::Borrowed(name);
    }
    for &(other, column) in SAME {
        match name.strip_prefix(other) {
            Some("") => return Cow::Borrowed(column),
            // A key of the details.
            Some(key) if key.starts_with('.') && other.ends_with(".details") => {
                return Cow::Owned(format!("{column}{key}"));
            }
            _ => {}
        }
    }
    Cow::Borrowed(name)
}

/// What a name of the answers stands for that is no column of `traces` as it is.
pub(super) fn planned(table: Table, name: &str) -> Option<Named> {
    if table != Table::Traces {
        return None;
    }
    let own = |names: &[(&str, &str)]| -> Option<&'static Column> {
        let (_, column) = names.iter().find(|(other, _)| *other == name)?;
        table.column(column)
    };
    if let Some(column) = own(MILLIS) {
        return Some(Named::Millis(column));
    }
    if let Some(column) = own(DEFAULTED) {
        let default = if name == "model_id" { Cell::from("") } else { Cell::Bool(false) };
        return Some(Named::Defaulted(column, default));
    }
    let text = TEXTS.contains(&name).then(|| Table::Interactions.column(name)).flatten();
    text.map(Named::Text)
}

/// All such names of a table, for advice.
pub(super) fn names(table: Table) -> Vec<&'static str> {
    if table != Table::Traces {
        return Vec::new();
    }
    let others = [SAME, MILLIS, DEFAULTED].concat();
    others.into_iter().map(|(other, _)| other).chain(TEXTS.iter().copied()).collect()
}

/// Where a name is of a member of an object that lists answer with: the names of its members.
pub(super) fn members(table: Table, object: &str) -> Option<Vec<&'static str>> {
    let object = OBJECTS.into_iter().find(|name| table == Table::Traces && *name == object)?;
    let is_member = |name: &&'static str| name.len() > object.len() && name.starts_with(object);
    Some(names(table).into_iter().filter(is_member).collect())
}
