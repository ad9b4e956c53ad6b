//! The question, as asked: names and values are not checked yet.

mod filter;
mod keys;
mod measure;

use serde::{Deserialize, Serialize};
use tracekeep_model::Micros;

pub use filter::{Condition, Filter, FilterValue, Literal, Op};
pub use measure::{Function, Measure};

use crate::names::names;
use crate::{QueryError, Table};

/// One question to one table.
///
/// With measures, groups or a bucket it asks for aggregates, one row per group; else for the rows
/// themselves.
///
/// ```json
/// {"table": "spans",
///  "time": {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
///  "filter": {"and": [{"field": "kind", "op": "eq", "value": "GENERATION"},
///                     {"field": "metadata.team", "op": "in", "value": ["search", "chat"]}]},
///  "bucket": "day", "group_by": ["model"],
///  "measures": [{"fn": "count"}, {"fn": "p95", "field": "duration_us"},
///               {"fn": "sum", "field": "cost_total", "as": "cost"}],
///  "order": [{"by": "cost", "direction": "desc"}], "limit": 100}
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub struct Query {
    /// What is asked about.
    pub table: Table,
    /// Only rows whose time column ([`Table::time_column`]) lies in here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeRange>,
    /// Only rows that pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Columns, or keys of JSON columns (`metadata.team`), that make the groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<String>,
    /// What is computed of each group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// Also groups by a step of time; the column is called `bucket`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bucket>,
    /// Columns to answer with, where no aggregate is asked for. Empty: all of the table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub select: Vec<String>,
    /// What comes first. Rows default to the latest first; groups to bucket, then groups. Ties are
    /// always broken, by the table's key or by the groups, so that an answer has one order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Order>,
    /// At most this many rows. Default: 50 rows, or 10,000 groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Leaves out this many rows first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Goes on after the last row of an earlier answer ([`Page::next`](crate::Page::next)). For rows
    /// only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// From a moment until just before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TimeRange {
    /// The first moment.
    pub from: Micros,
    /// The first moment after it.
    pub to: Micros,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Of rows a column or a key of a JSON column, of aggregates a column of the answer.
    pub by: String,
    /// Which way. In JSON ascending where it is left out.
    pub direction: Direction,
}

names! {
    /// Which way to sort. Missing values come last in both.
    Direction {
        /// The least first.
        Ascending = "asc",
        /// The greatest first.
        Descending = "desc",
    }
}

names! {
    /// A step of time in UTC.
    Bucket {
        /// A minute.
        Minute = "minute",
        /// An hour.
        Hour = "hour",
        /// A day.
        Day = "day",
        /// A week from Monday.
        Week = "week",
        /// A month of the calendar.
        Month = "month",
    }
}

impl Query {
    /// Asks for all rows of a table.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self {
            table,
            time: None,
            filter: None,
            group_by: Vec::new(),
            measures: Vec::new(),
            bucket: None,
            select: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: None,
            cursor: None,
        }
    }

    /// Reads a query's JSON. Unknown keys are refused by name.
    ///
    /// # Errors
    /// Text that is no JSON, or no query. Names of columns are checked by [`Query::plan`].
    pub fn from_json(json: &str) -> Result<Self, QueryError> {
        let value: serde_json::Value = serde_json::from_str(json)
            .map_err(|error| QueryError::new("", format!("is no JSON: {error}")))?;
        Self::try_from(value)
    }

    /// Whether it asks for aggregates, not for rows.
    #[must_use]
    pub fn is_grouped(&self) -> bool {
        !self.measures.is_empty() || !self.group_by.is_empty() || self.bucket.is_some()
    }
}

#[cfg(test)]
mod tests;
