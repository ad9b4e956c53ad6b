//! `DELETE /api/models/prices/{id}`: removes a price of the project. Permission: `prices:write`, which
//! every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use tracekeep_control::ControlError;
use tracekeep_prices::CustomPrice;

use super::change;
use crate::api::openapi::answers::{Accepted, ErrorAnswer};
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Remove a price of the project
///
/// From now on the project's other prices count, then the book's. Spans that are stored keep their cost
/// until `POST /api/models/recompute` is asked for, or they are compacted.
///
/// Permission: `prices:write`.
#[utoipa::path(
    delete,
    path = "/api/models/prices/{id}",
    operation_id = "deleteOwnPrice",
    tag = "Models",
    params(("id" = String, Path, description = "The price's name.", example = "contract-2026")),
    responses(
        (status = 200, description = "It is gone", body = Accepted),
        (status = 404, description = "There is no such price", body = ErrorAnswer),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let project = &*reader.project_id;
    let remove = |prices: &mut Vec<CustomPrice>| {
        let before = prices.len();
        prices.retain(|known| known.id != id);
        if prices.len() == before {
            return Err(ControlError::Unknown { what: "price", name: id.clone() }.into());
        }
        Ok(())
    };
    let settings = change(&app, project, remove).await?;
    tracing::info!(
        project,
        price = id,
        prices = settings.version(),
        "a price of a project is removed"
    );
    Ok(Json(json!({ "success": true })))
}
