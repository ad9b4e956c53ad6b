//! `GET /api/health`, `GET /api/ready`. No permission: they tell nothing of any project.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;

/// The process lives.
pub(crate) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// Traces can be taken in and read: 200, else 503 with the reason.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let journal = app.pipeline.journal();
    let reason = if journal.degraded {
        Some(journal.last_error.unwrap_or_else(|| "the journal cannot be written".into()))
    } else {
        app.archive.status().problem
    };
    match reason {
        None => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Some(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "not ready", "reason": reason })),
        ),
    }
}
