//! What is read ahead of merging, and what comes of it when things change in between.

use super::*;

impl Archive1 {
    /// Merges these blocks of one patch each as the server does, by the archive's word. Gives back how
    /// often it was told of them.
    fn merge_together(&mut self, patches: Vec<(RecordKey, State)>) -> usize {
        let mut blocks: Vec<Block> = patches.into_iter().map(|patch| block(vec![patch])).collect();
        let mut told = 0;
        while !blocks.is_empty() {
            let ready = self.prepare(&blocks);
            let rest = blocks.split_off(ready);
            blocks.into_iter().for_each(|block| self.merge(block.patches));
            blocks = rest;
            told += 1;
        }
        self.prepare(&[]);
        told
    }

    fn prepare(&self, blocks: &[Block]) -> usize {
        let blocks: Vec<&Block> = blocks.iter().collect();
        self.archive.prepare(&blocks)
    }

    /// Traces that are ready.
    fn ready(&self) -> usize {
        self.archive.shared.ahead.lock().count()
    }

    /// So many traces of a span each, sealed while that is open.
    fn sealed(dir: &Path, traces: usize) -> Self {
        let mut it = Self::open(dir);
        it.merge((0..traces).map(|n| begin(&trace(n), "a", n as i64)).collect());
        it.archive.seal().unwrap();
        it
    }

    async fn ended(&self) -> i64 {
        self.count(Table::Traces, Some(Filter::condition("status", Op::Eq, "success"))).await
    }
}

fn trace(n: usize) -> String {
    format!("t{n}")
}

fn block(patches: Vec<(RecordKey, State)>) -> Block {
    Block { project_id: "p".into(), received: Micros(NOON), patches }
}

fn deletion(n: usize) -> (RecordKey, State) {
    (RecordKey::Trace { trace_id: trace(n).into() }, State::deleted(Micros(NOON)))
}

