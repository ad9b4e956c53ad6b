//! Organisations: who owns projects.

use sqlx::{Sqlite, SqliteConnection};

use crate::{Control, Micros, error::ControlError, row::from_row};

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Unique; letters, digits, `_`, `-` and `.`.
    pub id: String,
    /// For people; need not be unique.
    pub name: String,
    /// When it was made.
    pub created_at: Micros,
}

from_row!(Organisation { id, name, created_at });

impl Control {
    /// All organisations, oldest first.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn organisations(&self) -> Result<Vec<Organisation>, ControlError> {
        let sql = "SELECT id, name, created_at FROM organisations ORDER BY created_at, id";
        Ok(sqlx::query_as::<Sqlite, Organisation>(sql).fetch_all(&self.pool).await?)
    }
}

pub(crate) async fn find(
    conn: &mut SqliteConnection,
    id: &str,
) -> Result<Option<Organisation>, ControlError> {
    let sql = "SELECT id, name, created_at FROM organisations WHERE id = $1";
    Ok(sqlx::query_as::<Sqlite, Organisation>(sql).bind(id).fetch_optional(conn).await?)
}

pub(crate) async fn oldest(
    conn: &mut SqliteConnection,
) -> Result<Option<Organisation>, ControlError> {
    let sql = "SELECT id, name, created_at FROM organisations ORDER BY created_at, id LIMIT 1";
    Ok(sqlx::query_as::<Sqlite, Organisation>(sql).fetch_optional(conn).await?)
}

pub(crate) async fn insert(
    conn: &mut SqliteConnection,
    organisation: &Organisation,
) -> Result<(), ControlError> {
    let sql = "INSERT INTO organisations (id, name, created_at) VALUES ($1, $2, $3)";
    sqlx::query::<Sqlite>(sql)
        .bind(organisation.id.as_str())
        .bind(organisation.name.as_str())
        .bind(organisation.created_at)
        .execute(conn)
        .await?;
    Ok(())
}
