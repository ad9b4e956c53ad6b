//! Many senders at once, on a real disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tracekeep_journal::{AppendError, Durable, Journal, Options, OsStorage, Position, Sink};

const TASKS: u32 = 50;
const BLOCKS: u32 = 100;

type Answer = oneshot::Sender<Result<Position, AppendError>>;

/// Answers each sender.
struct Answers;

impl Sink<Answer> for Answers {
    fn durable(&mut self, group: Vec<Durable<Answer>>) {
        for durable in group {
            // A sender who has gone does not mind.
            let _ = durable.item.send(Ok(durable.position));
        }
    }

    fn failed(&mut self, items: Vec<Answer>, error: &AppendError) {
        for item in items {
            let _ = item.send(Err(error.clone()));
        }
    }
}

fn options(dir: &tempfile::TempDir) -> Options {
    let mut options = Options::new(dir.path().join("journal"));
    options.segment_bytes = 64 * 1024;
    options.queue_bytes = 4096;
    options
}

fn block(task: u32, number: u32) -> Bytes {
    let mut bytes = vec![task as u8; 100];
    bytes[..4].copy_from_slice(&task.to_le_bytes());
    bytes[4..8].copy_from_slice(&number.to_le_bytes());
    Bytes::from(bytes)
}

/// Sends the blocks of one task, each after the one before was acknowledged.
async fn send(journal: Arc<Journal<Answer>>, task: u32) -> Vec<(Position, Bytes)> {
    let mut placed = Vec::new();
    for number in 0..BLOCKS {
        let block = block(task, number);
        let (answer, answered) = oneshot::channel();
        journal.append(block.clone(), answer).await.unwrap();
        let position = answered.await.unwrap().unwrap();
        placed.push((position, block));
    }
    placed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_senders_share_syncs_and_all_blocks_come_back_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Arc::new(OsStorage);
    let journal = Journal::open(options(&dir), storage, |_, _, _| Ok(()), Answers).unwrap();
    let journal = Arc::new(journal);
    let tasks: Vec<_> =
        (0..TASKS).map(|task| tokio::spawn(send(Arc::clone(&journal), task))).collect();
    let mut expected = BTreeMap::new();
    for task in tasks {
        let placed = task.await.unwrap();
        assert!(placed.is_sorted_by_key(|(position, _)| *position));
        expected.extend(placed);
    }
    let total = (TASKS * BLOCKS) as usize;
    assert_eq!(expected.len(), total, "two blocks at one position");
    let status = journal.status();
    assert_eq!(status.blocks, total as u64);
    assert!(status.syncs < status.blocks, "{status:?}");
    assert!(status.segments > 1, "{status:?}");
    assert_eq!(status.queued_bytes, 0);
    drop(journal);

    let mut replayed = Vec::new();
    let storage = Arc::new(OsStorage);
    let journal = Journal::open(
        options(&dir),
        storage,
        |position, _, block| {
            replayed.push((position, block));
            Ok(())
        },
        Answers,
    );
    journal.unwrap().close();
    assert_eq!(replayed, expected.into_iter().collect::<Vec<_>>());
}

/// Keeps what it is told.
struct Shared(Arc<Mutex<Vec<u32>>>);

impl Sink<u32> for Shared {
    fn durable(&mut self, group: Vec<Durable<u32>>) {
        self.0.lock().extend(group.iter().map(|durable| durable.item));
    }

    fn failed(&mut self, _items: Vec<u32>, error: &AppendError) {
        panic!("{error}");
    }
}

#[tokio::test]
async fn closing_writes_what_is_queued() {
    let dir = tempfile::tempdir().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let storage = Arc::new(OsStorage);
    let sink = Shared(Arc::clone(&heard));
    let journal = Journal::open(options(&dir), storage, |_, _, _| Ok(()), sink).unwrap();
    for number in 0..20 {
        journal.append(block(0, number), number).await.unwrap();
    }
    journal.close();
    assert_eq!(*heard.lock(), (0..20).collect::<Vec<u32>>());
}

/// Panics at the first block.
struct Broken;

impl Sink<u32> for Broken {
    fn durable(&mut self, _group: Vec<Durable<u32>>) {
        panic!("the sink is broken");
    }

    fn failed(&mut self, _items: Vec<u32>, _error: &AppendError) {}
}

#[tokio::test]
async fn a_sink_that_panics_closes_the_journal_instead_of_hanging_it() {
    let dir = tempfile::tempdir().unwrap();
    let storage = Arc::new(OsStorage);
    let journal = Journal::open(options(&dir), storage, |_, _, _| Ok(()), Broken).unwrap();
    let mut number = 0;
    let error = loop {
        match journal.append(block(0, number), number).await {
            Ok(()) => number += 1,
            Err((error, _)) => break error,
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(error, AppendError::Closed);
}
