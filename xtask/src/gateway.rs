//! `xtask gateway`: how long calls of a model take through a gateway, and how much of that it adds.
//!
//! With `--direct`, every call through the gateway has one to the provider itself beside it, so that
//! what is compared met the same machine.

mod calls;
mod prompts;

use std::iter::StepBy;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::connection::{Call, Connection, Header, Reply, Target, header};
use crate::pace::Pace;
use calls::{Added, Calls, Timed};
use prompts::{Answers, prompts};

/// Where to call, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The gateway's chat completions.
    #[arg(long, default_value = "http://127.0.0.1:4000/v1/chat/completions")]
    target: String,
    /// The provider's chat completions. Calls to it take turns with those through the gateway.
    #[arg(long)]
    direct: Option<String>,
    /// What the gateway takes as its key, such as a project's secret key.
    #[arg(long, env = "TRACEKEEP_KEY", hide_env_values = true)]
    key: String,
    /// A header for every request to the gateway.
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<Header>,
    /// The model.
    #[arg(long, default_value = "gpt-4o-mini")]
    model: String,
    /// How many callers, each with a connection of its own and one call at a time.
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Calls a second through the gateway over all connections; 0 calls again as soon as the answer is
    /// there.
    #[arg(long, default_value_t = 0)]
    rate: u32,
    /// Calls through the gateway.
    #[arg(long, default_value_t = 1_000)]
    requests: u64,
    /// Seconds after which no further call is made.
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Ask for streams.
    #[arg(long)]
    stream: bool,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    for line in measure(&args).await? {
        println!("{line}");
    }
    Ok(())
}

/// The lines of the report.
async fn measure(args: &Args) -> Result<Vec<Value>> {
    ensure!(args.connections > 0, "--connections must be at least 1");
    ensure!(args.requests > 0, "--requests must be at least 1");
    let answers = if args.stream { Answers::Streamed } else { Answers::Whole };
    let prompts: Arc<[Bytes]> = prompts(&args.model, answers).into();
    let gateway = Target::new(&args.target, &args.key)?.with(&args.headers);
    // The provider's key is not ours to know, and the stub wants none.
    let direct = args.direct.as_deref().map(|url| Target::new(url, "sk-direct")).transpose()?;
    let mut sides = Vec::with_capacity(args.connections);
    for connection in Connection::open_all(&gateway, args.connections).await? {
        sides.push((Side::new(connection, &gateway), None));
    }
    if let Some(target) = &direct {
        let connections = Connection::open_all(target, args.connections).await?;
        for (pair, connection) in sides.iter_mut().zip(connections) {
            pair.1 = Some(Side::new(connection, target));
        }
    }
    let began = Instant::now();
    let until = began + Duration::from_secs(args.seconds);
    let mut callers = Vec::with_capacity(args.connections);
    for (number, (gateway, direct)) in sides.into_iter().enumerate() {
        let pace = Pace::new(began, args.rate, number, args.connections);
        let prompts = Arc::clone(&prompts);
        let caller =
            Caller { gateway, direct, pace, until, prompts, answers, tally: Tally::default() };
        let numbers = (number as u64..args.requests).step_by(args.connections);
        callers.push(tokio::spawn(caller.run(numbers)));
    }
    let mut tally = Tally::default();
    for caller in callers {
        tally.add(caller.await?);
    }
    report(args, answers, tally, began.elapsed())
}

fn report(
    args: &Args,
    answers: Answers,
    mut tally: Tally,
    elapsed: Duration,
) -> Result<Vec<Value>> {
    let example = tally.gateway.example().or(tally.direct.example());
    let failed = |what: &str| {
        let example = example.unwrap_or("the time was over before the first");
        format!("no call {what} was answered: {example}")
    };
    ensure!(tally.gateway.count() > 0, failed("through the gateway"));
    ensure!(args.direct.is_none() || tally.direct.count() > 0, failed("to the provider itself"));
    let about = json!({
        "connections": args.connections,
        "rate": args.rate,
        "stream": args.stream,
        "seconds": elapsed.as_secs_f64(),
    });
    let mut lines =
        vec![merged(json!({ "calls": "gateway" }), &about, tally.gateway.report(answers, elapsed))];
    if args.direct.is_some() {
        lines.push(merged(
            json!({ "calls": "direct" }),
            &about,
            tally.direct.report(answers, elapsed),
        ));
        lines.push(merged(json!({ "calls": "added" }), &about, tally.added.report(answers)));
    }
    Ok(lines)
}

