//! One keep-alive HTTP/1.1 connection.
//!
//! A pooling client opens as many connections as it likes; the drivers promise an exact number, and
//! share the machine with the server that they measure.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::{Buf, Bytes};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// Longer than any answer may take; a server that hangs must not hang its driver.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A header that every request carries.
pub(crate) type Header = (HeaderName, HeaderValue);

/// Reads `name=value`.
pub(crate) fn header(text: &str) -> Result<Header> {
    let (name, value) = text
        .split_once('=')
        .with_context(|| format!("`{text}` is no header; write it as name=value"))?;
    Ok((name.parse()?, value.parse()?))
}

/// Where requests go, and on whose behalf.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// `host:port`
    authority: String,
    /// The path of the URL, `/` where it has none.
    pub(crate) path: String,
    authorization: String,
    headers: Vec<Header>,
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
        Ok(Self { authority, path: format!("/{path}"), authorization, headers: Vec::new() })
    }

    /// With these headers on every request.
    pub(crate) fn with(mut self, headers: &[Header]) -> Self {
        self.headers.extend_from_slice(headers);
        self
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
        Self::json_text(path, body.to_string())
    }

    pub(crate) fn json_text(path: &'a str, body: String) -> Self {
        Self::json_bytes(path, body.into())
    }

    pub(crate) fn json_bytes(path: &'a str, body: Bytes) -> Self {
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
    /// An answer without headers.
    #[cfg(test)]
    pub(crate) fn new(status: u16, body: &str) -> Self {
        let body = Bytes::copy_from_slice(body.as_bytes());
        Self { status, body, headers: HeaderMap::new() }
    }

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

    /// So many connections, all open.
    pub(crate) async fn open_all(target: &Target, count: usize) -> Result<Vec<Self>> {
        let mut connections = Vec::with_capacity(count);
        for _ in 0..count {
            let mut connection = Self::new(target);
            connection.open().await?;
            connections.push(connection);
        }
        Ok(connections)
    }

    /// Connects, if that has not happened yet.
    async fn open(&mut self) -> Result<()> {
        self.sender().await.map(|_| ())
    }

    /// Sends one request and reads the whole answer. An error says that no answer came, and
    /// nothing about whether the server acted.
    pub(crate) async fn send(&mut self, call: Call<'_>) -> Result<Reply> {
        self.send_timed(call).await.map(|(reply, _)| reply)
    }

    /// The same, and when the first bytes of the answer's body were there.
    pub(crate) async fn send_timed(&mut self, call: Call<'_>) -> Result<(Reply, Instant)> {
        let (method, path) = (call.method.clone(), call.path.to_owned());
        let answer = tokio::time::timeout(TIMEOUT, self.exchange(call)).await;
        let reply = answer.context("no answer within a minute").flatten();
        if reply.is_err() {
            self.sender = None;
        }
        reply.with_context(|| format!("{method} {path} to {}", self.target.authority))
    }

    async fn exchange(&mut self, call: Call<'_>) -> Result<(Reply, Instant)> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.path)
            .header(HOST, self.target.authority.as_str())
            .header(AUTHORIZATION, self.target.authorization.as_str());
        if let Some(content_type) = call.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        for (name, value) in &self.target.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(call.body))?;
        let response = self.sender().await?.send_request(request).await?;
        let (head, mut body) = response.into_parts();
        let frame = body.frame().await.transpose()?;
        let first = Instant::now();
        let begin = frame.and_then(|frame| frame.into_data().ok()).unwrap_or_default();
        let mut whole = begin.chain(body.collect().await?.aggregate());
        let body = whole.copy_to_bytes(whole.remaining());
        Ok((Reply { status: head.status.as_u16(), body, headers: head.headers }, first))
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
    use super::{Target, header};

    #[test]
    fn a_target_is_taken_apart() -> anyhow::Result<()> {
        let target = Target::new("http://127.0.0.1:4000/v1/traces", "sk")?;
        assert_eq!((&*target.authority, &*target.path), ("127.0.0.1:4000", "/v1/traces"));
        let target = Target::new("http://localhost", "sk")?;
        assert_eq!((&*target.authority, &*target.path), ("localhost:80", "/"));
        assert!(Target::new("https://localhost", "sk").is_err());
        Ok(())
    }

    #[test]
    fn a_header_has_a_name_and_a_value() -> anyhow::Result<()> {
        let (name, value) = header("X-Experiment=a=b")?;
        assert_eq!((name.as_str(), value.to_str()?), ("x-experiment", "a=b"));
        assert!(header("x-experiment").is_err());
        assert!(header("two words=1").is_err());
        Ok(())
    }
}
