//! `GET /api/models/prices`: the project's own prices. Permission: `traces:read`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tracekeep_model::Micros;
use tracekeep_prices::CustomPrice;

use super::damaged;
use crate::api::openapi::answers::OwnPriceList;
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnPrices {
    prices: Vec<CustomPrice>,
    updated_at: Option<Micros>,
}

/// List the project's own prices
///
/// In the order in which they were made. They go before the price book: of those that match a call and
/// are valid when it begins, the latest counts, of equally late ones the last.
///
/// Permission: `traces:read`.
#[utoipa::path(
    get,
    path = "/api/models/prices",
    operation_id = "listOwnPrices",
    tag = "Models",
    responses((status = 200, description = "The prices", body = OwnPriceList), ReadRefusals),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    reader: Reader,
) -> Result<Json<OwnPrices>, ApiError> {
    let stored = app.control.price_settings(&reader.project_id).await?;
    let settings = app.prices.learn(&stored).map_err(|_| damaged())?;
    Ok(Json(OwnPrices {
        prices: settings.custom().as_slice().to_vec(),
        updated_at: stored.prices_updated_at.map(Micros),
    }))
}
