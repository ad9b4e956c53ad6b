//! A limit to how long the making of a connection takes, whatever is slow: the name, TCP, the proxy,
//! TLS with either.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Uri, uri::Scheme};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use tokio::time::timeout;
use tower_service::Service;

use super::proxies::Proxies;
use super::route::{BoxError, Route, Transport};

type Stream = MaybeHttpsStream<Transport>;
type Connecting = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

/// Makes connections in time.
#[derive(Clone)]
pub(super) struct Deadline {
    connector: HttpsConnector<Route>,
    /// Named where a connection was not made.
    proxies: Arc<Proxies>,
    within: Duration,
}

impl Deadline {
    pub(super) fn new(
        connector: HttpsConnector<Route>,
        proxies: Arc<Proxies>,
        within: Duration,
    ) -> Self {
        Self { connector, proxies, within }
    }

    /// What there is no connection with: nobody knows which part of the way does not answer.
    fn way(&self, target: &Uri) -> String {
        let host = target.host().unwrap_or_default();
        let is_tls = target.scheme() == Some(&Scheme::HTTPS);
        let port = target.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        match self.proxies.to(target) {
            Some(Ok(proxy)) => format!("{host}:{port} through the proxy {}", proxy.address()),
            Some(Err(_)) | None => format!("{host}:{port}"),
        }
    }
}

impl Service<Uri> for Deadline {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: Uri) -> Connecting {
        let (within, way) = (self.within, self.way(&target));
        let connecting = self.connector.call(target);
        Box::pin(async move {
            timeout(within, connecting).await.unwrap_or_else(|_| {
                Err(format!("no connection with {way} within {} s", within.as_secs_f32()).into())
            })
        })
    }
}

#[cfg(test)]
mod tests;
