//! `PATCH /api/providers/{name}`: changes a provider of the project. Permission: `providers:write`,
//! which every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use tracekeep_control::{
    ControlError, FreshProvider, OpenedProvider, ProviderChange, StoredProvider, Vault,
};

use super::Shown;
use super::body::{Sent, refused, sealed_credential, sealed_headers, stored_models};
use crate::api::openapi::answers::{ErrorAnswer, Provider};
use crate::api::openapi::bodies::ChangeProvider;
use crate::api::openapi::refusals::ChangeRefusals;
use tracekeep_decode::FieldError;

use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;
use crate::gateway::providers::{listed, settings};
use crate::intake::body::Whole;

/// Change a provider
///
/// What is sent replaces what there is; null takes it away; what is not sent stays. Name and kind
/// stay. Of the server's own providers nothing can be changed here: add one of the same name.
///
/// Permission: `providers:write`.
#[utoipa::path(
    patch,
    path = "/api/providers/{name}",
    operation_id = "changeProvider",
    tag = "Providers",
    params(("name" = String, Path, description = "The provider's name.", example = "openai-eu")),
    request_body = ChangeProvider,
    responses(
        (status = 200, description = "It is changed", body = Provider),
        (status = 404, description = "The project has no such provider", body = ErrorAnswer),
        ChangeRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
    body: Whole,
) -> Result<Json<Shown>, ApiError> {
    let sent = Sent::to_change(&body.bytes)?;
    let (project_id, vault) = (&*reader.project_id, app.providers.vault());
    let found = app.control.provider(project_id, &name).await?;
    let stored = found.ok_or(ControlError::Unknown { what: "provider", name: name.clone() })?;
    let opened = opened(&stored, &sent, vault)?;
    let mut settings = settings(&stored, &opened).map_err(refused)?;
    let before = settings.provider().map_err(refused)?;
    sent.lay_over(&mut settings);
    let provider = settings.provider().map_err(refused)?;
    if keeps_secrets(&stored, &sent) && server_of(&before.base_url) != server_of(&provider.base_url)
    {
        // Else a stored secret could be had by sending it somewhere.
        let reason = "names another server; send the credential and the headers anew beside it, as \
                      stored ones go only where they were stored for";
        return Err(FieldError::new("baseUrl", reason).into());
    }
    let change = ProviderChange {
        base_url: sent.base_url.as_ref().map(|url| url.as_ref().map(|_| provider.base_url)),
        api_version: sent.api_version.as_ref().map(|_| provider.api_version),
        models: sent.models.as_ref().map(|_| stored_models(&provider.models)),
        headers: sent.has_headers().then(|| sealed_headers(&provider.headers)),
        credential: sent.has_credential().then(|| sealed_credential(&settings.credential)),
    };
    let fresh = FreshProvider::generate(&mut rand::rng());
    let now = clock::now_micros();
    let changed = app.control.update_provider(project_id, &name, change, vault, fresh, now).await?;
    app.providers.forget(project_id);
    Ok(Json(Shown::of(&listed(&changed, vault))))
}

/// Whether something that was sealed before stays in force.
fn keeps_secrets(stored: &StoredProvider, sent: &Sent) -> bool {
    let has_headers = stored.header_names != "[]";
    (stored.has_credential() && !sent.has_credential()) || (has_headers && !sent.has_headers())
}

/// Scheme, host and port of an address.
fn server_of(url: &str) -> Option<(String, String)> {
    let uri: axum::http::Uri = url.parse().ok()?;
    let authority = uri.authority()?.as_str().to_ascii_lowercase();
    Some((uri.scheme_str()?.to_ascii_lowercase(), authority))
}

/// The secrets that there are. Those that cannot be opened any more do not matter where all that was
/// sealed is sent anew.
fn opened(
    stored: &StoredProvider,
    sent: &Sent,
    vault: &Vault,
) -> Result<OpenedProvider, ControlError> {
    let (has_credential, has_headers) = (stored.has_credential(), stored.header_names != "[]");
    let is_new = (sent.has_credential() || !has_credential) && (sent.has_headers() || !has_headers);
    match vault.open_provider(stored) {
        Err(_) if is_new => Ok(OpenedProvider { credential: None, headers: None }),
        opened => opened,
    }
}
