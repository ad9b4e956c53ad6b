//! One call of a model through the gateway, from the client's request to the last byte of its answer.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::stream;
use serde_json::value::RawValue;
use tracekeep_decode::call::Begun;
use tracekeep_llm::chat::{ApiError, Delta, ErrorKind, Fresh};
use tracekeep_llm::chat_completions::{StreamUsage, hide_usage};
use tracekeep_llm::client::{self, Answer, Retry};
use tracekeep_llm::frame::sse;
use tracekeep_llm::{Asked, Framing, Protocol, StreamWriter, Watch, Watched};
use tracekeep_model::{Kind, Micros, Text};

use super::call::{Failed, MOST_ANSWER, Opened, Question, Target, is_of_connection, open};
use super::caller::Caller;
use super::place::Told;
use super::recording::{Recording, stopping};
use super::source::Source;
use crate::app::App;
use crate::auth::Origin;
use crate::clock;
use crate::intake::body::Whole;

/// A client's request.
pub(super) struct Incoming {
    pub(super) protocol: Protocol,
    /// How the client wants a stream.
    pub(super) framing: Framing,
    /// The model and whether to stream, where the address says them.
    pub(super) addressed: Option<(String, bool)>,
    pub(super) caller: Caller,
    pub(super) headers: HeaderMap,
    pub(super) query: Option<String>,
    pub(super) origin: Origin,
    /// Held until the call is answered: with its share of the memory for bodies.
    pub(super) body: Whole,
}

/// Answers a client in its protocol, errors included.
pub(super) async fn generate(app: Arc<App>, incoming: Incoming) -> Response {
    let protocol = incoming.protocol;
    match run(&app, incoming).await {
        Ok(response) => response,
        Err((failed, trace_id)) => refuse(protocol, failed, trace_id.as_ref()),
    }
}

async fn run(app: &Arc<App>, incoming: Incoming) -> Result<Response, (Failed, Option<Text>)> {
    let received = clock::now();
    let Incoming { protocol, framing, addressed, caller, headers, query, origin, body: held } =
        incoming;
    let body = held.bytes.clone();
    let untraced = |error: ApiError| (Failed::from(error), None);
    let asked = protocol.asked(&body).map_err(|error| untraced(error.into()))?;
    let (model, stream) = addressed.unwrap_or_else(|| (asked.model.clone(), asked.stream));
    let gateway = &app.gateway;
    let targets = gateway.targets(app, &caller, &headers, protocol, &model);
    let targets = targets.await.map_err(untraced)?;

    let is_full = |trace_id: &str| app.archive.full(&caller.project_id, trace_id).is_some();
    let told = Told::read(&headers, asked.metadata, asked.user.as_deref(), "api").unless(is_full);
    let place = told.place(crate::api::fresh_id);
    let begun = begun(&asked, &told, &model, stream, &targets, origin, received);
    let project_id = caller.project_id.clone();
    let recording =
        Recording::begin(gateway.recorder.clone(), project_id, place, &told.about, begun);
    let trace_id = recording.trace_id().clone();

    let question = Question {
        protocol,
        body: &body,
        headers: &headers,
        framing,
        query: query.as_deref(),
        model: &asked.model,
        stream,
        stream_usage: asked.stream_usage,
    };
    let cut = recording.cut();
    let opened = tokio::select! {
        opened = first_that_answers(app, &targets, &question) => opened,
        () = cut.cancelled() => Err(Failed::from(stopping())),
    };
    let (target, opened) = match opened {
        Ok(opened) => opened,
        Err(failed) => {
            recording.end_failed(&failed.error);
            return Err((failed, Some(trace_id)));
        }
    };
    if target.provider.name != targets[0].provider.name {
        recording.served_by(&target.provider.name);
    }
    let fresh = Fresh {
        id: trace_id.to_string(),
        created: received.0 / Micros::SECOND,
        model: model.clone(),
    };
    let usage = match asked.stream_usage {
        true => StreamUsage::Asked,
        false => StreamUsage::NotAsked,
    };
    let answered = match opened {
        Opened::Passing { answer, hides_usage } => {
            pass_on(protocol, *answer, hides_usage, recording).await
        }
        Opened::Whole(response) => {
            let body = protocol.write_response(&response, &fresh);
            recording.end_answer(&response);
            Ok(axum::Json(body).into_response())
        }
        Opened::Pieces(source, first) if stream => {
            let writer = StreamWriter::new(protocol, framing, fresh, usage);
            Ok(write_stream(source, first, writer, framing, recording))
        }
        Opened::Pieces(source, first) => collect(protocol, source, first, &fresh, recording).await,
    };
    let mut response = answered.map_err(|error| (Failed::from(error), Some(trace_id.clone())))?;
    mark(response.headers_mut(), &trace_id);
    Ok(response)
}

