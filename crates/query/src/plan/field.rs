use super::bounds::MAX_KEY;
use crate::{Column, ColumnType, QueryError, Table};

/// What is read of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A column.
    Column(&'static Column),
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
            Self::Column(column) => column.column_type,
            Self::JsonText(..) => ColumnType::Text,
            Self::JsonNumber(..) => ColumnType::Float,
        }
    }

    /// Whether its value may be missing.
    #[must_use]
    pub fn nullable(&self) -> bool {
        match self {
            Self::Column(column) => column.nullable,
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
}

/// Finds what `name` stands for.
pub(super) fn resolve(table: Table, path: &str, name: &str) -> Result<Named, QueryError> {
    if let Some(column) = table.column(name) {
        return Ok(Named::Column(column));
    }
    let Some((first, key)) = name.split_once('.') else {
        return Err(QueryError::unknown(path, name, table.columns().iter().map(|c| c.name)));
    };
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
        Named::Column(column) => Ok(Expr::Column(column)),
        Named::Json(column, key) => Ok(Expr::JsonText(column, key)),
        Named::Score(_) => Err(QueryError::new(
            path,
            "names a score, which only a filter can; query `scores` instead",
        )),
    }
}
