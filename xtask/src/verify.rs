//! `xtask verify`: whether the server has what it acknowledged, once and whole.
//!
//! There are two ways to look. [`read_traces`] asks for each trace by itself, which shows every span.
//! [`find_traces`] asks the list for hundreds at once, which shows that each is there once and how
//! many spans it has; it is what a loop of kills can afford for all traces of every round.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rand::Rng;
use rand::seq::IndexedRandom as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::connection::{Call, Connection, Reply, Target};
use crate::record::{Record, SentTrace};

/// The list, and its largest page.
const LIST: &str = "/api/tracing/list?limit=1000&content=none";
/// Traces that are looked for with one request: their ids must fit into a URL, and what is there
/// twice must fit into a page.
const AT_ONCE: usize = 500;
/// How often a busy server is asked the same again.
const ATTEMPTS: u32 = 100;
/// The list's largest offset.
const LAST_OFFSET: usize = 1_000_000;
const EXAMPLES: usize = 20;

/// Which record to check, and against which server.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:4000")]
    url: String,
    /// A project's secret key.
    #[arg(long, env = "TRACEKEEP_KEY", hide_env_values = true)]
    token: String,
    /// What `xtask load --record` wrote.
    #[arg(long, value_name = "FILE")]
    record: PathBuf,
    /// How many connections to ask over.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// The project holds nothing else: its list must hold the same traces, each once.
    #[arg(long)]
    exclusive: bool,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let target = Target::new(&args.url, &args.token)?;
    let record = Record::read(&args.record)?;
    let mut findings = read_traces(&target, record, args.connections).await?;
    if args.exclusive {
        let present = std::mem::take(&mut findings.present);
        check_list(&target, &present, &mut findings).await?;
    }
    println!("{}", serde_json::to_string(&findings)?);
    if !findings.is_clean() {
        bail!("the server does not hold what it acknowledged");
    }
    Ok(())
}

/// What a check found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Findings {
    /// Acknowledged traces that were looked for.
    pub(crate) acknowledged: u64,
    /// Acknowledged traces that are not there.
    pub(crate) missing: u64,
    /// Acknowledged traces with another number of spans than were sent, or with a span twice.
    pub(crate) damaged: u64,
    /// Traces without acknowledgement that are there nevertheless, which is allowed.
    pub(crate) unacknowledged_present: u64,
    /// Traces that the list has twice, has too many or lacks.
    pub(crate) listed_wrongly: u64,
    /// Some of what is wrong.
    pub(crate) examples: Vec<String>,
    /// The traces that are there, and how many spans each has.
    #[serde(skip)]
    pub(crate) present: HashMap<String, u64>,
}

impl Findings {
    pub(crate) fn is_clean(&self) -> bool {
        self.missing == 0 && self.damaged == 0 && self.listed_wrongly == 0
    }

    /// Takes in what was found of other traces.
    pub(crate) fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.missing += other.missing;
        self.damaged += other.damaged;
        self.unacknowledged_present += other.unacknowledged_present;
        self.listed_wrongly += other.listed_wrongly;
        self.present.extend(other.present);
        self.take_examples(other.examples);
    }

    /// Takes in what was found of some of the same traces in another way, without counting them twice.
    pub(crate) fn confirm(&mut self, other: Self) {
        self.missing = self.missing.max(other.missing);
        self.damaged = self.damaged.max(other.damaged);
        self.take_examples(other.examples);
    }

    /// Notes a trace that is there; `repeated` of its spans are there more than once.
    fn found(&mut self, owed: &Owed, spans: u64, repeated: u64) {
        let id = &owed.trace.trace_id;
        self.present.insert(id.clone(), spans);
        if !owed.acknowledged {
            self.unacknowledged_present += 1;
            return;
        }
        self.acknowledged += 1;
        let sent = owed.trace.spans;
        if spans != sent || repeated > 0 {
            self.damaged += 1;
            self.example(format!(
                "{id}: {sent} spans were sent, it has {spans}, {repeated} of them repeated"
            ));
        }
    }

    /// Notes a trace that is not there.
    fn absent(&mut self, owed: &Owed) {
        if owed.acknowledged {
            self.acknowledged += 1;
            self.missing += 1;
            self.example(format!("{}: acknowledged, but not there", owed.trace.trace_id));
        }
    }

    fn wrongly_listed(&mut self, text: String) {
        self.listed_wrongly += 1;
        self.example(text);
    }

    fn example(&mut self, text: String) {
        self.take_examples(vec![text]);
    }

    fn take_examples(&mut self, examples: Vec<String>) {
        let room = EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(examples.into_iter().take(room));
    }
}

