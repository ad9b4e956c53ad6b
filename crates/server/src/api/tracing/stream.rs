//! `GET /api/tracing/live/stream`: what happens, as server-sent events. Permission: `traces:read`.
//!
//! | event | data |
//! |---|---|
//! | `trace` | a trace was started: the span that has its id is pending |
//! | `span` | any other span was opened; without a `parentSpanId` it may be the first of its trace |
//! | `update` | more is known of a span (or, where `spanId` is null, of a trace): `output` so far |
//! | `text` | the answer of a span that is called through the gateway or the playground has grown |
//! | `finish` | a span has ended; it may not have been seen before |
//! | `deleted` | a trace (or, where `spanId` is not null, a span) is gone for good: drop it |
//! | `lagged` | `missed` events (null: unknown) are gone: load the list again, then go on |
//!
//! All but `text` and `lagged` hold `traceId, spanId, name, model, status, startTime, endTime, receivedAt`
//! (null where the message does not say) and, where they are said, `parentSpanId, error, output,
//! truncated`. `traceId` and `status` choose events; an update without a status counts as pending,
//! and a deletion as any.
//!
//! `text` holds `traceId, spanId, offset, text`: from character `offset` on (Unicode scalar values) the
//! answer's text is `text`, and what was there is replaced. It comes several times a second while a model
//! answers, masked as all is, up to the last word that more of the answer can no longer change. Each stream
//! begins with `offset` 0, also in the middle of an answer or behind a `Last-Event-ID`, and goes on where
//! its last `text` of the span ended. It is the first choice's text alone, without thoughts and calls of
//! tools: a beginning of `output` where that is nothing but one text. It counts as pending, may come before
//! the event that opens its span, and never comes after `finish`, which has what no `text` had.
//!
//! What is deleted is no longer kept for who comes back: of it they hear the deletion alone.
//!
//! An answer is shown up to 64 KiB, a name, a model or an error up to 1 KiB; `truncated` says that
//! the answer is longer.
//!
//! Every event has an id. With the last one in `Last-Event-ID`, or `lastEventId` in the query, the
//! stream goes on behind it. A stream without events of its own still tells where it stands, in
//! events without data, which browsers keep to themselves. It ends within a minute of its key being
//! revoked.

mod permission;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracekeep_model::{Status, Text, check_id};

use self::permission::Permission;
use crate::api::listing::Parameters;
use crate::api::openapi::parameters::EventFilters;
use crate::api::openapi::refusals::ReadRefusals;
use crate::api::pairs::Pairs;
use crate::app::App;
use crate::auth::{self, Reader};
use crate::clock;
use crate::error::ApiError;
use crate::live::{Heard, Listener, Notice, Spoken};

/// A comment after so long without events, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long browsers wait before they come back.
const RETRY: Duration = Duration::from_millis(2_000);

/// How often it is looked whether the key still works. What is looked up may be half a minute old.
const RECHECK: Duration = Duration::from_secs(20);

/// Events that a filter holds back before the stream tells where it stands.
const SILENT: u32 = 1_000;

/// Follow traces as they happen
///
/// Server-sent events, until the server stops:
///
/// - `trace`: a trace was started; the span that has its id
/// - `span`: any other span was opened; without a parent it may be the first of its trace
/// - `update`: more is known of a span, or of a trace: the answer so far
/// - `text`: the answer of a span has grown; several times a second, for calls that are streamed through
///   the gateway or the playground
/// - `finish`: a span has ended; it may not have been seen before
/// - `deleted`: a trace is gone for good, or, where `spanId` is not null, that span; drop it
/// - `lagged`: events are gone; load the list again, then go on
///
/// The data of `text` is a `TextEvent`, of `lagged` a `LaggedEvent`, of all others a `LiveEvent`. Every
/// event has an id; with the last one in `Last-Event-ID` the stream goes on behind it. Events without
/// data only say where the stream stands.
///
/// Put a `text` into the answer that you have, from character `offset` on. It is not kept: each stream
/// begins an answer with `offset` 0, and `update` and `finish` bring it whole.
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
    Pairs(pairs): Pairs,
) -> Result<Response, ApiError> {
    let asked = Asked::read(&Parameters::only(pairs, &["traceId", "status", "lastEventId"])?)?;
    let sent = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    // A browser that comes back repeats the old query; its header is newer.
    let after = sent.filter(|id| !id.is_empty()).or(asked.last_event_id.as_deref());
    let listener = app.live.listen(&reader.project_id, after, clock::now()).ok_or_else(|| {
        ApiError::busy("too many listen to this project; close some streams and come back")
    })?;
    let watch = Watch {
        listener,
        filter: asked.filter,
        stop: app.stop.clone(),
        permission: permission(app, reader.project_id, &headers),
        has_greeted: false,
    };
    let events = futures::stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok::<_, Infallible>(event), watch))
    });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // nginx gathers answers unless it is told not to.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], sse).into_response())
}

