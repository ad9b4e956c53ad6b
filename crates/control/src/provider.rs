//! Providers of models, as a project has stored them: made, listed, changed, removed.
//!
//! What kinds there are, what addresses and which credentials they take, the server knows; here they
//! are texts. Secrets go in and come out through a [`Vault`].

use rand::CryptoRng;
use sqlx::{Sqlite, SqliteConnection};

use crate::{
    Control, Micros, Secret, Vault,
    error::ControlError,
    project,
    row::from_row,
    seal::{FreshNonce, Place},
    secret::random_id,
    valid,
};

/// Providers that one project may have.
const MOST: i64 = 100;

/// A query for whole providers, ended by what stands behind `FROM providers`.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, project_id, name, kind, base_url, api_version, models, header_names,
                    sealed_headers, sealed_credential, hint, created_at, updated_at
             FROM providers ",
            $rest
        )
    };
}

/// A stored provider. It holds its secrets sealed: [`Vault::open_provider`] opens them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProvider {
    /// Unique.
    pub id: String,
    /// The only project that may use it.
    pub project_id: String,
    /// Unique in its project: the part before `/` of `name/model`.
    pub name: String,
    /// What it is, in the server's words.
    pub kind: String,
    /// Where it listens; `None` for where its kind does by itself.
    pub base_url: Option<String>,
    /// Azure's `api-version`.
    pub api_version: Option<String>,
    /// A JSON array of texts: models that are asked for here by their plain names.
    pub models: String,
    /// A JSON array of texts: the names of the headers that each request gets.
    pub header_names: String,
    sealed_headers: Option<String>,
    sealed_credential: Option<String>,
    /// The last four characters of the credential; empty for none and for a short one.
    pub hint: String,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

from_row!(StoredProvider {
    id,
    project_id,
    name,
    kind,
    base_url,
    api_version,
    models,
    header_names,
    sealed_headers,
    sealed_credential,
    hint,
    created_at,
    updated_at
});

impl StoredProvider {
    /// Whether it has a credential.
    #[must_use]
    pub fn has_credential(&self) -> bool {
        self.sealed_credential.is_some()
    }

    fn place(&self, field: &'static str) -> Place<'_> {
        Place { project_id: &self.project_id, record_id: &self.id, field, provider: &self.name }
    }

    fn put_credential(
        &mut self,
        credential: Option<ProviderCredential>,
        vault: &Vault,
        nonce: FreshNonce,
    ) -> Result<(), ControlError> {
        let (sealed, hint) = match credential {
            Some(given) => {
                let place = self.place(CREDENTIAL);
                (Some(vault.seal(&given.secret, &place, nonce)?), given.hint)
            }
            None => (None, String::new()),
        };
        (self.sealed_credential, self.hint) = (sealed, hint);
        Ok(())
    }

    fn put_headers(
        &mut self,
        headers: Option<ProviderHeaders>,
        vault: &Vault,
        nonce: FreshNonce,
    ) -> Result<(), ControlError> {
        let (sealed, names) = match headers {
            Some(given) => {
                let place = self.place(HEADERS);
                (Some(vault.seal(&given.secret, &place, nonce)?), given.names)
            }
            None => (None, "[]".to_owned()),
        };
        (self.sealed_headers, self.header_names) = (sealed, names);
        Ok(())
    }
}

/// What is sealed apart, so that each can be changed without reading the other.
const CREDENTIAL: &str = "credential";
const HEADERS: &str = "headers";

/// A credential to store.
#[derive(Clone, Debug)]
pub struct ProviderCredential {
    /// The credential, in the server's form.
    pub secret: Secret,
    /// What may be shown of it.
    pub hint: String,
}

/// Headers to store. Their values may be secrets.
#[derive(Clone, Debug)]
pub struct ProviderHeaders {
    /// A JSON array of their names.
    pub names: String,
    /// Names and values, in the server's form.
    pub secret: Secret,
}

/// A provider to store. What its fields are, [`StoredProvider`] says.
#[derive(Clone, Debug)]
pub struct NewProvider {
    /// 1 to 50 of `a-z`, `0-9`, `_` and `-`; not `demo`, which is built in.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Where it listens.
    pub base_url: Option<String>,
    /// Azure's `api-version`.
    pub api_version: Option<String>,
    /// A JSON array of texts.
    pub models: String,
    /// What each request gets besides.
    pub headers: Option<ProviderHeaders>,
    /// How it is told who asks.
    pub credential: Option<ProviderCredential>,
}

/// What to change of a provider; what is `None` stays. An inner `None` takes the value away.
#[derive(Clone, Debug, Default)]
pub struct ProviderChange {
    /// Where it listens.
    pub base_url: Option<Option<String>>,
    /// Azure's `api-version`.
    pub api_version: Option<Option<String>>,
    /// A JSON array of texts.
    pub models: Option<String>,
    /// What each request gets besides.
    pub headers: Option<Option<ProviderHeaders>>,
    /// How it is told who asks.
    pub credential: Option<Option<ProviderCredential>>,
}

/// The random parts of storing or changing a provider: an id and what sealing needs. It is used up,
/// as what sealing needs must not be used twice.
#[derive(Debug)]
pub struct FreshProvider {
    id: String,
    for_credential: FreshNonce,
    for_headers: FreshNonce,
}

impl FreshProvider {
    /// Draws them.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self {
            id: random_id(rng),
            for_credential: FreshNonce::generate(rng),
            for_headers: FreshNonce::generate(rng),
        }
    }
}

