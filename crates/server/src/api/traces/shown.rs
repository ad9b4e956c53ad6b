//! A span as an answer shows it: whole, in part, or without its texts.

use std::sync::LazyLock;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use tracekeep_model::Estimate;
use tracekeep_query::{Cell, ColumnType, Row, Table};

use crate::api::content::{Content, beginning};
use crate::api::interaction::{TOKENS_ESTIMATED, bytes_of, write_columns};

/// Columns that hold what was asked, answered and done, as text.
const TEXTS: [&str; 4] = ["system_prompt", "input", "output", "error_stack"];

/// The same, as JSON, which has no beginning that is JSON too: it is shown whole or not at all.
const JSON: [&str; 6] = ["parameters", "tool_calls", "usage_given", "events", "links", "metadata"];

/// What a column that holds text is to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Content, as text.
    Text,
    /// Content, as JSON.
    Json,
    /// A name, an id, a message: shown in every answer, its beginning at least.
    Label,
}

static ROLES: LazyLock<Vec<(&'static str, Role)>> = LazyLock::new(|| {
    let role = |column: &tracekeep_query::Column| {
        let role = match column.column_type {
            _ if TEXTS.contains(&column.name) => Role::Text,
            _ if JSON.contains(&column.name) => Role::Json,
            ColumnType::Text => Role::Label,
            _ => return None,
        };
        Some((column.name, role))
    };
    Table::Spans.columns().iter().filter_map(role).collect()
});

/// A row of `spans`, whether its tokens are an estimate, and what is missing of it.
#[derive(Debug)]
pub(super) struct ShownSpan {
    row: Row,
    is_estimated: bool,
    is_cut: bool,
    is_omitted: bool,
}

impl ShownSpan {
    /// All of it.
    pub(super) fn whole(row: Row) -> Self {
        let given = row.get("usage_given").and_then(Cell::as_text);
        let is_estimated = given.is_some_and(Estimate::is_given);
        Self { row, is_estimated, is_cut: false, is_omitted: false }
    }

    /// As much as is asked for and fits the bytes that are `left`; takes them.
    pub(super) fn fitting(row: Row, content: Content, left: &mut u64) -> Self {
        let shown = match content {
            Content::Full => Self::whole(row),
            Content::Preview => Self::whole(row).preview(),
            Content::None => return Self::whole(row).without_content(),
        };
        let bytes = bytes_of(&shown.row);
        if bytes > *left {
            return shown.without_content();
        }
        *left -= bytes;
        shown
    }

    /// The beginning of each text, and JSON that is no longer than that.
    fn preview(mut self) -> Self {
        for &(name, role) in ROLES.iter() {
            self.shorten(name, role);
        }
        self
    }

    fn without_content(mut self) -> Self {
        for &(name, role) in ROLES.iter() {
            match role {
                Role::Text | Role::Json => self.omit(name),
                Role::Label => self.shorten(name, role),
            }
        }
        self
    }

    fn shorten(&mut self, name: &'static str, role: Role) {
        let Some(Cell::Text(text)) = self.row.get(name) else { return };
        let Some(part) = beginning(text) else { return };
        if role == Role::Json {
            self.omit(name);
            return;
        }
        // A copy: a part of the text would keep all of it.
        let part = Cell::from(part);
        self.row.insert(name, part);
        self.is_cut = true;
    }

    fn omit(&mut self, name: &'static str) {
        // Metadata is never null.
        let nothing = if name == "metadata" { Cell::from("{}") } else { Cell::Null };
        let Some(cell) = self.row.get_mut(name) else { return };
        self.is_omitted |= *cell != nothing;
        *cell = nothing;
    }
}

/// All columns, then what is said of them.
impl Serialize for ShownSpan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_columns(&mut map, Table::Spans, &self.row)?;
        map.serialize_entry(TOKENS_ESTIMATED, &self.is_estimated)?;
        map.serialize_entry("content_cut", &self.is_cut)?;
        map.serialize_entry("content_omitted", &self.is_omitted)?;
        map.end()
    }
}

#[cfg(test)]
mod tests;
