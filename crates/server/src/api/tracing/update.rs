//! `POST /api/tracing/update`: changes a trace. Permission: `traces:write`.

use axum::Json;
use serde_json::{Value, json};
use tracekeep_decode::native;

use super::Message;
use crate::api::openapi::answers::Accepted;
use crate::api::openapi::bodies::UpdateTrace;
use crate::api::openapi::refusals::WriteRefusals;
use crate::error::ApiError;

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
pub(crate) async fn update(message: Message) -> Result<Json<Value>, ApiError> {
    let success = |_: &native::Patched| json!({ "success": true });
    message.take(native::update, success).await
}
