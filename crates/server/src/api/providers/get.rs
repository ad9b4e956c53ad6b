//! `GET /api/providers/{name}`: one provider. Permission: `providers:read`, which every secret key
//! has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};

use super::Shown;
use crate::api::openapi::answers::{ErrorAnswer, Provider};
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Read one provider
///
/// Without its secrets. `problem` says why it cannot be called, if it cannot.
///
/// Permission: `providers:read`.
#[utoipa::path(
    get,
    path = "/api/providers/{name}",
    operation_id = "getProvider",
    tag = "Providers",
    params(("name" = String, Path, description = "The provider's name.", example = "openai-eu")),
    responses(
        (status = 200, description = "The provider", body = Provider),
        (status = 404, description = "There is no such provider", body = ErrorAnswer),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Result<Json<Shown>, ApiError> {
    let registry = app.providers.registry(&reader.project_id).await?;
    let found = registry.iter().find(|listed| listed.provider.name == name);
    let unknown = || {
        let shown: String = name.chars().take(100).collect();
        ApiError::not_found(format!("there is no provider `{shown}`; see GET /api/providers"))
    };
    found.map(|listed| Json(Shown::of(listed))).ok_or_else(unknown)
}
