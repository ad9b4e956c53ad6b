//! `trace_metrics_hourly` is made of sums that are computed ahead. It must always say what a scan of
//! `spans` says.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tracekeep_archive::Archive as _;
use tracekeep_archive_embedded::{Embedded, Options};
use tracekeep_model::block::Block;
use tracekeep_model::{
    Field, Kind, Micros, Money, Rank, RecordKey, Register, State, Status, Step, Version,
};
use tracekeep_query::{Cell, Filter, Op, Query, Table, TimeRange};

/// 2026-02-02T02:40:00Z.
const START: Micros = Micros(1_770_000_000_000_000);
const TRACES: u64 = 40;

/// An archive in a folder, and what is said to it.
struct Story {
    archive: Option<Embedded>,
    dir: tempfile::TempDir,
    seed: u64,
    end: u64,
}

impl Story {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let archive = Some(Embedded::open(Options::new(dir.path())).unwrap());
        Self { archive, dir, seed: 7, end: 0 }
    }

    fn archive(&self) -> &Embedded {
        self.archive.as_ref().unwrap()
    }

    fn below(&mut self, most: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.seed >> 33) % most
    }

    /// Begins, ends and deletes; often of traces that were sealed long ago.
    fn merge(&mut self, count: usize) {
        let patches = (0..count).map(|_| self.patch()).collect();
        self.end += 1;
        let block = Block { project_id: "p".into(), received: START, patches };
        self.archive().merge(block, self.end).unwrap();
    }

    fn patch(&mut self) -> (RecordKey, State) {
        let (trace, span) = (self.below(TRACES), self.below(4));
        let trace_id = format!("trace {trace}").into();
        let received = START.plus(self.below(1_000) as i64);
        if self.below(60) == 0 {
            return (RecordKey::Trace { trace_id }, State::deleted(received));
        }
        let mut state = State::new(received);
        let time = START.plus(self.below(5) as i64);
        let version = Version { rank: Rank::Stated, time, step: Step::Update };
        let start = START.plus((trace * 7 + span * 3) as i64 % 5 * Micros::HOUR);
        if self.below(2) == 0 {
            let kind = if span == 3 { Kind::Tool } else { Kind::Generation };
            state.set(Field::StartTime, version, start);
            state.set(Field::Kind, version, kind);
            if trace % 4 > 0 {
                state.set(Field::Model, version, format!("model {}", trace % 4));
            }
        } else {
            let status = if self.below(4) == 0 { Status::Error } else { Status::Success };
            let tokens = self.below(1_000) as i64;
            state.set(Field::EndTime, version, start.plus(1 + self.below(5_000) as i64));
            state.set(Field::FirstTokenLatency, version, self.below(500) as i64);
            state.set(Field::Status, version, status);
            state.set(Register::Usage("input".into()), version, tokens);
            state.set(Register::Usage("output".into()), version, tokens / 3);
            state.set(Register::Cost("total".into()), version, Money(tokens.into()));
        }
        (RecordKey::Span { trace_id, span_id: format!("span {span}").into() }, state)
    }

    fn reopen(&mut self) {
        self.archive = None;
        self.archive = Some(Embedded::open(Options::new(self.dir.path())).unwrap());
    }

    /// As if all segments had been written before there were hours.
    fn forget_hours(&mut self) -> usize {
        let files = files(self.dir.path(), "hourly.parquet");
        files.iter().for_each(|file| std::fs::remove_file(file).unwrap());
        files.len()
    }

    async fn rows(&self, query: Query) -> Vec<BTreeMap<String, Cell>> {
        let query = Query { limit: Some(10_000), ..query };
        let answer = self.archive().query("p", &query).await.unwrap().table;
        let names = || answer.columns.iter().map(|(name, _)| name.clone());
        answer.rows.iter().map(|row| names().zip(row.iter().cloned()).collect()).collect()
    }

    /// The view says what the table says.
    async fn check(&self) {
        let mut wanted: BTreeMap<(Micros, String), Vec<BTreeMap<String, Cell>>> = BTreeMap::new();
        for span in self.rows(Query::new(Table::Spans)).await {
            if span["kind"] == Cell::from("GENERATION") {
                let model = span["model"].as_text().unwrap_or("").to_owned();
                wanted.entry((time(&span["start_time"]).hour(), model)).or_default().push(span);
            }
        }
        let found = self.rows(Query::new(Table::MetricsHourly)).await;
        assert_eq!(found.len(), wanted.len());
        for row in &found {
            let model = row["model_id"].as_text().unwrap().to_owned();
            let spans = &wanted[&(time(&row["hour_bucket"]), model)];
            for (name, cell) in hour(spans) {
                assert!(alike(&row[name], &cell), "{name} is {:?}, not {cell:?}", row[name]);
            }
        }
    }
}

