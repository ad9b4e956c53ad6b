//! API keys: made, listed, revoked, found.

use sqlx::{Sqlite, SqliteConnection, SqlitePool};

use crate::{
    Control, KeyPair, Micros, error::ControlError, project, row::from_row, secret::secret_hash,
    valid,
};

/// `last_used_at` is this coarse, in µs: a write an hour and key, not one a request.
const LAST_USED_STEP: Micros = 3_600_000_000;

/// An API key as it may be shown: without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Unique.
    pub id: String,
    /// The only project that it opens.
    pub project_id: String,
    /// Unique, revoked keys included. Alone it may write, not read.
    pub public_key: String,
    /// The last four characters of the secret; empty for a short chosen secret.
    pub secret_hint: String,
    /// What it is for, in its owner's words.
    pub note: String,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last used, to the hour or so; `None` for never.
    pub last_used_at: Option<Micros>,
    /// When it was revoked. Once set, it stays.
    pub revoked_at: Option<Micros>,
}

from_row!(ApiKey {
    id,
    project_id,
    public_key,
    secret_hint,
    note,
    created_at,
    last_used_at,
    revoked_at
});

impl Control {
    /// Stores a new key pair of the project. The secret is not stored: show it now.
    ///
    /// # Errors
    ///
    /// [`ControlError::UnknownProject`], [`ControlError::Invalid`] for the note,
    /// [`ControlError::PublicKeyTaken`] and [`ControlError::SecretKeyTaken`] for a pair that is
    /// stored already, [`ControlError::Database`].
    pub async fn create_key(
        &self,
        project_id: &str,
        pair: &KeyPair,
        note: &str,
        now: Micros,
    ) -> Result<ApiKey, ControlError> {
        valid::check_note("note", note)?;
        let mut tx = self.begin().await?;
        project::require(&mut tx, project_id).await?;
        let key = insert(&mut tx, project_id, pair, note, now).await?;
        tx.commit().await?;
        self.cache.forget_rejected();
        Ok(key)
    }

    /// Stores a new key pair of the project under a note, and revokes what has the same note: of keys
    /// that somebody makes again and again, the last one works.
    ///
    /// # Errors
    ///
    /// As [`Control::create_key`]; then the keys that were there still work.
    pub async fn rotate_key(
        &self,
        project_id: &str,
        pair: &KeyPair,
        note: &str,
        now: Micros,
    ) -> Result<ApiKey, ControlError> {
        valid::check_note("note", note)?;
        let mut tx = self.begin().await?;
        project::require(&mut tx, project_id).await?;
        let revoked = revoke_noted(&mut tx, project_id, note, now).await?;
        let key = insert(&mut tx, project_id, pair, note, now).await?;
        tx.commit().await?;
        for key_id in &revoked {
            self.cache.forget_key(key_id);
        }
        self.cache.forget_rejected();
        Ok(key)
    }

    /// Revokes a key of the project for good: from now on no request with it passes here.
    /// Revoking again changes nothing, the first time stays.
    ///
    /// # Errors
    ///
    /// [`ControlError::UnknownKey`] if the project has no such key, [`ControlError::Database`].
    pub async fn revoke_key(
        &self,
        project_id: &str,
        key_id: &str,
        now: Micros,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $1)
                   WHERE id = $2 AND project_id = $3";
        let updated = sqlx::query::<Sqlite>(sql)
            .bind(now)
            .bind(key_id)
            .bind(project_id)
            .execute(&self.pool)
            .await?
            .rows_affected();
        self.cache.forget_key(key_id);
        if updated == 0 {
            return Err(ControlError::UnknownKey {
                project_id: project_id.to_owned(),
                key_id: key_id.to_owned(),
            });
        }
        Ok(())
    }

    /// The keys of the project, oldest first, revoked ones included.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn list_keys(&self, project_id: &str) -> Result<Vec<ApiKey>, ControlError> {
        let sql = "SELECT id, project_id, public_key, secret_hint, note,
                          created_at, last_used_at, revoked_at
                   FROM api_keys WHERE project_id = $1 ORDER BY created_at, id";
        Ok(sqlx::query_as::<Sqlite, ApiKey>(sql).bind(project_id).fetch_all(&self.pool).await?)
    }
}

