use std::path::PathBuf;

use sqlx::migrate::MigrateError;

/// What went wrong in the control store, to what, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The database file could not be created or opened.
    #[error(
        "cannot open the control database {}: {source}; check that its folder exists, is writable and has free space",
        .path.display()
    )]
    Open {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },

    /// The database has had a migration that this build does not know.
    #[error(
        "the control database {} was written by a newer Tracekeep (it has migration {version}); start that version or a newer one",
        .path.display()
    )]
    NewerSchema {
        /// The database file.
        path: PathBuf,
        /// The first unknown migration.
        version: i64,
    },

    /// The database could not be brought to this build's schema. Each migration is one
    /// transaction, so the database is as it was before the failed one.
    #[error(
        "cannot update the schema of the control database {}: {source}; keep a copy of the file and report this",
        .path.display()
    )]
    Migrate {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: MigrateError,
    },

    /// A query failed: the disk, a lock that another process held too long, or damage.
    #[error("the control database failed: {0}; try again, then check its disk")]
    Database(#[from] sqlx::Error),

    /// A given value is not acceptable. The value is not repeated: it may be a secret.
    #[error("{field} {problem}")]
    Invalid {
        /// The setting or field.
        field: &'static str,
        /// What is wrong with it, and the remedy.
        problem: String,
    },

    /// There is no such project.
    #[error("there is no project {0:?}; check the project id")]
    UnknownProject(String),

    /// The project has no such key.
    #[error("project {project_id:?} has no key {key_id:?}; list its keys to find the id")]
    UnknownKey {
        /// The project that was asked for.
        project_id: String,
        /// The key that was asked for.
        key_id: String,
    },

    /// The initial project exists, but in another organisation than the given one.
    #[error(
        "project {project_id:?} belongs to organisation {org_id:?}; set TRACEKEEP_INIT_ORG_ID to it, or choose another TRACEKEEP_INIT_PROJECT_ID"
    )]
    ProjectElsewhere {
        /// The given project.
        project_id: String,
        /// The organisation that has it.
        org_id: String,
    },

    /// The public key is in use. Revoked keys stay in use.
    #[error(
        "public key {public_key:?} already belongs to project {project_id:?}; choose another key pair, or name that project"
    )]
    PublicKeyTaken {
        /// The given public key.
        public_key: String,
        /// The project that has it.
        project_id: String,
    },

    /// The secret key is in use under another public key. Revoked keys stay in use.
    #[error(
        "the secret key given with {given:?} already belongs to public key {public_key:?} of project {project_id:?}; choose another secret key"
    )]
    SecretKeyTaken {
        /// The public key that was given with the secret.
        given: String,
        /// The public key that has the secret.
        public_key: String,
        /// The project of that public key.
        project_id: String,
    },

    /// The public key exists with another secret; a secret is never changed in place.
    #[error(
        "public key {public_key:?} of project {project_id:?} already exists with another secret key; to rotate a secret, choose a new public key too"
    )]
    SecretKeyDiffers {
        /// The given public key.
        public_key: String,
        /// The project that has it.
        project_id: String,
    },

    /// The project has no record of that name.
    #[error("there is no {what} {name:?} in this project; list them to find its name")]
    Unknown {
        /// Such as `provider`.
        what: &'static str,
        /// The name that was asked for.
        name: String,
    },

    /// The project has a record of that name already.
    #[error("there is a {what} {name:?} in this project; change that one, or choose another name")]
    Taken {
        /// Such as `provider`.
        what: &'static str,
        /// The name that was chosen.
        name: String,
    },

    /// The project has as many of them as it may.
    #[error("this project has {most} {what}, and may have no more; remove one first")]
    TooMany {
        /// Such as `providers`.
        what: &'static str,
        /// How many it may have.
        most: i64,
    },

    /// There is no secret key, so that nothing can be sealed or opened.
    #[error(
        "stored credentials cannot be used: {0}; give the secret key as TRACEKEEP_SECRET_KEY, or put its file back, and start again"
    )]
    NoSecretKey(String),

    /// A credential was sealed with another secret key than the present one.
    #[error(
        "the credential of provider {provider:?} was sealed with secret key {sealed_with}, and the server has {present}; give it the former one, or store the credential again"
    )]
    OtherSecretKey {
        /// The provider's name.
        provider: String,
        /// The id of the key that sealed it.
        sealed_with: String,
        /// The id of the server's key.
        present: String,
    },

    /// What is stored is not what was sealed there.
    #[error(
        "the credential of provider {provider:?} is damaged or was moved from another record; store it again"
    )]
    DamagedSeal {
        /// The provider's name.
        provider: String,
    },
}
