//! From what the control store has of a provider to the provider.

use std::collections::BTreeMap;

use serde::Deserialize;
use tracekeep_control::{Secret, StoredProvider, Vault};
use tracekeep_llm::provider::{Kind, Provider};

use super::{Listed, Source};
use crate::gateway::provider_settings::{CredentialSettings, ProviderSettings, Refused};

/// A stored provider with its secrets; where they cannot be had, without them and with the reason.
pub(super) fn listed(stored: &StoredProvider, vault: &Vault) -> Listed {
    let (provider, problem) = match vault.open_provider(stored) {
        Ok(opened) => made(stored, opened.credential.as_ref(), opened.headers.as_ref()),
        Err(error) => {
            let (bare, _) = made(stored, None, None);
            (bare, Some(error.to_string()))
        }
    };
    Listed { provider, source: Source::Project, problem }
}

fn made(
    stored: &StoredProvider,
    credential: Option<&Secret>,
    headers: Option<&Secret>,
) -> (Provider, Option<String>) {
    let made = settings(stored, credential, headers).and_then(|settings| settings.provider());
    match made {
        Ok(provider) => (provider, None),
        Err(Refused { field, reason }) => {
            // By its name it is found, and says what is wrong.
            let bare = Provider::new(stored.name.clone(), Kind::OpenaiCompatible);
            (bare, Some(format!("its {field} {reason}")))
        }
    }
}

fn settings(
    stored: &StoredProvider,
    credential: Option<&Secret>,
    headers: Option<&Secret>,
) -> Result<ProviderSettings, Refused> {
    let headers: BTreeMap<String, String> =
        headers.map(|secret| read("headers", secret.expose())).transpose()?.unwrap_or_default();
    let credential: Option<CredentialSettings> =
        credential.map(|secret| read("api_key", secret.expose())).transpose()?;
    Ok(ProviderSettings {
        name: stored.name.clone(),
        kind: stored.kind.clone(),
        base_url: stored.base_url.clone(),
        api_version: stored.api_version.clone(),
        credential: credential.unwrap_or_default(),
        models: read("models", &stored.models)?,
        headers: headers.into_iter().collect(),
    })
}

/// The error of the parser may repeat what it read, and is left out.
fn read<'de, T: Deserialize<'de>>(field: &'static str, json: &'de str) -> Result<T, Refused> {
    let unreadable = |_| Refused::new(field, "is stored in a form that is not known; store it again");
    serde_json::from_str(json).map_err(unreadable)
}
