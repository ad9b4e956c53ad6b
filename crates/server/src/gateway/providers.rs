//! Which provider is asked for a model.

use axum::http::{HeaderMap, HeaderName};
use tracekeep_llm::Protocol;
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::provider::{Credential, Kind, PRESETS, Provider};

use super::call::Target;

/// The header that chooses a provider where the client brings its own key.
const PROVIDER: &str = "x-tracekeep-provider";

/// The providers that are there: the built-in one, and those of the environment.
pub(super) struct Providers {
    all: Vec<Provider>,
    /// Addresses of known providers that the environment changes, for clients that bring a key.
    known: Vec<Provider>,
}

impl Providers {
    /// Those that the environment names, by the variables that their own SDKs read.
    pub(super) fn from_env(env: impl Fn(&str) -> Option<String>) -> Self {
        let get =
            |name: &str| env(name).map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
        let mut all = vec![Provider::new("demo", Kind::Demo)];
        let mut known = Vec::new();
        for preset in PRESETS {
            let mut provider = Provider::new(preset.name, preset.kind);
            let url = preset.url.and_then(get);
            let is_addressed = url.is_some();
            provider.base_url = url.unwrap_or_else(|| preset.base_url.to_owned());
            if provider.base_url.is_empty() {
                continue;
            }
            known.push(provider.clone());
            let key = preset.keys.iter().find_map(|name| get(name));
            if key.is_none() && !is_addressed {
                continue;
            }
            provider.credential = key.map_or(Credential::None, Credential::Key);
            all.push(provider);
        }
        Self { all, known }
    }

    /// All of them, the built-in one first.
    pub(super) fn all(&self) -> &[Provider] {
        &self.all
    }

    /// Who serves a model: `name/model`, or a plain name that one of them knows.
    pub(super) fn resolve(&self, model: &str) -> Result<Target, ApiError> {
        let named = model.split_once('/').and_then(|(name, rest)| {
            Some((self.all.iter().find(|provider| provider.name == name)?, rest))
        });
        let plain = || Some((self.all.iter().find(|provider| provider.serves(model))?, model));
        let (provider, model) = named.or_else(plain).ok_or_else(|| self.unknown(model))?;
        Ok(Target { provider: provider.clone(), model: model.to_owned(), brought: None })
    }

    /// Where a client's own key goes: the provider that it names, else the one whose protocol it speaks.
    pub(super) fn brought(
        &self,
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
        let found = self.known.iter().chain(&self.all).find(|provider| provider.name == name);
        let provider = found.cloned().ok_or_else(|| {
            let names: Vec<&str> = self.known.iter().map(|known| known.name.as_str()).collect();
            let message =
                format!("{PROVIDER} names `{name}`, which is none of {}", names.join(", "));
            ApiError::new(ErrorKind::BadRequest, message)
        })?;
        Ok(Target { provider, model: model.to_owned(), brought: Some(brought.to_vec()) })
    }

    fn unknown(&self, model: &str) -> ApiError {
        let names: Vec<&str> = self.all.iter().map(|provider| provider.name.as_str()).collect();
        let shown: String = model.chars().take(200).collect();
        let message = format!(
            "no provider serves the model `{shown}`; there are {}. Name one, as in \
             `{}/{shown}`, or set a provider's key, such as OPENAI_API_KEY",
            names.join(", "),
            names.last().unwrap_or(&"demo"),
        );
        let mut error = ApiError::new(ErrorKind::NotFound, message);
        error.code = Some("model_not_found".to_owned());
        error.param = Some("model".to_owned());
        error
    }
}

#[cfg(test)]
mod tests;
