//! `POST /api/tracing/complete`: ends a trace. Permission: `traces:write`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tracekeep_decode::native;

use super::take;
use crate::api::openapi::answers::Accepted;
use crate::api::openapi::bodies::CompleteTrace;
use crate::api::openapi::refusals::WriteRefusals;
use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::error::ApiError;
use crate::intake::body::Whole;

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
pub(crate) async fn complete(
    State(app): State<Arc<App>>,
    writer: Writer,
    origin: Origin,
    body: Whole,
) -> Result<Json<Value>, ApiError> {
    let success = |_: &native::Patched| json!({ "success": true });
    take(&app, writer, &origin, &body, native::complete, success).await.map(Json)
}