/// From now on nothing can be read from the tables of segments.
fn take_tables_away(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            take_tables_away(&path);
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_ahead_is_not_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 200);
    let blocks: Vec<Block> =
        (0..200).rev().map(|n| block(vec![end(&trace(n), "a", 1_000)])).collect();
    assert_eq!(it.prepare(&blocks), 200);
    assert_eq!(it.ready(), 200);
    assert_eq!(it.count(Table::Traces, None).await, 200);
    assert_eq!(it.ended().await, 0, "nothing was changed yet");
    take_tables_away(&dir.path().join("segments"));
    blocks.into_iter().for_each(|block| it.merge(block.patches));
    assert_eq!(it.ready(), 0);
    for n in [0, 1, 99, 199] {
        assert_eq!(it.status(&trace(n)).await, Status::Success);
        let unit = it.archive.trace("p", &trace(n)).await.unwrap().unwrap();
        let input = unit.spans["a"].text(Field::Input).map(|text| text.to_string());
        assert_eq!(input.as_deref(), Some("question a"), "what it had before is still there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_change_the_same_trace_change_it_once_each() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 10);
    let twice = (0..20).map(|n| begin(&trace(n % 10), if n < 10 { "b" } else { "c" }, 50));
    let ends = (0..10).map(|n| end(&trace(n), "a", 1_000));
    let new = (100..105).map(|n| begin(&trace(n), "a", 1_000));
    assert_eq!(it.merge_together(twice.chain(ends).chain(new).collect()), 1);
    for sealed in [false, true] {
        if sealed {
            it.archive.seal().unwrap();
        }
        assert_eq!(it.count(Table::Traces, None).await, 15);
        assert_eq!(it.count(Table::Spans, None).await, 35);
    }
    drop(it);
    assert_eq!(Archive1::open(dir.path()).count(Table::Spans, None).await, 35);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_in_between_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 10);
    let blocks: Vec<Block> = (0..10).map(|n| block(vec![end(&trace(n), "a", 1_000)])).collect();
    it.prepare(&blocks);
    // Half of them move to another segment before their blocks come, by blocks nobody spoke of.
    let ahead = std::mem::take(&mut *it.archive.shared.ahead.lock());
    it.merge((0..5).map(|n| begin(&trace(n), "b", 50)).collect());
    it.archive.seal().unwrap();
    *it.archive.shared.ahead.lock() = ahead;
    assert_eq!(it.ready(), 10);
    blocks.into_iter().for_each(|block| it.merge(block.patches));
    assert_eq!(it.ready(), 5, "those that had moved were looked for again");
    for sealed in [false, true] {
        if sealed {
            it.archive.seal().unwrap();
        }
        assert_eq!(it.count(Table::Traces, None).await, 10);
        assert_eq!(it.count(Table::Spans, None).await, 15);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_came_back_before_its_block_is_not_brought_back_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 1);
    it.prepare(&[block(vec![end("t0", "a", 1_000)])]);
    let ahead = std::mem::take(&mut *it.archive.shared.ahead.lock());
    it.merge(vec![begin("t0", "b", 50)]);
    *it.archive.shared.ahead.lock() = ahead;
    it.merge(vec![end("t0", "a", 1_000)]);
    assert_eq!(it.ready(), 1, "it was in memory");
    assert_eq!(it.count(Table::Traces, None).await, 1);
    assert_eq!(it.count(Table::Spans, None).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compaction_in_between_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    for round in 0..10 {
        it.merge((0..10).map(|n| begin(&trace(round * 10 + n), "a", n as i64)).collect());
        it.archive.seal().unwrap();
    }
    let blocks: Vec<Block> =
        (0..100).step_by(5).map(|n| block(vec![end(&trace(n), "a", 1_000)])).collect();
    it.prepare(&blocks);
    assert_eq!(it.ready(), 20);
    assert!(it.archive.compact(Micros(NOON)).unwrap());
    blocks.into_iter().for_each(|block| it.merge(block.patches));
    assert!(it.ready() > 0, "rows of segments that are gone were not taken");
    it.prepare(&[]);
    assert_eq!(it.count(Table::Traces, None).await, 100);
    assert_eq!(it.count(Table::Spans, None).await, 100);
    assert_eq!(it.ended().await, 20);
    it.archive.seal().unwrap();
    assert_eq!(it.count(Table::Spans, None).await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_is_not_read_and_stays_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 4);
    let together = || {
        vec![
            block(vec![deletion(0)]),
            block(vec![end("t0", "a", 1_000)]),
            block(vec![end("t1", "a", 1_000), deletion(1)]),
            block(vec![end("t2", "a", 1_000)]),
            block(vec![deletion(2)]),
        ]
    };
    assert_eq!(it.prepare(&together()), 5);
    assert_eq!(it.ready(), 1, "only the third is changed before it goes");
    together().into_iter().for_each(|block| it.merge(block.patches));
    // One that was read for a block that never came.
    it.prepare(&[block(vec![end("t3", "a", 1_000)])]);
    it.merge(vec![deletion(3)]);
    for sealed in [false, true] {
        if sealed {
            it.archive.seal().unwrap();
        }
        assert_eq!(it.count(Table::Traces, None).await, 0);
        assert_eq!(it.count(Table::Spans, None).await, 0);
        assert!(it.archive.trace("p", "t2").await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_merged_stays_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 10);
    let blocks: Vec<Block> = (0..10).map(|n| block(vec![end(&trace(n), "a", 1_000)])).collect();
    it.prepare(&blocks);
    assert_eq!(it.archive.memory_bytes(), 0, "it is not in memory for anybody");
    it.merge(vec![end("t3", "a", 1_000)]);
    assert_eq!(it.count(Table::Spans, None).await, 10);
    it.archive.seal().unwrap();
    assert_eq!(it.count(Table::Spans, None).await, 10);
    assert_eq!(it.ended().await, 1);
    it.prepare(&blocks[..2]);
    assert_eq!(it.ready(), 2, "what was read for the others has gone");
    it.prepare(&[]);
    assert_eq!(it.ready(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_ahead_is_an_error_only_when_it_is_merged() {
    let dir = tempfile::tempdir().unwrap();
    let it = Archive1::sealed(dir.path(), 3);
    take_tables_away(&dir.path().join("segments"));
    let blocks: Vec<Block> = (0..3).map(|n| block(vec![end(&trace(n), "a", 1_000)])).collect();
    assert_eq!(it.prepare(&blocks), 3);
    assert_eq!(it.ready(), 0);
    let error = it.archive.merge(blocks[0].clone(), 7).unwrap_err().to_string();
    assert!(error.contains("traces.parquet"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn very_many_are_read_some_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 4_200);
    let told = it.merge_together((0..4_200).map(|n| end(&trace(n), "a", 10_000)).collect());
    assert!((2..10).contains(&told), "the archive was told {told} times");
    assert_eq!(it.count(Table::Spans, None).await, 4_200);
    assert_eq!(it.ended().await, 4_200);
    // One block that needs more than may be read at once is merged all the same.
    it.archive.seal().unwrap();
    let again = block((0..4_200).map(|n| begin(&trace(n), "b", 20_000)).collect());
    assert_eq!(it.prepare(std::slice::from_ref(&again)), 1);
    assert!((1..4_200).contains(&it.ready()), "{} are ready", it.ready());
    it.merge(again.patches);
    assert_eq!(it.ready(), 0);
    assert_eq!(it.count(Table::Spans, None).await, 8_400);
    assert_eq!(it.count(Table::Traces, None).await, 4_200);
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_do_not_get_each_others_traces() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::sealed(dir.path(), 3);
    let of_another =
        |n: usize| Block { project_id: "q".into(), ..block(vec![end(&trace(n), "a", 9)]) };
    it.end += 1;
    it.archive.merge(of_another(0), it.end).unwrap();
    it.archive.seal().unwrap();
    it.prepare(&[of_another(0), of_another(1), block(vec![end("t2", "a", 9)])]);
    assert_eq!(it.ready(), 2);
    let ahead: Ahead = std::mem::take(&mut *it.archive.shared.ahead.lock());
    let live = it.archive.shared.lock();
    let has = |project: &str, n: usize| {
        ahead.has(project, &UnitKey::Trace(trace(n).into()), &live.projects[project])
    };
    assert_eq!([has("q", 0), has("q", 1), has("q", 2)], [true, false, false]);
    assert_eq!([has("p", 0), has("p", 1), has("p", 2)], [false, false, true]);
}
