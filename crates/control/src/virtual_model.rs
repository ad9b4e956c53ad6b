//! Virtual models: names that a project gives to choices of models.

use sqlx::{Sqlite, SqliteConnection};

use crate::{Control, Micros, error::ControlError, project, row::from_row, valid};

/// Virtual models that one project may have.
const MOST: i64 = 1_000;

/// A virtual model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualModel {
    /// The project that has it.
    pub project_id: String,
    /// Unique in its project.
    pub name: String,
    /// A JSON object, which the server has checked and knows how to read.
    pub definition: String,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

from_row!(VirtualModel { project_id, name, definition, created_at, updated_at });

impl Control {
    /// Makes a virtual model of the project, or changes the one of that name.
    ///
    /// # Errors
    ///
    /// [`ControlError::Invalid`] for the name, [`ControlError::UnknownProject`],
    /// [`ControlError::TooMany`] beyond 1,000 of them, [`ControlError::Database`].
    pub async fn put_virtual_model(
        &self,
        project_id: &str,
        name: &str,
        definition: &str,
        now: Micros,
    ) -> Result<VirtualModel, ControlError> {
        valid::check_model_name("name", name)?;
        let mut tx = self.begin().await?;
        project::require(&mut tx, project_id).await?;
        let known = find(&mut tx, project_id, name).await?;
        if known.is_none() && count(&mut tx, project_id).await? >= MOST {
            return Err(ControlError::TooMany { what: "virtual models", most: MOST });
        }
        let model = VirtualModel {
            project_id: project_id.to_owned(),
            name: name.to_owned(),
            definition: definition.to_owned(),
            created_at: known.map_or(now, |known| known.created_at),
            updated_at: now,
        };
        put(&mut tx, &model).await?;
        tx.commit().await?;
        Ok(model)
    }

    /// The virtual models of the project, by name.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn virtual_models(
        &self,
        project_id: &str,
    ) -> Result<Vec<VirtualModel>, ControlError> {
        let sql = "SELECT project_id, name, definition, created_at, updated_at
                   FROM virtual_models WHERE project_id = $1 ORDER BY name";
        let models = sqlx::query_as::<Sqlite, VirtualModel>(sql).bind(project_id);
        Ok(models.fetch_all(&self.pool).await?)
    }

    /// One virtual model of the project, or none of that name.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn virtual_model(
        &self,
        project_id: &str,
        name: &str,
    ) -> Result<Option<VirtualModel>, ControlError> {
        let mut conn = self.pool.acquire().await?;
        find(&mut conn, project_id, name).await
    }

    /// Removes a virtual model of the project.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`], [`ControlError::Database`].
    pub async fn delete_virtual_model(
        &self,
        project_id: &str,
        name: &str,
    ) -> Result<(), ControlError> {
        let sql = "DELETE FROM virtual_models WHERE project_id = $1 AND name = $2";
        let deleted = sqlx::query::<Sqlite>(sql)
            .bind(project_id)
            .bind(name)
            .execute(&self.pool)
            .await?
            .rows_affected();
        if deleted == 0 {
            return Err(ControlError::Unknown { what: "virtual model", name: name.to_owned() });
        }
        Ok(())
    }
}

async fn find(
    conn: &mut SqliteConnection,
    project_id: &str,
    name: &str,
) -> Result<Option<VirtualModel>, ControlError> {
    let sql = "SELECT project_id, name, definition, created_at, updated_at
               FROM virtual_models WHERE project_id = $1 AND name = $2";
    let found = sqlx::query_as::<Sqlite, VirtualModel>(sql).bind(project_id).bind(name);
    Ok(found.fetch_optional(conn).await?)
}

async fn count(conn: &mut SqliteConnection, project_id: &str) -> Result<i64, ControlError> {
    let sql = "SELECT COUNT(*) FROM virtual_models WHERE project_id = $1";
    Ok(sqlx::query_scalar::<Sqlite, i64>(sql).bind(project_id).fetch_one(conn).await?)
}

async fn put(conn: &mut SqliteConnection, model: &VirtualModel) -> Result<(), ControlError> {
    let sql = "INSERT INTO virtual_models (project_id, name, definition, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (project_id, name) DO UPDATE
               SET definition = excluded.definition, updated_at = excluded.updated_at";
    sqlx::query::<Sqlite>(sql)
        .bind(model.project_id.as_str())
        .bind(model.name.as_str())
        .bind(model.definition.as_str())
        .bind(model.created_at)
        .bind(model.updated_at)
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
