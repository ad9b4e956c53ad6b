//! What durability costs an appender, alone and in company, and how fast a journal is read back.
//!
//! The disk and its syncs are real: files go into cargo's target folder, as a folder for temporary
//! files is often memory.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tracekeep_journal::{AppendError, Durable, Journal, Options, OsStorage, Sink};

/// A trace of five spans of 1.25 KB, and a request of ten such traces.
const SIZES: [(&str, usize); 2] = [("6 KB", 6_250), ("64 KB", 65_536)];
const APPENDERS: [u64; 2] = [1, 64];
/// Blocks of each appender between two checkpoints: keeps the journal small, however fast it is.
const BETWEEN_CHECKPOINTS: u64 = 64;
/// The journal that is read back.
const REPLAYED_MIB: u64 = 100;
const REPLAYED_MIB_QUICK: u64 = 8;

/// Whoever waits for a block.
type Waiting = oneshot::Sender<()>;

/// Answers each appender.
struct Answers;

impl Sink<Waiting> for Answers {
    fn durable(&mut self, group: Vec<Durable<Waiting>>) {
        for durable in group {
            durable.item.send(()).unwrap();
        }
    }

    fn failed(&mut self, _items: Vec<Waiting>, error: &AppendError) {
        panic!("{error}");
    }
}

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

/// Opens the journal of a folder; also how many bytes of blocks it replayed.
fn open(dir: &Path) -> (Journal<Waiting>, u64) {
    let mut bytes = 0;
    let journal = Journal::open(
        Options::new(dir),
        Arc::new(OsStorage),
        |_, _, block| {
            bytes += block.len() as u64;
            Ok(())
        },
        Answers,
    );
    (journal.unwrap(), bytes)
}

/// Bytes that look like none other, so that nothing on the way can make them fewer.
fn block(bytes: usize) -> Bytes {
    let mut state = 7_u64;
    let byte = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(byte).take(bytes).collect()
}

/// Appends a block so many times, each after the one before is durable.
async fn append_all(journal: Arc<Journal<Waiting>>, block: Bytes, times: u64) {
    for _ in 0..times {
        let (waiting, durable) = oneshot::channel();
        journal.append(block.clone(), waiting).await.map_err(|(error, _)| error).unwrap();
        durable.await.unwrap();
    }
}

/// Has each of the appenders append so many times; how long that took.
async fn append_together(
    journal: &Arc<Journal<Waiting>>,
    block: &Bytes,
    appenders: u64,
    times: u64,
) -> Duration {
    let began = Instant::now();
    let tasks: Vec<_> = (0..appenders)
        .map(|_| tokio::spawn(append_all(Arc::clone(journal), block.clone(), times)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    began.elapsed()
}

fn append(c: &mut Criterion) {
    let runtime = runtime();
    let mut group = c.benchmark_group("append");
    group.sample_size(20);
    for (name, size) in SIZES {
        let block = block(size);
        for appenders in APPENDERS {
            let dir = folder();
            let journal = Arc::new(open(dir.path()).0);
            let bytes = appenders * size as u64;
            group.throughput(Throughput::ElementsAndBytes { elements: appenders, bytes });
            group.bench_function(BenchmarkId::new(name, appenders), |b| {
                b.iter_custom(|times| {
                    let mut took = Duration::ZERO;
                    let mut left = times;
                    while left > 0 {
                        let times = left.min(BETWEEN_CHECKPOINTS);
                        left -= times;
                        let together = append_together(&journal, &block, appenders, times);
                        took += runtime.block_on(together);
                        journal.checkpoint(journal.status().durable).unwrap();
                    }
                    took
                });
            });
        }
    }
}

fn replay(c: &mut Criterion) {
    let is_quick = std::env::args().any(|arg| arg == "--quick" || arg == "--test");
    let mib = if is_quick { REPLAYED_MIB_QUICK } else { REPLAYED_MIB };
    let (dir, block) = (folder(), block(SIZES[0].1));
    let journal = Arc::new(open(dir.path()).0);
    let appenders = APPENDERS[1];
    let times = (mib << 20) / (appenders * block.len() as u64);
    runtime().block_on(append_together(&journal, &block, appenders, times));
    drop(journal);

    let (journal, bytes) = open(dir.path());
    assert_eq!(bytes, times * appenders * block.len() as u64);
    journal.close();
    let mut group = c.benchmark_group("replay");
    group.sample_size(10).throughput(Throughput::Bytes(bytes));
    // With a new segment made and the writer ended, as each start has it.
    group.bench_function(BenchmarkId::from_parameter(format!("{mib} MiB")), |b| {
        b.iter(|| {
            let (journal, bytes) = open(dir.path());
            journal.close();
            bytes
        });
    });
}

criterion_group!(benches, append, replay);
criterion_main!(benches);
