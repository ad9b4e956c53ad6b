//! `POST /v1/traces`: OTLP over HTTP, in protobuf or JSON. Permission: `traces:write`.
//!
//! Answers as the protocol says: the encoding of the request, partial success for rejected spans,
//! `google.rpc.Status` for failures, `Retry-After` where the sender should come again.

use std::sync::Arc;

use axum::extract::FromRequest as _;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use tracekeep_decode::otlp::{self, OtlpError};
use tracekeep_decode::{Decoded, Receipt};
use tracekeep_model::{Micros, Text};

use crate::api::openapi::answers::ExportTraceServiceResponse;
use crate::api::openapi::bodies::ExportTraceServiceRequest;
use crate::api::openapi::refusals::OtlpRefusals;
use crate::app::App;
use crate::auth::Writer;
use crate::clock;
use crate::error::ApiError;
use crate::intake::body::Whole;
use crate::pipeline;

/// Where it is.
pub(crate) const PATH: &str = "/v1/traces";

/// How the request is written, and the answer with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Protobuf,
    Json,
}

/// Send OpenTelemetry spans
///
/// OTLP over HTTP, in protobuf or JSON; the answer is in the encoding of the request. A span that
/// is malformed, or holds too much, is refused by itself, in a partial success; the others are kept.
/// The GenAI conventions, present and former, become models, tokens, prompts and answers; any other
/// attribute becomes metadata.
///
/// Permission: `traces:write`.
#[utoipa::path(
    post,
    path = "/v1/traces",
    operation_id = "exportSpans",
    tag = "OpenTelemetry",
    request_body(
        description = "An `ExportTraceServiceRequest`.",
        content(
            (ExportTraceServiceRequest = "application/json"),
            ("application/x-protobuf"),
        ),
    ),
    responses(
        (
            status = 200,
            description = "The spans that are not refused are on disk",
            content(
                (ExportTraceServiceResponse = "application/json"),
                ("application/x-protobuf"),
            ),
        ),
        OtlpRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = []), ("publicKey" = [])),
)]
pub(crate) async fn receive(State(app): State<Arc<App>>, request: Request) -> Response {
    let encoding = encoding(request.headers());
    match answered(&app, encoding, request).await {
        Ok(response) => response,
        Err(error) => refuse(encoding.unwrap_or(Encoding::Json), error),
    }
}

async fn answered(
    app: &Arc<App>,
    encoding: Option<Encoding>,
    request: Request,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let writer = Writer::from_request_parts(&mut parts, app).await?;
    let encoding = encoding.ok_or_else(|| {
        ApiError::media_type("send content-type application/x-protobuf or application/json")
    })?;
    let body = Whole::from_request(Request::from_parts(parts, body), app).await?;
    let response = accept(app, writer.project_id, encoding, &body.bytes).await?;
    Ok(answer(encoding, StatusCode::OK, response))
}

/// Takes an `ExportTraceServiceRequest` in; gives back the `ExportTraceServiceResponse`.
pub(crate) async fn accept(
    app: &App,
    project_id: Text,
    encoding: Encoding,
    body: &Bytes,
) -> Result<Bytes, ApiError> {
    let received = clock::now();
    let mut decoded = decode(app, &project_id, received, encoding, body)?;
    app.metrics.rejected.inc_by(decoded.refused() as u64);
    app.metrics.replaced_nulls.inc_by(decoded.replaced_nulls);
    let patches = std::mem::take(&mut decoded.patches);
    app.pipeline.write(project_id, received, patches, body.len()).await?;
    Ok(match encoding {
        Encoding::Protobuf => otlp::response_protobuf(&decoded),
        Encoding::Json => otlp::response_json(&decoded).into(),
    })
}

fn decode(
    app: &App,
    project_id: &str,
    received: Micros,
    encoding: Encoding,
    body: &Bytes,
) -> Result<Decoded, OtlpError> {
    let full = |trace_id: &str| app.archive.full(project_id, trace_id).map(|why| why.to_string());
    let keeps_from = app.retention.keeps_from(project_id, received);
    let most_memory = pipeline::most_of_request(body.len());
    let receipt = Receipt { at: received, keeps_from, full: &full, most_memory };
    match encoding {
        Encoding::Protobuf => otlp::decode_protobuf(body, receipt),
        Encoding::Json => otlp::decode_json(body, receipt),
    }
}

/// The encoding that a request says it has.
pub(crate) fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let sent = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match &*sent.split(';').next()?.trim().to_ascii_lowercase() {
        "application/x-protobuf" | "application/protobuf" => Some(Encoding::Protobuf),
        "application/json" => Some(Encoding::Json),
        _ => None,
    }
}

/// A refusal as the protocol has it.
pub(crate) fn refuse(encoding: Encoding, error: ApiError) -> Response {
    // The codes of google.rpc.Code.
    let code = match error.status {
        StatusCode::UNAUTHORIZED => 16,
        StatusCode::FORBIDDEN => 7,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => 14,
        StatusCode::PAYLOAD_TOO_LARGE => 8,
        StatusCode::METHOD_NOT_ALLOWED => 12,
        StatusCode::INTERNAL_SERVER_ERROR => 13,
        _ => 3,
    };
    let (status, message) = (error.status, error.message.clone());
    let said = error.into_response();
    let mut response = match encoding {
        Encoding::Protobuf => answer(encoding, status, otlp::status_protobuf(code, &message)),
        Encoding::Json => answer(encoding, status, otlp::status_json(code, &message)),
    };
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE, header::ACCEPT_ENCODING] {
        if let Some(value) = said.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

fn answer(encoding: Encoding, status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
    let kind = match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    };
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
