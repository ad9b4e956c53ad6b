//! `POST /api/tracing/update`: changes a trace. Permission: `traces:write`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tracekeep_decode::native;

use super::take;
use crate::api::openapi::answers::Accepted;
use crate::api::openapi::bodies::UpdateTrace;
use crate::api::openapi::refusals::WriteRefusals;
use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::error::ApiError;
use crate::intake::body::Whole;

/// Update a trace
///
/// Whatever a sender can know may be sent, while the trace runs or after it. Metadata and tags add up; null clears
/// a field.
///
/// Permission: `traces:write`.
#[utoipa::path(
    post,
    path = "/api/tracing/update",
    operation_id = "updateTrace",
    tag = "Send traces",
    request_body = UpdateTrace,
    responses(
        (status = 200, description = "What has changed is on disk", body = Accepted),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = []), ("publicKey" = [])),
)]
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    writer: Writer,
    origin: Origin,
    body: Whole,
) -> Result<Json<Value>, ApiError> {
    let success = |_: &native::Patched| json!({ "success": true });
    take(&app, writer, &origin, &body, native::update, success).await.map(Json)
}
