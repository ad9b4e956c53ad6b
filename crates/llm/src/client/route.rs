//! How a connection is made: straight to the provider, or by way of a proxy.
//!
//! | target | with a proxy |
//! |---|---|
//! | `https` | a tunnel (`CONNECT`, RFC 9110, section 9.3.6), and TLS with the provider within it |
//! | `http` | the proxy reads the request, whose target is a whole address (RFC 9112, section 3.2.2) |
//!
//! TLS with the provider is not made here, but over what this gives; nor is it said here how long it may
//! take.

use std::future::{poll_fn, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::proxies::{Proxies, Proxy};

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Connecting = Pin<Box<dyn Future<Output = Result<Transport, BoxError>> + Send>>;
/// Proxies may speak TLS themselves.
type ToProxy = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections to providers.
#[derive(Clone)]
pub(super) struct Route {
    tcp: HttpConnector,
    to_proxy: HttpsConnector<HttpConnector>,
    proxies: Arc<Proxies>,
}

/// A connection that bytes for the provider can be written to.
pub(super) enum Transport {
    /// Nothing is between.
    Direct(TokioIo<TcpStream>),
    /// The proxy passes bytes on.
    Tunnel(Box<ToProxy>),
    /// The proxy reads requests.
    Forward(Box<ToProxy>),
}

#[derive(Debug, thiserror::Error)]
#[error("the proxy {proxy} {failure}")]
struct ProxyError {
    /// Its address, without credentials.
    proxy: String,
    failure: String,
    source: BoxError,
}

impl Route {
    /// `to_proxy` makes connections to proxies, and must offer HTTP/1 alone there.
    pub(super) fn new(
        tcp: HttpConnector,
        to_proxy: HttpsConnector<HttpConnector>,
        proxies: Arc<Proxies>,
    ) -> Self {
        Self { tcp, to_proxy, proxies }
    }

    fn tunnel(&self, proxy: &Proxy, target: Uri) -> Connecting {
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
        if let Some(authorization) = proxy.authorization() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        let proxy = proxy.address();
        let host = target.host().unwrap_or_default();
        let failure = format!("does not connect to {host}:{}", target.port_u16().unwrap_or(443));
        Box::pin(async move {
            let made = async {
                poll_fn(|context| tunnel.poll_ready(context)).await?;
                tunnel.call(target).await
            };
            match made.await {
                Ok(stream) => Ok(Transport::Tunnel(Box::new(stream))),
                Err(error) => {
                    let source = error.into();
                    Err(BoxError::from(ProxyError { proxy, failure, source }))
                }
            }
        })
    }

    fn forward(&self, proxy: &Proxy) -> Connecting {
        let (mut to_proxy, uri) = (self.to_proxy.clone(), proxy.uri().clone());
        let proxy = proxy.address();
        Box::pin(async move {
            let made = async {
                poll_fn(|context| to_proxy.poll_ready(context)).await?;
                to_proxy.call(uri).await
            };
            let failed = |source| ProxyError { proxy, failure: "cannot be reached".into(), source };
            Ok(Transport::Forward(Box::new(made.await.map_err(failed)?)))
        })
    }
}

impl Service<Uri> for Route {
    type Response = Transport;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, target: Uri) -> Connecting {
        match self.proxies.to(&target) {
            None => {
                let connecting = self.tcp.call(target);
                Box::pin(async move { Ok(Transport::Direct(connecting.await?)) })
            }
            Some(Ok(proxy)) if target.scheme() == Some(&Scheme::HTTPS) => {
                self.tunnel(proxy, target)
            }
            Some(Ok(proxy)) => self.forward(proxy),
            Some(Err(problem)) => Box::pin(ready(Err(problem.into()))),
        }
    }
}

impl Connection for Transport {
    fn connected(&self) -> Connected {
        match self {
            Self::Direct(stream) => stream.connected(),
            Self::Tunnel(stream) => stream.connected(),
            Self::Forward(stream) => stream.connected().proxy(true),
        }
    }
}

impl Read for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Direct(stream) => Pin::new(stream).poll_read(context, to),
            Self::Tunnel(stream) | Self::Forward(stream) => Pin::new(stream).poll_read(context, to),
        }
    }
}

impl Write for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Direct(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tunnel(stream) | Self::Forward(stream) => {
                Pin::new(stream).poll_write(context, bytes)
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Direct(stream) => Pin::new(stream).poll_flush(context),
            Self::Tunnel(stream) | Self::Forward(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Direct(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tunnel(stream) | Self::Forward(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Direct(stream) => stream.is_write_vectored(),
            Self::Tunnel(stream) | Self::Forward(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Direct(stream) => Pin::new(stream).poll_write_vectored(context, bytes),
            Self::Tunnel(stream) | Self::Forward(stream) => {
                Pin::new(stream).poll_write_vectored(context, bytes)
            }
        }
    }
}

#[cfg(test)]
mod tests;
