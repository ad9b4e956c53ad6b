//! Rows in two steps: which they are, then what is in them.

use crate::plan::bounds::{DEFAULT_ROWS, MAX_LIST};
use crate::{Filter, Literal, Op, Query, Table, TimeRange};

/// Columns that are read as cheaply as the key alone.
const FEW_COLUMNS: usize = 4;

impl Query {
    /// Asks for the keys of the rows only, where that finds the rows with less reading: for who can
    /// look rows up by key. The key is the first column of the answer; ask [`Query::of_keys`] then.
    ///
    /// `None` where it does not help, or not all of a page can be named.
    #[must_use]
    pub fn for_keys(&self) -> Option<Self> {
        let is_narrow = (1..=FEW_COLUMNS).contains(&self.select.len());
        let is_long = self.limit.unwrap_or(DEFAULT_ROWS) > MAX_LIST as u64;
        if self.is_grouped() || is_narrow || is_long {
            return None;
        }
        let key = key(self.table)?;
        Some(Self { select: vec![key.to_owned()], ..self.clone() })
    }

    /// Asks for the rows that have these keys, in the order of this query. The answer has the columns
    /// of this query's. `time`: when they are, where that is known.
    #[must_use]
    pub fn of_keys(&self, keys: Vec<Literal>, time: Option<TimeRange>) -> Self {
        let filter = key(self.table).map(|key| Filter::any_of(key, Op::In, keys));
        Self { filter, time, offset: None, cursor: None, ..self.clone() }
    }
}

/// The column that names a row of a wide table by itself.
fn key(table: Table) -> Option<&'static str> {
    match table {
        Table::Traces => Some("trace_id"),
        Table::Spans | Table::Scores | Table::Interactions | Table::MetricsHourly => None,
    }
}

#[cfg(test)]
mod tests;