/// The secrets of a provider, in clear. `Debug` hides them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedProvider {
    /// As [`ProviderCredential::secret`].
    pub credential: Option<Secret>,
    /// As [`ProviderHeaders::secret`].
    pub headers: Option<Secret>,
}

impl Vault {
    /// Opens the secrets of a provider. Of one that has none it needs no key.
    ///
    /// # Errors
    ///
    /// [`ControlError::NoSecretKey`], [`ControlError::OtherSecretKey`],
    /// [`ControlError::DamagedSeal`].
    pub fn open_provider(&self, stored: &StoredProvider) -> Result<OpenedProvider, ControlError> {
        let open = |sealed: &Option<String>, field| {
            sealed.as_deref().map(|sealed| self.open(sealed, &stored.place(field))).transpose()
        };
        Ok(OpenedProvider {
            credential: open(&stored.sealed_credential, CREDENTIAL)?,
            headers: open(&stored.sealed_headers, HEADERS)?,
        })
    }
}

impl Control {
    /// Stores a provider of the project.
    ///
    /// # Errors
    ///
    /// [`ControlError::Invalid`] for the name, [`ControlError::UnknownProject`],
    /// [`ControlError::Taken`], [`ControlError::TooMany`] beyond 100 providers,
    /// [`ControlError::NoSecretKey`], [`ControlError::Database`].
    pub async fn create_provider(
        &self,
        project_id: &str,
        new: NewProvider,
        vault: &Vault,
        fresh: FreshProvider,
        now: Micros,
    ) -> Result<StoredProvider, ControlError> {
        valid::check_provider_name("name", &new.name)?;
        let mut provider = StoredProvider {
            id: fresh.id,
            project_id: project_id.to_owned(),
            name: new.name,
            kind: new.kind,
            base_url: new.base_url,
            api_version: new.api_version,
            models: new.models,
            header_names: String::new(),
            sealed_headers: None,
            sealed_credential: None,
            hint: String::new(),
            created_at: now,
            updated_at: now,
        };
        provider.put_credential(new.credential, vault, fresh.for_credential)?;
        provider.put_headers(new.headers, vault, fresh.for_headers)?;
        let mut tx = self.begin().await?;
        project::require(&mut tx, project_id).await?;
        if find(&mut tx, project_id, &provider.name).await?.is_some() {
            return Err(ControlError::Taken { what: "provider", name: provider.name });
        }
        if count(&mut tx, project_id).await? >= MOST {
            return Err(ControlError::TooMany { what: "providers", most: MOST });
        }
        insert(&mut tx, &provider).await?;
        tx.commit().await?;
        Ok(provider)
    }

