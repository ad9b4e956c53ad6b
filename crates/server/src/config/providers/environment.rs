//! Providers of the variables that their own SDKs read.

use tracekeep_llm::provider::{Kind, PRESETS, Preset};

use super::{Described, Line};
use crate::config::kind::MASK;
use crate::gateway::provider_settings::{CredentialSettings, ProviderSettings, Refused};

/// Which Azure's SDKs read.
const API_VERSION: &str = "OPENAI_API_VERSION";

/// A provider for each preset that the environment has a key of, named after it; for one that needs
/// no key, if there is its address.
pub(super) fn providers(variable: &dyn Fn(&str) -> Option<String>) -> Vec<Described> {
    PRESETS.iter().filter_map(|preset| described(preset, variable)).collect()
}

fn described(
    preset: &'static Preset,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<Described> {
    let base_url = preset.url.and_then(|name| Some((name, variable(name)?)));
    let (origin, credential) = credential(preset, variable).or_else(|| {
        // A proxy's address in a variable says nothing of whether there is a key.
        let needs_none = preset.kind == Kind::OpenaiCompatible;
        let (name, _) = base_url.as_ref().filter(|_| needs_none)?;
        Some((*name, CredentialSettings::default()))
    })?;
    let has_key = credential.api_key.is_some() || credential.access_key_id.is_some();
    let settings = ProviderSettings {
        name: preset.name.to_owned(),
        kind: preset.name.to_owned(),
        base_url: base_url.map(|(_, url)| url),
        api_version: (preset.kind == Kind::Azure).then(|| variable(API_VERSION)).flatten(),
        credential,
        ..ProviderSettings::default()
    };
    let made = settings.provider().map_err(|Refused { field, reason }| {
        let of = variable_of(preset, field, origin);
        format!("its {field} ({of}) {reason}")
    });
    let said = match &made {
        Ok(provider) => {
            let key = if has_key { MASK } else { "none" };
            format!("kind {}, at {}, key {key}", provider.kind.as_str(), provider.base_url)
        }
        Err(reason) => format!("left out: {reason}"),
    };
    let line = Line::Comment(format!("Provider {}, from {origin}: {said}.", preset.name));
    Some(Described {
        name: preset.name.to_owned(),
        origin: origin.to_owned(),
        lines: vec![line],
        made,
    })
}

/// The credential of a preset, and the variable that it comes from.
fn credential(
    preset: &'static Preset,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<(&'static str, CredentialSettings)> {
    let bedrock = preset.kind == Kind::Bedrock;
    let region = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = if bedrock { region() } else { None };
    let key = preset.keys.iter().find_map(|name| Some((*name, variable(name)?)));
    if let Some((name, key)) = key {
        let api_key = Some(key);
        return Some((name, CredentialSettings { api_key, region, ..Default::default() }));
    }
    let access_key_id = variable("AWS_ACCESS_KEY_ID").filter(|_| bedrock)?;
    let credential = CredentialSettings {
        access_key_id: Some(access_key_id),
        secret_access_key: variable("AWS_SECRET_ACCESS_KEY"),
        session_token: variable("AWS_SESSION_TOKEN"),
        region,
        api_key: None,
    };
    Some(("AWS_ACCESS_KEY_ID", credential))
}

/// The variable that a field comes from, or would.
fn variable_of(preset: &Preset, field: &str, origin: &'static str) -> &'static str {
    match field {
        "base_url" => preset.url.unwrap_or(origin),
        "api_version" => API_VERSION,
        "region" => "AWS_REGION",
        "secret_access_key" => "AWS_SECRET_ACCESS_KEY",
        "session_token" => "AWS_SESSION_TOKEN",
        _ => origin,
    }
}
