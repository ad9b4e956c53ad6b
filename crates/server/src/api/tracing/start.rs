//! `POST /api/tracing/start`: opens a trace. Permission: `traces:write`.

use axum::Json;
use serde_json::{Value, json};
use tracekeep_decode::native;
use tracekeep_model::Status;

use super::Message;
use crate::api::openapi::answers::Started;
use crate::api::openapi::bodies::StartTrace;
use crate::api::openapi::refusals::WriteRefusals;
use crate::error::ApiError;

/// Start a trace
///
/// The answer says that it is on disk and readable. A start that comes again, or after the trace
/// has ended, adds what it says.
///
/// Permission: `traces:write`.
#[utoipa::path(
    post,
    path = "/api/tracing/start",
    operation_id = "startTrace",
    tag = "Send traces",
    request_body = StartTrace,
    responses(
        (status = 200, description = "The trace is on disk", body = Started),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = []), ("publicKey" = [])),
)]
pub(crate) async fn start(message: Message) -> Result<Json<Value>, ApiError> {
    let answer = |started: &native::Started| {
        json!({
            "traceId": &*started.trace_id,
            "status": Status::Pending,
            "startTime": started.start_time,
        })
    };
    message.take(native::start, answer).await
}