/// What the view must say of some generations.
fn hour(spans: &[BTreeMap<String, Cell>]) -> Vec<(&'static str, Cell)> {
    let with_status = |status: &str| {
        spans.iter().filter(|span| span["status"] == Cell::from(status)).count() as u64
    };
    let values = |name: &str| -> Vec<f64> {
        spans.iter().filter_map(|span| span[name].as_float()).collect()
    };
    let sum = |name: &str| values(name).iter().sum::<f64>();
    let average = |name: &str, unit: f64| {
        let count = values(name).len();
        if count == 0 { Cell::Null } else { Cell::from(sum(name) / count as f64 / unit) }
    };
    let money = spans.iter().map(|span| match &span["cost_total"] {
        Cell::Money(money) => *money,
        _ => Money::ZERO,
    });
    vec![
        ("total_requests", Cell::from(spans.len() as u64)),
        ("successful_requests", Cell::from(with_status("success"))),
        ("error_requests", Cell::from(with_status("error"))),
        ("avg_duration_ms", average("duration_us", 1e3)),
        ("avg_first_token_latency_ms", average("first_token_us", 1e3)),
        ("avg_tokens_per_request", average("usage_total", 1.0)),
        ("total_cost", Cell::from(money.sum::<Money>())),
        ("total_input_tokens", Cell::from(sum("usage_input") as i64)),
        ("total_output_tokens", Cell::from(sum("usage_output") as i64)),
        ("created_at", spans.iter().map(|span| span["received_at"].clone()).min().unwrap()),
    ]
}

fn alike(found: &Cell, wanted: &Cell) -> bool {
    match (found, wanted) {
        (Cell::Float(a), Cell::Float(b)) => (a - b).abs() <= 1e-9 * b.abs(),
        _ => found == wanted,
    }
}

fn time(cell: &Cell) -> Micros {
    if let Cell::Time(time) = cell { *time } else { panic!("{cell:?} is no time") }
}

fn files(dir: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, name));
        } else if path.file_name().is_some_and(|file| file == name) {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_what_a_scan_of_spans_finds() {
    let mut story = Story::new();
    story.check().await;
    for round in 0..12 {
        story.merge(30);
        story.check().await;
        story.archive().seal().unwrap();
        match round % 3 {
            0 => {}
            1 => while story.archive().compact(tracekeep_model::Micros(0)).unwrap() {},
            _ => story.reopen(),
        }
        story.check().await;
        // Masks rows of segments; the second time nothing has changed.
        story.merge(5);
        story.check().await;
        story.check().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_from_before_there_were_hours_are_counted() {
    let mut story = Story::new();
    for _ in 0..3 {
        story.merge(60);
        story.archive().seal().unwrap();
    }
    assert!(story.forget_hours() > 0);
    story.reopen();
    story.check().await;
    story.merge(5);
    story.check().await;
    // What is written from now on has hours.
    story.archive().seal().unwrap();
    while story.archive().compact(tracekeep_model::Micros(0)).unwrap() {}
    assert!(!files(story.dir.path(), "hourly.parquet").is_empty());
    story.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_found_by_time_and_model() {
    let mut story = Story::new();
    story.merge(200);
    story.archive().seal().unwrap();
    story.merge(200);
    let all = story.rows(Query::new(Table::MetricsHourly)).await;
    let (from, to) = (START.hour().plus(Micros::HOUR), START.hour().plus(3 * Micros::HOUR));
    let mut query = Query::new(Table::MetricsHourly);
    query.time = Some(TimeRange { from, to });
    query.filter = Some(Filter::condition("model_id", Op::Eq, "model 2"));
    let found = story.rows(query).await;
    let passes = |row: &&BTreeMap<String, Cell>| {
        let hour = time(&row["hour_bucket"]);
        from <= hour && hour < to && row["model_id"] == Cell::from("model 2")
    };
    let wanted: Vec<_> = all.iter().filter(passes).cloned().collect();
    assert!(!wanted.is_empty() && wanted.len() < all.len());
    assert_eq!(found, wanted);
}
