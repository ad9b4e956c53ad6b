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
use self::run::Run;
use super::caller::Caller;
use crate::app::App;
use crate::auth::Origin;
use crate::error::ApiError;
use crate::intake::body::Whole;

/// Asks one model, and streams its answer.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let (caller, origin, body) = parts(&app, request).await?;
    let question = Question::one(&body.bytes)?;
    let run = Run::begin(app, &caller, &origin, question, None).await?;
    Ok(answer(run.events()))
}

/// Asks several models the same, side by side.
pub(crate) async fn compare(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, ApiError> {
    let (caller, origin, body) = parts(&app, request).await?;
    let questions = Question::several(&body.bytes)?;
    let mut runs = Vec::new();
    for (index, question) in questions.into_iter().enumerate() {
        runs.push(Run::begin(app.clone(), &caller, &origin, question, Some(index)).await?);
    }
    Ok(answer(stream::select_all(runs.into_iter().map(|run| run.events().boxed()))))
}

async fn parts(app: &Arc<App>, request: Request) -> Result<(Caller, Origin, Whole), ApiError> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, app).await?;
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