/// A trace that was sent, and whether it must be there.
#[derive(Clone, Debug)]
struct Owed {
    trace: SentTrace,
    acknowledged: bool,
}

fn owed(record: Record) -> Vec<Owed> {
    let acknowledged =
        record.acknowledged.into_iter().map(|trace| Owed { trace, acknowledged: true });
    let unacknowledged =
        record.unacknowledged.into_iter().map(|trace| Owed { trace, acknowledged: false });
    acknowledged.chain(unacknowledged).collect()
}

/// Some of the acknowledged traces, each with the same chance.
pub(crate) fn sample(record: &Record, traces: usize, rng: &mut impl Rng) -> Record {
    let chosen = record.acknowledged.sample(rng, traces).cloned().collect();
    Record { acknowledged: chosen, unacknowledged: Vec::new() }
}

/// Reads every trace of the record whole.
pub(crate) async fn read_traces(
    target: &Target,
    record: Record,
    connections: usize,
) -> Result<Findings> {
    let work = owed(record).into_iter().map(Work::Read).collect();
    share(target, work, connections).await
}

/// Finds every trace of the record in the list: once, and with as many spans as were sent.
pub(crate) async fn find_traces(
    target: &Target,
    record: Record,
    connections: usize,
) -> Result<Findings> {
    let owed = owed(record);
    let work = owed.chunks(AT_ONCE).map(|some| Work::Find(some.to_vec())).collect();
    share(target, work, connections).await
}

/// What one request is for.
#[derive(Debug)]
enum Work {
    /// Read a trace whole.
    Read(Owed),
    /// Find traces in the list, at most [`AT_ONCE`].
    Find(Vec<Owed>),
}

/// Does the work over several connections at once.
async fn share(target: &Target, work: Vec<Work>, connections: usize) -> Result<Findings> {
    let work = Arc::new(work);
    let workers = connections.max(1);
    let mut tasks = Vec::with_capacity(workers);
    for worker in 0..workers {
        let (target, work) = (target.clone(), Arc::clone(&work));
        tasks.push(tokio::spawn(async move { do_part(&target, &work, worker, workers).await }));
    }
    let mut findings = Findings::default();
    for task in tasks {
        findings.add(task.await??);
    }
    Ok(findings)
}

/// Does every `workers`-th piece.
async fn do_part(
    target: &Target,
    work: &[Work],
    worker: usize,
    workers: usize,
) -> Result<Findings> {
    let mut connection = Connection::new(target);
    let mut findings = Findings::default();
    for piece in work.iter().skip(worker).step_by(workers) {
        match piece {
            Work::Read(owed) => read(&mut connection, owed, &mut findings).await?,
            Work::Find(owed) => find(&mut connection, owed, &mut findings).await?,
        }
    }
    Ok(findings)
}

#[derive(Deserialize)]
struct Detail {
    spans: Vec<SpanRow>,
}

#[derive(Deserialize)]
struct SpanRow {
    span_id: String,
}

async fn read(connection: &mut Connection, owed: &Owed, findings: &mut Findings) -> Result<()> {
    let path = format!("/api/traces/{}", owed.trace.trace_id);
    let reply = get(connection, &path).await?;
    if reply.status == 404 {
        findings.absent(owed);
        return Ok(());
    }
    let detail: Detail = json_of(&reply, &path)?;
    let distinct: HashSet<&str> = detail.spans.iter().map(|span| span.span_id.as_str()).collect();
    let repeated = detail.spans.len() - distinct.len();
    findings.found(owed, detail.spans.len() as u64, repeated as u64);
    Ok(())
}

