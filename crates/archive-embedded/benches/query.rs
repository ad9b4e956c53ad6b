//! What questions cost over sealed segments of ten days.
//!
//! `SPANS` says over how many spans; 200,000 unless it is set, or a tenth with `--quick`.
#![allow(clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Builder;
use tracekeep_archive::Archive;
use tracekeep_archive_embedded::{Embedded, Options};
use tracekeep_model::block::Block;
use tracekeep_model::{
    Field, Kind, Micros, Money, Rank, RecordKey, Register, State, Status, Step, Text, UsageType,
    Version,
};
use tracekeep_query::{Filter, Function, Measure, Op, Query, Table, TimeRange};

const PROJECT: &str = "bench";
const SPANS: usize = 200_000;
const SPANS_QUICK: usize = 20_000;
const SPANS_PER_TRACE: usize = 5;
const TRACES_PER_BLOCK: usize = 100;
/// Bytes of each of a span's two texts.
const TEXT_BYTES: usize = 400;
/// Bytes in memory from which they are sealed.
const SEAL_BYTES: u64 = 64 << 20;
const BEGIN: Micros = Micros(1_770_000_000_000_000);
const DAYS: i64 = 10;
const MODELS: [&str; 4] = ["gpt-5.2", "claude-sonnet-4-5", "gemini-3-pro", "mistral-large"];
const KINDS: [Kind; SPANS_PER_TRACE] =
    [Kind::Agent, Kind::Retriever, Kind::Generation, Kind::Tool, Kind::Generation];

/// A sequence of numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Words of a small vocabulary.
    fn words(&mut self, bytes: usize) -> String {
        let mut out = String::with_capacity(bytes + 12);
        while out.len() < bytes {
            out.push_str(&format!("w{} ", self.below(2_000)));
        }
        out
    }
}

