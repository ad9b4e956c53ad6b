use serde::{Deserialize, Serialize};

use crate::QueryError;
use crate::names::names;

/// Which rows pass. In JSON `{"and": […]}`, `{"or": […]}`, `{"not": …}`, `{"search": "words"}` or
/// `{"field": …, "op": …, "value": …}`.
///
/// There is no third truth value: see the crate's documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "serde_json::Value")]
pub enum Filter {
    /// All of them. Of none: everything passes.
    And(Vec<Self>),
    /// Any of them. Of none: nothing passes.
    Or(Vec<Self>),
    /// Not it.
    Not(Box<Self>),
    /// The words stand, in any case and as one piece, in the texts of the row, or (of a trace) in
    /// those of one of its spans.
    Search(String),
    /// One comparison.
    #[serde(untagged)]
    Condition(Condition),
}

/// One comparison of a field with a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// A column; a key of a JSON column, such as `metadata.team`; or `scores.name`: the value of
    /// any numeric score of this name given to the trace or one of its spans.
    pub field: String,
    /// How to compare.
    pub op: Op,
    /// With what. Nothing for `exists` and `missing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<FilterValue>,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FilterValue {
    /// One value.
    One(Literal),
    /// Several.
    Many(Vec<Literal>),
}

/// A value as JSON has it; the column says what it means. A time is RFC 3339 text, a day
/// (`2026-01-31`) or epoch milliseconds; an amount is a number or, for all its digits, text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Literal {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number. Finite.
    Float(f64),
    /// Text.
    Text(String),
}

names! {
    /// How a field is compared.
    Op {
        /// Equal.
        Eq = "eq",
        /// Not equal, or missing.
        Ne = "ne",
        /// Less.
        Lt = "lt",
        /// Less or equal.
        Le = "le",
        /// Greater.
        Gt = "gt",
        /// Greater or equal.
        Ge = "ge",
        /// Equal to one of several.
        In = "in",
        /// Equal to none of several, or missing.
        NotIn = "not_in",
        /// Holds the text, in the same case; of tags: holds the tag.
        Contains = "contains",
        /// Does not hold it, or is missing.
        NotContains = "not_contains",
        /// Begins with the text.
        StartsWith = "starts_with",
        /// Ends with the text.
        EndsWith = "ends_with",
        /// Has a value; of tags and JSON objects: at least one.
        Exists = "exists",
        /// Has none.
        Missing = "missing",
        /// Has one of the tags.
        ContainsAny = "contains_any",
        /// Has all of the tags.
        ContainsAll = "contains_all",
    }
}

impl Filter {
    /// Reads a filter's JSON. Unknown keys and operators are refused by name.
    ///
    /// # Errors
    /// Text that is no JSON, or no filter. Names of columns are checked by
    /// [`Query::plan`](crate::Query::plan).
    pub fn from_json(json: &str) -> Result<Self, QueryError> {
        let value: serde_json::Value = serde_json::from_str(json)
            .map_err(|error| QueryError::new("filter", format!("is no JSON: {error}")))?;
        Self::try_from(value)
    }

    /// A comparison with one value.
    pub fn condition(field: impl Into<String>, op: Op, value: impl Into<Literal>) -> Self {
        let value = Some(FilterValue::One(value.into()));
        Self::Condition(Condition { field: field.into(), op, value })
    }

    /// A comparison with several values.
    pub fn any_of(field: impl Into<String>, op: Op, values: Vec<Literal>) -> Self {
        let value = Some(FilterValue::Many(values));
        Self::Condition(Condition { field: field.into(), op, value })
    }

    /// A comparison without a value: `exists` or `missing`.
    pub fn presence(field: impl Into<String>, op: Op) -> Self {
        Self::Condition(Condition { field: field.into(), op, value: None })
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Literal {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<f64> for Literal {
    fn from(float: f64) -> Self {
        Self::Float(float)
    }
}

impl From<bool> for Literal {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}
