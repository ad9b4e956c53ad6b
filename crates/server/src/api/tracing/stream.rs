//! `GET /api/tracing/live/stream`: what happens, as server-sent events. Permission: `traces:read`.
//!
//! | event | data |
//! |---|---|
//! | `trace` | a trace was opened: its root span, pending |
//! | `span` | a span below it was opened |
//! | `update` | more is known of a span (or, where `spanId` is null, of a trace): `output` so far |
//! | `finish` | a span has ended; it may not have been seen before |
//! | `lagged` | `missed` events (null: unknown) are gone: load the list again, then go on |
//!
//! All but `lagged` hold `traceId, spanId, name, model, status, startTime, endTime, receivedAt`
//! (null where the message does not say) and, where they are said, `parentSpanId, error, output,
//! truncated`. `traceId` and `status` choose events; an update without a status counts as pending.
//!
//! Every event has an id. With the last one in `Last-Event-ID`, or `lastEventId` in the query, the
//! stream goes on behind it. A stream without events of its own still tells where it stands, in
//! events without data, which browsers keep to themselves.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query as Pairs, State};
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracekeep_model::Status;

use crate::api::openapi::parameters::EventFilters;
use crate::api::openapi::refusals::ReadRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;
use crate::live::{Heard, Listener, Notice};

/// A comment after so long without events, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long browsers wait before they come back.
const RETRY: Duration = Duration::from_millis(2_000);

/// Events that a filter holds back before the stream tells where it stands.
const SILENT: u32 = 1_000;

/// Follow traces as they happen
///
/// Server-sent events, until the server stops:
///
/// - `trace`: a trace was opened; its root span
/// - `span`: a span below it was opened
/// - `update`: more is known of a span, or of a trace: the answer so far
/// - `finish`: a span has ended; it may not have been seen before
/// - `lagged`: events are gone; load the list again, then go on
///
/// The data of `lagged` is a `LaggedEvent`, of all others a `LiveEvent`. Every event has an id;
/// with the last one in `Last-Event-ID` the stream goes on behind it. Events without data only say
/// where the stream stands.
///
/// Permission: `traces:read`.
#[utoipa::path(
    get,
    path = "/api/tracing/live/stream",
    operation_id = "followTraces",
    tag = "Read traces",
    params(
        EventFilters,
        ("Last-Event-ID" = Option<String>, Header, description = "Goes on behind this event."),
    ),
    responses(
        (
            status = 200,
            description = "Events, as they happen",
            body = String,
            content_type = "text/event-stream",
        ),
        ReadRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    let asked = Asked::read(pairs)?;
    let sent = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    // A browser that comes back repeats the old query; its header is newer.
    let after = sent.filter(|id| !id.is_empty()).or(asked.last_event_id.as_deref());
    let listener = app.live.listen(&reader.project_id, after, clock::now()).ok_or_else(|| {
        ApiError::busy("too many listen to this project; close some streams and come back")
    })?;
    let watch =
        Watch { listener, filter: asked.filter, stop: app.stop.clone(), has_greeted: false };
    let events = futures::stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok::<_, Infallible>(event), watch))
    });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // nginx gathers answers unless it is told not to.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], sse).into_response())
}

/// The query string.
#[derive(Debug, Default)]
struct Asked {
    filter: Filter,
    last_event_id: Option<String>,
}

/// Which events are sent.
#[derive(Debug, Default)]
struct Filter {
    trace_id: Option<String>,
    status: Option<Status>,
}

/// One open stream.
struct Watch {
    listener: Listener,
    filter: Filter,
    stop: CancellationToken,
    has_greeted: bool,
}

impl Asked {
    /// An empty parameter counts as not sent, as forms send it.
    fn read(pairs: Vec<(String, String)>) -> Result<Self, ApiError> {
        let mut asked = Self::default();
        for (name, value) in pairs {
            let value = Some(value).filter(|value| !value.is_empty());
            match name.as_str() {
                "traceId" => asked.filter.trace_id = value,
                "status" => {
                    let status = value.map(|name| name.parse::<Status>()).transpose();
                    asked.filter.status =
                        status.map_err(|error| ApiError::parameter("status", error))?;
                }
                "lastEventId" => asked.last_event_id = value,
                _ => {
                    let reason = "is unknown; use one of traceId, status, lastEventId";
                    return Err(ApiError::parameter(&name, reason));
                }
            }
        }
        Ok(asked)
    }
}

impl Filter {
    fn wants(&self, notice: &Notice) -> bool {
        let status = notice.status.unwrap_or(Status::Pending);
        self.trace_id.as_deref().is_none_or(|id| *id == *notice.trace_id)
            && self.status.is_none_or(|wanted| wanted == status)
    }
}

impl Watch {
    /// `None` ends the stream: the server stops.
    async fn next(&mut self) -> Option<Event> {
        if !std::mem::replace(&mut self.has_greeted, true) {
            return Some(self.place().retry(RETRY));
        }
        for _ in 0..SILENT {
            let heard = self.stop.run_until_cancelled(self.listener.next()).await??;
            match heard {
                Heard::Notice(notice) if self.filter.wants(&notice) => {
                    // Neither text nor numbers fail to become JSON.
                    return self.place().event(notice.event()).json_data(&*notice).ok();
                }
                Heard::Notice(_) => {}
                Heard::Lagged(missed) => {
                    let message = "events were missed; load the list of traces again";
                    let data = json!({ "missed": missed, "message": message });
                    return Some(self.place().event("lagged").data(data.to_string()));
                }
            }
        }
        Some(self.place())
    }

    /// An event that says where the stream stands, and nothing else yet.
    fn place(&self) -> Event {
        Event::default().id(self.listener.position())
    }
}
