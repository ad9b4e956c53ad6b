//! `GET /metrics`: the server's own counters for Prometheus. No permission: it names no project.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;

/// The server's own counters
///
/// For Prometheus. They name no project.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getCounters",
    tag = "Server",
    responses((
        status = 200,
        description = "The counters",
        body = String,
        content_type = "application/openmetrics-text",
    )),
    security(()),
)]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.render(&app.readings()))
}
