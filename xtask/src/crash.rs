//! `xtask crash`: nothing that was acknowledged is lost to `kill -9`.
//!
//! After each kill every trace of the round is found in the list, once and with all its spans, and
//! some are read whole. In the end the list must hold exactly what was found, still with all spans.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::corpus::{Corpus, CorpusKind};
use crate::generate::{Generator, Recipe, SPANS_PER_TRACE, now};
use crate::record::Record;
use crate::send::{Delivery, Outcome, WhenLost, send};
use crate::server::{Launch, Server};
use crate::verify::{Findings, check_list, check_total, find_traces, read_traces, sample};

/// How often to kill what.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server's binary.
    #[arg(long, value_name = "PATH")]
    bin: PathBuf,
    /// An empty folder for its data and its log. It is left behind.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// How many times to kill it.
    #[arg(long, default_value_t = 10)]
    rounds: u64,
    /// How many connections to send over.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Spans in a request. Small requests put many acknowledgements near the kill.
    #[arg(long, default_value_t = 60)]
    batch: u64,
    /// How many connections to ask over what is there.
    #[arg(long, default_value_t = 16)]
    readers: usize,
    /// How many of a round's traces to read whole, chosen at random; and as many of all in the end.
    #[arg(long, default_value_t = 100)]
    sample: usize,
    /// Decides what is sent and when the server is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let launch = Launch::new(&args.bin, &args.data)?;
    let mut rng = StdRng::seed_from_u64(args.seed);
    // Apart from the other: how many traces there are to choose from differs from run to run.
    let mut choice = StdRng::seed_from_u64(!args.seed);
    let mut everything = Record::default();
    let mut present = HashMap::new();
    let mut findings = Findings::default();
    let mut slowest_start = Duration::ZERO;

    let mut server = launch.start().await?;
    for round in 0..args.rounds {
        let after = Duration::from_millis(rng.random_range(500..3_000));
        let outcome = send_until_killed(&args, server, round, after).await?;
        let sent = Record::new(&outcome.acknowledged, &outcome.unacknowledged);
        server = launch.start().await?;
        slowest_start = slowest_start.max(server.started_in);

        let mut found = find_traces(&server.target, sent.clone(), args.readers).await?;
        present.extend(std::mem::take(&mut found.present));
        check_total(&server.target, present.len(), &mut found).await?;
        let some = sample(&sent, args.sample, &mut choice);
        found.confirm(read_traces(&server.target, some, args.readers).await?);
        eprintln!(
            "round {}: killed after {after:?} and {} spans, ready in {:?}, {}",
            round + 1,
            outcome.spans,
            server.started_in,
            if found.is_clean() { "all there" } else { "DAMAGED" }
        );
        findings.add(found);
        everything.append(sent);
    }
    let traces = everything.acknowledged.len();
    let unacknowledged = everything.unacknowledged.len();
    check_list(&server.target, &present, &mut findings).await?;
    let some = sample(&everything, args.sample, &mut choice);
    findings.confirm(read_traces(&server.target, some, args.readers).await?);
    server.stop().await?;

    let report = json!({
        "rounds": args.rounds,
        "acknowledged_traces": traces,
        "acknowledged_spans": traces as u64 * SPANS_PER_TRACE,
        "unacknowledged_traces": unacknowledged,
        "unacknowledged_present": findings.unacknowledged_present,
        "missing": findings.missing,
        "damaged": findings.damaged,
        "listed_wrongly": findings.listed_wrongly,
        "slowest_start_ms": slowest_start.as_millis() as u64,
        "examples": &findings.examples,
    });
    println!("{report}");
    if !findings.is_clean() {
        bail!("acknowledged traces were lost or damaged; the data is in {}", args.data.display());
    }
    if traces == 0 {
        bail!("the server acknowledged nothing, so that nothing was tested");
    }
    Ok(())
}

async fn send_until_killed(
    args: &Args,
    server: Server,
    round: u64,
    after: Duration,
) -> Result<Outcome> {
    let recipe = Recipe {
        seed: args.seed.wrapping_mul(1_000_003).wrapping_add(round),
        traces: Recipe::ENDLESS,
        traces_per_request: (args.batch / SPANS_PER_TRACE).max(1),
        until: now(),
        days: 0,
    };
    let sending = tokio::spawn(send(Delivery {
        target: server.target.clone(),
        generator: Generator::new(Corpus::new(CorpusKind::Synthetic), recipe),
        connections: args.connections,
        ahead: 32,
        when_lost: WhenLost::Stop,
    }));
    tokio::time::sleep(after).await;
    server.kill()?;
    sending.await?
}