fn begun(
    asked: &Asked<'_>,
    told: &Told,
    model: &str,
    streaming: bool,
    targets: &[Target],
    origin: Origin,
    at: Micros,
) -> Begun {
    // A prompt that is a string is shown as plain text.
    let text = |raw: &RawValue| match serde_json::from_str::<String>(raw.get()) {
        Ok(plain) => Text::from(plain),
        Err(_) => Text::from(raw.get()),
    };
    Begun {
        at,
        kind: Some(Kind::Generation),
        name: told.name.clone(),
        model: model.into(),
        provider: targets.first().map(|target| target.provider.name.as_str().into()),
        parameters: parameters(asked),
        streaming,
        system_prompt: asked.system.as_deref().map(Into::into),
        input: asked.input.map(text),
        prompt_id: told.prompt_id.clone(),
        prompt_name: told.prompt_name.clone(),
        prompt_version: told.prompt_version.clone(),
        user_agent: origin.user_agent.map(Into::into),
        ip: origin.ip.map(Into::into),
    }
}

/// The parameters and tools as one JSON object, in the client's own text.
pub(super) fn parameters(asked: &Asked<'_>) -> Option<Text> {
    let tools = asked.tools.map(|tools| ("tools", tools));
    let all = asked.parameters.iter().map(|(name, value)| (name.as_str(), *value)).chain(tools);
    let mut json = String::new();
    for (name, value) in all {
        json.push(if json.is_empty() { '{' } else { ',' });
        json.push_str(&serde_json::Value::from(name).to_string());
        json.push(':');
        json.push_str(value.get());
    }
    (!json.is_empty()).then(|| (json + "}").into())
}

/// Asks one target after the other, each again where it may soon do better.
async fn first_that_answers<'t>(
    app: &App,
    targets: &'t [Target],
    question: &Question<'_>,
) -> Result<(&'t Target, Opened), Failed> {
    let mut last = None;
    for target in targets {
        match patiently(app, target, question).await {
            Ok(opened) => return Ok((target, opened)),
            Err(failed) if failed.error.kind.may_pass() => last = Some(failed),
            Err(failed) => return Err(failed),
        }
    }
    Err(last.expect("there is at least one target"))
}

/// Asks a target, and asks again where it had no room or failed, as it wants it.
async fn patiently(app: &App, target: &Target, question: &Question<'_>) -> Result<Opened, Failed> {
    for next in 1.. {
        let failed = match open(&app.gateway.client, target, question).await {
            Ok(opened) => return Ok(opened),
            Err(failed) => failed,
        };
        // What took too long once would take as long again, and what the provider has begun to answer
        // is paid for.
        let is_final = failed.error.kind == ErrorKind::Timeout || !failed.is_undone;
        let retry = if is_final { Retry::NONE } else { Retry::default() };
        let asked = failed.error.retry_after;
        let pause = retry.pause(next, failed.error.kind, asked, &mut rand::rng());
        match pause {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(failed),
        }
    }
    unreachable!("the number of attempts is bounded")
}

/// A provider's answer in the client's own protocol: its bytes.
async fn pass_on(
    protocol: Protocol,
    answer: Answer,
    hides_usage: bool,
    recording: Recording,
) -> Result<Response, ApiError> {
    let Answer { status, headers, body } = answer;
    let framing = framing(&headers);
    let mut headers = passed_back(&headers);
    let Some(framing) = framing else {
        return whole(protocol, status, headers, body, recording).await;
    };
    headers.remove(header::CONTENT_LENGTH);
    let passing = Passing {
        body,
        watch: Some(Watch::bytes(protocol, framing)),
        recording: Some(recording),
        hidden: hides_usage.then(sse::Parser::default),
    };
    let pieces = stream::unfold(passing, |mut passing| async {
        passing.next().await.map(|piece| (piece, passing))
    });
    Ok((status, headers, Body::from_stream(pieces)).into_response())
}

