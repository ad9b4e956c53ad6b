//! The HTTP API. A folder a noun, a file an endpoint.

mod content;
mod error_shape;
mod health;
mod interaction;
mod json_stream;
mod listing;
mod pairs;
mod parts;
mod prometheus;
mod scores;
mod time_range;
mod traces;
mod tracing;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::from_fn;
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app::App;
use crate::error::ApiError;
use crate::intake::otlp_http;
use crate::ui;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/", get(ui::index))
        .route("/start.js", get(ui::script))
        .route("/start.css", get(ui::style))
        .route("/metrics", get(prometheus::metrics))
        .route("/api/health", get(health::health))
        .route("/api/ready", get(health::ready))
        .route("/api/tracing/start", post(tracing::start::start))
        .route("/api/tracing/update", post(tracing::update::update))
        .route("/api/tracing/complete", post(tracing::complete::complete))
        .route("/api/tracing/batch", post(tracing::batch::batch))
        .route("/api/tracing/list", get(tracing::list::list))
        .route("/api/tracing/live", get(tracing::live::live))
        .route("/api/tracing/live/stream", get(tracing::stream::stream))
        .route("/api/tracing/metrics", get(tracing::metrics::metrics))
        .route("/api/tracing/{trace_id}", get(traces::get::get))
        .route("/api/traces", delete(traces::delete::many))
        .route("/api/traces/{trace_id}", get(traces::get::get).delete(traces::delete::one))
        .route("/api/traces/{trace_id}/spans/{span_id}", get(traces::span::span))
        .route("/api/scores", post(scores::create::create))
        .route(otlp_http::PATH, post(otlp_http::receive))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .fallback(async || ApiError::not_found("there is nothing at this path; see /"))
        .layer(RequestDecompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(from_fn(error_shape::mend))
        .layer(CompressionLayer::new())
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
            header::LINK,
            header::RETRY_AFTER,
        ])
}
