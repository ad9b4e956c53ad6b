//! `POST /api/tracing/batch`: many events of any kind at once. Permission: `traces:write`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tracekeep_decode::native::{self, BatchItem};

use super::Message;
use crate::api::openapi::answers::BatchAnswer;
use crate::api::openapi::bodies::Batch;
use crate::api::openapi::refusals::WriteRefusals;
use crate::app::App;
use crate::error::ApiError;

/// Send many events at once
///
/// Starts, updates, ends, spans and scores, in any order. One bad event is refused by itself; the
/// others are acknowledged together.
///
/// Permission: `traces:write`.
#[utoipa::path(
    post,
    path = "/api/tracing/batch",
    operation_id = "sendBatch",
    tag = "Send traces",
    request_body = Batch,
    responses(
        (status = 200, description = "What was accepted is on disk", body = BatchAnswer),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = []), ("publicKey" = [])),
)]
pub(crate) async fn batch(
    State(app): State<Arc<App>>,
    message: Message,
) -> Result<Json<Value>, ApiError> {
    let batch = message.decode(native::batch)?;
    let refused = batch.results.iter().filter(|item| item.error.is_some()).count();
    app.metrics.rejected.inc_by(refused as u64);
    let results: Vec<Value> = batch.results.iter().map(result).collect();
    message.write(batch.patches, batch.replaced_nulls).await?;
    Ok(Json(json!({ "results": results })))
}

fn result(item: &BatchItem) -> Value {
    let status = if item.error.is_some() { "error" } else { "ok" };
    let mut result =
        json!({ "index": item.index, "traceId": item.trace_id.as_deref(), "status": status });
    if let Some(error) = &item.error {
        result["error"] = json!({ "field": error.field, "message": error.to_string() });
    }
    result
}
