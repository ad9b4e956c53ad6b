//! `GET /api/health`, `GET /api/ready`. No permission: they tell nothing of any project.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::api::openapi::answers::{Health, Readiness};
use crate::app::App;

/// Whether the process lives
///
/// It says nothing of the disk.
#[utoipa::path(
    get,
    path = "/api/health",
    operation_id = "getHealth",
    tag = "Server",
    responses((status = 200, description = "It does", body = Health)),
    security(()),
)]
pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// Whether traces can be taken in and read
///
/// With the reason where they cannot. Its details name files of this machine: they are in the log.
#[utoipa::path(
    get,
    path = "/api/ready",
    operation_id = "getReadiness",
    tag = "Server",
    responses(
        (status = 200, description = "They can", body = Readiness),
        (status = 503, description = "They cannot, and why", body = Readiness),
    ),
    security(()),
)]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let reason = if app.pipeline.journal().degraded {
        Some("the journal cannot be written; the server's log says why")
    } else if app.archive.status().problem.is_some() {
        Some("something durable could not be joined; the server's log says why")
    } else {
        None
    };
    match reason {
        None => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Some(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "not ready", "reason": reason })),
        ),
    }
}
