//! One call of a provider: what is sent, and what comes of it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;
use tokio::time::sleep;
use tracekeep_llm::chat::{ApiError, Delta, ErrorKind, Request, Response};
use tracekeep_llm::client::{Answer, CallError, Client, Outgoing, retry_after};
use tracekeep_llm::provider::{Credential, Kind, Operation, Provider};
use tracekeep_llm::{
    Framing, Protocol, StreamReader, chat_completions, demo, json, sigv4, write_request,
};

use super::caller::{KEY_HEADERS, bearer};
use super::source::Source;
use crate::clock;

/// Bytes of an error's body that are read.
const MOST_ERROR: usize = 1 << 20;
/// Characters of a secret that is looked for in what providers say.
const SHORTEST_SECRET: usize = 6;
/// Bytes of a whole answer that is read: pictures may be some megabytes each.
pub(super) const MOST_ANSWER: usize = 128 << 20;

/// A provider, and how the model is called there.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) provider: Provider,
    pub(super) model: String,
    /// The client's own credentials, to be sent instead of the provider's.
    pub(super) brought: Option<Vec<(HeaderName, String)>>,
}

/// What a client asks, as every attempt needs it.
pub(super) struct Question<'q> {
    /// The protocol that the client speaks.
    pub(super) protocol: Protocol,
    pub(super) body: &'q Bytes,
    pub(super) headers: &'q HeaderMap,
    /// How the client wants a stream.
    pub(super) framing: Framing,
    /// What stands behind `?` in the address, for a provider that speaks the same.
    pub(super) query: Option<&'q str>,
    /// The model as the body names it; empty where the address does.
    pub(super) model: &'q str,
    pub(super) stream: bool,
    /// Whether usage at the end of a stream was asked for.
    pub(super) stream_usage: bool,
    /// What counts as an answer.
    pub(super) begins: Begins,
}

/// When an answer has begun, so that nobody else is asked any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// With its head: nobody else would be asked, and it is passed on at once.
    WithHead,
    /// With the first piece of a stream that is no error.
    WithFirstPiece,
}

/// A provider took the call.
pub(super) enum Opened {
    /// It speaks the client's protocol: its stream is passed on. `hides_usage`: usage was asked for on
    /// our own account.
    Passing { answer: Box<Answer>, framing: Framing, hides_usage: bool },
    /// It speaks the client's protocol, and this is all that it says.
    Given(Box<Said>),
    /// The pieces of an answer, for a client of another protocol, or of a built-in model.
    Pieces(Source, Vec<Delta>),
    /// A whole answer for a client of another protocol.
    Whole(Box<Response>),
}

/// A call failed before there was an answer.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Box<ApiError>,
    /// What the provider said, where it speaks the client's protocol.
    pub(super) said: Option<Box<Said>>,
    /// Whether the provider has done nothing for it yet, so that it may be asked again.
    pub(super) is_undone: bool,
}

/// A provider's own words.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        let is_undone = matches!(error, CallError::Unconnected(_));
        Self { is_undone, ..ApiError::from(error).into() }
    }
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Self { error: Box::new(error), said: None, is_undone: false }
    }
}

/// Calls the target.
///
/// # Errors
/// It cannot be called so, does not answer, or answers with an error.
pub(super) async fn open(
    client: &Client,
    target: &Target,
    question: &Question<'_>,
) -> Result<Opened, Failed> {
    if target.provider.kind == Kind::Demo {
        let request = read(question, target)?;
        return demo_pieces(&target.model, &request).await;
    }
    let spoken = target.provider.kind.protocol(question.protocol);
    // Providers are asked for events; an array is made of them.
    let is_reframed = question.stream && question.framing == Framing::Array;
    if spoken == question.protocol && !is_reframed {
        return pass(client, target, question).await;
    }
    let request = read(question, target)?;
    translate(client, target, question.protocol, request).await
}

/// Asks a target in the neutral form, and takes the answer as pieces.
///
/// # Errors
/// As [`open`].
pub(super) async fn ask(
    client: &Client,
    target: &Target,
    request: Request,
) -> Result<Opened, Failed> {
    if target.provider.kind == Kind::Demo {
        return demo_pieces(&target.model, &request).await;
    }
    let spoken = target.provider.kind.protocol(Protocol::ChatCompletions);
    translate(client, target, spoken, request).await
}

