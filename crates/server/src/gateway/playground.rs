//! The playground: a person tries a prompt, and each run is a trace.
//!
//! `POST /api/playground/stream` answers with server-sent events: `trace` (first, with the id), `delta`,
//! `usage`, `error`, `done` (last). `POST /api/playground/compare` asks several models the same at once and
//! mixes their events, each with the model's `index`.

mod question;
mod run;

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::stream::{self, Stream, StreamExt as _};
use serde_json::{Value, json};

use self::question::Question;
use self::run::{Addressed, Run};
use super::caller::Caller;
use super::limits::NotAdmitted;
use crate::api::openapi::bodies::{AskModel, CompareModels};
use crate::api::openapi::refusals::WriteRefusals;
use crate::app::App;
use crate::auth::{Origin, Reader};
use crate::clock;
use crate::error::ApiError;
use crate::intake::body::Whole;

/// Ask a model
///
/// Server-sent events, until the answer is complete:
///
/// - `trace`, first: `traceId`, `model`
/// - `delta`: `text`, `reasoning`, or `toolCall` with `index`, `id`, `name`, `arguments`; each is a
///   continuation
/// - `usage`: tokens, as `tokens_used` of a trace
/// - `error`: `code`, `message`, `status`
/// - `done`, last: `traceId`, `status`, `finishReason`, `durationMs`, `firstTokenLatencyMs`
///
/// The call is traced with the source `playground`. A client that goes away ends it; the trace keeps
/// what came, with the error `cancelled`.
///
/// Permission: `models:call`, which every secret key has.
#[utoipa::path(
    post,
    path = "/api/playground/stream",
    operation_id = "askModel",
    tag = "Playground",
    request_body = AskModel,
    responses(
        (
            status = 200,
            description = "Events, as the model answers",
            body = String,
            content_type = "text/event-stream",
        ),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let (caller, origin, body) = parts(&app, request).await?;
    let question = Question::one(&body.bytes)?;
    let addressed = Addressed::resolve(&app, &caller, question).await?;
    let admitted = app.limits.admit(&caller.key_id, clock::now()).await.map_err(refused)?;
    let run = Run::begin(app, &caller, &origin, addressed, admitted, None, Arc::new(body));
    Ok(answer(run.events()))
}

/// Ask several models the same
///
/// Each model's answer is a trace of its own. The events are those of one model, mixed as they come;
/// each has the model's `index` in `models`, and its name as `model`.
///
/// Permission: `models:call`, which every secret key has.
#[utoipa::path(
    post,
    path = "/api/playground/compare",
    operation_id = "compareModels",
    tag = "Playground",
    request_body = CompareModels,
    responses(
        (
            status = 200,
            description = "Events, as the models answer",
            body = String,
            content_type = "text/event-stream",
        ),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn compare(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let (caller, origin, body) = parts(&app, request).await?;
    // All of them before any begins: a request that is refused leaves no traces, and counts as none.
    let mut all = Vec::new();
    for question in Question::several(&body.bytes)? {
        all.push(Addressed::resolve(&app, &caller, question).await?);
    }
    let admitted = app.limits.admit_many(&caller.key_id, clock::now(), all.len()).await;
    let admitted = admitted.map_err(refused)?;
    let body = Arc::new(body);
    let runs = all.into_iter().zip(admitted).enumerate().map(|(index, (addressed, admitted))| {
        let (app, body) = (app.clone(), body.clone());
        let run = Run::begin(app, &caller, &origin, addressed, admitted, Some(index), body);
        run.events().boxed()
    });
    Ok(answer(stream::select_all(runs)))
}

fn refused(reason: NotAdmitted) -> ApiError {
    ApiError::of_call(reason.into())
}

async fn parts(app: &Arc<App>, request: Request) -> Result<(Caller, Origin, Whole), ApiError> {
    let (mut parts, body) = request.into_parts();
    let reader = Reader::from_request_parts(&mut parts, app).await?;
    let Reader { project_id, key_id } = reader;
    let caller = Caller { project_id, key_id, brought: None };
    let Ok(origin) = Origin::from_request_parts(&mut parts, app).await;
    let body = Whole::from_request(Request::from_parts(parts, body), app).await?;
    Ok((caller, origin, body))
}

fn answer(events: impl Stream<Item = (&'static str, Value)> + Send + 'static) -> Response {
    let events = events.map(|(name, data)| {
        Ok::<_, Infallible>(Event::default().event(name).data(data.to_string()))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    let no_buffer = axum::http::HeaderValue::from_static("no");
    response.headers_mut().insert("x-accel-buffering", no_buffer);
    response
}

/// Adds which of several models an event is of.
fn of(index: Option<usize>, model: &str, mut data: Value) -> Value {
    if let (Some(index), Some(fields)) = (index, data.as_object_mut()) {
        fields.insert("index".to_owned(), json!(index));
        fields.insert("model".to_owned(), json!(model));
    }
    data
}
