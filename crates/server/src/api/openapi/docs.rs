//! `GET /api/docs`: what the HTTP API is, for people. No permission: it tells nothing of any
//! project.

use axum::http::{HeaderName, header};
use axum::response::Html;

/// This page
///
/// Complete in itself: it can be saved and read offline.
#[utoipa::path(
    get,
    path = "/api/docs",
    operation_id = "getDocs",
    tag = "Server",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")),
    security(()),
)]
pub(crate) async fn docs() -> ([(HeaderName, &'static str); 2], Html<&'static str>) {
    let page = super::page();
    let headers = [
        (header::CONTENT_SECURITY_POLICY, page.policy.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, Html(page.html.as_str()))
}
