//! `POST /api/scores`: gives a score. Permission: `traces:write`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tracekeep_decode::native;

use crate::api::tracing::take;
use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::error::ApiError;
use crate::intake::body::Whole;

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    writer: Writer,
    origin: Origin,
    body: Whole,
) -> Result<Json<Value>, ApiError> {
    let id = |scored: &native::Scored| json!({ "id": &*scored.score_id });
    take(&app, writer, &origin, &body, native::score, id).await.map(Json)
}
