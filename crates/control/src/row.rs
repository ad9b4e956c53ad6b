//! Reading a record from a row by the names of its columns.

/// Implements [`sqlx::FromRow`] for a struct whose fields are called as their columns, with any
/// database that knows the fields' types. In place of sqlx's derive, which would build SQLite a
/// second time for the macro.
macro_rules! from_row {
    ($record:ident { $($column:ident),+ $(,)? }) => {
        impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for $record {
            fn from_row(row: &'r sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
                use sqlx::Row;
                Ok(Self { $($column: row.try_get(stringify!($column))?),+ })
            }
        }
    };
}

pub(crate) use from_row;
