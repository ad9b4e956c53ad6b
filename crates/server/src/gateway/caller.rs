//! Who calls a model, and with whose keys.
//!
//! Clients send the key as their SDK does: in `authorization`, `x-api-key` (Anthropic), `x-goog-api-key` or
//! the parameter `key` (Gemini), or `api-key` (Azure). A Tracekeep secret there uses the providers that the
//! project has; with a Tracekeep secret in `x-tracekeep-key`, what is there goes to the provider untouched,
//! but for the parameter, which goes in its header: addresses get into logs.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use tracekeep_control::{Access, Presented};
use tracekeep_model::Text;

use crate::api::pairs;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;

/// The header for what Gemini's clients may also send as the parameter `key`.
const GOOGLE_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// Headers that may hold a client's key.
pub(super) const KEY_HEADERS: [HeaderName; 4] = [
    header::AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    GOOGLE_KEY,
    HeaderName::from_static("api-key"),
];

/// The header of a Tracekeep secret where the client brings the provider's key.
const OWN_KEY: &str = "x-tracekeep-key";

/// Permission `models:call`: calls models on behalf of one project. Any secret key has it.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) project_id: Text,
    /// The key that was used, whose limits count.
    pub(crate) key_id: Arc<str>,
    /// The client's own credentials for the provider, as it sent them.
    pub(crate) brought: Option<Vec<(HeaderName, String)>>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let parameter = pairs::value(parts.uri.query().unwrap_or_default(), "key")?;
        let parameter = parameter.as_deref().filter(|key| !key.is_empty());
        if let Some(secret) = text(&parts.headers, OWN_KEY) {
            let (project_id, key_id) = authenticated(app, secret).await?;
            let brought = Some(brought(&parts.headers, parameter, secret));
            return Ok(Self { project_id, key_id, brought });
        }
        let sent = KEY_HEADERS.iter().find_map(|name| text(&parts.headers, name.as_str()));
        let secret = sent.map(bearer).or(parameter).ok_or_else(|| {
            ApiError::unauthorized(
                "no key; send the project's secret key where your SDK sends its API key",
            )
        })?;
        let (project_id, key_id) = authenticated(app, secret).await?;
        Ok(Self { project_id, key_id, brought: None })
    }
}

/// The project that a secret opens, and the key's id.
async fn authenticated(app: &App, secret: &str) -> Result<(Text, Arc<str>), ApiError> {
    let found = app.control.authenticate(Presented::Secret(secret), clock::now_micros()).await?;
    match found {
        Some(found) if found.access == Access::Full => {
            Ok(((&*found.project_id).into(), found.key_id))
        }
        Some(_) => Err(ApiError::forbidden("this key may only write; use the secret key")),
        None => Err(ApiError::unauthorized(
            "the key is not valid here; use the project's secret key, or send it as \
             `x-tracekeep-key` beside the provider's own key",
        )),
    }
}

/// Without Tracekeep's own keys, which some clients send twice. A key in a header goes before one in the
/// parameter.
fn brought(
    headers: &HeaderMap,
    parameter: Option<&str>,
    secret: &str,
) -> Vec<(HeaderName, String)> {
    let is_theirs = |value: &str| {
        let key = bearer(value);
        key != secret && !key.starts_with("sk-tk-")
    };
    let sent = |name: &HeaderName| {
        let value = text(headers, name.as_str()).filter(|value| is_theirs(value))?;
        Some((name.clone(), value.to_owned()))
    };
    let mut brought: Vec<_> = KEY_HEADERS.iter().filter_map(sent).collect();
    if let Some(key) = parameter.filter(|key| is_theirs(key))
        && !brought.iter().any(|(name, _)| *name == GOOGLE_KEY)
    {
        brought.push((GOOGLE_KEY, key.to_owned()));
    }
    brought
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

pub(super) fn bearer(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        _ => text,
    }
}

#[cfg(test)]
mod tests;
