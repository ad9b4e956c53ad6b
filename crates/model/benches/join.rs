//! What joining costs a patch, what encoding costs a span, and what projecting costs a trace.
#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tracekeep_model::block::Block;
use tracekeep_model::{
    Field, Kind, Micros, NoPrices, Rank, RecordKey, Register, State, Status, Step, Text, TraceUnit,
    Version, totals,
};

const NOON: i64 = 1_770_000_000_000_000;
const RECEIVED: Micros = Micros(NOON + 60 * Micros::SECOND);
/// Bytes of each of a span's two texts.
const TEXT_BYTES: usize = 450;
/// Traces in an encoded block, of five spans each.
const BLOCK_TRACES: usize = 100;

type Patch = (RecordKey, State);

/// Words of a small vocabulary.
fn words(seed: &mut u64, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 12);
    while out.len() < bytes {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.push_str(&format!("w{} ", (*seed >> 33) % 2_000));
    }
    out
}

fn stated(time: i64, step: Step) -> Version {
    Version { rank: Rank::Stated, time: Micros(time), step }
}

fn trace_id(n: usize) -> Text {
    format!("{n:032x}").into()
}

fn span_key(trace: usize, span: usize) -> RecordKey {
    RecordKey::Span { trace_id: trace_id(trace), span_id: format!("{span:016x}").into() }
}

fn trace_patch(trace: usize) -> Patch {
    let mut state = State::new(RECEIVED);
    let version = stated(NOON, Step::Start);
    state.set(Field::Name, version, "support");
    state.set(Field::UserId, version, format!("user-{}", trace % 30));
    state.set(Field::SessionId, version, format!("session-{}", trace / 4));
    state.set(Field::Environment, version, "production");
    state.set(Register::Tag("beta".into()), version, true);
    (RecordKey::Trace { trace_id: trace_id(trace) }, state)
}