    /// Changes a provider of the project; gives back what it is now. Its name and kind stay.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`], [`ControlError::NoSecretKey`], [`ControlError::Database`].
    pub async fn update_provider(
        &self,
        project_id: &str,
        name: &str,
        change: ProviderChange,
        vault: &Vault,
        fresh: FreshProvider,
        now: Micros,
    ) -> Result<StoredProvider, ControlError> {
        let mut tx = self.begin().await?;
        let found = find(&mut tx, project_id, name).await?;
        let mut provider = found.ok_or_else(|| unknown(name))?;
        if let Some(base_url) = change.base_url {
            provider.base_url = base_url;
        }
        if let Some(api_version) = change.api_version {
            provider.api_version = api_version;
        }
        if let Some(models) = change.models {
            provider.models = models;
        }
        if let Some(headers) = change.headers {
            provider.put_headers(headers, vault, fresh.for_headers)?;
        }
        if let Some(credential) = change.credential {
            provider.put_credential(credential, vault, fresh.for_credential)?;
        }
        provider.updated_at = now;
        replace(&mut tx, &provider).await?;
        tx.commit().await?;
        Ok(provider)
    }

    /// Removes a provider of the project, its sealed secrets with it.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`], [`ControlError::Database`].
    pub async fn delete_provider(&self, project_id: &str, name: &str) -> Result<(), ControlError> {
        let sql = "DELETE FROM providers WHERE project_id = $1 AND name = $2";
        let deleted = sqlx::query::<Sqlite>(sql)
            .bind(project_id)
            .bind(name)
            .execute(&self.pool)
            .await?
            .rows_affected();
        if deleted == 0 { Err(unknown(name)) } else { Ok(()) }
    }

    /// The providers of the project, oldest first.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn providers(&self, project_id: &str) -> Result<Vec<StoredProvider>, ControlError> {
        let sql = select!("WHERE project_id = $1 ORDER BY created_at, id");
        let providers = sqlx::query_as::<Sqlite, StoredProvider>(sql).bind(project_id);
        Ok(providers.fetch_all(&self.pool).await?)
    }

    /// One provider of the project, or none of that name.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn provider(
        &self,
        project_id: &str,
        name: &str,
    ) -> Result<Option<StoredProvider>, ControlError> {
        let mut conn = self.pool.acquire().await?;
        find(&mut conn, project_id, name).await
    }
}

fn unknown(name: &str) -> ControlError {
    ControlError::Unknown { what: "provider", name: name.to_owned() }
}

async fn find(
    conn: &mut SqliteConnection,
    project_id: &str,
    name: &str,
) -> Result<Option<StoredProvider>, ControlError> {
    let sql = select!("WHERE project_id = $1 AND name = $2");
    let found = sqlx::query_as::<Sqlite, StoredProvider>(sql).bind(project_id).bind(name);
    Ok(found.fetch_optional(conn).await?)
}

async fn count(conn: &mut SqliteConnection, project_id: &str) -> Result<i64, ControlError> {
    let sql = "SELECT COUNT(*) FROM providers WHERE project_id = $1";
    Ok(sqlx::query_scalar::<Sqlite, i64>(sql).bind(project_id).fetch_one(conn).await?)
}

async fn insert(
    conn: &mut SqliteConnection,
    provider: &StoredProvider,
) -> Result<(), ControlError> {
    let sql = "INSERT INTO providers
                   (id, project_id, name, kind, base_url, api_version, models, header_names,
                    sealed_headers, sealed_credential, hint, created_at, updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    sqlx::query::<Sqlite>(sql)
        .bind(provider.id.as_str())
        .bind(provider.project_id.as_str())
        .bind(provider.name.as_str())
        .bind(provider.kind.as_str())
        .bind(provider.base_url.as_deref())
        .bind(provider.api_version.as_deref())
        .bind(provider.models.as_str())
        .bind(provider.header_names.as_str())
        .bind(provider.sealed_headers.as_deref())
        .bind(provider.sealed_credential.as_deref())
        .bind(provider.hint.as_str())
        .bind(provider.created_at)
        .bind(provider.updated_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes what may change.
async fn replace(
    conn: &mut SqliteConnection,
    provider: &StoredProvider,
) -> Result<(), ControlError> {
    let sql = "UPDATE providers
               SET base_url = $1, api_version = $2, models = $3, header_names = $4,
                   sealed_headers = $5, sealed_credential = $6, hint = $7, updated_at = $8
               WHERE id = $9";
    sqlx::query::<Sqlite>(sql)
        .bind(provider.base_url.as_deref())
        .bind(provider.api_version.as_deref())
        .bind(provider.models.as_str())
        .bind(provider.header_names.as_str())
        .bind(provider.sealed_headers.as_deref())
        .bind(provider.sealed_credential.as_deref())
        .bind(provider.hint.as_str())
        .bind(provider.updated_at)
        .bind(provider.id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
