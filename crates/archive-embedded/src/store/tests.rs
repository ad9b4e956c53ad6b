#![allow(clippy::unwrap_used)]

mod ahead;

use tracekeep_model::block::Block;
use tracekeep_model::{
    Field, Kind, Micros, NoPrices, Rank, RecordKey, State, Status, Step, Version,
};
use tracekeep_query::{Cell, Filter, Function, Measure, Op, Query, Table};

use super::*;

const NOON: i64 = 1_770_000_000_000_000;

fn stated(time: i64, step: Step) -> Version {
    Version { rank: Rank::Stated, time: Micros(time), step }
}

/// A patch that begins a span, one that ends it.
fn begin(trace: &str, span: &str, at: i64) -> (RecordKey, State) {
    let mut state = State::new(Micros(NOON + at));
    let version = stated(NOON + at, Step::Start);
    state.set(Field::StartTime, version, Micros(NOON + at));
    state.set(Field::Kind, version, Kind::Generation);
    state.set(Field::Status, version, Status::Pending);
    state.set(Field::Model, version, "m1");
    state.set(Field::Input, version, format!("question {span}"));
    (RecordKey::Span { trace_id: trace.into(), span_id: span.into() }, state)
}

fn end(trace: &str, span: &str, at: i64) -> (RecordKey, State) {
    let mut state = State::new(Micros(NOON + at));
    let version = stated(NOON + at, Step::End);
    state.set(Field::EndTime, version, Micros(NOON + at));
    state.set(Field::Status, version, Status::Success);
    state.set(Field::Output, version, format!("answer {span}"));
    (RecordKey::Span { trace_id: trace.into(), span_id: span.into() }, state)
}

fn score(id: &str, trace: &str, value: f64) -> (RecordKey, State) {
    let mut state = State::new(Micros(NOON));
    let version = stated(NOON, Step::Start);
    state.set(Field::Name, version, "quality");
    state.set(Field::ScoreNumber, version, tracekeep_model::Value::Float(value));
    state.set(Field::TargetTraceId, version, trace);
    (RecordKey::Score { score_id: id.into() }, state)
}

struct Archive1 {
    archive: Embedded,
    end: u64,
}

impl Archive1 {
    fn open(dir: &std::path::Path) -> Self {
        Self::open_with(Options::new(dir))
    }

    fn open_with(options: Options) -> Self {
        let archive = Embedded::open(options).unwrap();
        let end = archive.checkpoint();
        Self { archive, end }
    }

    fn merge(&mut self, patches: Vec<(RecordKey, State)>) {
        self.end += 1;
        let block = Block { project_id: "p".into(), received: Micros(NOON), patches };
        self.archive.merge(block, self.end).unwrap();
    }

    async fn count(&self, table: Table, filter: Option<Filter>) -> i64 {
        let mut query = Query::new(table);
        query.filter = filter;
        query.measures = vec![Measure::new(Function::Count)];
        match self.archive.query("p", &query).await.unwrap().table.rows[0][0] {
            Cell::Int(count) => count,
            ref other => panic!("a count came as {other:?}"),
        }
    }

