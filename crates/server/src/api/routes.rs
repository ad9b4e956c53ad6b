//! Every path of the API and its methods, once. The router is made of this table, and tests hold
//! the OpenAPI document to it.

use std::sync::Arc;

use axum::routing::{MethodRouter, delete, get, post, put};

use super::{
    health, keys, models, openapi, prometheus, providers, scores, traces, tracing, virtual_models,
};
use crate::app::App;
use crate::gateway::playground;
use crate::intake::otlp_http;

/// A path and what answers there.
type Route = (&'static str, MethodRouter<Arc<App>>);

/// All of them, in the order in which they are shown.
pub(super) fn routes() -> Vec<Route> {
    vec![
        ("/api/tracing/start", post(tracing::start::start)),
        ("/api/tracing/update", post(tracing::update::update)),
        ("/api/tracing/complete", post(tracing::complete::complete)),
        ("/api/tracing/batch", post(tracing::batch::batch)),
        ("/api/tracing/list", get(tracing::list::list)),
        ("/api/traces/{traceId}", get(traces::get::get).delete(traces::delete::one)),
        ("/api/traces/{traceId}/spans/{spanId}", get(traces::span::span)),
        ("/api/tracing/{traceId}", get(traces::get::get)),
        ("/api/tracing/metrics", get(tracing::metrics::metrics)),
        ("/api/tracing/live", get(tracing::live::live)),
        ("/api/tracing/live/stream", get(tracing::stream::stream)),
        ("/api/traces", delete(traces::delete::many)),
        ("/api/scores", post(scores::create::create)),
        ("/api/models", get(models::list::list)),
        ("/api/models/cost", post(models::cost::cost)),
        ("/api/models/recompute", post(models::recompute::recompute)),
        ("/api/models/prices", get(models::prices::list::list)),
        (
            "/api/models/prices/{id}",
            put(models::prices::put::put).delete(models::prices::delete::delete),
        ),
        ("/api/models/currency", get(models::currency::get::get).put(models::currency::put::put)),
        (otlp_http::PATH, post(otlp_http::receive)),
        ("/api/providers", get(providers::list::list).post(providers::create::create)),
        (
            "/api/providers/{name}",
            get(providers::get::get)
                .patch(providers::update::update)
                .delete(providers::delete::delete),
        ),
        ("/api/virtual-models", get(virtual_models::list::list)),
        (
            "/api/virtual-models/{name}",
            get(virtual_models::get::get)
                .put(virtual_models::put::put)
                .delete(virtual_models::delete::delete),
        ),
        (
            "/api/keys/{publicKey}/limits",
            get(keys::limits::get::get)
                .put(keys::limits::put::put)
                .delete(keys::limits::delete::delete),
        ),
        ("/api/playground/stream", post(playground::stream)),
        ("/api/playground/compare", post(playground::compare)),
        ("/api/health", get(health::health)),
        ("/api/ready", get(health::ready)),
        ("/metrics", get(prometheus::metrics)),
        ("/api/openapi.json", get(openapi::get::get)),
        ("/api/docs", get(openapi::docs::docs)),
    ]
}

/// Their paths.
pub(super) fn paths() -> Vec<&'static str> {
    routes().into_iter().map(|(path, _)| path).collect()
}
