//! From what the control store has of a provider to the provider.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use tracekeep_control::{OpenedProvider, Secret, StoredProvider, Vault};
use tracekeep_llm::provider::{Kind, Provider};

use super::{Facts, Listed, Source};
use crate::gateway::provider_settings::{CredentialSettings, ProviderSettings, Refused};

const NOTHING: OpenedProvider = OpenedProvider { credential: None, headers: None };

/// A stored provider with its secrets; where they cannot be had, without them and with the reason.
pub(crate) fn listed(stored: &StoredProvider, vault: &Vault) -> Listed {
    let (provider, problem) = match vault.open_provider(stored) {
        Ok(opened) => made(stored, &opened),
        Err(error) => {
            let (bare, _) = made(stored, &NOTHING);
            (bare, Some(error.to_string()))
        }
    };
    let facts = Facts {
        kind: stored.kind.clone(),
        has_credential: stored.has_credential(),
        hint: stored.hint.clone(),
        headers: read("headers", &stored.header_names).unwrap_or_default(),
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    };
    Listed { provider, source: Source::Project, problem, facts: Some(facts) }
}

fn made(stored: &StoredProvider, opened: &OpenedProvider) -> (Provider, Option<String>) {
    match settings(stored, opened).and_then(|settings| settings.provider()) {
        Ok(provider) => (provider, None),
        Err(Refused { field, reason }) => {
            // By its name it is found, and says what is wrong.
            let bare = Provider::new(stored.name.clone(), Kind::OpenaiCompatible);
            (bare, Some(format!("its {field} {reason}")))
        }
    }
}

/// What was said of a stored provider, with these secrets.
pub(crate) fn settings(
    stored: &StoredProvider,
    opened: &OpenedProvider,
) -> Result<ProviderSettings, Refused> {
    let headers: BTreeMap<String, String> = unsealed("headers", opened.headers.as_ref())?;
    let credential: CredentialSettings = unsealed("api_key", opened.credential.as_ref())?;
    Ok(ProviderSettings {
        name: stored.name.clone(),
        kind: stored.kind.clone(),
        base_url: stored.base_url.clone(),
        api_version: stored.api_version.clone(),
        credential,
        models: read("models", &stored.models)?,
        headers: headers.into_iter().collect(),
    })
}

fn unsealed<T: DeserializeOwned + Default>(
    field: &'static str,
    secret: Option<&Secret>,
) -> Result<T, Refused> {
    secret.map_or_else(|| Ok(T::default()), |secret| read(field, secret.expose()))
}

/// The error of the parser may repeat what it read, and is left out.
fn read<T: DeserializeOwned>(field: &'static str, json: &str) -> Result<T, Refused> {
    let unreadable =
        |_| Refused::new(field, "is stored in a form that is not known; store it again");
    serde_json::from_str(json).map_err(unreadable)
}