/// What start, update and complete say of a span.
fn lifecycle(seed: &mut u64, trace: usize, span: usize) -> [Patch; 3] {
    let mut start = State::new(RECEIVED);
    let version = stated(NOON, Step::Start);
    start.set(Field::Kind, version, Kind::Generation);
    start.set(Field::Name, version, "chat");
    start.set(Field::Status, version, Status::Pending);
    start.set(Field::StartTime, version, Micros(NOON));
    start.set(Field::Model, version, "gpt-5.2");
    start.set(Field::Provider, version, "openai");
    start.set(Field::Parameters, version, r#"{"temperature":0.7,"max_tokens":1024}"#);
    start.set(Field::Input, version, words(seed, TEXT_BYTES));
    let mut update = State::new(RECEIVED);
    let version = stated(NOON + 300_000, Step::Update);
    update.set(Field::FirstTokenTime, version, Micros(NOON + 250_000));
    update.set(Field::Output, version, words(seed, TEXT_BYTES / 4));
    let mut complete = State::new(RECEIVED);
    let version = stated(NOON + 900_000, Step::End);
    complete.set(Field::Status, version, Status::Success);
    complete.set(Field::EndTime, version, Micros(NOON + 900_000));
    complete.set(Field::Output, version, words(seed, TEXT_BYTES));
    complete.set(Register::Usage("input".into()), version, 420_i64);
    complete.set(Register::Usage("output".into()), version, 96_i64);
    [start, update, complete].map(|state| (span_key(trace, span), state))
}

/// What one message says of a whole span, as OpenTelemetry sends them.
fn whole(seed: &mut u64, trace: usize, span: usize) -> Patch {
    let end = NOON + 1_000_000 + span as i64;
    let version = stated(end, Step::End);
    let mut state = State::with_capacity(RECEIVED, 24);
    if span > 0 {
        state.set(Field::ParentSpanId, version, "0000000000000000");
    }
    state.set(Field::Kind, version, if span % 5 == 2 { Kind::Generation } else { Kind::Tool });
    state.set(Field::Name, version, "chat gpt-5.2");
    state.set(Field::Status, version, Status::Success);
    state.set(Field::StartTime, version, Micros(NOON + span as i64));
    state.set(Field::EndTime, version, Micros(end));
    state.set(Field::Model, version, "gpt-5.2");
    state.set(Field::Provider, version, "openai");
    state.set(Field::Input, version, words(seed, TEXT_BYTES));
    state.set(Field::Output, version, words(seed, TEXT_BYTES));
    state.set(Field::ServiceName, version, "support-agent");
    state.set(Register::Metadata("gen_ai.response.id".into()), version, r#""resp-1""#);
    state.set(Register::Usage("input".into()), version, 420_i64);
    state.set(Register::Usage("output".into()), version, 96_i64);
    (span_key(trace, span), state)
}

/// A trace as OpenTelemetry sends it.
fn trace(seed: &mut u64, trace: usize, spans: usize) -> Vec<Patch> {
    let mut patches = vec![trace_patch(trace)];
    patches.extend((0..spans).map(|span| whole(seed, trace, span)));
    patches
}

fn join_one(unit: &mut TraceUnit, (key, patch): Patch) {
    match key {
        RecordKey::Trace { .. } => unit.join_trace(patch),
        RecordKey::Span { span_id, .. } => unit.join_span(span_id, patch),
        RecordKey::Score { .. } => unreachable!("these patches are of traces"),
    }
}

fn joined(patches: Vec<Patch>) -> TraceUnit {
    let mut unit = TraceUnit::new(RECEIVED);
    for patch in patches {
        join_one(&mut unit, patch);
    }
    unit
}

fn join(c: &mut Criterion) {
    let mut seed = 7;
    let mut started = vec![trace_patch(0)];
    started.extend(lifecycle(&mut seed, 0, 0));
    let five = trace(&mut seed, 1, 5);
    let thousand = trace(&mut seed, 2, 1_000);
    let mut group = c.benchmark_group("join");
    for (name, patches) in [("lifecycle", &started), ("5 spans", &five), ("1000 spans", &thousand)]
    {
        group.throughput(Throughput::Elements(patches.len() as u64));
        group.bench_function(name, |b| {
            b.iter_batched(|| patches.clone(), joined, BatchSize::LargeInput);
        });
    }
    let unit = joined(thousand);
    let late = whole(&mut seed, 2, 500);
    group.throughput(Throughput::Elements(1));
    group.bench_function("late, into 1000 spans", |b| {
        b.iter_batched_ref(
            || (unit.clone(), Some(late.clone())),
            |(unit, late)| join_one(unit, late.take().unwrap()),
            BatchSize::LargeInput,
        );
    });
}

fn block(c: &mut Criterion) {
    let mut seed = 7;
    let patches = (0..BLOCK_TRACES).flat_map(|n| trace(&mut seed, n, 5)).collect();
    let block = Block { project_id: "bench".into(), received: RECEIVED, patches };
    let bytes = block.encode();
    assert_eq!(Block::decode(&bytes).unwrap(), block);
    let mut group = c.benchmark_group("block");
    group.throughput(Throughput::ElementsAndBytes {
        elements: BLOCK_TRACES as u64 * 5,
        bytes: bytes.len() as u64,
    });
    group.bench_function("encode", |b| b.iter(|| black_box(&block).encode()));
    group.bench_function("decode", |b| b.iter(|| Block::decode(black_box(&bytes)).unwrap()));
}

fn project(c: &mut Criterion) {
    let mut seed = 7;
    let mut group = c.benchmark_group("project and total");
    for spans in [5, 1_000] {
        let (id, unit) = (trace_id(0), joined(trace(&mut seed, 0, spans)));
        group.throughput(Throughput::Elements(spans as u64));
        group.bench_function(format!("{spans} spans"), |b| {
            b.iter(|| {
                let (trace, spans) = black_box(&unit).project(&id, &NoPrices);
                let totals = totals(spans.iter().map(|(_, span)| span));
                (trace, totals)
            });
        });
    }
}

criterion_group!(benches, join, block, project);
criterion_main!(benches);
