//! `POST /api/scores`: gives a score. Permission: `traces:write`.

use axum::Json;
use serde_json::{Value, json};
use tracekeep_decode::native;

use crate::api::openapi::answers::ScoreGiven;
use crate::api::openapi::bodies::GiveScore;
use crate::api::openapi::refusals::WriteRefusals;
use crate::api::tracing::Message;
use crate::error::ApiError;

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
pub(crate) async fn create(message: Message) -> Result<Json<Value>, ApiError> {
    let id = |scored: &native::Scored| json!({ "id": &*scored.score_id });
    message.take(native::score, id).await
}