/// The fields of all three, in their order.
fn merged(mut line: Value, about: &Value, figures: Value) -> Value {
    for fields in [about.clone(), figures] {
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            line.extend(fields);
        }
    }
    line
}

/// A connection, and what to ask there.
#[derive(Debug)]
struct Side {
    connection: Connection,
    path: String,
}

impl Side {
    fn new(connection: Connection, target: &Target) -> Self {
        Self { connection, path: target.path.clone() }
    }

    /// Calls once. The latency counts from `from`.
    async fn call(&mut self, prompt: Bytes, answers: Answers, from: Instant) -> Result<Timed> {
        let call = Call::json_bytes(&self.path, prompt);
        let (reply, first) = self.connection.send_timed(call).await?;
        let whole = from.elapsed();
        check(&reply, answers).with_context(|| format!("a call of {}", self.path))?;
        Ok(Timed { whole, first: first.duration_since(from) })
    }
}

/// Whether an answer is there, and whole.
fn check(reply: &Reply, answers: Answers) -> Result<()> {
    ensure!(reply.is_success(), "was answered {}: {}", reply.status, reply.excerpt());
    let is_whole = match answers {
        Answers::Whole => {
            reply.body.starts_with(b"{") && reply.body.trim_ascii_end().ends_with(b"}")
        }
        Answers::Streamed => reply.body.trim_ascii_end().ends_with(b"data: [DONE]"),
    };
    ensure!(is_whole, "was not answered to the end: {}", reply.excerpt());
    Ok(())
}

#[derive(Debug, Default)]
struct Tally {
    gateway: Calls,
    direct: Calls,
    added: Added,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.gateway.append(other.gateway);
        self.direct.append(other.direct);
        self.added.append(other.added);
    }
}

#[derive(Debug)]
struct Caller {
    gateway: Side,
    direct: Option<Side>,
    pace: Pace,
    until: Instant,
    prompts: Arc<[Bytes]>,
    answers: Answers,
    tally: Tally,
}

impl Caller {
    async fn run(mut self, numbers: StepBy<Range<u64>>) -> Tally {
        for (turn, number) in numbers.enumerate() {
            let due = self.pace.next().await;
            if Instant::now() >= self.until {
                break;
            }
            let prompt = self.prompts[number as usize % self.prompts.len()].clone();
            match self.direct.take() {
                None => {
                    self.through_gateway(prompt, due).await;
                }
                Some(mut direct) => {
                    self.pair(&mut direct, prompt, turn).await;
                    self.direct = Some(direct);
                }
            }
        }
        self.tally
    }

    async fn through_gateway(&mut self, prompt: Bytes, from: Instant) -> Option<Timed> {
        let called = self.gateway.call(prompt, self.answers, from).await;
        self.tally.gateway.add(called)
    }

    /// A call of each. Who is first takes turns: what a gateway does after its answer may disturb the
    /// next call, and must not always disturb the same one.
    async fn pair(&mut self, direct: &mut Side, prompt: Bytes, turn: usize) {
        let mut through = None;
        if turn % 2 == 1 {
            through = self.through_gateway(prompt.clone(), Instant::now()).await;
        }
        let called = direct.call(prompt.clone(), self.answers, Instant::now()).await;
        let without = self.tally.direct.add(called);
        if turn.is_multiple_of(2) {
            through = self.through_gateway(prompt, Instant::now()).await;
        }
        if let (Some(through), Some(without)) = (through, without) {
            self.tally.added.add(through, without);
        }
    }
}

#[cfg(test)]
mod tests;