fn read(question: &Question<'_>, target: &Target) -> Result<Request, Failed> {
    let mut request = question.protocol.read_request(question.body).map_err(ApiError::from)?;
    request.model.clone_from(&target.model);
    request.stream = question.stream;
    Ok(request)
}

async fn demo_pieces(model: &str, request: &Request) -> Result<Opened, Failed> {
    match demo::answer(model, request) {
        Ok(steps) => peeked(Source::Demo(steps.into())).await,
        Err(refusal) => {
            sleep(refusal.after).await;
            Err(Failed::from(*refusal.error))
        }
    }
}

async fn pass(client: &Client, target: &Target, question: &Question<'_>) -> Result<Opened, Failed> {
    let operation = match question.stream {
        true => Operation::Stream(question.protocol),
        false => Operation::Generate(question.protocol),
    };
    let (body, hides_usage) = body_to_pass(target, question)?;
    let mut outgoing = outgoing(target, operation, Some(question.headers), body)?;
    add_query(&mut outgoing.url, question.query);
    let answer = client.send(outgoing).await?;
    if !answer.status.is_success() {
        return Err(refused(target, question.protocol, answer, true).await);
    }
    let Some(framing) = framing(&answer.headers) else {
        return given(target, question, answer).await;
    };
    let mut answer = Box::new(answer);
    if question.begins == Begins::WithFirstPiece {
        let first = first_piece(&mut answer, question.protocol, framing).await;
        first.map_err(|failed| unkeyed(target, failed))?;
    }
    let hides_usage = hides_usage && !answer.headers.contains_key(header::CONTENT_ENCODING);
    Ok(Opened::Passing { answer, framing, hides_usage })
}

/// A whole answer. Some providers tell a failure with the status 200.
async fn given(target: &Target, question: &Question<'_>, answer: Answer) -> Result<Opened, Failed> {
    let Answer { status, headers, body } = answer;
    let body = body.collect(MOST_ANSWER).await.map_err(ApiError::from)?;
    match question.protocol.failure_within(&body) {
        None => Ok(Opened::Given(Box::new(Said { status, headers, body }))),
        Some(error) => {
            let error = Box::new(without_secrets_in(target, error));
            let body = without_secrets(target, body);
            let said = Some(Box::new(Said { status, headers, body }));
            Err(Failed { error, said, is_undone: false })
        }
    }
}