async fn whole(
    protocol: Protocol,
    status: StatusCode,
    headers: HeaderMap,
    body: client::Body,
    recording: Recording,
) -> Result<Response, ApiError> {
    let body = match body.collect(MOST_ANSWER).await {
        Ok(body) => body,
        Err(error) => {
            let error = ApiError::from(error);
            recording.end_failed(&error);
            return Err(error);
        }
    };
    match protocol.read_response(&body) {
        Ok(response) => recording.end_answer(&response),
        Err(error) => {
            let reason = format!("the provider's answer cannot be read: {error}");
            let error = ApiError::new(ErrorKind::Provider, reason);
            recording.end_failed(&error);
        }
    }
    Ok((status, headers, body).into_response())
}

/// A stream that passes through.
struct Passing {
    body: client::Body,
    watch: Option<Watch>,
    recording: Option<Recording>,
    /// Where usage was asked for on our own account: finds the events that say it.
    hidden: Option<sse::Parser>,
}

impl Passing {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let cut = self.recording.as_ref().map(Recording::cut).unwrap_or_default();
            let piece = tokio::select! {
                piece = self.body.next() => piece,
                () = cut.cancelled() => {
                    self.end(Some(stopping()));
                    return Some(Err(io::Error::other("the gateway is stopping")));
                }
            };
            let piece = match piece {
                Some(Ok(piece)) => piece,
                Some(Err(error)) => {
                    self.end(Some(error.into()));
                    // Breaks the client's connection off, as the provider's was.
                    return Some(Err(io::Error::other("the provider's answer broke off")));
                }
                None => {
                    self.end(None);
                    return None;
                }
            };
            self.look(&piece);
            let shown = match &mut self.hidden {
                None => piece,
                Some(parser) => match without_usage(parser, &piece) {
                    Ok(shown) => shown,
                    Err(error) => {
                        // What is cut off must not look complete.
                        self.end(Some(ApiError::new(ErrorKind::Provider, error.to_string())));
                        return Some(Err(io::Error::other(error)));
                    }
                },
            };
            if !shown.is_empty() {
                return Some(Ok(shown));
            }
        }
    }

    fn look(&mut self, piece: &[u8]) {
        if let (Some(watch), Some(recording)) = (&mut self.watch, &mut self.recording) {
            let at = clock::now();
            watch.push(piece, at);
            recording.progress(at, watch.response(), watch.first());
        }
    }

    fn end(&mut self, failed: Option<ApiError>) {
        if let (Some(watch), Some(recording)) = (self.watch.take(), self.recording.take()) {
            let watched = watch.finish();
            recording.end_stream(&Watched { failed: failed.or(watched.failed), ..watched });
        }
    }
}

/// The client went away, or is done before the connection ends.
impl Drop for Passing {
    fn drop(&mut self) {
        drop_stream(self.watch.take(), self.recording.take());
    }
}

fn drop_stream(watch: Option<Watch>, recording: Option<Recording>) {
    let (Some(watch), Some(mut recording)) = (watch, recording) else { return };
    let is_over = watch.is_over();
    let watched = watch.finish();
    if is_over {
        recording.end_stream(&watched);
    } else {
        recording.cancel(&watched.response, watched.timing);
    }
}

fn without_usage(parser: &mut sse::Parser, piece: &[u8]) -> Result<Bytes, sse::TooLong> {
    let mut shown = Vec::with_capacity(piece.len());
    for event in parser.push(piece)? {
        if let Some(event) = hide_usage(&event) {
            event.write(&mut shown);
        }
    }
    Ok(shown.into())
}

/// A stream that is written anew, in the client's protocol.
struct Writing {
    source: Source,
    first: Option<Vec<Delta>>,
    writer: Option<StreamWriter>,
    watch: Option<Watch>,
    recording: Option<Recording>,
    /// The server stops.
    is_cut: bool,
}

