//! Projects: what traces belong to.

use sqlx::{Sqlite, SqliteConnection};

use crate::{Control, Micros, error::ControlError, row::from_row};

/// How long a new project keeps its traces, in days.
pub const DEFAULT_RETENTION_DAYS: i64 = 90;

/// A project. Every trace, span and score belongs to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Unique; letters, digits, `_`, `-` and `.`, so it is fit for URLs and file names.
    pub id: String,
    /// The organisation that owns it.
    pub org_id: String,
    /// For people; need not be unique.
    pub name: String,
    /// How long traces are kept, in days; at least 1.
    pub retention_days: i64,
    /// When it was made.
    pub created_at: Micros,
}

from_row!(Project { id, org_id, name, retention_days, created_at });

impl Control {
    /// All projects of all organisations, oldest first.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn projects(&self) -> Result<Vec<Project>, ControlError> {
        let sql = "SELECT id, org_id, name, retention_days, created_at
                   FROM projects ORDER BY created_at, id";
        Ok(sqlx::query_as::<Sqlite, Project>(sql).fetch_all(&self.pool).await?)
    }

    /// One project, or none of that id.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn project(&self, id: &str) -> Result<Option<Project>, ControlError> {
        let mut conn = self.pool.acquire().await?;
        find(&mut conn, id).await
    }
}

pub(crate) async fn find(
    conn: &mut SqliteConnection,
    id: &str,
) -> Result<Option<Project>, ControlError> {
    let sql = "SELECT id, org_id, name, retention_days, created_at FROM projects WHERE id = $1";
    Ok(sqlx::query_as::<Sqlite, Project>(sql).bind(id).fetch_optional(conn).await?)
}

/// [`ControlError::UnknownProject`] unless it is there. In a transaction, it stays until the end of that.
pub(crate) async fn require(conn: &mut SqliteConnection, id: &str) -> Result<(), ControlError> {
    match find(conn, id).await? {
        Some(_) => Ok(()),
        None => Err(ControlError::UnknownProject(id.to_owned())),
    }
}

/// The oldest project of that organisation, or of all.
pub(crate) async fn oldest(
    conn: &mut SqliteConnection,
    org_id: Option<&str>,
) -> Result<Option<Project>, ControlError> {
    let sql = "SELECT id, org_id, name, retention_days, created_at
               FROM projects WHERE org_id = COALESCE($1, org_id)
               ORDER BY created_at, id LIMIT 1";
    Ok(sqlx::query_as::<Sqlite, Project>(sql).bind(org_id).fetch_optional(conn).await?)
}

pub(crate) async fn insert(
    conn: &mut SqliteConnection,
    project: &Project,
) -> Result<(), ControlError> {
    let sql = "INSERT INTO projects (id, org_id, name, retention_days, created_at)
               VALUES ($1, $2, $3, $4, $5)";
    sqlx::query::<Sqlite>(sql)
        .bind(project.id.as_str())
        .bind(project.org_id.as_str())
        .bind(project.name.as_str())
        .bind(project.retention_days)
        .bind(project.created_at)
        .execute(conn)
        .await?;
    Ok(())
}
