use super::bounds::MAX_KEY;
use super::planned::{members, names, own_name, planned};
use crate::{Cell, Column, ColumnType, QueryError, Table};

/// What is read of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A column.
    Column(&'static Column),
    /// A column of microseconds, in whole milliseconds.
    Millis(&'static Column),
    /// A key of a JSON column, as text.
    JsonText(&'static Column, String),
    /// A key of a JSON column, as a number.
    JsonNumber(&'static Column, String),
}

impl Expr {
    /// The type of its value.
    #[must_use]
    pub fn column_type(&self) -> ColumnType {
        match self {
            Self::Column(column) | Self::Millis(column) => column.column_type,
            Self::JsonText(..) => ColumnType::Text,
            Self::JsonNumber(..) => ColumnType::Float,
        }
    }

    /// Whether its value may be missing.
    #[must_use]
    pub fn nullable(&self) -> bool {
        match self {
            Self::Column(column) | Self::Millis(column) => column.nullable,
            Self::JsonText(..) | Self::JsonNumber(..) => true,
        }
    }
}

/// What a name in a query stands for.
#[derive(Debug)]
pub(super) enum Named {
    /// A column.
    Column(&'static Column),
    /// A key of a JSON column.
    Json(&'static Column, String),
    /// A score of the row's trace.
    Score(String),
    /// A column of microseconds, in milliseconds.
    Millis(&'static Column),
    /// A column, and what answers show where it is missing.
    Defaulted(&'static Column, Cell),
    /// A text that answers show for the trace: a column of [`Table::Interactions`].
    Text(&'static Column),
}

/// Finds what `name` stands for.
pub(super) fn resolve(table: Table, path: &str, name: &str) -> Result<Named, QueryError> {
    if let Some(named) = planned(table, name) {
        return Ok(named);
    }
    let own = own_name(table, name);
    let name = &*own;
    if let Some(column) = table.column(name) {
        return Ok(Named::Column(column));
    }
    if table == Table::Traces && name == "id" {
        return Err(QueryError::new(
            path,
            "names `id`, which is made from `trace_id`; name that one",
        ));
    }
    let Some((first, key)) = name.split_once('.') else {
        let columns = table.columns().iter().map(|column| column.name);
        return Err(QueryError::unknown(path, name, columns.chain(names(table))));
    };
    if let Some(members) = members(table, first) {
        return Err(QueryError::unknown(path, name, members));
    }
    if key.is_empty() || key.len() > MAX_KEY {
        let reason = format!("names a key of {} bytes; send 1 to {MAX_KEY}", key.len());
        return Err(QueryError::new(path, reason));
    }
    if first == "scores" {
        return match table.trace_column() {
            Some(_) => Ok(Named::Score(key.to_owned())),
            None => {
                Err(QueryError::new(path, format!("names a score, but {table} are not of a trace")))
            }
        };
    }
    match table.column(first) {
        Some(column) if column.column_type == ColumnType::Json => {
            Ok(Named::Json(column, key.to_owned()))
        }
        Some(column) => {
            let holds = column.column_type.as_str();
            Err(QueryError::new(
                path,
                format!("names a key of `{first}`, which is {holds}, not JSON"),
            ))
        }
        None => {
            let json = table.columns().iter().filter(|c| c.column_type == ColumnType::Json);
            Err(QueryError::unknown(path, first, json.map(|c| c.name)))
        }
    }
}

/// Finds a column or a JSON key that can be shown, grouped or sorted by: the key as text.
pub(super) fn readable(table: Table, path: &str, name: &str) -> Result<Expr, QueryError> {
    match resolve(table, path, name)? {
        Named::Column(column) | Named::Defaulted(column, _) => Ok(Expr::Column(column)),
        Named::Millis(column) => Ok(Expr::Millis(column)),
        Named::Json(column, key) => Ok(Expr::JsonText(column, key)),
        Named::Text(_) => Err(text(path, name)),
        Named::Score(_) => Err(QueryError::new(
            path,
            "names a score, which only a filter can; query `scores` instead",
        )),
    }
}

/// A text of the trace's span stands where a value is read.
pub(super) fn text(path: &str, name: &str) -> QueryError {
    let table = Table::Interactions;
    QueryError::new(
        path,
        format!("names `{name}`, which only a filter can; query `{table}` instead"),
    )
}
