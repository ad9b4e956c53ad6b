//! `GET /api/providers`: the providers that the project can call. Permission: `providers:read`, which
//! every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Shown;
use crate::api::openapi::answers::ProviderList;
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

#[derive(Debug, Serialize)]
pub(crate) struct Providers {
    providers: Vec<Shown>,
}

/// List providers
///
/// All that the project can call, in the order in which they are asked for a model by its plain
/// name: the built-in one, the project's own, those of the server's file and environment. No secrets
/// are shown.
///
/// Permission: `providers:read`.
#[utoipa::path(
    get,
    path = "/api/providers",
    operation_id = "listProviders",
    tag = "Providers",
    responses((status = 200, description = "The providers", body = ProviderList), ReadRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    reader: Reader,
) -> Result<Json<Providers>, ApiError> {
    let registry = app.providers.registry(&reader.project_id).await?;
    Ok(Json(Providers { providers: registry.iter().map(Shown::of).collect() }))
}
