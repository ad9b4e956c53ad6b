//! `xtask open`: many traces open at once. All are started, then all updated, then all completed,
//! and after each step the server must count them right.

use std::iter::StepBy;
use std::ops::Range;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::connection::{Call, Connection, Reply, Target};
use crate::pace::Pace;
use crate::stats::Latencies;

/// How often a call that the server could not take is made again.
const ATTEMPTS: u32 = 100;
/// Traces that are read back whole in the end.
const READ_BACK: u64 = 100;
/// Sent with each update, and looked for.
const FIRST_TOKEN_MS: u64 = 150;

/// How many traces, over how many connections.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:4000")]
    url: String,
    /// The secret key of a project without open traces.
    #[arg(long, env = "TRACEKEEP_KEY", hide_env_values = true)]
    token: String,
    /// How many traces are open at once.
    #[arg(long, default_value_t = 100_000)]
    traces: u64,
    /// How many connections stay open.
    #[arg(long, default_value_t = 1_000)]
    connections: usize,
    /// Calls a second over all connections; 0 calls again as soon as the answer is there.
    #[arg(long, default_value_t = 0)]
    rate: u32,
    /// Another seed gives other traces.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    ensure!(args.connections > 0, "--connections must be at least 1");
    ensure!(args.traces > 0, "--traces must be at least 1");
    let target = Target::new(&args.url, &args.token)?;
    let mut reader = Connection::new(&target);
    let before = count(&mut reader, "pending").await?;
    ensure!(before == 0, "{before} traces are open already; take a project that has none");
    let completed_before = count(&mut reader, "success").await?;
    let mut connections = Connection::open_all(&target, args.connections).await?;
    for step in [Step::Start, Step::Update, Step::Complete] {
        let (back, report) = take(step, &args, connections).await?;
        connections = back;
        println!("{report}");
        let active = active(&mut reader).await?;
        println!("{}", json!({ "after": step.name(), "active": active }));
        let due = if step == Step::Complete { 0 } else { args.traces };
        ensure!(active == due, "after {}, {active} traces are open, not {due}", step.name());
    }
    let completed = count(&mut reader, "success").await?.saturating_sub(completed_before);
    ensure!(completed == args.traces, "{completed} of {} traces are complete", args.traces);
    read_back(&mut reader, &args).await?;
    println!("{}", json!({ "completed": completed, "read_back": READ_BACK }));
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Start,
    Update,
    Complete,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Update => "update",
            Self::Complete => "complete",
        }
    }

    fn body(self, seed: u64, number: u64) -> Value {
        let trace_id = trace_id(seed, number);
        match self {
            Self::Start => json!({
                "traceId": trace_id,
                "source": "api",
                "provider": "openai",
                "model": "gpt-4o-mini",
                "prompt": "Where is my order, and when will it arrive?",
                "systemPrompt": "You are a support agent.",
                "userId": format!("user-{}", number % 500),
                "sessionId": format!("session-{}", number / 4),
                "parameters": { "temperature": 0.2, "max_tokens": 1024 },
                "streaming": true,
            }),
            Self::Update => json!({
                "traceId": trace_id,
                "updates": { "first_token_latency_ms": FIRST_TOKEN_MS },
            }),
            Self::Complete => json!({
                "traceId": trace_id,
                "result": {
                    "status": "success",
                    "response": response(number),
                    "tokens": { "input": 42, "output": 13 },
                },
            }),
        }
    }
}

fn trace_id(seed: u64, number: u64) -> String {
    format!("open-{seed}-{number}")
}

fn response(number: u64) -> String {
    format!("Order {number} left our warehouse this morning and arrives on Thursday.")
}