/// Waits for the first piece of a stream, which stays.
async fn first_piece(
    answer: &mut Answer,
    protocol: Protocol,
    framing: Framing,
) -> Result<(), Failed> {
    let Some(first) = answer.body.peek().await else { return Ok(()) };
    let first = first?;
    let mut deltas = Vec::new();
    // What cannot be read is passed on all the same.
    let _ = StreamReader::new(protocol, framing).push(first, &mut deltas);
    match deltas.into_iter().next() {
        Some(Delta::Failed(error)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// How an answer is framed, if it is a stream.
fn framing(headers: &HeaderMap) -> Option<Framing> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_it = |framing: &Framing| framing.content_type().eq_ignore_ascii_case(kind);
    [Framing::Events, Framing::Amazon].into_iter().find(is_it)
}

/// Adds the client's parameters, but its key and what decides how a stream is framed, which the
/// address says already.
pub(super) fn add_query(url: &mut String, query: Option<&str>) {
    let ours = |pair: &&str| ["key=", "alt="].iter().any(|name| pair.starts_with(name));
    for pair in query.into_iter().flat_map(|query| query.split('&')) {
        if !pair.is_empty() && !ours(&pair) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(pair);
        }
    }
}

/// The client's bytes, with the model as it is called there, and with usage asked for.
fn body_to_pass(target: &Target, question: &Question<'_>) -> Result<(Bytes, bool), Failed> {
    let renames = !question.model.is_empty() && question.model != target.model;
    // Mistral sends it unasked, and refuses to be asked.
    let asks = question.protocol == Protocol::ChatCompletions
        && question.stream
        && !question.stream_usage
        && target.provider.kind != Kind::Mistral;
    if !renames && !asks {
        return Ok((question.body.clone(), false));
    }
    let not_text = |_| ApiError::new(ErrorKind::BadRequest, "the body is not UTF-8 text");
    let mut text = std::str::from_utf8(question.body).map_err(not_text)?.to_owned();
    if renames {
        let model = Value::from(target.model.as_str()).to_string();
        text = json::set(&text, "model", &model).map_err(ApiError::from)?;
    }
    if asks {
        text = chat_completions::ask_usage(&text).map_err(ApiError::from)?;
    }
    Ok((text.into(), asks))
}

async fn translate(
    client: &Client,
    target: &Target,
    from: Protocol,
    request: Request,
) -> Result<Opened, Failed> {
    let kind = target.provider.kind;
    let spoken = kind.protocol(from);
    let stream = request.stream;
    let operation = match stream {
        true => Operation::Stream(spoken),
        false => Operation::Generate(spoken),
    };
    let body = write_request(from, spoken, kind, request).map_err(ApiError::from)?;
    let outgoing = outgoing(target, operation, None, body.to_string().into())?;
    let answer = client.send(outgoing).await?;
    if !answer.status.is_success() {
        return Err(refused(target, spoken, answer, false).await);
    }
    if stream {
        let opened = peeked(Source::provider(spoken, answer.body)).await;
        return opened.map_err(|failed| unkeyed(target, failed));
    }
    let body = answer.body.collect(MOST_ANSWER).await.map_err(ApiError::from)?;
    if let Some(error) = spoken.failure_within(&body) {
        return Err(without_secrets_in(target, error).into());
    }
    let response = spoken.read_response(&body).map_err(|error| {
        let message = format!("the provider's answer cannot be read: {error}");
        ApiError::new(ErrorKind::Provider, message)
    })?;
    Ok(Opened::Whole(Box::new(response)))
}

/// A stream whose first piece is there: what fails before it is an error with a status.
async fn peeked(mut source: Source) -> Result<Opened, Failed> {
    let first = source.next().await.unwrap_or_default();
    match first.first() {
        Some(Delta::Failed(error)) => Err(error.clone().into()),
        _ => Ok(Opened::Pieces(source, first)),
    }
}

pub(super) async fn refused(
    target: &Target,
    protocol: Protocol,
    answer: Answer,
    is_passed_on: bool,
) -> Failed {
    if answer.status.is_redirection() {
        // A client that followed it would carry its key there.
        let message = "the provider answered with a redirect; correct its base_url";
        return ApiError::new(ErrorKind::Provider, message).into();
    }
    let Answer { status, headers, body } = answer;
    let asked = retry_after(&headers, clock::now().0 / 1_000_000);
    let body = without_secrets(target, body.first(MOST_ERROR).await);
    let mut error = protocol.read_error(status.as_u16(), &body);
    error.retry_after = error.retry_after.or(asked);
    let said = is_passed_on.then(|| Box::new(Said { status, headers, body }));
    Failed { error: Box::new(error), said, is_undone: true }
}

/// Some providers show the key that they refuse.
fn without_secrets(target: &Target, body: Bytes) -> Bytes {
    let Ok(text) = std::str::from_utf8(&body) else { return body };
    match hidden(target, text) {
        Some(text) => text.into(),
        None => body,
    }
}

fn unkeyed(target: &Target, failed: Failed) -> Failed {
    Failed { error: Box::new(without_secrets_in(target, *failed.error)), ..failed }
}

fn without_secrets_in(target: &Target, mut error: ApiError) -> ApiError {
    if let Some(message) = hidden(target, &error.message) {
        error.message = message;
    }
    error
}

/// The text with `[key]` for each secret that the target was told; `None`: it holds none.
fn hidden(target: &Target, text: &str) -> Option<String> {
    let provider = &target.provider;
    let of_credential: &[&str] = match &provider.credential {
        Credential::Key(key) => &[key],
        Credential::Aws { secret_access_key, session_token, .. } => {
            &[secret_access_key, session_token.as_deref().unwrap_or_default()]
        }
        Credential::None => &[],
    };
    let of_headers = provider.headers.iter().map(|(_, value)| value.as_str());
    let brought = target.brought.iter().flatten().map(|(_, value)| bearer(value));
    let secrets = of_credential.iter().copied().chain(of_headers).chain(brought);
    // A header such as `x-team: a` is no secret that an answer would tell.
    let secrets = secrets.filter(|secret| secret.len() >= SHORTEST_SECRET);
    secrets.fold(None, |found: Option<String>, secret| {
        let text = found.as_deref().unwrap_or(text);
        if text.contains(secret) { Some(text.replace(secret, "[key]")) } else { found }
    })
}

/// A request to the target; `from`: the client's headers, which go on but for those about the connection
/// to us.
pub(super) fn outgoing(
    target: &Target,
    operation: Operation,
    from: Option<&HeaderMap>,
    body: Bytes,
) -> Result<Outgoing, ApiError> {
    let provider = &target.provider;
    let endpoint = provider.endpoint(operation, &target.model).ok_or_else(|| {
        let message = format!(
            "the provider `{}` does not offer this; ask another, as in `name/model`",
            provider.name
        );
        ApiError::new(ErrorKind::BadRequest, message)
    })?;
    let mut headers = from.map(passed_on).unwrap_or_default();
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in &endpoint.headers {
        let is_credential = KEY_HEADERS.iter().any(|key| key == name.as_str());
        if is_credential && target.brought.is_some() {
            continue;
        }
        // What the client says of Anthropic's version or features counts.
        if from.is_some() && !is_credential && headers.contains_key(name.as_str()) {
            continue;
        }
        headers.insert(header_name(name)?, header_value(name, value)?);
    }
    for (name, value) in target.brought.iter().flatten() {
        headers.insert(name.clone(), header_value(name.as_str(), value)?);
    }
    if target.brought.is_none()
        && let Credential::Aws { .. } = &provider.credential
    {
        sign(provider, &endpoint.url, &mut headers, &body)?;
    }
    Ok(Outgoing { method: Method::POST, url: endpoint.url, headers, body })
}

fn sign(
    provider: &Provider,
    url: &str,
    headers: &mut HeaderMap,
    body: &[u8],
) -> Result<(), ApiError> {
    let Credential::Aws { access_key_id, secret_access_key, session_token, region } =
        &provider.credential
    else {
        return Ok(());
    };
    let credentials = sigv4::Credentials {
        access_key: access_key_id.clone(),
        secret_key: secret_access_key.clone(),
        session_token: session_token.clone(),
    };
    let sent: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let call = sigv4::Call { method: "POST", url, headers: &sent, body };
    let scope = sigv4::Scope { region, service: "bedrock" };
    let signed = sigv4::sign(call, &credentials, scope, clock::system())
        .map_err(|error| ApiError::new(ErrorKind::Provider, error.to_string()))?;
    for (name, value) in signed {
        headers.insert(header_name(name)?, header_value(name, &value)?);
    }
    Ok(())
}

/// The client's headers without those about its connection to us, its credentials, and what is meant
/// for Tracekeep.
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let stays = |name: &HeaderName| {
        is_of_connection(headers, name)
            || KEY_HEADERS.contains(name)
            || name.as_str().starts_with("x-tracekeep-")
            || matches!(
                name.as_str(),
                "host" | "content-length" | "accept-encoding" | "cookie" | "origin" | "referer"
            )
            || matches!(
                name.as_str(),
                "traceparent" | "tracestate" | "baggage" | "expect" | "forwarded"
            )
            || name.as_str().starts_with("x-forwarded-")
            || name.as_str() == "content-encoding"
    };
    let passed = headers.iter().filter(|(name, _)| !stays(name));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Headers that hold for one connection only, those that `connection` names among them (RFC 9110, section
/// 7.6.1).
pub(super) fn is_of_connection(headers: &HeaderMap, name: &HeaderName) -> bool {
    let named = headers.get_all(header::CONNECTION).iter();
    let mut named =
        named.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    named.any(|one| one.trim().eq_ignore_ascii_case(name.as_str()))
        || matches!(
            name.as_str(),
            "connection"
                | "keep-alive"
                | "proxy-authenticate"
                | "proxy-authorization"
                | "proxy-connection"
                | "te"
                | "trailer"
                | "transfer-encoding"
                | "upgrade"
        )
}

fn header_name(name: &str) -> Result<HeaderName, ApiError> {
    HeaderName::try_from(name).map_err(|_| bad_header(name))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, ApiError> {
    let mut value = HeaderValue::try_from(value).map_err(|_| bad_header(name))?;
    value.set_sensitive(true);
    Ok(value)
}

fn bad_header(name: &str) -> ApiError {
    let message = format!("the provider's header `{name}` cannot be sent; correct its settings");
    ApiError::new(ErrorKind::Provider, message)
}