/// That of the request's credentials to read their project.
fn permission(app: Arc<App>, project_id: Text, headers: &HeaderMap) -> Permission {
    let sent = headers.get(header::AUTHORIZATION).cloned();
    let credentials: HeaderMap =
        sent.into_iter().map(|value| (header::AUTHORIZATION, value)).collect();
    Permission::new(RECHECK, move || {
        let (app, project_id, credentials) = (app.clone(), project_id.clone(), credentials.clone());
        async move { auth::still_reads(&credentials, &app, &project_id).await }.boxed()
    })
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
    permission: Permission,
    has_greeted: bool,
}

impl Asked {
    fn read(parameters: &Parameters) -> Result<Self, ApiError> {
        let trace_id = parameters.get("traceId");
        if let Some(id) = trace_id {
            check_id(id).map_err(|error| ApiError::parameter("traceId", error))?;
        }
        let status = parameters.get("status").map(str::parse::<Status>).transpose();
        let status = status.map_err(|error| ApiError::parameter("status", error))?;
        let last_event_id = parameters.get("lastEventId");
        if last_event_id.is_some_and(|id| !is_event_id(id)) {
            let reason = "is no id of an event; send one as it came, or leave it out";
            return Err(ApiError::parameter("lastEventId", reason));
        }
        Ok(Self {
            filter: Filter { trace_id: trace_id.map(str::to_owned), status },
            last_event_id: last_event_id.map(str::to_owned),
        })
    }
}

/// Whether a stream, this or another, may have given the id.
fn is_event_id(id: &str) -> bool {
    let parts = id.split_once('-');
    parts.is_some_and(|(epoch, number)| {
        epoch.parse::<u64>().is_ok() && number.parse::<u64>().is_ok()
    })
}

impl Filter {
    fn wants(&self, notice: &Notice) -> bool {
        let status = notice.status.unwrap_or(Status::Pending);
        // Whatever status somebody watches, what is gone must go there too.
        let has_status = || self.status.is_none_or(|wanted| wanted == status);
        self.trace_id.as_deref().is_none_or(|id| *id == *notice.trace_id)
            && (notice.is_deletion() || has_status())
    }

    /// Who speaks is pending.
    fn wants_text(&self, spoken: &Spoken) -> bool {
        self.trace_id.as_deref().is_none_or(|id| *id == *spoken.trace_id)
            && self.status.is_none_or(|wanted| wanted == Status::Pending)
    }
}

impl Watch {
    /// `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if !std::mem::replace(&mut self.has_greeted, true) {
            return Some(self.place().retry(RETRY));
        }
        for _ in 0..SILENT {
            match self.hear().await? {
                Heard::Notice(notice) if self.filter.wants(&notice) => {
                    // Neither text nor numbers fail to become JSON.
                    return self.place().event(notice.event()).json_data(&*notice).ok();
                }
                Heard::Text(spoken) if self.filter.wants_text(&spoken) => {
                    return self.place().event("text").json_data(&spoken).ok();
                }
                Heard::Notice(_) | Heard::Text(_) => {}
                Heard::Lagged(missed) => {
                    let message = "events were missed; load the list of traces again";
                    let data = json!({ "missed": missed, "message": message });
                    return Some(self.place().event("lagged").data(data.to_string()));
                }
            }
        }
        Some(self.place())
    }

    /// What comes next; `None` where the server stops or the key was revoked.
    async fn hear(&mut self) -> Option<Heard> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = self.permission.gone() => None,
            heard = self.listener.next() => heard,
        }
    }

    /// An event that says where the stream stands, and nothing else yet.
    fn place(&self) -> Event {
        Event::default().id(self.listener.position())
    }
}
