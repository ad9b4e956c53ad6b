//! `DELETE /api/keys/{publicKey}/limits`: takes all limits of a key away. Permission: `keys:write`,
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

/// Take the limits of a key away
///
/// Where it has none, nothing changes.
///
/// Permission: `keys:write`.
#[utoipa::path(
    delete,
    path = "/api/keys/{publicKey}/limits",
    operation_id = "deleteKeyLimits",
    tag = "Providers",
    params(("publicKey" = String, Path, description = "The public key.", example = "pk-tk-1")),
    responses(
        (status = 200, description = "It has no limits", body = Accepted),
        (status = 404, description = "The project has no such key", body = ErrorAnswer),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(public_key): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let key_id = app.control.delete_key_limits(&reader.project_id, &public_key).await?;
    app.limits.forget(&key_id);
    Ok(Json(json!({ "success": true })))
}
