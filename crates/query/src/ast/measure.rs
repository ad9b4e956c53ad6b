use serde::Serialize;

use crate::names::names;

/// One number computed of each group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// How.
    #[serde(rename = "fn")]
    pub function: Function,
    /// Of which field. `count`, `error_rate` and `rate` take none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of `ratio`: the field below the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// The column's name in the answer: `[a-z_][a-z0-9_]*`, at most 63 bytes. Default: the function
    /// and its fields, such as `p95_duration_us`.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

names! {
    /// How a number is computed of a group. Missing values are left out of it; where none is left
    /// the result is missing, except that a count is 0.
    Function {
        /// How many rows.
        Count = "count",
        /// How many different values.
        CountDistinct = "count_distinct",
        /// The sum. Exact for money; whole numbers add up in 64 bits.
        Sum = "sum",
        /// The sum by the number of values, as a float.
        Avg = "avg",
        /// The least.
        Min = "min",
        /// The greatest.
        Max = "max",
        /// The median.
        P50 = "p50",
        /// What three quarters do not exceed. All percentiles are within 1/128 of a value that
        /// occurs: see [`histogram`](crate::histogram).
        P75 = "p75",
        /// What 90 % do not exceed.
        P90 = "p90",
        /// What 95 % do not exceed.
        P95 = "p95",
        /// What 99 % do not exceed.
        P99 = "p99",
        /// Rows with status error by all rows, 0 to 1.
        ErrorRate = "error_rate",
        /// Rows a second: of the bucket, else of the time range.
        Rate = "rate",
        /// The sum of one field by that of another; missing where that is 0.
        Ratio = "ratio",
    }
}

impl Measure {
    /// A measure of no field.
    #[must_use]
    pub fn new(function: Function) -> Self {
        Self { function, field: None, over: None, name: None }
    }

    /// A measure of one field.
    pub fn of(function: Function, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(function) }
    }

    /// The ratio of two sums.
    pub fn ratio(field: impl Into<String>, over: impl Into<String>) -> Self {
        Self { over: Some(over.into()), ..Self::of(Function::Ratio, field) }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The column's name in the answer.
    #[must_use]
    pub fn output(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let parts = [Some(self.function.as_str()), self.field.as_deref(), self.over.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("_")
    }
}
