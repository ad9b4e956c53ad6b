//! `POST /api/providers`: stores a provider of the project. Permission: `providers:write`, which every
//! secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use tracekeep_control::{FreshProvider, NewProvider};

use super::Shown;
use super::body::{Sent, refused, sealed_credential, sealed_headers, stored_models};
use crate::api::openapi::answers::{ErrorAnswer, Provider};
use crate::api::openapi::bodies::CreateProvider;
use crate::api::openapi::refusals::ChangeRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;
use crate::gateway::provider_settings::ProviderSettings;
use crate::gateway::providers::listed;
use crate::intake::body::Whole;

/// Add a provider
///
/// Of this project alone. Its key and the values of its headers are sealed with the server's secret
/// key and are never shown again. It wins over a provider of the server that has the same name.
///
/// Permission: `providers:write`.
#[utoipa::path(
    post,
    path = "/api/providers",
    operation_id = "createProvider",
    tag = "Providers",
    request_body = CreateProvider,
    responses(
        (status = 200, description = "It is stored", body = Provider),
        (status = 409, description = "There is one of that name, or there are 100", body = ErrorAnswer),
        ChangeRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    reader: Reader,
    body: Whole,
) -> Result<Json<Shown>, ApiError> {
    let mut settings = ProviderSettings::default();
    Sent::to_create(&body.bytes)?.lay_over(&mut settings);
    let provider = settings.provider().map_err(refused)?;
    let new = NewProvider {
        base_url: settings.base_url.is_some().then_some(provider.base_url),
        api_version: provider.api_version,
        models: stored_models(&provider.models),
        headers: sealed_headers(&provider.headers),
        credential: sealed_credential(&settings.credential),
        name: settings.name,
        kind: settings.kind,
    };
    let (project_id, vault) = (&*reader.project_id, app.providers.vault());
    let fresh = FreshProvider::generate(&mut rand::rng());
    let now = clock::now_micros();
    let stored = app.control.create_provider(project_id, new, vault, fresh, now).await?;
    app.providers.forget(project_id);
    Ok(Json(Shown::of(&listed(&stored, vault))))
}