/// What must be known of a stored key to decide about a presented one.
#[derive(Clone, Debug)]
pub(crate) struct StoredKey {
    pub(crate) id: String,
    pub(crate) project_id: String,
    pub(crate) public_key: String,
    pub(crate) secret_hash: String,
    pub(crate) last_used_at: Option<Micros>,
    pub(crate) revoked_at: Option<Micros>,
}

from_row!(StoredKey { id, project_id, public_key, secret_hash, last_used_at, revoked_at });

/// The key of this secret, revoked or not. `secret` may be any text.
pub(crate) async fn find_by_secret(
    conn: &mut SqliteConnection,
    secret: &str,
) -> Result<Option<StoredKey>, ControlError> {
    let sql = "SELECT id, project_id, public_key, secret_hash, last_used_at, revoked_at
               FROM api_keys WHERE secret_hash = $1";
    Ok(sqlx::query_as::<Sqlite, StoredKey>(sql)
        .bind(secret_hash(secret))
        .fetch_optional(conn)
        .await?)
}

/// The key of this public key, revoked or not. `public` may be any text.
pub(crate) async fn find_by_public(
    conn: &mut SqliteConnection,
    public: &str,
) -> Result<Option<StoredKey>, ControlError> {
    let sql = "SELECT id, project_id, public_key, secret_hash, last_used_at, revoked_at
               FROM api_keys WHERE public_key = $1";
    Ok(sqlx::query_as::<Sqlite, StoredKey>(sql).bind(public).fetch_optional(conn).await?)
}

/// Stores a pair, neither key of which may be stored already. Runs in a writing transaction, so
/// that nothing comes between the checks and the write.
pub(crate) async fn insert(
    conn: &mut SqliteConnection,
    project_id: &str,
    pair: &KeyPair,
    note: &str,
    now: Micros,
) -> Result<ApiKey, ControlError> {
    if let Some(taken) = find_by_public(conn, pair.public()).await? {
        return Err(ControlError::PublicKeyTaken {
            public_key: taken.public_key,
            project_id: taken.project_id,
        });
    }
    if let Some(taken) = find_by_secret(conn, pair.secret().expose()).await? {
        return Err(ControlError::SecretKeyTaken {
            given: pair.public().to_owned(),
            public_key: taken.public_key,
            project_id: taken.project_id,
        });
    }
    let key = ApiKey {
        id: pair.id(),
        project_id: project_id.to_owned(),
        public_key: pair.public().to_owned(),
        secret_hint: pair.secret().hint().to_owned(),
        note: note.to_owned(),
        created_at: now,
        last_used_at: None,
        revoked_at: None,
    };
    let sql = "INSERT INTO api_keys
                   (id, project_id, public_key, secret_hash, secret_hint, note, created_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query::<Sqlite>(sql)
        .bind(key.id.as_str())
        .bind(key.project_id.as_str())
        .bind(key.public_key.as_str())
        .bind(secret_hash(pair.secret().expose()))
        .bind(key.secret_hint.as_str())
        .bind(key.note.as_str())
        .bind(key.created_at)
        .execute(conn)
        .await?;
    Ok(key)
}

/// Revokes the keys that have this note and still work; says which.
async fn revoke_noted(
    conn: &mut SqliteConnection,
    project_id: &str,
    note: &str,
    now: Micros,
) -> Result<Vec<String>, ControlError> {
    let sql = "UPDATE api_keys SET revoked_at = $1
               WHERE project_id = $2 AND note = $3 AND revoked_at IS NULL RETURNING id";
    Ok(sqlx::query_scalar::<Sqlite, String>(sql)
        .bind(now)
        .bind(project_id)
        .bind(note)
        .fetch_all(conn)
        .await?)
}

/// Notes that the key is in use, if the last note is old enough.
pub(crate) async fn touch(
    pool: &SqlitePool,
    key: &StoredKey,
    now: Micros,
) -> Result<(), ControlError> {
    if key.last_used_at.is_some_and(|last| now < last.saturating_add(LAST_USED_STEP)) {
        return Ok(());
    }
    sqlx::query::<Sqlite>("UPDATE api_keys SET last_used_at = $1 WHERE id = $2")
        .bind(now)
        .bind(key.id.as_str())
        .execute(pool)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