/// Takes all traces one step further. Gives the connections back.
async fn take(
    step: Step,
    args: &Args,
    connections: Vec<Connection>,
) -> Result<(Vec<Connection>, Value)> {
    let began = Instant::now();
    let callers = connections.len();
    let mut tasks = Vec::with_capacity(callers);
    for (number, connection) in connections.into_iter().enumerate() {
        let pace = Pace::new(began, args.rate, number, callers);
        let numbers = (number as u64..args.traces).step_by(callers);
        let (latencies, retries) = (Latencies::default(), 0);
        let caller = Caller { step, seed: args.seed, connection, pace, latencies, retries };
        tasks.push(tokio::spawn(caller.run(numbers)));
    }
    let mut back = Vec::with_capacity(callers);
    let mut latencies = Latencies::default();
    let mut retries = 0;
    for task in tasks {
        let mut caller = task.await??;
        latencies.append(&mut caller.latencies);
        retries += caller.retries;
        back.push(caller.connection);
    }
    let seconds = began.elapsed().as_secs_f64();
    let quantiles = latencies.quantiles();
    let report = json!({
        "step": step.name(),
        "calls": latencies.count(),
        "seconds": seconds,
        "calls_per_second": (latencies.count() as f64 / seconds).round(),
        "p50_ms": quantiles.p50_ms,
        "p95_ms": quantiles.p95_ms,
        "p99_ms": quantiles.p99_ms,
        "retries": retries,
    });
    Ok((back, report))
}

/// Takes some of the traces one step further.
#[derive(Debug)]
struct Caller {
    step: Step,
    seed: u64,
    connection: Connection,
    pace: Pace,
    /// Of each call, from its first attempt to its success.
    latencies: Latencies,
    retries: u64,
}

impl Caller {
    async fn run(mut self, numbers: StepBy<Range<u64>>) -> Result<Self> {
        let path = format!("/api/tracing/{}", self.step.name());
        for number in numbers {
            let body = self.step.body(self.seed, number);
            let began = self.pace.next().await;
            self.call(&path, &body).await?;
            self.latencies.add(began.elapsed());
        }
        Ok(self)
    }

    async fn call(&mut self, path: &str, body: &Value) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let reply = self.connection.send(Call::json(path, body)).await?;
            if reply.is_success() {
                return Ok(());
            }
            if !reply.is_retryable() {
                bail!("{path} was answered {}: {}", reply.status, reply.excerpt());
            }
            self.retries += 1;
            tokio::time::sleep(reply.retry_after().unwrap_or(Duration::from_millis(100))).await;
        }
        bail!("{path} was not taken after {ATTEMPTS} attempts")
    }
}

/// How many traces are open, as the live view says.
async fn active(connection: &mut Connection) -> Result<u64> {
    let reply = get(connection, "/api/tracing/live?limit=1").await?;
    let live: Value = serde_json::from_slice(&reply.body)?;
    live["active"].as_u64().with_context(|| format!("no count of open traces: {}", reply.excerpt()))
}

/// How many traces have a status, as the list says.
async fn count(connection: &mut Connection, status: &str) -> Result<u64> {
    let reply = get(connection, &format!("/api/tracing/list?limit=1&status={status}")).await?;
    reply.number("x-total-count").context("the list has no X-Total-Count")
}

/// Reads some traces back, whole.
async fn read_back(connection: &mut Connection, args: &Args) -> Result<()> {
    let mut rng = StdRng::seed_from_u64(args.seed);
    for _ in 0..READ_BACK {
        let number = rng.random_range(0..args.traces);
        let reply =
            get(connection, &format!("/api/traces/{}", trace_id(args.seed, number))).await?;
        let whole: Value = serde_json::from_slice(&reply.body)?;
        let trace = &whole["trace"];
        let is_whole = trace["status"] == "success"
            && trace["response_content"] == response(number)
            && trace["first_token_latency_ms"] == FIRST_TOKEN_MS;
        ensure!(is_whole, "trace {number} is not what was sent: {trace}");
    }
    Ok(())
}

async fn get(connection: &mut Connection, path: &str) -> Result<Reply> {
    let reply = connection.send(Call::get(path)).await?;
    ensure!(reply.is_success(), "GET {path} was answered {}: {}", reply.status, reply.excerpt());
    Ok(reply)
}
