//! Development tasks of Tracekeep: load drivers, the kill loop and tidy checks.
#![allow(clippy::print_stdout, reason = "a command-line tool answers on standard output")]

mod connection;
mod corpus;
mod crash;
mod gateway;
mod generate;
mod lifecycle;
mod load;
mod open;
mod otlp;
mod pace;
mod prices;
mod query;
mod record;
mod send;
mod server;
mod stats;
mod stub_provider;
mod tidy;
mod verify;
mod visible;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Development tasks of Tracekeep.
#[derive(Debug, Parser)]
#[command(name = "xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Send five-span LLM traces over OTLP/HTTP and report the rate.
    Load(load::Args),
    /// Call start, update and complete over many open connections and report the latency.
    Lifecycle(lifecycle::Args),
    /// Start many traces, then update all, then complete all, and check how many are open.
    Open(open::Args),
    /// Ask a server that `load` has filled, and report the latency of each question.
    Query(query::Args),
    /// Report how long after its acknowledgement a trace can be read.
    Visible(visible::Args),
    /// Call a model through a gateway, and directly, and report latencies and what the gateway adds.
    Gateway(gateway::Args),
    /// Be a provider of OpenAI's chat completions that answers at once and always the same.
    StubProvider(stub_provider::Args),
    /// Check that every trace in a record of `load` is there once and whole.
    Verify(verify::Args),
    /// Kill the server with SIGKILL under load, again and again, and check what it acknowledged.
    Crash(crash::Args),
    /// Make the price book's data of the pinned packages, or check that it is theirs.
    Prices(prices::Args),
    /// Check the rules of the repository that no compiler checks.
    Tidy,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // No backtrace: what went wrong is outside of this program.
            let _ = writeln!(std::io::stderr(), "xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match task {
            Task::Load(args) => load::run(args).await,
            Task::Lifecycle(args) => lifecycle::run(args).await,
            Task::Open(args) => open::run(args).await,
            Task::Query(args) => query::run(args).await,
            Task::Visible(args) => visible::run(args).await,
            Task::Gateway(args) => gateway::run(args).await,
            Task::StubProvider(args) => stub_provider::run(args).await,
            Task::Verify(args) => verify::run(args).await,
            Task::Crash(args) => crash::run(args).await,
            Task::Prices(args) => prices::run(&args),
            Task::Tidy => tidy::run(),
        }
    })
}
