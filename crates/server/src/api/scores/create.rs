//! `POST /api/scores`: gives a score. Permission: `traces:write`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tracekeep_decode::native;

use crate::api::openapi::answers::ScoreGiven;
use crate::api::openapi::bodies::GiveScore;
use crate::api::openapi::refusals::WriteRefusals;
use crate::api::tracing::take;
use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::error::ApiError;
use crate::intake::body::Whole;

/// Give a score
///
/// To a trace, a span of it, a session or a dataset run. With an id, it replaces the score of the
/// same id.
///
/// Permission: `traces:write`.
#[utoipa::path(
    post,
    path = "/api/scores",
    operation_id = "giveScore",
    tag = "Scores",
    request_body = GiveScore,
    responses(
        (status = 200, description = "The score is on disk", body = ScoreGiven),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = []), ("publicKey" = [])),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    writer: Writer,
    origin: Origin,
    body: Whole,
) -> Result<Json<Value>, ApiError> {
    let id = |scored: &native::Scored| json!({ "id": &*scored.score_id });
    take(&app, writer, &origin, &body, native::score, id).await.map(Json)
}
