//! Where a client's own key goes.

use axum::http::{HeaderMap, HeaderName};
use tracekeep_llm::Protocol;
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::provider::{PRESETS, Provider};

use super::call::Target;

/// The header that chooses a provider where the client brings its own key.
const PROVIDER: &str = "x-tracekeep-provider";

/// Addresses of providers that are known by name, without keys.
#[derive(Debug)]
pub(super) struct Addresses(Vec<Provider>);

impl Addresses {
    /// Their own, or those of the variables that their own SDKs read.
    pub(super) fn of_env(env: impl Fn(&str) -> Option<String>) -> Self {
        let get =
            |name: &str| env(name).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
        let known = PRESETS.iter().map(|preset| {
            let mut provider = Provider::new(preset.name, preset.kind);
            let url = preset.url.and_then(get);
            provider.base_url = url.unwrap_or_else(|| preset.base_url.to_owned());
            provider
        });
        Self(known.filter(|provider| !provider.base_url.is_empty()).collect())
    }

    /// Where a client's own key goes: the provider that it names, among these and `others`, else the
    /// one whose protocol it speaks.
    pub(super) fn target(
        &self,
        others: &[Provider],
        headers: &HeaderMap,
        protocol: Protocol,
        model: &str,
        brought: &[(HeaderName, String)],
    ) -> Result<Target, ApiError> {
        let name = headers.get(PROVIDER).and_then(|value| value.to_str().ok());
        let name = name.unwrap_or(match protocol {
            Protocol::Messages => "anthropic",
            Protocol::GenerateContent => "gemini",
            _ => "openai",
        });
        let found = others.iter().chain(&self.0).find(|provider| provider.name == name);
        let provider = found.cloned().ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|known| known.name.as_str()).collect();
            let message =
                format!("{PROVIDER} names `{name}`, which is none of {}", names.join(", "));
            ApiError::new(ErrorKind::BadRequest, message)
        })?;
        Ok(Target { provider, model: model.to_owned(), brought: Some(brought.to_vec()) })
    }
}

#[cfg(test)]
mod tests;
