//! `PUT /api/models/currency`: sets the currency in which the project wants to see costs. Permission:
//! `prices:write`, which every secret key has.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Shown;
use super::body::{Sent, currency};
use crate::api::models::prices::{damaged, turn};
use crate::api::models::small_body::SmallBody;
use crate::api::openapi::answers::DisplayCurrency;
use crate::api::openapi::bodies::SetCurrency;
use crate::api::openapi::refusals::ChangeRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;

/// Set the project's currency
///
/// Computed costs are shown in it too, at the rate that counted when the call began. What is stored and
/// added up stays US dollars. A null currency takes it away.
///
/// Permission: `prices:write`.
#[utoipa::path(
    put,
    path = "/api/models/currency",
    operation_id = "setCurrency",
    tag = "Models",
    request_body = SetCurrency,
    responses(
        (status = 200, description = "It is stored", body = DisplayCurrency),
        ChangeRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    reader: Reader,
    SmallBody(body): SmallBody,
) -> Result<Json<Shown>, ApiError> {
    let Sent { currency, rates } = currency(&body.bytes)?;
    let project = &*reader.project_id;
    let json = serde_json::to_string(&rates).expect("texts become JSON");
    let _turn = turn().await?;
    let now = clock::now_micros();
    let stored = app.control.put_currency(project, currency.as_deref(), &json, now).await?;
    app.prices.learn(&stored).map_err(|_| damaged())?;
    let rates = rates.len();
    tracing::info!(project, ?currency, rates, "the currency of a project is set");
    Ok(Json(Shown::of(stored)?))
}
