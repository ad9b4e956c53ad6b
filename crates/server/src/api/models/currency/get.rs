//! `GET /api/models/currency`: the currency in which the project wants to see costs. Permission:
//! `traces:read`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Shown;
use crate::api::openapi::answers::DisplayCurrency;
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Read the project's currency
///
/// Null where it has none: costs are US dollars then.
///
/// Permission: `traces:read`.
#[utoipa::path(
    get,
    path = "/api/models/currency",
    operation_id = "getCurrency",
    tag = "Models",
    responses((status = 200, description = "The currency", body = DisplayCurrency), ReadRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    reader: Reader,
) -> Result<Json<Shown>, ApiError> {
    let stored = app.control.price_settings(&reader.project_id).await?;
    Ok(Json(Shown::of(stored)?))
}
