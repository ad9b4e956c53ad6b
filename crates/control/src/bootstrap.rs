//! The first organisation, project and key: made on the first start, ensured on every one.

use sqlx::SqliteConnection;

use crate::{
    Control, DEFAULT_RETENTION_DAYS, FreshKeys, KeyPair, Micros, Organisation, Project, Secret,
    error::ControlError, key, organisation, project, secret::secret_hash, valid,
};

const ORG_ID: &str = "TRACEKEEP_INIT_ORG_ID";
const ORG_NAME: &str = "TRACEKEEP_INIT_ORG_NAME";
const PROJECT_ID: &str = "TRACEKEEP_INIT_PROJECT_ID";
const PROJECT_NAME: &str = "TRACEKEEP_INIT_PROJECT_NAME";
const PUBLIC_KEY: &str = "TRACEKEEP_INIT_PROJECT_PUBLIC_KEY";
const SECRET_KEY: &str = "TRACEKEEP_INIT_PROJECT_SECRET_KEY";
const RETENTION: &str = "TRACEKEEP_INIT_PROJECT_RETENTION";

/// What the settings `TRACEKEEP_INIT_*` (or the same with `LANGFUSE_INIT_`) ask for. An empty
/// text counts as not given, as `docker compose` passes `${NAME:-}`.
///
/// An id that is not given means the oldest one there is, else a new random one. Names and the
/// retention are used only for what is made: later changes to them by a person stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Init {
    /// `TRACEKEEP_INIT_ORG_ID`.
    pub org_id: Option<String>,
    /// `TRACEKEEP_INIT_ORG_NAME`.
    pub org_name: Option<String>,
    /// `TRACEKEEP_INIT_PROJECT_ID`.
    pub project_id: Option<String>,
    /// `TRACEKEEP_INIT_PROJECT_NAME`.
    pub project_name: Option<String>,
    /// `TRACEKEEP_INIT_PROJECT_RETENTION`: whole days, 1 to 36,500.
    pub retention_days: Option<String>,
    /// `TRACEKEEP_INIT_PROJECT_PUBLIC_KEY`; 8 to 200 visible ASCII characters without a colon.
    pub public_key: Option<String>,
    /// `TRACEKEEP_INIT_PROJECT_SECRET_KEY`; 8 to 200 visible ASCII characters.
    pub secret_key: Option<Secret>,
}

/// What [`Control::bootstrap`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bootstrap {
    /// Nothing: all that was asked for was there.
    Existing,
    /// The project, its key, or both were made now.
    Created {
        /// The project, which may have been there before.
        project: Project,
        /// The pair that was made up for it, to be shown this once. `None` for a given pair,
        /// which its owner knows.
        generated: Option<KeyPair>,
    },
}

impl Control {
    /// Sees to it on every start that there is a project with a key. It makes, in one
    /// transaction, what `init` names and is not there; a new project without a given key pair
    /// gets one made of `fresh`. A revoked key stays revoked.
    ///
    /// # Errors
    ///
    /// [`ControlError::Invalid`] for a value of `init`; [`ControlError::ProjectElsewhere`],
    /// [`ControlError::PublicKeyTaken`], [`ControlError::SecretKeyTaken`] or
    /// [`ControlError::SecretKeyDiffers`] where it contradicts the store, which then stays as it
    /// was; [`ControlError::Database`].
    pub async fn bootstrap(
        &self,
        init: &Init,
        fresh: FreshKeys,
        now: Micros,
    ) -> Result<Bootstrap, ControlError> {
        let wanted = Wanted::checked(init)?;
        let mut tx = self.begin().await?;
        let (project, project_is_new) = ensure_project(&mut tx, &wanted, &fresh, now).await?;
        let mut generated = None;
        let key_is_new = match wanted.pair {
            Some(pair) => ensure_key(&mut tx, &project.id, &pair, now).await?,
            None if project_is_new => {
                key::insert(&mut tx, &project.id, &fresh.pair, "first key", now).await?;
                generated = Some(fresh.pair);
                true
            }
            None => false,
        };
        tx.commit().await?;
        if !project_is_new && !key_is_new {
            return Ok(Bootstrap::Existing);
        }
        self.cache.forget_rejected();
        Ok(Bootstrap::Created { project, generated })
    }
}

/// `Init` with every value checked.
struct Wanted<'a> {
    org_id: Option<&'a str>,
    org_name: &'a str,
    project_id: Option<&'a str>,
    project_name: &'a str,
    retention_days: i64,
    pair: Option<KeyPair>,
}

