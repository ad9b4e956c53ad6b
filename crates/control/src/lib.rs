//! What Tracekeep knows besides traces: organisations, their projects, the API keys that open them,
//! and the model providers that they call. A small relational store, SQLite through sqlx.
//!
//! - [`Control`] is the store; each noun's operations stand in that noun's file.
//! - [`Control::bootstrap`] makes or ensures the first project on every start.
//! - [`Control::authenticate`] answers, on every request, whom a key speaks for. It is cached.
//!
//! What holds everywhere in this crate:
//!
//! - A project's secret key is kept as its SHA-256 only. What must be read again, the credentials of
//!   model providers, is sealed with the server's secret key ([`Vault`]). No secret is ever logged,
//!   and `Debug` does not print it.
//! - A revoked key never works again, and its public and secret key are never reused.
//! - The clock and randomness are arguments.
//! - Nothing here knows HTTP: the server turns [`ControlError`] into a status.

mod authenticate;
mod bootstrap;
mod error;
mod key;
mod key_cache;
mod key_limit;
mod key_spending;
mod migrations;
mod organisation;
mod project;
mod provider;
mod row;
mod seal;
mod secret;
mod store;
#[cfg(test)]
mod test_support;
mod valid;
mod virtual_model;

pub use authenticate::{Access, Credential, Presented};
pub use bootstrap::{Bootstrap, Init};
pub use error::ControlError;
pub use key::ApiKey;
pub use key_limit::{Budget, KeyLimits, Period};
pub use key_spending::Spent;
pub use organisation::Organisation;
pub use project::{DEFAULT_RETENTION_DAYS, Project};
pub use provider::{
    FreshProvider, NewProvider, OpenedProvider, ProviderChange, ProviderCredential,
    ProviderHeaders, StoredProvider,
};
pub use seal::{MasterKey, Vault};
pub use secret::{FreshKeys, KeyPair, Secret};
pub use store::Control;
pub use valid::{check_model_name, check_provider_name};
pub use virtual_model::VirtualModel;

/// A point in time: microseconds since 1970-01-01T00:00:00 UTC.
pub type Micros = i64;
