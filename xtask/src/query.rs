//! `xtask query`: how long a server takes to answer, one question at a time.
//!
//! The server must hold what `xtask load` sent with the same seed and number of spans. Which traces
//! are asked for is random, and every answer is checked.

pub(crate) mod case;
mod questions;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::connection::Connection;
use crate::generate::{SPANS_PER_TRACE, trace_id, user};
use crate::stats::Latencies;
use case::Case;

pub(crate) use questions::Questions;

/// What to ask, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    questions: Questions,
    /// How many spans `load` sent.
    #[arg(long)]
    spans: u64,
    /// The seed that `load` had.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Over how many days `load` spread them.
    #[arg(long, default_value_t = 30)]
    days: u64,
    /// How often to ask each question.
    #[arg(long, default_value_t = 100)]
    requests: usize,
    /// How often to ask it before that.
    #[arg(long, default_value_t = 5)]
    warm_up: usize,
    /// Seconds after which a question is not asked again.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Another round asks for other traces.
    #[arg(long, default_value_t = 0)]
    round: u64,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let traces = args.spans.div_ceil(SPANS_PER_TRACE);
    ensure!(traces > 0, "--spans must be at least 1");
    ensure!(args.requests > 0, "--requests must be at least 1");
    let target = args.questions.target()?;
    let cases = args.questions.cases(args.days)?;
    let connection = Connection::new(&target);
    let rng = StdRng::seed_from_u64(args.round);
    let mut interview = Interview { args: &args, traces, connection, rng };
    let mut failed = 0;
    for case in &cases {
        let report = match interview.measure(case).await {
            Ok(report) => report,
            Err(error) => {
                failed += 1;
                json!({ "case": case.name, "error": format!("{error:#}") })
            }
        };
        println!("{report}");
    }
    ensure!(failed == 0, "{failed} of {} questions were not answered as they should", cases.len());
    Ok(())
}

struct Interview<'a> {
    args: &'a Args,
    /// How many there are to ask for.
    traces: u64,
    connection: Connection,
    rng: StdRng,
}

impl Interview<'_> {
    async fn measure(&mut self, case: &Case) -> Result<Value> {
        let until = Instant::now() + Duration::from_secs(self.args.seconds);
        let mut latencies = Latencies::default();
        let mut bytes = 0;
        for number in 0..self.args.warm_up + self.args.requests {
            let (latency, size) = self.ask(case).await?;
            let is_over = Instant::now() >= until;
            if number >= self.args.warm_up || is_over {
                latencies.add(latency);
                bytes += size;
            }
            if is_over {
                break;
            }
        }
        let quantiles = latencies.quantiles();
        Ok(json!({
            "case": case.name,
            "requests": latencies.count(),
            "p50_ms": quantiles.p50_ms,
            "p95_ms": quantiles.p95_ms,
            "p99_ms": quantiles.p99_ms,
            "bytes": bytes / latencies.count().max(1),
        }))
    }

    /// The latency of one answer, and its size.
    async fn ask(&mut self, case: &Case) -> Result<(Duration, usize)> {
        let index = self.rng.random_range(0..self.traces);
        let seed = self.args.seed;
        let asked = case.about(trace_id(seed, index), &user(seed, index));
        let began = Instant::now();
        let reply = self.connection.send(asked.call()).await?;
        let latency = began.elapsed();
        case.check(&reply)?;
        Ok((latency, reply.body.len()))
    }
}