async fn find(connection: &mut Connection, owed: &[Owed], findings: &mut Findings) -> Result<()> {
    let ids: Vec<&str> = owed.iter().map(|owed| owed.trace.trace_id.as_str()).collect();
    let filter = json!({ "field": "trace_id", "op": "in", "value": ids });
    let path = format!("{LIST}&filter={}", percent_encoded(&filter.to_string()));
    let (_, rows) = page(connection, &path).await?;
    let mut listed = HashMap::with_capacity(rows.len());
    for ListRow { trace_id, spans } in rows {
        if listed.insert(trace_id.clone(), spans).is_some() {
            findings.wrongly_listed(format!("{trace_id}: listed twice"));
        }
    }
    for owed in owed {
        match listed.get(&owed.trace.trace_id) {
            Some(spans) => findings.found(owed, *spans, 0),
            None => findings.absent(owed),
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct ListRow {
    trace_id: String,
    spans: u64,
}

/// How many traces the list has in all, and a page of them.
async fn page(connection: &mut Connection, path: &str) -> Result<(u64, Vec<ListRow>)> {
    let reply = get(connection, path).await?;
    let total = reply.number("x-total-count").context("the list has no X-Total-Count")?;
    Ok((total, json_of(&reply, path)?))
}

/// Checks that the list has so many traces in all.
pub(crate) async fn check_total(
    target: &Target,
    traces: usize,
    findings: &mut Findings,
) -> Result<()> {
    let mut connection = Connection::new(target);
    let (total, _) = page(&mut connection, "/api/tracing/list?limit=1").await?;
    if total != traces as u64 {
        findings.wrongly_listed(format!("X-Total-Count is {total}, not {traces}"));
    }
    Ok(())
}

/// Pages through the whole list, which must hold exactly these traces, with so many spans each.
pub(crate) async fn check_list(
    target: &Target,
    present: &HashMap<String, u64>,
    findings: &mut Findings,
) -> Result<()> {
    check_total(target, present.len(), findings).await?;
    let mut connection = Connection::new(target);
    let mut seen: HashSet<String> = HashSet::with_capacity(present.len());
    let mut offset = 0;
    loop {
        if offset > LAST_OFFSET {
            bail!("the list is longer than {LAST_OFFSET}; check smaller records");
        }
        let (_, rows) = page(&mut connection, &format!("{LIST}&offset={offset}")).await?;
        let count = rows.len();
        for ListRow { trace_id, spans } in rows {
            match present.get(&trace_id) {
                Some(known) if *known == spans => {}
                Some(known) => findings
                    .wrongly_listed(format!("{trace_id}: listed with {spans} spans, not {known}")),
                None => findings.wrongly_listed(format!("{trace_id}: listed, but not known")),
            }
            if seen.contains(&trace_id) {
                findings.wrongly_listed(format!("{trace_id}: listed twice"));
            }
            seen.insert(trace_id);
        }
        // A page of long texts holds fewer rows than were asked for, and others follow.
        if count == 0 {
            break;
        }
        offset += count;
    }
    for trace_id in present.keys().filter(|id| !seen.contains(*id)) {
        findings.wrongly_listed(format!("{trace_id}: there, but not listed"));
    }
    Ok(())
}

/// The answer to a GET: a success or 404. A server that is busy is asked again.
async fn get(connection: &mut Connection, path: &str) -> Result<Reply> {
    for _ in 0..ATTEMPTS {
        let reply = connection.send(Call::get(path)).await?;
        if reply.is_success() || reply.status == 404 {
            return Ok(reply);
        }
        if !reply.is_retryable() {
            bail!("GET {} was answered {}: {}", shown(path), reply.status, reply.excerpt());
        }
        tokio::time::sleep(reply.retry_after().unwrap_or(Duration::from_millis(200))).await;
    }
    bail!("the server was too busy for GET {} after {ATTEMPTS} attempts", shown(path))
}

fn json_of<T: DeserializeOwned>(reply: &Reply, path: &str) -> Result<T> {
    serde_json::from_slice(&reply.body)
        .with_context(|| format!("GET {} was answered {}", shown(path), reply.excerpt()))
}

/// The beginning of a path: one that names hundreds of traces is of no use in a message.
fn shown(path: &str) -> String {
    path.chars().take(120).collect()
}

/// For the value of a query string: everything but letters and digits of ASCII is escaped.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
