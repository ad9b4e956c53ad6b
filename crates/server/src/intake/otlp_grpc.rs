//! OTLP over gRPC: `TraceService/Export`. Permission: `traces:write`.
//!
//! Messages pass through unread, as bytes, to the decoder that OTLP over HTTP uses too. Credentials
//! are the metadata key `authorization`. Where the sender should come again, the answer is
//! UNAVAILABLE, as the protocol says.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::http::{Request, Response, StatusCode};
use bytes::{Buf as _, BufMut as _, Bytes};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Status};
use tracekeep_model::Text;

use super::otlp_http::{self, Encoding};
use crate::app::App;
use crate::auth;
use crate::error::ApiError;

/// Calls of one connection that are read at once.
const STREAMS: usize = 16;

/// Serves until it is told to stop, then finishes what is open.
pub(crate) async fn serve(
    app: Arc<App>,
    incoming: TcpIncoming,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    tonic::transport::Server::builder()
        .concurrency_limit_per_connection(STREAMS)
        .add_service(TraceService(app))
        .serve_with_incoming_shutdown(incoming, stop.cancelled_owned())
        .await
}

type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[derive(Clone)]
struct TraceService(Arc<App>);

impl NamedService for TraceService {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl tower::Service<Request<Body>> for TraceService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let app = self.0.clone();
        Box::pin(async move {
            if !request.uri().path().ends_with("/Export") {
                let unknown = Status::unimplemented("this service has one method, Export");
                return Ok(unknown.into_http());
            }
            // Before anything is read: only who may write may fill the memory.
            let credential = match auth::credential(request.headers(), &app).await {
                Ok(credential) => credential,
                Err(error) => return Ok(status(error).into_http()),
            };
            let project = (&*credential.project_id).into();
            let mut grpc = Grpc::new(Unread)
                .accept_compressed(CompressionEncoding::Gzip)
                .accept_compressed(CompressionEncoding::Zstd)
                .max_decoding_message_size(app.bodies.each);
            let was_read = AtomicBool::new(false);
            let limit = app.bodies.each;
            let export = Export { app, project, was_read: &was_read };
            let response = grpc.unary(export, request).await;
            if was_read.load(Ordering::Relaxed) {
                return Ok(response);
            }
            Ok(in_our_words(response, limit))
        })
    }
}

/// What was refused before it was read. A message beyond the limit was, by tonic, which names neither
/// the setting nor what to do.
fn in_our_words(refused: Response<Body>, limit: usize) -> Response<Body> {
    // The first where the message says how long it is, the second where that shows in decompression.
    let is_too_large = |code: Code| matches!(code, Code::OutOfRange | Code::ResourceExhausted);
    match Status::from_header_map(refused.headers()) {
        Some(why) if is_too_large(why.code()) => status(ApiError::too_large(limit)).into_http(),
        _ => refused,
    }
}

struct Export<'a> {
    app: Arc<App>,
    project: Text,
    /// Set when the message was read.
    was_read: &'a AtomicBool,
}

impl UnaryService<Bytes> for Export<'_> {
    type Response = Bytes;
    type Future = Answer<Result<tonic::Response<Bytes>, Status>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        self.was_read.store(true, Ordering::Relaxed);
        let (app, project) = (self.app.clone(), self.project.clone());
        Box::pin(async move {
            let body = request.into_inner();
            let _share = app.bodies.share(body.len()).map_err(status)?;
            let response = otlp_http::accept(&app, project, Encoding::Protobuf, &body).await;
            Ok(tonic::Response::new(response.map_err(status)?))
        })
    }
}

/// The gRPC code that says the same as the status.
fn status(error: ApiError) -> Status {
    let code = match error.status {
        StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::FORBIDDEN => Code::PermissionDenied,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Code::Unavailable,
        StatusCode::PAYLOAD_TOO_LARGE => Code::ResourceExhausted,
        _ => Code::InvalidArgument,
    };
    Status::new(code, error.message)
}

/// Hands messages over as they are.
struct Unread;

impl Codec for Unread {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Unread {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for Unread {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

#[cfg(test)]
mod tests;
