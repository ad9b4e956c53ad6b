//! `DELETE /api/providers/{name}`: removes a provider of the project. Permission: `providers:write`,
//! which every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::api::openapi::answers::{Accepted, ErrorAnswer};
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Remove a provider
///
/// With its sealed key. A provider of the server that has the same name is called again.
///
/// Permission: `providers:write`.
#[utoipa::path(
    delete,
    path = "/api/providers/{name}",
    operation_id = "deleteProvider",
    tag = "Providers",
    params(("name" = String, Path, description = "The provider's name.", example = "openai-eu")),
    responses(
        (status = 200, description = "It is gone", body = Accepted),
        (status = 404, description = "The project has no such provider", body = ErrorAnswer),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    app.control.delete_provider(&reader.project_id, &name).await?;
    app.providers.forget(&reader.project_id);
    Ok(Json(json!({ "success": true })))
}
