//! `xtask load`: how many spans a second the server takes durably.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::connection::{Header, Target, header};
use crate::corpus::{Corpus, CorpusKind};
use crate::generate::{Generator, Recipe, SPANS_PER_TRACE, now};
use crate::record::Record;
use crate::send::{Delivery, WhenLost, send};

/// What to send, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server's OTLP/HTTP endpoint.
    #[arg(long, default_value = "http://127.0.0.1:4000/v1/traces")]
    url: String,
    /// A project's secret key.
    #[arg(long, env = "TRACEKEEP_KEY", hide_env_values = true)]
    token: String,
    /// A header for every request, such as another server may want.
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<Header>,
    /// How many spans; rounded up to whole traces of five.
    #[arg(long, default_value_t = 100_000)]
    spans: u64,
    /// How many connections, each with one request at a time.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Spans in a request; rounded down to whole traces.
    #[arg(long, default_value_t = 512)]
    batch: u64,
    /// What prompts and answers are made of.
    #[arg(long, value_enum, default_value_t = CorpusKind::Synthetic)]
    corpus: CorpusKind,
    /// The same seed, `until` and days give the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Spread the traces over so many days; 0 puts them into the last minutes.
    #[arg(long, default_value_t = 0)]
    days: u64,
    /// When the last trace has ended, in seconds since 1970; now if not given.
    #[arg(long)]
    until: Option<u64>,
    /// Memory for requests that are encoded before the clock starts. What does not fit is encoded
    /// by a thread while sending, which takes some µs a span from the machine.
    #[arg(long, default_value_t = 1_024)]
    ahead_mb: usize,
    /// Write the ids of all traces and what became of them, for `xtask verify`.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let recipe = Recipe {
        seed: args.seed,
        traces: args.spans.div_ceil(SPANS_PER_TRACE),
        traces_per_request: (args.batch / SPANS_PER_TRACE).max(1),
        until: args.until.unwrap_or_else(now),
        days: args.days,
    };
    let generator = Generator::new(Corpus::new(args.corpus), recipe);
    let outcome = send(Delivery {
        target: Target::new(&args.url, &args.token)?.with(&args.headers),
        ahead: args.ahead_mb * 1_024 * 1_024 / generator.request_bytes(),
        generator,
        connections: args.connections,
        when_lost: WhenLost::Fail,
    });
    let mut outcome = outcome.await?;
    if let Some(path) = &args.record {
        Record::new(&outcome.acknowledged, &outcome.unacknowledged).write(path)?;
    }
    let seconds = outcome.elapsed.as_secs_f64();
    let latency = outcome.latencies.quantiles();
    let report = json!({
        "spans": outcome.spans,
        "seconds": seconds,
        "spans_per_second": (outcome.spans as f64 / seconds).round(),
        "p50_ms": latency.p50_ms,
        "p95_ms": latency.p95_ms,
        "p99_ms": latency.p99_ms,
        "rejected": outcome.rejected,
        "requests": outcome.latencies.count(),
        "retries": outcome.retries,
        "bytes": outcome.bytes,
    });
    println!("{report}");
    Ok(())
}
