//! `xtask visible`: how long after its acknowledgement a trace can be read.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::connection::Connection;
use crate::corpus::{Corpus, CorpusKind};
use crate::generate::{Generator, Recipe, now};
use crate::query::Questions;
use crate::query::case::{Asked, Case, TRACE_BY_ID};
use crate::send::attempt;
use crate::stats::Latencies;

const TRACES_PATH: &str = "/v1/traces";
/// Between two looks at a trace that is not there yet.
const PAUSE: Duration = Duration::from_millis(2);
/// A trace that cannot be read after so long is lost.
const WITHIN: Duration = Duration::from_secs(120);

/// How many traces to send, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    questions: Questions,
    /// How many traces to send, one after the other.
    #[arg(long, default_value_t = 100)]
    traces: u64,
    /// Another seed than `load` had: traces that are there already would be read at once.
    #[arg(long, default_value_t = 1_000_000)]
    seed: u64,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let target = args.questions.target()?;
    let cases = args.questions.cases(0)?;
    let case = cases.iter().find(|case| case.name == TRACE_BY_ID);
    let case = case.with_context(|| format!("no question is named `{TRACE_BY_ID}`"))?;
    let recipe = Recipe {
        seed: args.seed,
        traces: args.traces,
        traces_per_request: 1,
        until: now(),
        days: 0,
    };
    let generator = Generator::new(Corpus::new(CorpusKind::Synthetic), recipe);
    let mut connection = Connection::new(&target);
    let mut delays = Latencies::default();
    let mut at_once = 0;
    for index in 0..generator.requests() {
        let request = generator.request(index);
        let reply = attempt(&mut connection, TRACES_PATH, &request, &mut 0).await?;
        ensure!(reply.is_success(), "a trace was answered {}: {}", reply.status, reply.excerpt());
        let acknowledged = Instant::now();
        for trace_id in &request.traces {
            let asked = case.about(*trace_id, "");
            let looks = look_until_there(&mut connection, case, &asked, acknowledged).await?;
            at_once += u64::from(looks == 1);
            delays.add(acknowledged.elapsed());
        }
    }
    let quantiles = delays.quantiles();
    let report = json!({
        "traces": delays.count(),
        "at_once": at_once,
        "p50_ms": quantiles.p50_ms,
        "p95_ms": quantiles.p95_ms,
        "p99_ms": quantiles.p99_ms,
    });
    println!("{report}");
    Ok(())
}

/// How often it looked.
async fn look_until_there(
    connection: &mut Connection,
    case: &Case,
    asked: &Asked,
    acknowledged: Instant,
) -> Result<u64> {
    let mut looks = 0;
    loop {
        looks += 1;
        let reply = connection.send(asked.call()).await?;
        let Err(error) = case.check(&reply) else { return Ok(looks) };
        if acknowledged.elapsed() > WITHIN {
            return Err(
                error.context(format!("a trace cannot be read {WITHIN:?} after its answer"))
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}