fn trace_id(n: usize) -> Text {
    let spread = (n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    format!("{spread:032x}").into()
}

/// A trace that began at `start`: what is said of it and of its spans.
fn trace(numbers: &mut Numbers, n: usize, start: Micros) -> Vec<(RecordKey, State)> {
    let received = start.plus(10 * Micros::SECOND);
    let mut own = State::new(received);
    let version = Version { rank: Rank::Stated, time: received, step: Step::End };
    own.set(Field::UserId, version, format!("user-{}", numbers.below(300)));
    own.set(Field::SessionId, version, format!("session-{}", n / 4));
    let mut patches = vec![(RecordKey::Trace { trace_id: trace_id(n) }, own)];
    let model = MODELS[numbers.below(MODELS.len() as u64) as usize];
    let status = if numbers.below(50) == 0 { Status::Error } else { Status::Success };
    for (k, kind) in KINDS.into_iter().enumerate() {
        let begin = start.plus(k as i64 * 200_000);
        let end = begin.plus(50_000 + numbers.below(3_000_000) as i64);
        let version = Version { rank: Rank::Stated, time: end, step: Step::End };
        let mut span = State::with_capacity(received, 24);
        if k > 0 {
            span.set(Field::ParentSpanId, version, "0000000000000000");
        }
        span.set(Field::Kind, version, kind);
        span.set(Field::Name, version, kind.as_str());
        span.set(Field::Status, version, if k == 0 { status } else { Status::Success });
        span.set(Field::StartTime, version, begin);
        span.set(Field::EndTime, version, end);
        if kind == Kind::Generation {
            span.set(Field::FirstTokenTime, version, begin.plus(40_000));
            span.set(Field::Model, version, model);
            span.set(Field::Provider, version, "provider");
            span.set(Register::Usage("input".into()), version, 200 + numbers.below(800) as i64);
            span.set(Register::Usage("output".into()), version, numbers.below(500) as i64);
            let cost = Money(1_000_000 * i128::from(numbers.below(10_000)));
            span.set(Register::Cost(UsageType::TOTAL.into()), version, cost);
        }
        span.set(Field::Input, version, numbers.words(TEXT_BYTES));
        span.set(Field::Output, version, numbers.words(TEXT_BYTES));
        span.set(Field::ServiceName, version, "checkout");
        let span_id = format!("{k:016x}").into();
        patches.push((RecordKey::Span { trace_id: trace_id(n), span_id }, span));
    }
    patches
}

/// Merges and seals as the server does, the traces in order of time.
fn fill(archive: &Embedded, traces: usize) {
    let mut numbers = Numbers(7);
    let step = DAYS * Micros::DAY / traces as i64;
    let mut end = archive.checkpoint();
    for first in (0..traces).step_by(TRACES_PER_BLOCK) {
        let last = (first + TRACES_PER_BLOCK).min(traces);
        let received = BEGIN.plus(last as i64 * step);
        let patches = (first..last)
            .flat_map(|n| trace(&mut numbers, n, BEGIN.plus(n as i64 * step)))
            .collect();
        end += 1;
        archive.merge(Block { project_id: PROJECT.into(), received, patches }, end).unwrap();
        if archive.memory_bytes() >= SEAL_BYTES {
            archive.seal().unwrap();
        }
    }
    archive.seal().unwrap();
    while archive.compact(BEGIN).unwrap() {}
}

fn spans() -> usize {
    let is_quick = std::env::args().any(|arg| arg == "--quick" || arg == "--test");
    match std::env::var("SPANS") {
        Ok(spans) => spans.parse().expect("SPANS is a whole number"),
        Err(_) if is_quick => SPANS_QUICK,
        Err(_) => SPANS,
    }
}

/// As the server's list asks for its first page.
fn newest() -> Query {
    let mut query = Query::new(Table::Traces);
    query.limit = Some(100);
    query.offset = Some(0);
    query
}

fn count() -> Query {
    let mut query = Query::new(Table::Traces);
    query.filter = Some(Filter::And(vec![
        Filter::condition("model", Op::Eq, MODELS[0]),
        Filter::condition("status", Op::Eq, "error"),
    ]));
    query.measures = vec![Measure::new(Function::Count)];
    query
}

/// As [`count`], of what nobody asked before.
fn another_count(n: usize) -> Query {
    let mut query = count();
    let other = Filter::condition("user_id", Op::Ne, format!("user of query {n}"));
    query.filter = query.filter.map(|filter| Filter::And(vec![filter, other]));
    query
}

fn hourly() -> Query {
    let mut query = Query::new(Table::MetricsHourly);
    query.limit = Some(10_000);
    query
}

/// As the server's figures compare models, over three days.
fn models() -> Query {
    let mut query = Query::new(Table::Traces);
    query.time =
        Some(TimeRange { from: BEGIN.plus(4 * Micros::DAY), to: BEGIN.plus(7 * Micros::DAY) });
    query.group_by = vec!["model".into()];
    query.measures = vec![
        Measure::new(Function::Count),
        Measure::of(Function::P50, "duration_us"),
        Measure::of(Function::P95, "duration_us"),
        Measure::of(Function::P99, "duration_us"),
        Measure::of(Function::P95, "first_token_us"),
        Measure::new(Function::ErrorRate),
        Measure::of(Function::Sum, "total_cost"),
        Measure::of(Function::Sum, "total_tokens"),
    ];
    query
}

fn query(c: &mut Criterion) {
    let traces = (spans() / SPANS_PER_TRACE).max(TRACES_PER_BLOCK);
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let archive = Embedded::open(Options::new(dir.path())).unwrap();
    fill(&archive, traces);
    let status = archive.status();
    assert_eq!(status.stored_spans, (traces * SPANS_PER_TRACE) as u64);
    eprintln!(
        "{} spans in {} segments of {} bytes in all",
        status.stored_spans, status.segments, status.stored_bytes
    );
    // More than one thread's, as looking a trace up blocks.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut group = c.benchmark_group("query");
    group.sample_size(20);
    let mut n = 0;
    group.bench_function("trace by id", |b| {
        b.iter(|| {
            n = (n + 7_919) % traces;
            let id = trace_id(n);
            let trace = runtime.block_on(archive.trace(PROJECT, &id)).unwrap();
            assert_eq!(trace.map(|trace| trace.spans.len()), Some(SPANS_PER_TRACE));
        });
    });
    let mut n = 0;
    group.bench_function("count with a filter, asked first", |b| {
        b.iter(|| {
            n += 1;
            let query = another_count(n);
            runtime.block_on(archive.query(PROJECT, &query)).unwrap()
        });
    });
    for (name, query) in [
        ("newest 100 traces", newest()),
        ("count with a filter", count()),
        ("metrics by hour and model", hourly()),
        ("percentiles by model over 3 days", models()),
    ] {
        let ask = || runtime.block_on(archive.query(PROJECT, &query)).unwrap();
        assert!(!ask().table.rows.is_empty(), "{name}: nothing was found");
        group.bench_function(name, |b| b.iter(ask));
    }
}

criterion_group!(benches, query);
criterion_main!(benches);
