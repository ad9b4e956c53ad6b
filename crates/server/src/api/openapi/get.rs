//! `GET /api/openapi.json`: what the HTTP API is, for programs. No permission: it tells nothing of
//! any project.

use axum::http::{HeaderName, header};

/// This document
///
/// OpenAPI 3.1, for programs. For people it is at `/api/docs`.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "getOpenApi",
    tag = "Server",
    responses((status = 200, description = "The document", body = serde_json::Value)),
    security(()),
)]
pub(crate) async fn get() -> ([(HeaderName, &'static str); 2], &'static str) {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, super::text())
}
