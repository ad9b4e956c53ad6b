#![allow(clippy::unwrap_used)]

use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::ledger::Segment;

fn options() -> Options {
    let mut options = Options::new("unused");
    options.queue_bytes = 1000;
    options.max_group_bytes = 250;
    options.max_bytes = 10_000;
    options
}

fn nothing_on_disk() -> Ledger {
    Ledger::new(Vec::new(), 0)
}

fn block(size: usize) -> Bytes {
    Bytes::from(vec![1; size])
}

fn items(group: &Group<u32>) -> Vec<u32> {
    group.entries.iter().map(|entry| entry.item).collect()
}

fn next_group(queue: &Queue<u32>) -> Group<u32> {
    match queue.next_work() {
        Some(Work::Write(group)) => group,
        Some(Work::Rotate(_)) => panic!("nobody asked for a new segment"),
        None => panic!("the queue is closed"),
    }
}

fn storage_error() -> AppendError {
    AppendError::Storage { message: String::from("no space left") }
}

#[tokio::test]
async fn groups_keep_the_order_and_the_size_limit_but_one_block_always_fits() {
    let (queue, ledger) = (Queue::new(&options()), nothing_on_disk());
    for (item, size) in [(0, 92), (1, 92), (2, 92), (3, 400), (4, 0)] {
        queue.push(block(size), item, &ledger).await.unwrap();
    }
    let mut groups = Vec::new();
    for _ in 0..3 {
        let group = next_group(&queue);
        groups.push(items(&group));
        queue.finished(&group, None);
    }
    assert_eq!(groups, [vec![0, 1], vec![2], vec![3]]);
    queue.close();
    let last = next_group(&queue);
    assert_eq!(items(&last), [4]);
    queue.finished(&last, None);
    assert!(queue.next_work().is_none());
    assert_eq!(queue.status(), (0, false));
}

#[tokio::test]
async fn a_push_waits_for_room_and_a_cancelled_one_takes_none() {
    let (queue, ledger) = (Queue::new(&options()), nothing_on_disk());
    queue.push(block(900), 0, &ledger).await.unwrap();
    let short = Duration::from_millis(10);
    let waiting = queue.push(block(900), 1, &ledger);
    assert!(timeout(short, waiting).await.is_err());
    assert_eq!(items(&next_group(&queue)), [0]);
    queue.push(block(900), 2, &ledger).await.unwrap();
    assert_eq!(items(&next_group(&queue)), [2]);
}

#[tokio::test]
async fn a_block_larger_than_the_queue_passes_alone() {
    let (queue, ledger) = (Queue::new(&options()), nothing_on_disk());
    queue.push(block(5000), 0, &ledger).await.unwrap();
    let waiting = queue.push(block(0), 1, &ledger);
    assert!(timeout(Duration::from_millis(10), waiting).await.is_err());
    assert_eq!(items(&next_group(&queue)), [0]);
    queue.push(block(0), 2, &ledger).await.unwrap();
}

#[tokio::test]
async fn what_is_on_disk_being_written_and_queued_counts_towards_the_limit() {
    let segment = Segment { base: 0, end: 9000, blocks_end: 9000, bytes: 9000 };
    let (queue, ledger) = (Queue::new(&options()), Ledger::new(vec![segment], 9000));
    let size = 500 - charge(0) as usize;
    queue.push(block(size), 0, &ledger).await.unwrap();
    let group = next_group(&queue);
    queue.push(block(size), 1, &ledger).await.unwrap();
    let (error, item) = queue.push(block(0), 2, &ledger).await.unwrap_err();
    let full = AppendError::Full { bytes: 10_000, limit: 10_000 };
    assert_eq!((error, item), (full, 2));
    queue.finished(&group, None);
    queue.push(block(0), 3, &ledger).await.unwrap();
}

#[tokio::test]
async fn while_the_disk_fails_one_block_finds_out_and_the_others_fail_at_once() {
    let (queue, ledger) = (Queue::new(&options()), nothing_on_disk());
    queue.start_failing(storage_error());
    queue.push(block(1), 0, &ledger).await.unwrap();
    let (error, item) = queue.push(block(1), 1, &ledger).await.unwrap_err();
    assert_eq!((error, item), (storage_error(), 1));
    let group = next_group(&queue);
    assert!(queue.push(block(1), 2, &ledger).await.is_err());
    queue.finished(&group, Some(storage_error()));
    assert!(queue.status().1);

    queue.push(block(1), 3, &ledger).await.unwrap();
    let group = next_group(&queue);
    queue.finished(&group, None);
    for item in 4..8 {
        queue.push(block(1), item, &ledger).await.unwrap();
    }
    assert_eq!(queue.status(), (4 * charge(1), false));
}

#[tokio::test]
async fn closing_ends_those_that_wait_for_room_and_abandoning_drops_what_is_queued() {
    let (queue, ledger) = (Queue::new(&options()), nothing_on_disk());
    queue.push(block(900), 0, &ledger).await.unwrap();
    let (waited, ()) = tokio::join!(queue.push(block(900), 1, &ledger), async {
        queue.close();
    });
    assert_eq!(waited, Err((AppendError::Closed, 1)));
    let refused = queue.push(block(1), 2, &ledger).await;
    assert_eq!(refused, Err((AppendError::Closed, 2)));
    queue.abandon();
    assert!(queue.next_work().is_none());
}

#[tokio::test]
async fn whoever_asks_for_a_new_segment_waits_for_the_writer_unless_blocks_wait_too() {
    let (queue, ledger) = (Queue::new(&options()), nothing_on_disk());
    let ask_meanwhile = |writer: &dyn Fn()| {
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| queue.rotate());
            while queue.state.lock().rotation.is_none() {
                std::thread::yield_now();
            }
            writer();
            asking.join().unwrap();
        });
    };
    ask_meanwhile(&|| assert!(matches!(queue.next_work(), Some(Work::Rotate(_)))));

    queue.push(block(1), 0, &ledger).await.unwrap();
    ask_meanwhile(&|| assert_eq!(items(&next_group(&queue)), [0]));
    ask_meanwhile(&|| queue.abandon());
    // Nobody would answer.
    queue.rotate();
}
