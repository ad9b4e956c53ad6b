use super::Expr;
use super::field::{Named, resolve, text};
use crate::parse::child;
use crate::{Bucket, Column, ColumnType, Function, Measure, Query, QueryError, Table};

/// One number computed of a group. Missing values are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// How many rows.
    Count,
    /// How many different values.
    CountDistinct(Expr),
    /// The sum, of the values' type.
    Sum(Expr),
    /// The sum as a float by the number of values.
    Average(Expr),
    /// The least value.
    Least(Expr),
    /// The greatest value.
    Greatest(Expr),
    /// A percentile of whole numbers.
    Percentile(Percentile),
    /// Rows whose column is `error`, by all rows.
    ErrorRate(&'static Column),
    /// Rows by seconds; this holds the microseconds.
    Rate(i64),
    /// The sum of the one as a float by that of the other; missing where that is 0.
    Ratio(Expr, Expr),
}

/// A percentile, counted by histogram bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentile {
    /// Whose values.
    pub column: &'static Column,
    /// The column that has the buckets of `column`, if the table stores them.
    pub stored: Option<&'static Column>,
    /// 50 to 99.
    pub percent: u8,
}

impl Aggregate {
    /// The type of the result.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        match self {
            Self::Count | Self::CountDistinct(_) | Self::Percentile(_) => ColumnType::Int,
            Self::Sum(expr) | Self::Least(expr) | Self::Greatest(expr) => expr.column_type(),
            Self::Average(_) | Self::ErrorRate(_) | Self::Rate(_) | Self::Ratio(..) => {
                ColumnType::Float
            }
        }
    }
}

impl Percentile {
    /// The percentile as a fraction of 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.percent) / 100.0
    }
}

/// Checks one measure.
pub(super) fn aggregate(
    query: &Query,
    path: &str,
    measure: &Measure,
) -> Result<Aggregate, QueryError> {
    let table = query.table;
    fields_fit(path, measure)?;
    let field = measure.field.as_deref().unwrap_or_default();
    let over = measure.over.as_deref().unwrap_or_default();
    let (field_path, over_path) = (child(path, "field"), child(path, "over"));
    Ok(match measure.function {
        Function::Count => Aggregate::Count,
        Function::CountDistinct => Aggregate::CountDistinct(distinct(table, &field_path, field)?),
        Function::Sum => Aggregate::Sum(number(table, &field_path, field)?),
        Function::Avg => Aggregate::Average(number(table, &field_path, field)?),
        Function::Min => Aggregate::Least(ordered(table, &field_path, field)?),
        Function::Max => Aggregate::Greatest(ordered(table, &field_path, field)?),
        Function::P50 => percentile(table, &field_path, field, 50)?,
        Function::P75 => percentile(table, &field_path, field, 75)?,
        Function::P90 => percentile(table, &field_path, field, 90)?,
        Function::P95 => percentile(table, &field_path, field, 95)?,
        Function::P99 => percentile(table, &field_path, field, 99)?,
        Function::ErrorRate => error_rate(table, path)?,
        Function::Rate => rate(query, path)?,
        Function::Ratio => {
            Aggregate::Ratio(number(table, &field_path, field)?, number(table, &over_path, over)?)
        }
    })
}

/// Whether the measure has the fields that its function takes, and no others.
fn fields_fit(path: &str, measure: &Measure) -> Result<(), QueryError> {
    let function = measure.function;
    let none = matches!(function, Function::Count | Function::ErrorRate | Function::Rate);
    let two = function == Function::Ratio;
    for (key, given, wanted) in [("field", &measure.field, !none), ("over", &measure.over, two)] {
        if given.is_some() && !wanted {
            let reason = format!("is not needed: `{function}` takes none");
            return Err(QueryError::new(&child(path, key), reason));
        }
        if given.is_none() && wanted {
            let reason = format!("is missing: `{function}` needs it");
            return Err(QueryError::new(&child(path, key), reason));
        }
    }
    Ok(())
}

