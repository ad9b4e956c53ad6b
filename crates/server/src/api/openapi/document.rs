//! What the document is made of: the endpoints' annotations, and what is said of all of them.

use utoipa::openapi::OpenApi as Described;
use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::answers::{ErrorAnswer, LaggedEvent, LiveEvent, RpcStatus, TextEvent};
use crate::api::{
    health, keys, models, prometheus, providers, scores, traces, tracing, virtual_models,
};
use crate::gateway::playground;
use crate::intake::otlp_http;

/// The whole HTTP API. Endpoints are listed in the order of the routes.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tracekeep", description = include_str!("about.md")),
    paths(
        tracing::start::start,
        tracing::update::update,
        tracing::complete::complete,
        tracing::batch::batch,
        tracing::list::list,
        traces::get::get,
        traces::span::span,
        tracing::metrics::metrics,
        tracing::live::live,
        tracing::stream::stream,
        traces::delete::one,
        traces::delete::many,
        scores::create::create,
        models::list::list,
        models::cost::cost,
        models::recompute::recompute,
        otlp_http::receive,
        playground::stream,
        playground::compare,
        providers::list::list,
        providers::create::create,
        providers::get::get,
        providers::update::update,
        providers::delete::delete,
        virtual_models::list::list,
        virtual_models::get::get,
        virtual_models::put::put,
        virtual_models::delete::delete,
        keys::limits::get::get,
        keys::limits::put::put,
        keys::limits::delete::delete,
        health::health,
        health::ready,
        prometheus::metrics,
        super::get::get,
        super::docs::docs,
    ),
    components(schemas(ErrorAnswer, RpcStatus, LiveEvent, TextEvent, LaggedEvent)),
    modifiers(&Credentials, &SecondPath),
    tags(
        (name = "Send traces", description = "The life of an interaction: start, update, end."),
        (name = "Read traces", description = "Lists, single traces, figures, and what runs now."),
        (name = "Delete traces", description = "For good."),
        (name = "Scores", description = "Judgements of traces, spans, sessions and dataset runs."),
        (name = "Models", description = "Prices of models, and what calls of them cost."),
        (name = "OpenTelemetry", description = "Spans, as any OpenTelemetry SDK sends them."),
        (name = "Playground", description = "Questions to models, each of which is a trace."),
        (name = "Providers", description = "Who is called for a model, and how much a key may ask."),
        (name = "Server", description = "How the server itself is. No credentials."),
    ),
)]
pub(super) struct Document;

/// The keys of a project, as a request carries them.
struct Credentials;

/// A trace is found at a second path, which the design of the native API names.
struct SecondPath;

impl Modify for Credentials {
    fn modify(&self, document: &mut Described) {
        let components = document.components.get_or_insert_default();
        for (name, scheme, about) in [
            ("secretKey", HttpAuthScheme::Bearer, "`Authorization: Bearer <secret key>`"),
            (
                "keyPair",
                HttpAuthScheme::Basic,
                "`Authorization: Basic <base64 of public key:secret key>`",
            ),
            (
                "publicKey",
                HttpAuthScheme::Bearer,
                "`Authorization: Bearer <public key>`, or Basic with an empty password: it may \
                 only write, so that it may be in a browser",
            ),
        ] {
            let http = HttpBuilder::new().scheme(scheme).description(Some(about)).build();
            components.add_security_scheme(name, SecurityScheme::Http(http));
        }
    }
}

impl Modify for SecondPath {
    fn modify(&self, document: &mut Described) {
        let found = document.paths.get_path_operation("/api/traces/{traceId}", HttpMethod::Get);
        if let Some(mut operation) = found.cloned() {
            operation.operation_id = Some("getTracingTrace".to_owned());
            operation.summary = Some("Read one trace, at its second path".to_owned());
            let path = "/api/tracing/{traceId}";
            document.paths.add_path_operation(path, vec![HttpMethod::Get], operation);
        }
    }
}
