//! `GET /api/virtual-models`: the project's virtual models. Permission: `providers:read`, which every
//! secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Shown;
use crate::api::openapi::answers::VirtualModelList;
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VirtualModels {
    virtual_models: Vec<Shown>,
}

/// List virtual models
///
/// By name.
///
/// Permission: `providers:read`.
#[utoipa::path(
    get,
    path = "/api/virtual-models",
    operation_id = "listVirtualModels",
    tag = "Providers",
    responses(
        (status = 200, description = "The virtual models", body = VirtualModelList),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    reader: Reader,
) -> Result<Json<VirtualModels>, ApiError> {
    let models = app.control.virtual_models(&reader.project_id).await?;
    let virtual_models = models.into_iter().map(Shown::of).collect::<Result<_, _>>()?;
    Ok(Json(VirtualModels { virtual_models }))
}