fn number(table: Table, path: &str, name: &str) -> Result<Expr, QueryError> {
    match resolve(table, path, name)? {
        Named::Column(column) | Named::Defaulted(column, _) => match column.column_type {
            ColumnType::Int | ColumnType::Float | ColumnType::Money => Ok(Expr::Column(column)),
            other => Err(wrong(path, name, other, "a number")),
        },
        Named::Millis(column) => Ok(Expr::Millis(column)),
        Named::Json(column, key) => Ok(Expr::JsonNumber(column, key)),
        Named::Text(column) => Err(wrong(path, name, column.column_type, "a number")),
        Named::Score(_) => Err(score(path)),
    }
}

fn ordered(table: Table, path: &str, name: &str) -> Result<Expr, QueryError> {
    match resolve(table, path, name)? {
        Named::Column(column) if column.column_type == ColumnType::Time => Ok(Expr::Column(column)),
        _ => number(table, path, name),
    }
}

fn distinct(table: Table, path: &str, name: &str) -> Result<Expr, QueryError> {
    match resolve(table, path, name)? {
        Named::Column(column) | Named::Defaulted(column, _) => match column.column_type {
            ColumnType::Json | ColumnType::TextList => {
                Err(wrong(path, name, column.column_type, "a single value"))
            }
            _ => Ok(Expr::Column(column)),
        },
        Named::Millis(column) => Ok(Expr::Millis(column)),
        Named::Json(column, key) => Ok(Expr::JsonText(column, key)),
        Named::Text(_) => Err(text(path, name)),
        Named::Score(_) => Err(score(path)),
    }
}

fn percentile(table: Table, path: &str, name: &str, percent: u8) -> Result<Aggregate, QueryError> {
    match resolve(table, path, name)? {
        Named::Column(column) if column.column_type == ColumnType::Int => {
            let stored = name.strip_suffix("_us").map(|stem| format!("{stem}_bucket"));
            let stored = stored.and_then(|stored| table.column(&stored));
            Ok(Aggregate::Percentile(Percentile { column, stored, percent }))
        }
        Named::Column(column) | Named::Defaulted(column, _) | Named::Text(column) => {
            Err(wrong(path, name, column.column_type, "a whole number"))
        }
        Named::Millis(column) => {
            let reason =
                format!("names `{name}`, of which there are no percentiles; use `{}`", column.name);
            Err(QueryError::new(path, reason))
        }
        Named::Json(..) | Named::Score(_) => Err(QueryError::new(
            path,
            format!("names `{name}`, which is no column of whole numbers"),
        )),
    }
}

fn error_rate(table: Table, path: &str) -> Result<Aggregate, QueryError> {
    match table.column("status") {
        Some(column) => Ok(Aggregate::ErrorRate(column)),
        None => {
            let reason = format!("asks for an error rate, but {table} has no status");
            Err(QueryError::new(path, reason))
        }
    }
}

fn rate(query: &Query, path: &str) -> Result<Aggregate, QueryError> {
    let micros = match (query.bucket, query.time) {
        (Some(bucket), _) => bucket.seconds().map(|seconds| i64::from(seconds) * 1_000_000),
        (None, Some(time)) => Some(time.to.since(time.from)),
        (None, None) => {
            return Err(QueryError::new(
                path,
                "asks for a rate, which needs a `time` or a `bucket`",
            ));
        }
    };
    let reason = || {
        let month = Bucket::Month;
        format!("asks for a rate by {month}, but months differ; use a shorter bucket or no bucket")
    };
    micros.map(Aggregate::Rate).ok_or_else(|| QueryError::new(path, reason()))
}

fn wrong(path: &str, name: &str, is: ColumnType, wanted: &str) -> QueryError {
    QueryError::new(path, format!("names `{name}`, which is {}; it needs {wanted}", is.as_str()))
}

fn score(path: &str) -> QueryError {
    QueryError::new(path, "names a score, which only a filter can; query `scores` instead")
}
