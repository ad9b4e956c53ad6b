//! `DELETE /api/virtual-models/{name}`: removes a virtual model. Permission: `providers:write`, which
//! every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::api::openapi::answers::{Accepted, ErrorAnswer};
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Remove a virtual model
///
/// Others that name it ask for a model of that name from then on.
///
/// Permission: `providers:write`.
#[utoipa::path(
    delete,
    path = "/api/virtual-models/{name}",
    operation_id = "deleteVirtualModel",
    tag = "Providers",
    params(("name" = String, Path, description = "The virtual model's name.", example = "smart")),
    responses(
        (status = 200, description = "It is gone", body = Accepted),
        (status = 404, description = "There is no such virtual model", body = ErrorAnswer),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.control.delete_virtual_model(&reader.project_id, &name).await?;
    app.virtual_models.forget(&reader.project_id);
    Ok(Json(json!({ "success": true })))
}