impl Writing {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.writer.as_ref()?;
        loop {
            let deltas = match self.first.take() {
                Some(first) if !first.is_empty() => Some(first),
                _ => {
                    let cut = self.recording.as_ref().map(Recording::cut).unwrap_or_default();
                    tokio::select! {
                        deltas = self.source.next() => deltas,
                        () = cut.cancelled() => {
                            self.is_cut = true;
                            None
                        }
                    }
                }
            };
            let Some(deltas) = deltas else { break };
            let bytes = self.take(&deltas);
            if !bytes.is_empty() {
                return Some(Ok(bytes));
            }
        }
        let mut last = Vec::new();
        let was_told = self.watch.as_ref().is_some_and(Watch::is_over);
        let watched = self.watch.take().map(Watch::finish).map(|watched| match self.is_cut {
            true => Watched { failed: Some(stopping()), ..watched },
            false => watched,
        });
        if let Some(mut writer) = self.writer.take() {
            // A stream that breaks off must not look complete.
            let failed = watched.as_ref().and_then(|watched| watched.failed.clone());
            if let Some(error) = failed.filter(|_| !was_told) {
                writer.write(&Delta::Failed(error), &mut last);
            }
            writer.end(&mut last);
        }
        if let (Some(watched), Some(recording)) = (watched, self.recording.take()) {
            recording.end_stream(&watched);
        }
        (!last.is_empty()).then(|| Ok(last.into()))
    }

    fn take(&mut self, deltas: &[Delta]) -> Bytes {
        let mut bytes = Vec::new();
        let at = clock::now();
        if let (Some(watch), Some(recording)) = (&mut self.watch, &mut self.recording) {
            deltas.iter().for_each(|delta| watch.take(delta, at));
            recording.progress(at, watch.response(), watch.first());
        }
        if let Some(writer) = &mut self.writer {
            deltas.iter().for_each(|delta| writer.write(delta, &mut bytes));
        }
        bytes.into()
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        drop_stream(self.watch.take(), self.recording.take());
    }
}

fn write_stream(
    source: Source,
    first: Vec<Delta>,
    writer: StreamWriter,
    framing: Framing,
    recording: Recording,
) -> Response {
    let writing = Writing {
        source,
        first: Some(first),
        writer: Some(writer),
        watch: Some(Watch::deltas()),
        recording: Some(recording),
        is_cut: false,
    };
    let pieces = stream::unfold(writing, |mut writing| async {
        writing.next().await.map(|piece| (piece, writing))
    });
    let headers =
        [(header::CONTENT_TYPE, framing.content_type()), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(pieces)).into_response()
}

/// The pieces as one answer, for a client that does not want a stream.
async fn collect(
    protocol: Protocol,
    mut source: Source,
    first: Vec<Delta>,
    fresh: &Fresh,
    recording: Recording,
) -> Result<Response, ApiError> {
    let mut watch = Watch::deltas();
    let mut next = Some(first);
    while let Some(deltas) = next {
        let at = clock::now();
        deltas.iter().for_each(|delta| watch.take(delta, at));
        next = source.next().await;
    }
    let watched = watch.finish();
    recording.end_stream(&watched);
    match watched.failed {
        Some(error) => Err(error),
        None => Ok(axum::Json(protocol.write_response(&watched.response, fresh)).into_response()),
    }
}

/// How an answer is framed, if it is a stream.
fn framing(headers: &HeaderMap) -> Option<Framing> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    [Framing::Events, Framing::Amazon].into_iter().find(|framing| framing.content_type() == kind)
}

/// A provider's headers without those about its connection to us.
pub(super) fn passed_back(headers: &HeaderMap) -> HeaderMap {
    let stays = |name: &HeaderName| {
        is_of_connection(name)
            || matches!(name.as_str(), "content-length" | "alt-svc" | "set-cookie")
            || name.as_str().starts_with("access-control-")
            || name.as_str() == "strict-transport-security"
    };
    let passed = headers.iter().filter(|(name, _)| !stays(name));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}

pub(super) fn mark(headers: &mut HeaderMap, trace_id: &Text) {
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert("x-tracekeep-trace-id", value);
    }
}

/// An error in the client's protocol: the provider's own words where it speaks that.
pub(super) fn refuse(protocol: Protocol, failed: Failed, trace_id: Option<&Text>) -> Response {
    let Failed { error, said, .. } = failed;
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = match said {
        Some(said) => {
            let (headers, body) = *said;
            (status, passed_back(&headers), body).into_response()
        }
        None => {
            let mut response = (status, axum::Json(protocol.write_error(&error))).into_response();
            if let Some(pause) = error.retry_after {
                let seconds = HeaderValue::from(pause.as_secs().max(1));
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
            response
        }
    };
    if let Some(trace_id) = trace_id {
        mark(response.headers_mut(), trace_id);
    }
    response
}