    async fn status(&self, trace: &str) -> Status {
        let unit = self.archive.trace("p", trace).await.unwrap().unwrap();
        let (_, spans) = unit.project(&trace.into(), &NoPrices);
        tracekeep_model::totals(spans.iter().map(|(_, span)| span)).status()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_merged_is_read_from_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    for round in 0..3 {
        for n in 0..10 {
            let trace = format!("t{round}-{n}");
            it.merge(vec![
                begin(&trace, "a", n),
                begin(&trace, "b", n),
                score(&trace, &trace, 0.5),
            ]);
        }
        it.merge((0..5).map(|n| end(&format!("t{round}-{n}"), "a", 50 + n)).collect());
        assert_eq!(it.count(Table::Traces, None).await, 10 * (round + 1));
        assert_eq!(it.count(Table::Spans, None).await, 20 * (round + 1));
        assert_eq!(it.count(Table::Scores, None).await, 10 * (round + 1));
        it.archive.seal().unwrap();
        assert_eq!(it.count(Table::Spans, None).await, 20 * (round + 1));
    }
    // Late ends re-open traces that lie in segments.
    it.merge((5..10).map(|n| end(&format!("t0-{n}"), "a", 60)).collect());
    let done = || Some(Filter::condition("status", Op::Eq, "success"));
    assert_eq!(it.count(Table::Traces, done()).await, 20);
    assert_eq!(it.count(Table::Spans, None).await, 60);
    assert_eq!(it.status("t0-7").await, Status::Success);
    assert_eq!(it.status("t1-7").await, Status::Pending);
    it.archive.seal().unwrap();
    assert_eq!(it.count(Table::Traces, done()).await, 20);
    drop(it);
    let it = Archive1::open(dir.path());
    assert_eq!(it.count(Table::Spans, None).await, 60);
    assert_eq!(it.count(Table::Traces, done()).await, 20);
    assert_eq!(it.count(Table::Interactions, done()).await, 20);
    assert_eq!(it.status("t0-7").await, Status::Success);
    assert!(it.archive.trace("p", "absent").await.unwrap().is_none());
    assert!(it.archive.trace("other", "t0-7").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_after_a_lost_seal_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge(vec![begin("t", "a", 0)]);
    it.archive.seal().unwrap();
    it.merge(vec![end("t", "a", 9)]);
    // Not sealed: the mask of the re-opened row was memory only.
    drop(it);
    let mut it = Archive1::open(dir.path());
    assert_eq!(it.status("t").await, Status::Pending);
    it.merge(vec![end("t", "a", 9)]);
    it.merge(vec![end("t", "a", 9)]);
    assert_eq!(it.count(Table::Spans, None).await, 1);
    assert_eq!(it.status("t").await, Status::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_changes_while_it_is_sealed_is_there_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    for n in 0..3_000 {
        it.merge(vec![begin(&format!("t{n}"), "a", n)]);
    }
    let shared = it.archive.shared.clone();
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let merging = std::thread::spawn({
        let (shared, stop) = (shared.clone(), stop.clone());
        let mut position = it.end;
        move || {
            let mut n = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) && n < 3_000 {
                position += 1;
                let patches = vec![end(&format!("t{n}"), "a", 10_000)];
                shared
                    .merge(
                        Block { project_id: "p".into(), received: Micros(NOON), patches },
                        position,
                    )
                    .unwrap();
                n += 1;
            }
            n
        }
    });
    for _ in 0..5 {
        it.archive.seal().unwrap();
        assert_eq!(it.count(Table::Spans, None).await, 3_000);
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let ended = merging.join().unwrap();
    let done = Some(Filter::condition("status", Op::Eq, "success"));
    assert_eq!(it.count(Table::Traces, done).await, ended);
    assert_eq!(it.count(Table::Traces, None).await, 3_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_have_the_columns_that_queries_know() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge(vec![begin("t", "a", 0), end("t", "a", 1_000_000), score("s", "t", 1.0)]);
    for table in
        [Table::Spans, Table::Traces, Table::Scores, Table::Interactions, Table::MetricsHourly]
    {
        let answer = it.archive.query("p", &Query::new(table)).await.unwrap().table;
        let names: Vec<&str> = answer.columns.iter().map(|(name, _)| name.as_str()).collect();
        let known: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
        assert_eq!(names, known, "{table:?}");
        assert_eq!(answer.rows.len(), 1, "{table:?}");
        for (column, cell) in table.columns().iter().zip(&answer.rows[0]) {
            assert!(column.nullable || !cell.is_null(), "{table:?}.{} is null", column.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_trace_is_gone_and_stays_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge(vec![begin("t", "a", 0), begin("u", "a", 0)]);
    it.archive.seal().unwrap();
    it.merge(vec![(RecordKey::Trace { trace_id: "t".into() }, State::deleted(Micros(NOON)))]);
    it.archive.seal().unwrap();
    it.merge(vec![end("t", "a", 9)]);
    assert_eq!(it.count(Table::Traces, None).await, 1);
    assert_eq!(it.count(Table::Spans, None).await, 1);
    assert!(it.archive.trace("p", "t").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_changes_nothing_that_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    for round in 0..10 {
        for n in 0..20 {
            let trace = format!("t{round}-{n}");
            it.merge(vec![
                begin(&trace, "a", n),
                begin(&trace, "b", n),
                score(&trace, &trace, 0.5),
            ]);
        }
        it.archive.seal().unwrap();
    }
    // Re-opened in memory only: compaction must keep the rows that the next start needs.
    it.merge((0..10).map(|n| end(&format!("t{n}-3"), "a", 60)).collect());
    let segments = it.archive.status().segments;
    assert!(it.archive.compact(Micros(NOON)).unwrap());
    assert!(it.archive.status().segments < segments);
    assert!(!it.archive.compact(Micros(NOON)).unwrap());
    let done = || Some(Filter::condition("status", Op::Eq, "success"));
    assert_eq!(it.count(Table::Spans, None).await, 400);
    assert_eq!(it.count(Table::Scores, None).await, 200);
    assert_eq!(it.count(Table::Traces, done()).await, 10);
    drop(it);
    let mut it = Archive1::open(dir.path());
    assert_eq!(it.count(Table::Spans, None).await, 400);
    assert_eq!(it.count(Table::Traces, done()).await, 0);
    it.merge((0..10).map(|n| end(&format!("t{n}-3"), "a", 60)).collect());
    it.archive.seal().unwrap();
    assert_eq!(it.count(Table::Traces, done()).await, 10);
    assert_eq!(it.status("t4-3").await, Status::Success);
    assert_eq!(it.status("t4-4").await, Status::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_to_which_nothing_comes_becomes_one_segment() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    for round in 0..3 {
        it.merge((0..10).map(|n| begin(&format!("t{round}-{n}"), "a", n)).collect());
        it.archive.seal().unwrap();
    }
    let minutes = |minutes: i64| Micros(NOON + minutes * 60 * Micros::SECOND);
    assert!(!it.archive.compact(minutes(0)).unwrap());
    // Re-opened in memory only: its row must be found by the next start.
    it.merge(vec![end("t1-3", "a", 60)]);
    assert!(!it.archive.compact(minutes(59)).unwrap(), "something may still come");
    assert!(it.archive.compact(minutes(60)).unwrap());
    assert_eq!(it.archive.status().segments, 1);
    assert!(!it.archive.compact(minutes(600)).unwrap());
    assert_eq!(it.count(Table::Spans, None).await, 30);
    assert_eq!(it.status("t1-3").await, Status::Success);
    drop(it);
    let mut it = Archive1::open(dir.path());
    assert_eq!(it.count(Table::Spans, None).await, 30);
    assert_eq!(it.status("t1-3").await, Status::Pending);
    it.merge(vec![end("t1-3", "a", 60)]);
    assert_eq!(it.count(Table::Spans, None).await, 30);
    assert_eq!(it.status("t1-3").await, Status::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worn_segment_is_written_anew_without_what_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge((0..100).map(|n| begin(&format!("t{n}"), "a", n)).collect());
    it.archive.seal().unwrap();
    let delete =
        |n| (RecordKey::Trace { trace_id: format!("t{n}").into() }, State::deleted(Micros(NOON)));
    it.merge((0..60).map(delete).collect());
    it.archive.seal().unwrap();
    assert!(it.archive.compact(Micros(NOON)).unwrap());
    assert_eq!(it.count(Table::Traces, None).await, 40);
    assert_eq!(it.archive.status().stored_spans, 40);
    assert!(it.archive.trace("p", "t7").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_whose_folder_could_not_be_removed_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge(vec![begin("t", "a", 0)]);
    let shelf = dir.path().join("segments/p").join(Micros(NOON).day().to_string());
    std::fs::create_dir_all(shelf.join("1")).unwrap();
    std::fs::write(shelf.join("1/hourly.parquet"), "of another").unwrap();
    it.archive.seal().unwrap();
    assert!(shelf.join("2/hourly.parquet").exists());
    assert_eq!(it.count(Table::Spans, None).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_its_time_goes_by_days() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge((0..4).map(|day| begin(&format!("t{day}"), "a", day * Micros::DAY)).collect());
    it.archive.seal().unwrap();
    let expiry = Expiry::after_days(2, Micros(NOON + 4 * Micros::DAY));
    assert_eq!(it.archive.expire("other", expiry).unwrap(), 0);
    assert_eq!(it.archive.expire("p", expiry).unwrap(), 2);
    assert_eq!(it.count(Table::Traces, None).await, 2);
    drop(it);
    assert_eq!(Archive1::open(dir.path()).count(Table::Traces, None).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_leaves_the_disk_within_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge((0..100).map(|n| begin(&format!("t{n}"), "a", n)).collect());
    it.archive.seal().unwrap();
    let key = RecordKey::Trace { trace_id: "t7".into() };
    it.merge(vec![(key, State::deleted(Micros(NOON)))]);
    it.archive.seal().unwrap();
    let hours = |hours: i64| Micros(NOON + hours * Micros::HOUR);
    assert!(!it.archive.compact(hours(1)).unwrap(), "one row in a hundred is not worth it yet");
    assert!(!it.archive.compact(hours(20)).unwrap());
    drop(it);
    let it = Archive1::open(dir.path());
    assert!(it.archive.compact(hours(21)).unwrap(), "a restart does not begin the time anew");
    assert!(!it.archive.compact(hours(100)).unwrap());
    assert_eq!(it.archive.status().stored_spans, 99);
    assert_eq!(it.count(Table::Traces, None).await, 99);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_known_longer_than_what_it_covers() {
    let dir = tempfile::tempdir().unwrap();
    let mut it = Archive1::open(dir.path());
    it.merge(vec![begin("t", "a", 0), begin("u", "a", 0)]);
    it.archive.seal().unwrap();
    let key = RecordKey::Trace { trace_id: "t".into() };
    it.merge(vec![(key, State::deleted(Micros(NOON + Micros::DAY)))]);
    it.archive.seal().unwrap();
    let day = |day: i64| Micros(NOON + day * Micros::DAY);
    // The trace's day is past, the deletion's is past, but not yet twice the retention.
    it.archive.expire("p", Expiry::after_days(10, day(20))).unwrap();
    assert_eq!(it.count(Table::Traces, None).await, 0);
    let (key, mut state) = score("s", "t", 1.0);
    state.set(Field::Timestamp, stated(NOON, Step::Update), day(20));
    it.merge(vec![(key, state)]);
    it.archive.seal().unwrap();
    assert_eq!(it.count(Table::Scores, None).await, 0, "its trace was deleted");
    // Forgotten at last, together with all that could have shown again.
    it.archive.expire("p", Expiry::after_days(10, day(40))).unwrap();
    assert_eq!(it.archive.status().segments, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_of_very_many_spans_is_full() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Options::new(dir.path()).most_trace_spans, 100_000);
    let options = Options { most_trace_spans: 5_000, ..Options::new(dir.path()) };
    let mut it = Archive1::open_with(options.clone());
    for piece in 0..5 {
        assert_eq!(it.archive.full("p", "t"), None);
        it.merge((0..1_000).map(|n| begin("t", &format!("{piece}-{n}"), n)).collect());
    }
    assert_eq!(it.archive.full("p", "t"), Some(Full::Spans(5_000)));
    assert_eq!((it.archive.full("p", "u"), it.archive.full("other", "t")), (None, None));
    it.archive.seal().unwrap();
    assert_eq!(it.archive.full("p", "t"), Some(Full::Spans(5_000)), "sealing changes nothing");
    drop(it);
    let mut it = Archive1::open_with(options);
    // What came all the same is kept.
    it.merge(vec![begin("t", "one more", 0)]);
    assert_eq!(it.archive.full("p", "t"), Some(Full::Spans(5_001)));
    assert_eq!(it.count(Table::Spans, None).await, 5_001);
    let key = RecordKey::Trace { trace_id: "t".into() };
    it.merge(vec![(key, State::deleted(Micros(NOON)))]);
    assert_eq!(it.archive.full("p", "t"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_trace_that_is_past_its_time_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { most_trace_spans: 2, ..Options::new(dir.path()) };
    let mut it = Archive1::open_with(options);
    it.merge(vec![begin("t", "a", 0), begin("t", "b", 0)]);
    it.archive.seal().unwrap();
    assert!(it.archive.full("p", "t").is_some());
    let expiry = Expiry::after_days(2, Micros(NOON + 4 * Micros::DAY));
    assert_eq!(it.archive.expire("p", expiry).unwrap(), 1);
    assert_eq!(it.archive.full("p", "t"), None);
}
