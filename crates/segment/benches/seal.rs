//! What sealing costs a span: project, rows in Arrow, files in Parquet. `cargo bench -p tracekeep-segment`.
#![allow(clippy::unwrap_used, clippy::cast_possible_wrap, missing_docs)]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tracekeep_model::{
    Field, Kind, Level, Micros, Rank, Register, State, Status, Step, TraceUnit, Unit, UnitKey,
    Version,
};
use tracekeep_segment::{Batches, BatchesBuilder, OsDisk, write_segment};

const TRACES: usize = 4_000;
const SPANS: usize = 5;

/// Text of words drawn from a small vocabulary, so that compression has honest work.
fn words(seed: &mut u64, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 12);
    while out.len() < bytes {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = (*seed >> 33) % 2_000;
        out.push_str(&format!(
            "w{}{} ",
            word * 7_919 % 1_000,
            ["er", "ing", "s", "tion"][(word % 4) as usize]
        ));
    }
    out
}

fn trace(seed: &mut u64, n: usize) -> TraceUnit {
    let start = 1_770_000_000_000_000 + n as i64 * 1_000;
    let received = Micros(start + 2_000_000);
    let mut unit = TraceUnit::new(received);
    for k in 0..SPANS {
        let end = start + 1_000_000 + k as i64 * 1_000;
        let version = Version { rank: Rank::Stated, time: Micros(end), step: Step::End };
        let mut span = State::with_capacity(received, 32);
        if k > 0 {
            span.set(Field::ParentSpanId, version, format!("{:016x}", n * SPANS));
        }
        let kind =
            [Kind::Agent, Kind::Retriever, Kind::Generation, Kind::Tool, Kind::Generation][k];
        span.set(Field::Kind, version, kind);
        span.set(
            Field::Name,
            version,
            ["agent", "search docs", "chat gpt", "tool call", "chat gpt"][k],
        );
        span.set(Field::Status, version, Status::Success);
        span.set(Field::Level, version, Level::Default);
        span.set(Field::StartTime, version, Micros(start));
        span.set(Field::EndTime, version, Micros(end));
        if kind == Kind::Generation {
            span.set(Field::Model, version, "gpt-5.2");
            span.set(Field::ResponseModel, version, "gpt-5.2-2026-01-01");
            span.set(Field::Provider, version, "openai");
            span.set(Field::Parameters, version, r#"{"temperature":0.7,"max_tokens":1024}"#);
        }
        span.set(Field::Input, version, words(seed, 450));
        span.set(Field::Output, version, words(seed, 450));
        span.set(Field::ServiceName, version, "checkout");
        span.set(Field::ScopeName, version, "opentelemetry.instrumentation.openai");
        span.set(Field::SdkName, version, "opentelemetry");
        span.set(
            Register::Metadata("gen_ai.response.id".into()),
            version,
            format!("\"resp-{n}-{k}\""),
        );
        span.set(Register::Metadata("otel.kind".into()), version, "\"CLIENT\"");
        span.set(Register::Usage("input".into()), version, 200i64 + k as i64);
        span.set(Register::Usage("output".into()), version, 100i64 + n as i64 % 50);
        unit.join_span(format!("{:016x}", n * SPANS + k).into(), span);
    }
    let mut own = State::new(received);
    let version = Version { rank: Rank::Stated, time: received, step: Step::End };
    own.set(Field::UserId, version, format!("user-{}", n % 300));
    own.set(Field::SessionId, version, format!("session-{}", n % 900));
    unit.join_trace(own);
    unit
}

fn units() -> Vec<(UnitKey, Unit)> {
    let mut seed = 7;
    let id = |n: usize| {
        format!("{:032x}", (n as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
    };
    (0..TRACES).map(|n| (UnitKey::Trace(id(n).into()), Unit::Trace(trace(&mut seed, n)))).collect()
}

fn rows(units: &[(UnitKey, Unit)]) -> Arc<Batches> {
    let mut builder = BatchesBuilder::new();
    for (key, unit) in units {
        builder.add(key, unit);
    }
    Arc::new(builder.finish().unwrap())
}

fn seal(c: &mut Criterion) {
    let units = units();
    let mut group = c.benchmark_group("seal");
    group.throughput(Throughput::Elements((TRACES * SPANS) as u64)).sample_size(20);
    group.bench_function("rows", |b| b.iter(|| rows(&units)));
    let batches = rows(&units);
    let dir = tempfile::tempdir().unwrap();
    let mut n = 0;
    group.bench_function("files", |b| {
        b.iter_batched(
            || {
                n += 1;
                (dir.path().join(n.to_string()), (0..TRACES).map(|row| (0, row)).collect())
            },
            |(dir, picks)| {
                write_segment(&OsDisk, &dir, std::slice::from_ref(&batches), picks, vec![]).unwrap()
            },
            BatchSize::PerIteration,
        );
    });
    let facts = write_segment(
        &OsDisk,
        &dir.path().join("last"),
        &[batches],
        (0..TRACES).map(|r| (0, r)).collect(),
        vec![],
    )
    .unwrap()
    .facts;
    eprintln!("bytes a span on disk: {}", facts.bytes as f64 / facts.spans as f64);
    for name in ["spans.parquet", "traces.parquet", "index"] {
        eprintln!(
            "  {name}: {}",
            std::fs::metadata(dir.path().join("last").join(name)).unwrap().len() as f64
                / facts.spans as f64
        );
    }
}

criterion_group!(benches, seal);
criterion_main!(benches);
