//! Sends a recipe's requests over several connections, each as fast as it is answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::connection::{Call, Connection, Reply, Target};
use crate::generate::{Generator, Prepared};
use crate::otlp;
use crate::record::TraceId;
use crate::stats::Latencies;

/// How often a request that the server could not take is sent again.
const ATTEMPTS: u32 = 300;

/// What to send, where and how.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) target: Target,
    pub(crate) generator: Generator,
    pub(crate) connections: usize,
    /// How many requests are encoded before the first is sent, and lie ready from then on.
    pub(crate) ahead: usize,
    pub(crate) when_lost: WhenLost,
}

/// What to do when no answer comes to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenLost {
    /// It is an error.
    Fail,
    /// The server was killed: note the request and stop.
    Stop,
}

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Spans that the server acknowledged.
    pub(crate) spans: u64,
    /// Spans that the server refused.
    pub(crate) rejected: u64,
    /// Requests that were sent again because the server asked for it.
    pub(crate) retries: u64,
    /// Bytes of acknowledged bodies.
    pub(crate) bytes: u64,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// Of each request, from its first attempt to its answer.
    pub(crate) latencies: Latencies,
    pub(crate) acknowledged: Vec<TraceId>,
    /// Traces of requests without answer, or with refused spans.
    pub(crate) unacknowledged: Vec<TraceId>,
}

impl Outcome {
    fn add(&mut self, mut other: Self) {
        self.spans += other.spans;
        self.rejected += other.rejected;
        self.retries += other.retries;
        self.bytes += other.bytes;
        self.latencies.append(&mut other.latencies);
        self.acknowledged.append(&mut other.acknowledged);
        self.unacknowledged.append(&mut other.unacknowledged);
    }
}

type Queue = Arc<Mutex<mpsc::Receiver<Prepared>>>;

/// Sends everything, or until the server is gone. Time runs from when `ahead` requests lie ready.
pub(crate) async fn send(delivery: Delivery) -> Result<Outcome> {
    let Delivery { target, generator, connections, ahead, when_lost } = delivery;
    let (queue, prepared) = mpsc::channel(ahead.max(1));
    let (full, filled) = oneshot::channel();
    std::thread::spawn(move || prepare(&generator, &queue, full));
    // An error says that all requests lie ready already.
    let _ = filled.await;

    let prepared = Arc::new(Mutex::new(prepared));
    let began = Instant::now();
    let mut deliveries = Vec::with_capacity(connections);
    for _ in 0..connections.max(1) {
        let deliver = deliver(Arc::clone(&prepared), target.clone(), when_lost);
        deliveries.push(tokio::spawn(deliver));
    }
    let mut outcome = Outcome::default();
    for delivery in deliveries {
        outcome.add(delivery.await??);
    }
    outcome.elapsed = began.elapsed();
    Ok(outcome)
}

/// Encodes requests into the queue and tells when it is full for the first time.
fn prepare(generator: &Generator, queue: &mpsc::Sender<Prepared>, full: oneshot::Sender<()>) {
    let mut full = Some(full);
    for index in 0..generator.requests() {
        match queue.try_send(generator.request(index)) {
            Ok(()) => {}
            Err(TrySendError::Closed(_)) => return,
            Err(TrySendError::Full(request)) => {
                if let Some(full) = full.take() {
                    // Nobody waits any more: then nobody takes requests either.
                    let _ = full.send(());
                }
                if queue.blocking_send(request).is_err() {
                    return;
                }
            }
        }
    }
}

async fn deliver(queue: Queue, target: Target, when_lost: WhenLost) -> Result<Outcome> {
    let mut connection = Connection::new(&target);
    let mut outcome = Outcome::default();
    loop {
        let next = queue.lock().await.recv().await;
        let Some(request) = next else { return Ok(outcome) };
        let began = Instant::now();
        let retries = &mut outcome.retries;
        let answer = attempt(&mut connection, &target.path, &request, retries).await;
        match answer {
            Ok(reply) => {
                outcome.latencies.add(began.elapsed());
                count(&mut outcome, &request, &reply)?;
            }
            Err(_) if when_lost == WhenLost::Stop => {
                outcome.unacknowledged.extend_from_slice(&request.traces);
                return Ok(outcome);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Sends a request until it is answered with something else than "later".
pub(crate) async fn attempt(
    connection: &mut Connection,
    path: &str,
    request: &Prepared,
    retries: &mut u64,
) -> Result<Reply> {
    for _ in 0..ATTEMPTS {
        let reply = connection.send(Call::protobuf(path, request.body.clone())).await?;
        if !reply.is_retryable() {
            return Ok(reply);
        }
        *retries += 1;
        tokio::time::sleep(reply.retry_after().unwrap_or(Duration::from_millis(100))).await;
    }
    bail!("the server did not take a request after {ATTEMPTS} attempts")
}

fn count(outcome: &mut Outcome, request: &Prepared, reply: &Reply) -> Result<()> {
    if !reply.is_success() {
        bail!("the server answered {} to a trace request: {}", reply.status, reply.excerpt());
    }
    let rejected = otlp::rejected_spans(&reply.body)
        .with_context(|| format!("the server's answer is not OTLP: {}", reply.excerpt()))?;
    outcome.rejected += rejected;
    outcome.spans += request.spans().saturating_sub(rejected);
    outcome.bytes += request.body.len() as u64;
    let traces =
        if rejected == 0 { &mut outcome.acknowledged } else { &mut outcome.unacknowledged };
    traces.extend_from_slice(&request.traces);
    Ok(())
}
