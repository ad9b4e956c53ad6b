//! One keep-alive HTTP/1.1 connection.
//!
//! A pooling client opens as many connections as it likes; the drivers promise an exact number, and
//! share the machine with the server that they measure.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, RETRY_AFTER};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Longer than any answer may take; a server that hangs must not hang its driver.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where requests go, and on whose behalf.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// `host:port`
    authority: String,
    /// The path of the URL, `/` where it has none.
    pub(crate) path: String,
    authorization: String,
}

impl Target {
    /// From a URL such as `http://127.0.0.1:4000/v1/traces` and a secret key.
    pub(crate) fn new(url: &str, token: &str) -> Result<Self> {
        let Some(rest) = url.strip_prefix("http://") else {
            bail!("{url} does not begin with http://; the drivers speak plain HTTP only");
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let authority = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        let authorization = format!("Bearer {token}");
        Ok(Self { authority, path: format!("/{path}"), authorization })
    }
}

/// What to send.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    method: Method,
    path: &'a str,
    content_type: Option<&'static str>,
    body: Bytes,
}

impl<'a> Call<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, content_type: None, body: Bytes::new() }
    }

    pub(crate) fn json(path: &'a str, body: &serde_json::Value) -> Self {
        let body = Bytes::from(body.to_string());
        Self { method: Method::POST, path, content_type: Some("application/json"), body }
    }

    pub(crate) fn protobuf(path: &'a str, body: Bytes) -> Self {
        Self { method: Method::POST, path, content_type: Some("application/x-protobuf"), body }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    headers: HeaderMap,
}

impl Reply {
    /// Whether the status is 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether OTLP says that the same request may be sent again.
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self.status, 429 | 502 | 503 | 504)
    }

    /// How long the server asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.number(RETRY_AFTER.as_str()).map(Duration::from_secs)
    }

    /// A header that is a whole number.
    pub(crate) fn number(&self, header: &str) -> Option<u64> {
        self.headers.get(header)?.to_str().ok()?.trim().parse().ok()
    }

    /// The beginning of the body, for messages.
    pub(crate) fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(300).collect()
    }
}

/// A connection that opens on first use, and again after it failed.
#[derive(Debug)]
pub(crate) struct Connection {
    target: Target,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub(crate) fn new(target: &Target) -> Self {
        Self { target: target.clone(), sender: None }
    }

    /// Connects, if that has not happened yet.
    pub(crate) async fn open(&mut self) -> Result<()> {
        self.sender().await.map(|_| ())
    }

    /// Sends one request and reads the whole answer. An error says that no answer came, and
    /// nothing about whether the server acted.
    pub(crate) async fn send(&mut self, call: Call<'_>) -> Result<Reply> {
        let (method, path) = (call.method.clone(), call.path.to_owned());
        let answer = tokio::time::timeout(TIMEOUT, self.exchange(call)).await;
        let reply = answer.context("no answer within a minute").flatten();
        if reply.is_err() {
            self.sender = None;
        }
        reply.with_context(|| format!("{method} {path} to {}", self.target.authority))
    }

    async fn exchange(&mut self, call: Call<'_>) -> Result<Reply> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.path)
            .header(HOST, self.target.authority.as_str())
            .header(AUTHORIZATION, self.target.authorization.as_str());
        if let Some(content_type) = call.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let request = request.body(Full::new(call.body))?;
        let response = self.sender().await?.send_request(request).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Reply { status: head.status.as_u16(), body, headers: head.headers })
    }

    async fn sender(&mut self) -> Result<&mut SendRequest<Full<Bytes>>> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let stream = TcpStream::connect(&self.target.authority).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // Its error, if any, reaches the request that waits for an answer.
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let sender = self.sender.as_mut().context("the connection was just opened")?;
        sender.ready().await?;
        Ok(sender)
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_target_is_taken_apart() -> anyhow::Result<()> {
        let target = Target::new("http://127.0.0.1:4000/v1/traces", "sk")?;
        assert_eq!((&*target.authority, &*target.path), ("127.0.0.1:4000", "/v1/traces"));
        let target = Target::new("http://localhost", "sk")?;
        assert_eq!((&*target.authority, &*target.path), ("localhost:80", "/"));
        assert!(Target::new("https://localhost", "sk").is_err());
        Ok(())
    }
}
