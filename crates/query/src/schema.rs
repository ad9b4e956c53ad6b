//! What can be asked about: the one list of tables and columns.
//!
//! Every archive stores, and every view has, exactly these. The project is implied and never a
//! column: whoever runs a query sees one project's rows.

mod about;
mod scores;
mod spans;
mod traces;
mod views;

use crate::names::names;

/// The values of `status`.
pub(crate) const STATUS: ColumnType = ColumnType::Enum(&["pending", "success", "error"]);

names! {
    /// A table or view.
    Table {
        /// One row a span, with what it inherits from its trace.
        Spans = "spans",
        /// One row a trace, with its totals.
        Traces = "traces",
        /// One row a score.
        Scores = "scores",
        /// One row a trace, with the plan's columns.
        Interactions = "ai_interaction_traces",
        /// Generations by hour and model, with the plan's columns.
        MetricsHourly = "trace_metrics_hourly",
    }
}

/// One column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the API and in every store.
    pub name: &'static str,
    /// What it holds.
    pub column_type: ColumnType,
    /// Whether its value may be missing.
    pub nullable: bool,
}

/// What a column holds, and how the engine has it physically.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text: `Utf8`.
    Text,
    /// A count, or microseconds: `Int64`.
    Int,
    /// A measure: `Float64`.
    Float,
    /// US dollars: `Decimal128(38, 12)`.
    Money,
    /// A moment: `Timestamp(µs, "UTC")`.
    Time,
    /// Yes or no: `Boolean`.
    Bool,
    /// JSON, mostly an object: its text, `Utf8`. An object that Tracekeep makes is `{}` when empty,
    /// without blanks, with its keys in bytewise order.
    Json,
    /// Tags: the text of a JSON array, `Utf8`, without blanks, in bytewise order: `["a","b"]`.
    TextList,
    /// One of a closed set of names: `Utf8`.
    Enum(&'static [&'static str]),
}

impl ColumnType {
    /// Its name, for error texts and documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Money => "an amount of money",
            Self::Time => "a time",
            Self::Bool => "true or false",
            Self::Json => "JSON",
            Self::TextList => "a list of tags",
            Self::Enum(_) => "a name of a closed set",
        }
    }
}

impl Table {
    /// All columns, in the order in which they are shown.
    #[must_use]
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Spans => spans::COLUMNS,
            Self::Traces => traces::COLUMNS,
            Self::Scores => scores::COLUMNS,
            Self::Interactions => views::INTERACTIONS,
            Self::MetricsHourly => views::METRICS_HOURLY,
        }
    }

    /// The column of this name.
    #[must_use]
    pub fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.name == name)
    }

    /// The column that a query's time range, its bucket and the default order are about. Never
    /// missing.
    ///
    /// # Panics
    /// Never: a test reads it of every table.
    #[must_use]
    pub fn time_column(self) -> &'static Column {
        let name = match self {
            Self::Spans | Self::Traces | Self::Interactions => "start_time",
            Self::Scores => "timestamp",
            Self::MetricsHourly => "hour_bucket",
        };
        self.column(name).expect("the table has its time column")
    }

    /// The columns that together name one row. Never missing.
    #[must_use]
    pub fn key(self) -> Vec<&'static Column> {
        let names: &[&str] = match self {
            Self::Spans => &["trace_id", "span_id"],
            Self::Traces | Self::Interactions => &["trace_id"],
            Self::Scores => &["score_id"],
            Self::MetricsHourly => &["hour_bucket", "model_id"],
        };
        names.iter().filter_map(|name| self.column(name)).collect()
    }

    /// The column of the trace's id, of tables whose rows are of a trace.
    #[must_use]
    pub(crate) fn trace_column(self) -> Option<&'static Column> {
        match self {
            Self::Spans | Self::Traces | Self::Interactions => self.column("trace_id"),
            Self::Scores | Self::MetricsHourly => None,
        }
    }

    /// The columns that text search looks into.
    #[must_use]
    pub(crate) fn searched(self) -> Vec<&'static Column> {
        let names: &[&str] = match self {
            Self::Spans => &[
                "name",
                "input",
                "output",
                "system_prompt",
                "error_message",
                "status_message",
                "metadata",
            ],
            Self::Traces => &["name", "input", "output", "metadata"],
            Self::Scores => &["name", "string_value", "comment", "metadata"],
            Self::Interactions => {
                &["prompt_content", "response_content", "system_prompt", "error_message"]
            }
            Self::MetricsHourly => &[],
        };
        names.iter().filter_map(|name| self.column(name)).collect()
    }

    /// Whether text search also looks into the spans of the row's trace.
    #[must_use]
    pub(crate) fn searches_spans(self) -> bool {
        matches!(self, Self::Traces | Self::Interactions)
    }
}

/// A column that always has a value.
const fn required(name: &'static str, column_type: ColumnType) -> Column {
    Column { name, column_type, nullable: false }
}

/// A column whose value may be missing.
const fn optional(name: &'static str, column_type: ColumnType) -> Column {
    Column { name, column_type, nullable: true }
}

#[cfg(test)]
mod tests;
