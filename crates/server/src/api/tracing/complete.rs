//! `POST /api/tracing/complete`: ends a trace. Permission: `traces:write`.

use axum::Json;
use serde_json::{Value, json};
use tracekeep_decode::native;

use super::Message;
use crate::api::openapi::answers::Accepted;
use crate::api::openapi::bodies::CompleteTrace;
use crate::api::openapi::refusals::WriteRefusals;
use crate::error::ApiError;

/// Complete a trace
///
/// It may come before its start: the trace is the same.
///
/// Permission: `traces:write`.
#[utoipa::path(
    post,
    path = "/api/tracing/complete",
    operation_id = "completeTrace",
    tag = "Send traces",
    request_body = CompleteTrace,
    responses(
        (status = 200, description = "The end is on disk", body = Accepted),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = []), ("publicKey" = [])),
)]
pub(crate) async fn complete(message: Message) -> Result<Json<Value>, ApiError> {
    let success = |_: &native::Patched| json!({ "success": true });
    message.take(native::complete, success).await
}
