//! Calls providers over HTTP. What comes back is passed on as it comes: nothing is collected here.

mod body;
mod deadline;
mod proxies;
mod retry;
mod route;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::ring;
use tokio::time::timeout;

pub use body::Body;
pub use proxies::Proxies;
pub use retry::{Retry, retry_after};

use self::body::Room;
use self::deadline::Deadline;
use self::proxies::Proxy;
use self::route::Route;
use crate::chat::{ApiError, ErrorKind};

/// Connections to one provider that are kept open while nobody uses them.
const IDLE_CONNECTIONS: usize = 256;
/// How long one is kept.
const IDLE_FOR: Duration = Duration::from_secs(90);
/// A connection of HTTP/2 that is silent for so long while a call waits is asked whether it still stands:
/// a model that thinks sends nothing for minutes, and so does a connection that is dead.
const PING_AFTER: Duration = Duration::from_secs(20);
/// Until it counts as dead.
const PING_ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// What goes through a router is forgotten there when it is silent. HTTP/1 has no pings.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);
/// Said by proxies alone, about credentials that are for them.
const PROXY_REFUSES: StatusCode = StatusCode::PROXY_AUTHENTICATION_REQUIRED;

/// How long a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until a connection stands, with its TLS and its way through a proxy.
    pub connect: Duration,
    /// From the request until the first byte of the answer. A model that thinks may take minutes.
    pub first_byte: Duration,
    /// Between two pieces of the answer.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(600),
            silence: Duration::from_secs(120),
        }
    }
}

/// A request to a provider, ready to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Most often POST.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// All its headers but the host and the length.
    pub headers: HeaderMap,
    /// All its body.
    pub body: Bytes,
}

/// A provider's answer; its body may still be coming.
#[derive(Debug)]
pub struct Answer {
    /// Its status, errors included.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
}

/// Why a call came to nothing, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The provider's address is no address.
    #[error("the provider's address `{url}` cannot be used: {reason}; correct its base_url")]
    Address {
        /// What was to be called, without its query.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection: the provider has not got the request.
    #[error("the provider cannot be reached: {0}")]
    Unconnected(String),
    /// The connection broke before an answer began.
    #[error("the provider did not answer: {0}")]
    Unreachable(String),
    /// The provider did not answer in time.
    #[error("the provider did not {what} within {} s", after.as_secs())]
    Timeout {
        /// What it did not do: `answer`, `go on`.
        what: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// The answer broke off.
    #[error("the provider's answer broke off: {0}")]
    Cut(String),
    /// Other calls' answers take all the memory that there is for answers.
    #[error("the gateway has no room for more answers now; ask again in a moment")]
    TooMuch,
    /// The answer is larger than may be collected.
    #[error("the provider's answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        let kind = match &error {
            CallError::Address { .. } | CallError::Unconnected(_) | CallError::Unreachable(_) => {
                ErrorKind::Provider
            }
            CallError::Timeout { .. } => ErrorKind::Timeout,
            CallError::Cut(_) | CallError::TooLarge(_) => ErrorKind::Provider,
            CallError::TooMuch => ErrorKind::Overloaded,
        };
        Self::new(kind, error.to_string())
    }
}

/// Calls providers. A clone shares its connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: legacy::Client<Deadline, Full<Bytes>>,
    proxies: Arc<Proxies>,
    patience: Patience,
    /// For answers that are collected.
    room: Room,
}

impl Client {
    /// One that trusts the system's certificates, or Mozilla's where the system has none, and that goes
    /// through these proxies.
    #[must_use]
    pub fn new(patience: Patience, proxies: Proxies) -> Self {
        let proxies = Arc::new(proxies);
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(patience.connect));
        tcp.set_keepalive(Some(TCP_KEEPALIVE));
        let tls = tls();
        let builder = |tls| HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let to_proxy = builder(tls.clone()).enable_http1().wrap_connector(tcp.clone());
        let route = Route::new(tcp, to_proxy, proxies.clone());
        let https = builder(tls).enable_http1().enable_http2().wrap_connector(route);
        let connector = Deadline::new(https, proxies.clone(), patience.connect);
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .http2_keep_alive_interval(PING_AFTER)
            .http2_keep_alive_timeout(PING_ANSWERED_WITHIN)
            .http2_keep_alive_while_idle(false)
            .build(connector);
        Self { http, proxies, patience, room: Room::new() }
    }

    /// Sends a request, and waits until its answer begins.
    ///
    /// # Errors
    /// There is no answer. An answer with an error status is an answer.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Answer, CallError> {
        let Outgoing { method, url, headers, body } = outgoing;
        let uri: Uri = url.parse().map_err(|error| bad_address(&url, &error))?;
        let forwarding = self.proxies.forwarding(&uri);
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        if let Some(authorization) = forwarding.and_then(Proxy::authorization) {
            let to = request.headers_mut();
            to.insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        let after = self.patience.first_byte;
        let answered = timeout(after, self.http.request(request)).await;
        let response = answered
            .map_err(|_| CallError::Timeout { what: "answer", after })?
            .map_err(|error| match error.is_connect() {
                true => CallError::Unconnected(described(&error)),
                false => CallError::Unreachable(described(&error)),
            })?;
        if let Some(proxy) = forwarding.filter(|_| response.status() == PROXY_REFUSES) {
            let reason = "wants other credentials: write them into its address in HTTP_PROXY";
            return Err(CallError::Unconnected(format!("the proxy {} {reason}", proxy.address())));
        }
        let (head, incoming) = response.into_parts();
        let body = Body::new(incoming, self.patience.silence, self.room.clone());
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// Trusts the system's certificates, or Mozilla's where the system has none.
fn tls() -> ClientConfig {
    let config = || {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the protocol versions that are the default")
    };
    let trusting = config().with_native_roots().unwrap_or_else(|error| {
        tracing::debug!(%error, "no certificates of the system; Mozilla's are used");
        config().with_webpki_roots()
    });
    trusting.with_no_client_auth()
}

fn bad_address(url: &str, error: &http::uri::InvalidUri) -> CallError {
    // A query may hold a key.
    let url = url.split('?').next().unwrap_or_default().to_owned();
    CallError::Address { url, reason: error.to_string() }
}

/// An error and what caused it, in one line.
fn described(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
