//! `xtask stub-provider`: OpenAI's chat completions, answered at once and always the same.
//!
//! It stands behind the gateways that are measured, and must take less of the machine than any of them.

mod answer;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::generate::now;
use answer::{Answer, Asked, Pieces, Texts};

/// The longest request that is read, in bytes.
const MOST_REQUEST: usize = 16 << 20;

/// Where to listen, and how to answer.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to listen; port 0 takes a free one. The address is printed.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Milliseconds before an answer begins.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Tokens in an answer. A stream has an event for each.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    tokens: u32,
    /// Milliseconds between two events of a stream; at 0 all events come in one piece.
    #[arg(long, default_value_t = 0)]
    pause_ms: u64,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let listener = TcpListener::bind(args.listen).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", args.listen))?;
    println!("{}", json!({ "listening": listener.local_addr()?.to_string() }));
    let delay = Duration::from_millis(args.delay_ms);
    let pause = Duration::from_millis(args.pause_ms);
    serve(listener, Stub::new(args.tokens, delay, pause)).await
}

/// Answers until it is ended from outside.
pub(crate) async fn serve(listener: TcpListener, stub: Stub) -> Result<()> {
    let stub = Arc::new(stub);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(talk(stream, Arc::clone(&stub)));
    }
}

/// Takes the requests of one connection. What fails there, the client sees.
async fn talk(stream: TcpStream, stub: Arc<Stub>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let stub = Arc::clone(&stub);
        async move { Ok::<_, Infallible>(stub.answer(request).await) }
    });
    if stream.set_nodelay(true).is_ok() {
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }
}

type Body = Either<Full<Bytes>, Pieces>;

/// A provider that says the same to everyone.
#[derive(Debug)]
pub(crate) struct Stub {
    texts: Texts,
    delay: Duration,
    pause: Duration,
    created: u64,
    answered: AtomicU64,
}

impl Stub {
    /// Answers of so many tokens, after a delay, with a pause between two events of a stream.
    pub(crate) fn new(tokens: u32, delay: Duration, pause: Duration) -> Self {
        let (created, answered) = (now(), AtomicU64::new(0));
        Self { texts: Texts::new(tokens), delay, pause, created, answered }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path();
        match *request.method() {
            Method::POST if path.ends_with("/chat/completions") => self.complete(request).await,
            Method::GET if path.ends_with("/models") => whole(StatusCode::OK, models()),
            _ => {
                let message = format!("{path} is not offered; ask /v1/chat/completions");
                refusal(StatusCode::NOT_FOUND, &message)
            }
        }
    }

    async fn complete(&self, request: Request<Incoming>) -> Response<Body> {
        let body = match Limited::new(request.into_body(), MOST_REQUEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        let asked: Asked<'_> = match serde_json::from_slice(&body) {
            Ok(asked) => asked,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        let number = self.answered.fetch_add(1, Ordering::Relaxed);
        let answer = Answer::new(&self.texts, &asked, number, self.created, body.len());
        if !asked.is_streamed() {
            return whole(StatusCode::OK, answer.whole());
        }
        let pieces = Pieces::new(answer.events(asked.wants_usage()), self.pause);
        response(StatusCode::OK, "text/event-stream; charset=utf-8", Either::Right(pieces))
    }
}

fn models() -> String {
    let model = json!({ "id": "gpt-4o-mini", "object": "model", "created": 0, "owned_by": "stub" });
    json!({ "object": "list", "data": [model] }).to_string()
}

fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let error = json!({
        "message": message,
        "type": "invalid_request_error",
        "param": null,
        "code": null,
    });
    whole(status, json!({ "error": error }).to_string())
}

fn whole(status: StatusCode, json: String) -> Response<Body> {
    response(status, "application/json", Either::Left(Full::from(json)))
}

fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests;
