//! `POST /api/tracing/start`: opens a trace. Permission: `traces:write`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tracekeep_decode::native;
use tracekeep_model::Status;

use super::take;
use crate::app::App;
use crate::auth::{Origin, Writer};
use crate::error::ApiError;
use crate::intake::body::Whole;

pub(crate) async fn start(
    State(app): State<Arc<App>>,
    writer: Writer,
    origin: Origin,
    body: Whole,
) -> Result<Json<Value>, ApiError> {
    let answer = |started: &native::Started| {
        json!({
            "traceId": &*started.trace_id,
            "status": Status::Pending,
            "startTime": started.start_time,
        })
    };
    take(&app, writer, &origin, &body, native::start, answer).await.map(Json)
}
