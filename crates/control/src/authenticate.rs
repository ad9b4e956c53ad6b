//! From presented keys to whom they speak for.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{
    Control, Micros,
    error::ControlError,
    key::{self, StoredKey},
    key_cache::{Fingerprint, Lookup},
    valid,
};

/// What a request presents. It has no `Debug`: it holds a secret.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// A secret key alone: `Authorization: Bearer <secret>`, or a header of a model provider.
    Secret(&'a str),
    /// `Authorization: Basic <public>:<secret>`; both must be of one pair.
    Pair {
        /// The public key.
        public: &'a str,
        /// The secret key.
        secret: &'a str,
    },
    /// A public key alone, as browsers send it.
    Public(&'a str),
}

/// How far a credential reaches in its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Reading and writing.
    Full,
    /// Sending traces and scores, reading nothing: anyone may know the public key.
    WriteOnly,
}

/// Whom a request speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The only project that the request may touch.
    pub project_id: Arc<str>,
    /// The key that was used.
    pub key_id: Arc<str>,
    /// What it may do there.
    pub access: Access,
}

impl Control {
    /// Answers whom the presented keys speak for; `None` if they are unknown, revoked or not of
    /// one pair. For every request: the usual answer comes from memory, in well under 1 µs.
    /// Another process's change of keys is seen after at most 30 seconds, this one's at once.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`] if the answer is not in memory and the database fails.
    pub async fn authenticate(
        &self,
        presented: Presented<'_>,
        now: Micros,
    ) -> Result<Option<Credential>, ControlError> {
        let Some(fingerprint) = fingerprint(presented) else {
            return Ok(None);
        };
        let ticket = match self.cache.get(&fingerprint, now) {
            Lookup::Known(answer) => return Ok(answer),
            Lookup::Ask(ticket) => ticket,
        };
        let stored = self.load(presented).await?;
        let answer = stored.as_ref().map(|key| credential(key, presented));
        self.cache.put(fingerprint, answer.clone(), ticket, now);
        if let Some(key) = &stored
            && let Err(error) = key::touch(&self.pool, key, now).await
        {
            // Not worth refusing the request for.
            tracing::warn!(key_id = key.id, %error, "cannot note the use of an API key");
        }
        Ok(answer)
    }

    /// Asks the database, not the cache, for a secret key (`Bearer`).
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn authenticate_secret(
        &self,
        secret: &str,
    ) -> Result<Option<Credential>, ControlError> {
        self.ask(Presented::Secret(secret)).await
    }

    /// Asks the database, not the cache, for a key pair (`Basic`).
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn authenticate_pair(
        &self,
        public: &str,
        secret: &str,
    ) -> Result<Option<Credential>, ControlError> {
        self.ask(Presented::Pair { public, secret }).await
    }

    /// Asks the database, not the cache, for a public key. The credential can only write.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn authenticate_public(
        &self,
        public: &str,
    ) -> Result<Option<Credential>, ControlError> {
        self.ask(Presented::Public(public)).await
    }

    async fn ask(&self, presented: Presented<'_>) -> Result<Option<Credential>, ControlError> {
        let stored = self.load(presented).await?;
        Ok(stored.map(|key| credential(&key, presented)))
    }

    /// The key that was presented, if it may be used.
    async fn load(&self, presented: Presented<'_>) -> Result<Option<StoredKey>, ControlError> {
        let mut conn = self.pool.acquire().await?;
        let stored = match presented {
            Presented::Secret(secret) => key::find_by_secret(&mut conn, secret).await?,
            // The public key is no secret, so comparing it may take as long as it takes.
            Presented::Pair { public, secret } => {
                key::find_by_secret(&mut conn, secret).await?.filter(|key| key.public_key == public)
            }
            Presented::Public(public) => key::find_by_public(&mut conn, public).await?,
        };
        Ok(stored.filter(|key| key.revoked_at.is_none()))
    }
}

fn credential(key: &StoredKey, presented: Presented<'_>) -> Credential {
    Credential {
        project_id: Arc::from(key.project_id.as_str()),
        key_id: Arc::from(key.id.as_str()),
        access: match presented {
            Presented::Secret(_) | Presented::Pair { .. } => Access::Full,
            Presented::Public(_) => Access::WriteOnly,
        },
    }
}

/// What the cache knows presented keys by, so that it holds no secret in clear. `None` for what
/// can be no key, which then costs neither a query nor a place in the cache.
fn fingerprint(presented: Presented<'_>) -> Option<Fingerprint> {
    // The form is part of it: a secret sent as a public key must not find the secret's answer.
    let (form, public, secret) = match presented {
        Presented::Secret(secret) => ("secret", None, Some(secret)),
        Presented::Pair { public, secret } => ("pair", Some(public), Some(secret)),
        Presented::Public(public) => ("public", Some(public), None),
    };
    let mut hash = Sha256::new();
    hash.update(form);
    for key in [public, secret].into_iter().flatten() {
        if !valid::is_key_shaped(key) {
            return None;
        }
        // No key has a space in it, so no two pairs run together to the same text.
        hash.update(" ");
        hash.update(key);
    }
    Some(hash.finalize().into())
}

#[cfg(test)]
mod tests;