impl<'a> Wanted<'a> {
    fn checked(init: &'a Init) -> Result<Self, ControlError> {
        let wanted = Self {
            org_id: given(init.org_id.as_deref()),
            org_name: given(init.org_name.as_deref()).unwrap_or("Default organisation"),
            project_id: given(init.project_id.as_deref()),
            project_name: given(init.project_name.as_deref()).unwrap_or("Default project"),
            retention_days: match given(init.retention_days.as_deref()) {
                Some(days) => valid::check_days(RETENTION, days)?,
                None => DEFAULT_RETENTION_DAYS,
            },
            pair: given_pair(init)?,
        };
        if let Some(id) = wanted.org_id {
            valid::check_id(ORG_ID, id)?;
        }
        if let Some(id) = wanted.project_id {
            valid::check_id(PROJECT_ID, id)?;
        }
        valid::check_name(ORG_NAME, wanted.org_name)?;
        valid::check_name(PROJECT_NAME, wanted.project_name)?;
        Ok(wanted)
    }
}

fn given(value: Option<&str>) -> Option<&str> {
    value.filter(|text| !text.is_empty())
}

fn given_pair(init: &Init) -> Result<Option<KeyPair>, ControlError> {
    let public = given(init.public_key.as_deref());
    let secret = init.secret_key.as_ref();
    let secret = secret.filter(|secret| !secret.expose().is_empty());
    let missing = |field: &'static str, other: &str| ControlError::Invalid {
        field,
        problem: format!("is missing beside {other}: give both keys or none"),
    };
    match (public, secret) {
        (Some(public), Some(secret)) => {
            KeyPair::given((PUBLIC_KEY, public), (SECRET_KEY, secret)).map(Some)
        }
        (Some(_), None) => Err(missing(SECRET_KEY, PUBLIC_KEY)),
        (None, Some(_)) => Err(missing(PUBLIC_KEY, SECRET_KEY)),
        (None, None) => Ok(None),
    }
}

/// The wanted project, and whether it was made now.
async fn ensure_project(
    conn: &mut SqliteConnection,
    wanted: &Wanted<'_>,
    fresh: &FreshKeys,
    now: Micros,
) -> Result<(Project, bool), ControlError> {
    let found = match wanted.project_id {
        Some(id) => project::find(conn, id).await?,
        None => project::oldest(conn, wanted.org_id).await?,
    };
    if let Some(project) = found {
        if wanted.org_id.is_some_and(|org_id| org_id != project.org_id) {
            return Err(ControlError::ProjectElsewhere {
                project_id: project.id,
                org_id: project.org_id,
            });
        }
        return Ok((project, false));
    }
    let project = Project {
        id: wanted.project_id.unwrap_or(&fresh.project_id).to_owned(),
        org_id: ensure_organisation(conn, wanted, fresh, now).await?,
        name: wanted.project_name.to_owned(),
        retention_days: wanted.retention_days,
        created_at: now,
    };
    project::insert(conn, &project).await?;
    Ok((project, true))
}

/// The id of the wanted organisation, which is made if it is missing.
async fn ensure_organisation(
    conn: &mut SqliteConnection,
    wanted: &Wanted<'_>,
    fresh: &FreshKeys,
    now: Micros,
) -> Result<String, ControlError> {
    let found = match wanted.org_id {
        Some(id) => organisation::find(conn, id).await?,
        None => organisation::oldest(conn).await?,
    };
    if let Some(organisation) = found {
        return Ok(organisation.id);
    }
    let organisation = Organisation {
        id: wanted.org_id.unwrap_or(&fresh.org_id).to_owned(),
        name: wanted.org_name.to_owned(),
        created_at: now,
    };
    organisation::insert(conn, &organisation).await?;
    Ok(organisation.id)
}

/// Whether the given pair was added now, rather than there before.
async fn ensure_key(
    conn: &mut SqliteConnection,
    project_id: &str,
    pair: &KeyPair,
    now: Micros,
) -> Result<bool, ControlError> {
    let Some(stored) = key::find_by_public(conn, pair.public()).await? else {
        key::insert(conn, project_id, pair, "from the settings", now).await?;
        return Ok(true);
    };
    if stored.project_id != project_id {
        return Err(ControlError::PublicKeyTaken {
            public_key: stored.public_key,
            project_id: stored.project_id,
        });
    }
    if stored.secret_hash != secret_hash(pair.secret().expose()) {
        return Err(ControlError::SecretKeyDiffers {
            public_key: stored.public_key,
            project_id: stored.project_id,
        });
    }
    if stored.revoked_at.is_some() {
        // Someone revoked it on purpose, perhaps because it leaked: a restart must not undo that.
        tracing::warn!(
            public_key = stored.public_key,
            "the initial API key is revoked and stays so; set another TRACEKEEP_INIT_PROJECT_PUBLIC_KEY and _SECRET_KEY"
        );
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
