//! `PUT /api/models/prices/{id}`: sets a price of the project. Permission: `prices:write`, which every
//! secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use tracekeep_prices::CustomPrice;

use super::body::price;
use super::change;
use crate::api::models::small_body::SmallBody;
use crate::api::openapi::answers::{ErrorAnswer, OwnPrice};
use crate::api::openapi::bodies::SetPrice;
use crate::api::openapi::refusals::ChangeRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::error::ApiError;

/// Set a price of the project
///
/// Of models that the price book does not know, or another one than the book's. It counts for all that
/// is written from now on and for the newest traces. Spans that are stored keep their cost until
/// `POST /api/models/recompute` is asked for, or they are compacted.
///
/// Permission: `prices:write`.
#[utoipa::path(
    put,
    path = "/api/models/prices/{id}",
    operation_id = "setOwnPrice",
    tag = "Models",
    params(("id" = String, Path, description = "The price's name, of 1 to 100 bytes. It is part of the price id of what it computes.", example = "contract-2026")),
    request_body = SetPrice,
    responses(
        (status = 200, description = "It is stored", body = OwnPrice),
        (status = 409, description = "The project has 1,000 of them", body = ErrorAnswer),
        ChangeRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    SmallBody(body): SmallBody,
) -> Result<Json<CustomPrice>, ApiError> {
    let price = price(&id, &body.bytes)?;
    let project = &*reader.project_id;
    let set = |prices: &mut Vec<CustomPrice>| {
        match prices.iter_mut().find(|known| known.id == price.id) {
            Some(known) => *known = price.clone(),
            None => prices.push(price.clone()),
        }
        Ok(())
    };
    let settings = change(&app, project, set).await?;
    tracing::info!(project, price = id, prices = settings.version(), "a price of a project is set");
    Ok(Json(price))
}
