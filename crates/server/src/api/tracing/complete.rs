//! `POST /api/tracing/complete`: ends a trace. Permission: `traces:write`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tracekeep_decode::native;

use super::take;
use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::error::ApiError;
use crate::intake::body::Whole;

pub(crate) async fn complete(
    State(app): State<Arc<App>>,
    writer: Writer,
    origin: Origin,
    body: Whole,
) -> Result<Json<Value>, ApiError> {
    let success = |_: &native::Patched| json!({ "success": true });
    take(&app, writer, &origin, &body, native::complete, success).await.map(Json)
}
