//! `xtask verify`: whether the server has what it acknowledged, once and whole.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::connection::{Call, Connection, Target};
use crate::record::{Record, SentTrace};

/// The list's largest page.
const PAGE: usize = 1_000;
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
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// The project holds nothing else: its list must hold the same traces, each once.
    #[arg(long)]
    exclusive: bool,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let target = Target::new(&args.url, &args.token)?;
    let record = Record::read(&args.record)?;
    let mut findings = check_traces(&target, record, args.connections).await?;
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
    /// The ids of the traces that are there.
    #[serde(skip)]
    pub(crate) present: HashSet<String>,
}

impl Findings {
    pub(crate) fn is_clean(&self) -> bool {
        self.missing == 0 && self.damaged == 0 && self.listed_wrongly == 0
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.missing += other.missing;
        self.damaged += other.damaged;
        self.unacknowledged_present += other.unacknowledged_present;
        self.listed_wrongly += other.listed_wrongly;
        self.examples.extend(other.examples);
        self.examples.truncate(EXAMPLES);
        self.present.extend(other.present);
    }

    fn example(&mut self, text: String) {
        if self.examples.len() < EXAMPLES {
            self.examples.push(text);
        }
    }
}

/// Reads every trace of the record.
pub(crate) async fn check_traces(
    target: &Target,
    record: Record,
    connections: usize,
) -> Result<Findings> {
    let record = Arc::new(record);
    let workers = connections.max(1);
    let mut tasks = Vec::with_capacity(workers);
    for worker in 0..workers {
        let (target, record) = (target.clone(), Arc::clone(&record));
        tasks
            .push(tokio::spawn(async move { check_part(&target, &record, worker, workers).await }));
    }
    let mut findings = Findings::default();
    for task in tasks {
        findings.add(task.await??);
    }
    Ok(findings)
}

/// Reads every `workers`-th trace.
async fn check_part(
    target: &Target,
    record: &Record,
    worker: usize,
    workers: usize,
) -> Result<Findings> {
    let mut connection = Connection::new(target);
    let mut findings = Findings::default();
    for sent in record.acknowledged.iter().skip(worker).step_by(workers) {
        findings.acknowledged += 1;
        match presence(&mut connection, sent).await? {
            Presence::Whole => {
                findings.present.insert(sent.trace_id.clone());
            }
            Presence::Absent => {
                findings.missing += 1;
                findings.example(format!("{}: acknowledged, but not there", sent.trace_id));
            }
            Presence::Damaged(how) => {
                findings.damaged += 1;
                findings.present.insert(sent.trace_id.clone());
                findings.example(format!("{}: {how}", sent.trace_id));
            }
        }
    }
    for sent in record.unacknowledged.iter().skip(worker).step_by(workers) {
        if !matches!(presence(&mut connection, sent).await?, Presence::Absent) {
            findings.unacknowledged_present += 1;
            findings.present.insert(sent.trace_id.clone());
        }
    }
    Ok(findings)
}

enum Presence {
    Whole,
    Absent,
    Damaged(String),
}

#[derive(Deserialize)]
struct Detail {
    spans: Vec<SpanRow>,
}

#[derive(Deserialize)]
struct SpanRow {
    span_id: String,
}

async fn presence(connection: &mut Connection, sent: &SentTrace) -> Result<Presence> {
    let path = format!("/api/traces/{}", sent.trace_id);
    let reply = connection.send(Call::get(&path)).await?;
    if reply.status == 404 {
        return Ok(Presence::Absent);
    }
    if !reply.is_success() {
        bail!("GET {path} was answered {}: {}", reply.status, reply.excerpt());
    }
    let detail: Detail = serde_json::from_slice(&reply.body)
        .with_context(|| format!("GET {path} was answered {}", reply.excerpt()))?;
    let distinct: HashSet<&str> = detail.spans.iter().map(|span| span.span_id.as_str()).collect();
    if distinct.len() == detail.spans.len() && distinct.len() as u64 == sent.spans {
        return Ok(Presence::Whole);
    }
    Ok(Presence::Damaged(format!(
        "{} spans were sent, it has {}, {} of them distinct",
        sent.spans,
        detail.spans.len(),
        distinct.len()
    )))
}

#[derive(Deserialize)]
struct ListRow {
    trace_id: String,
}

/// Pages through the whole list, which must hold exactly these traces.
pub(crate) async fn check_list(
    target: &Target,
    present: &HashSet<String>,
    findings: &mut Findings,
) -> Result<()> {
    let mut connection = Connection::new(target);
    let mut seen: HashSet<String> = HashSet::with_capacity(present.len());
    let mut offset = 0;
    loop {
        if offset > LAST_OFFSET {
            bail!("the list is longer than {LAST_OFFSET}; check smaller records");
        }
        let path = format!("/api/tracing/list?limit={PAGE}&offset={offset}");
        let reply = connection.send(Call::get(&path)).await?;
        if !reply.is_success() {
            bail!("GET {path} was answered {}: {}", reply.status, reply.excerpt());
        }
        let total = reply.number("x-total-count").context("the list has no X-Total-Count")?;
        if offset == 0 && total != present.len() as u64 {
            findings.listed_wrongly += 1;
            findings.example(format!("X-Total-Count is {total}, not {}", present.len()));
        }
        let rows: Vec<ListRow> = serde_json::from_slice(&reply.body)
            .with_context(|| format!("GET {path} was answered {}", reply.excerpt()))?;
        let count = rows.len();
        for ListRow { trace_id } in rows {
            if !present.contains(&trace_id) {
                findings.listed_wrongly += 1;
                findings.example(format!("{trace_id}: listed, but not known"));
            }
            if !seen.insert(trace_id.clone()) {
                findings.listed_wrongly += 1;
                findings.example(format!("{trace_id}: listed twice"));
            }
        }
        // A page of long texts holds fewer rows than were asked for, and others follow.
        if count == 0 {
            break;
        }
        offset += count;
    }
    for trace_id in present.difference(&seen) {
        findings.listed_wrongly += 1;
        findings.example(format!("{trace_id}: there, but not listed"));
    }
    Ok(())
}
