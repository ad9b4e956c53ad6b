//! `GET /api/virtual-models/{name}`: one virtual model. Permission: `providers:read`, which every
//! secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use tracekeep_control::ControlError;

use super::Shown;
use crate::api::openapi::answers::{ErrorAnswer, VirtualModel};
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Read one virtual model
///
/// Permission: `providers:read`.
#[utoipa::path(
    get,
    path = "/api/virtual-models/{name}",
    operation_id = "getVirtualModel",
    tag = "Providers",
    params(("name" = String, Path, description = "The virtual model's name.", example = "smart")),
    responses(
        (status = 200, description = "The virtual model", body = VirtualModel),
        (status = 404, description = "There is no such virtual model", body = ErrorAnswer),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Result<Json<Shown>, ApiError> {
    let found = app.control.virtual_model(&reader.project_id, &name).await?;
    let model = found.ok_or(ControlError::Unknown { what: "virtual model", name })?;
    Ok(Json(Shown::of(model)?))
}
