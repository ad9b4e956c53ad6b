//! The HTTP API. A folder a noun, a file an endpoint.

mod content;
mod error_shape;
mod health;
mod interaction;
mod json_stream;
mod keys;
mod listing;
mod members;
mod models;
pub(crate) mod openapi;
pub(crate) mod pairs;
mod parts;
mod prometheus;
mod providers;
mod routes;
mod scores;
mod time_range;
mod traces;
mod tracing;
mod virtual_models;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::from_fn;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tracekeep_model::Text;

use crate::app::App;
use crate::error::ApiError;
use crate::gateway::surfaces;
use crate::ui;

/// A trace's id: 32 lower-case hex digits, later ones greater.
pub(crate) fn fresh_id() -> Text {
    uuid::Uuid::now_v7().simple().to_string().into()
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let pages = Router::new()
        .route("/", get(ui::index))
        .route("/start.js", get(ui::script))
        .route("/start.css", get(ui::style));
    routes::routes()
        .into_iter()
        .fold(pages, |router, (path, service)| router.route(path, service))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .fallback(async || ApiError::not_found("there is nothing at this path; see /"))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(error_shape::mend))
        .layer(CompressionLayer::new())
        .merge(surfaces::router().layer(CatchPanicLayer::new()))
        .layer(cors())
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .layer(header(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ))
        .with_state(app)
}

/// Browsers send from any origin: a key, not a cookie, says who they are. `*` would not cover the
/// header that holds it.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(Any)
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            HeaderName::from_static("x-total-count"),
            HeaderName::from_static("x-next-cursor"),
            HeaderName::from_static("x-tracekeep-trace-id"),
            header::LINK,
            header::RETRY_AFTER,
        ])
}
