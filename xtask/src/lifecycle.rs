//! `xtask lifecycle`: how long start, update and complete take with many open connections.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::connection::{Call, Connection, Target};
use crate::pace::Pace;
use crate::stats::Latencies;

const STEPS: [&str; 3] = ["start", "update", "complete"];

/// How many callers, how often and how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:4000")]
    url: String,
    /// A project's secret key.
    #[arg(long, env = "TRACEKEEP_KEY", hide_env_values = true)]
    token: String,
    /// How many connections stay open.
    #[arg(long, default_value_t = 1_000)]
    connections: usize,
    /// For how many seconds to call.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Calls a second over all connections; 0 calls again as soon as the answer is there, which
    /// measures throughput: latency is then connections divided by throughput.
    #[arg(long, default_value_t = 2_000)]
    rate: u32,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    ensure!(args.connections > 0, "--connections must be at least 1");
    let target = Target::new(&args.url, &args.token)?;
    let connections = Connection::open_all(&target, args.connections).await?;
    let began = Instant::now();
    let until = began + Duration::from_secs(args.seconds);
    let mut callers = Vec::with_capacity(args.connections);
    for (number, connection) in connections.into_iter().enumerate() {
        let pace = Pace::new(began, args.rate, number, args.connections);
        let caller = Caller { connection, pace, until, number, calls: Calls::default() };
        callers.push(tokio::spawn(caller.run()));
    }
    let mut calls = Calls::default();
    for caller in callers {
        calls.add(caller.await?);
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{}", report(&args, calls, seconds));
    Ok(())
}

#[derive(Debug, Default)]
struct Calls {
    /// By the order of [`STEPS`].
    latencies: [Latencies; 3],
    errors: u64,
    example: Option<String>,
}

impl Calls {
    fn add(&mut self, mut other: Self) {
        for (all, more) in self.latencies.iter_mut().zip(&mut other.latencies) {
            all.append(more);
        }
        self.errors += other.errors;
        self.example = self.example.take().or(other.example);
    }
}

#[derive(Debug)]
struct Caller {
    connection: Connection,
    pace: Pace,
    until: Instant,
    number: usize,
    calls: Calls,
}

impl Caller {
    async fn run(mut self) -> Calls {
        while self.interact().await.is_some() {}
        self.calls
    }

    /// One interaction with a model. `None`: the time is over.
    async fn interact(&mut self) -> Option<()> {
        let number = self.number;
        let start = json!({
            "source": "api",
            "provider": "openai",
            "model": "gpt-4o-mini",
            "prompt": "Where is my order, and when will it arrive?",
            "systemPrompt": "You are a support agent.",
            "userId": format!("user-{}", number % 500),
            "sessionId": format!("session-{number}"),
            "parameters": { "temperature": 0.2, "max_tokens": 1024 },
            "streaming": true,
        });
        let started = self.call(0, &start).await?;
        let Some(trace_id) = started["traceId"].as_str() else { return Some(()) };
        let update = json!({
            "traceId": trace_id,
            "updates": { "first_token_latency_ms": 150 },
        });
        self.call(1, &update).await?;
        let complete = json!({
            "traceId": trace_id,
            "result": {
                "status": "success",
                "response": "It left our warehouse this morning and arrives on Thursday.",
                "tokens": { "input": 42, "output": 13 },
            },
        });
        self.call(2, &complete).await.map(|_| ())
    }

    /// The answer, null where the call failed. `None`: the time is over.
    async fn call(&mut self, step: usize, body: &Value) -> Option<Value> {
        let path = format!("/api/tracing/{}", STEPS[step]);
        let call = Call::json(&path, body);
        let began = self.pace.next().await;
        if Instant::now() >= self.until {
            return None;
        }
        let error = match self.connection.send(call).await {
            Ok(reply) if reply.is_success() => {
                self.calls.latencies[step].add(began.elapsed());
                return Some(serde_json::from_slice(&reply.body).unwrap_or_default());
            }
            Ok(reply) => format!("{path} was answered {}: {}", reply.status, reply.excerpt()),
            Err(error) => format!("{error:#}"),
        };
        self.calls.errors += 1;
        self.calls.example.get_or_insert(error);
        Some(Value::Null)
    }
}

fn report(args: &Args, mut calls: Calls, seconds: f64) -> Value {
    let mut all = Latencies::default();
    for latencies in &calls.latencies {
        all.append(&mut latencies.clone());
    }
    let [start, update, complete] = &mut calls.latencies;
    json!({
        "connections": args.connections,
        "seconds": seconds,
        "calls": all.count(),
        "calls_per_second": (all.count() as f64 / seconds).round(),
        "errors": calls.errors,
        "error": calls.example,
        "all": all.quantiles(),
        "start": start.quantiles(),
        "update": update.quantiles(),
        "complete": complete.quantiles(),
    })
}
