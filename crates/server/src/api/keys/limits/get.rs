//! `GET /api/keys/{publicKey}/limits`: what a key may ask of models, and has asked. Permission: `keys:read`, which
//! every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};

use super::Shown;
use crate::api::openapi::answers::{ErrorAnswer, Limits};
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Read the limits of a key
///
/// Null is no limit. `used` says what of them is used: requests and tokens of the last minute, US
/// dollars of the period that runs.
///
/// Permission: `keys:read`.
#[utoipa::path(
    get,
    path = "/api/keys/{publicKey}/limits",
    operation_id = "getKeyLimits",
    tag = "Providers",
    params(("publicKey" = String, Path, description = "The public key.", example = "pk-tk-1")),
    responses(
        (status = 200, description = "Its limits, and what of them is used", body = Limits),
        (status = 404, description = "The project has no such key", body = ErrorAnswer),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(public_key): Path<String>,
) -> Result<Json<Shown>, ApiError> {
    let key_id = app.control.key_id(&reader.project_id, &public_key).await?;
    let limits = app.control.limits_of_key(&key_id).await?;
    Ok(Json(Shown::now(&app, key_id, limits).await?))
}
