//! Prices that are others after a restart, or while the archive is open.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tracekeep_archive::{Archive as _, ModelCosts};
use tracekeep_archive_embedded::{Embedded, Options};
use tracekeep_model::block::Block;
use tracekeep_model::{
    Cost, CostSource, Field, Kind, Micros, Money, Pricing, ProjectPrices, Rank, RecordKey,
    Register, SamePrices, Span, State, Step, Text, Version,
};
use tracekeep_query::{Cell, Query};

/// 2026-02-02T02:40:00Z.
const START: Micros = Micros(1_770_000_000_000_000);

/// So much for each token, of whatever model but the one that has no price.
#[derive(Debug)]
struct PerToken(i128);

impl Pricing for PerToken {
    fn price(&self, span: &Span) -> Option<(Cost, Text)> {
        span.model.as_ref().filter(|model| &***model != "nobody's")?;
        let parts = span.usage.types();
        let parts =
            parts.map(|(name, count)| (Text::from(name), Money(self.0 * i128::from(count))));
        let cost =
            Cost { source: CostSource::Computed, parts: parts.collect(), stated_total: None };
        Some((cost, Text::from(format!("per token {}", self.0))))
    }

    fn version(&self) -> Text {
        Text::from(format!("test {}", self.0))
    }
}

fn open(dir: &Path, price: i128) -> Embedded {
    let prices = Arc::new(SamePrices(Arc::new(PerToken(price))));
    Embedded::open(Options { prices, ..Options::new(dir) }).unwrap()
}

fn merge(archive: &Embedded, patches: Vec<(RecordKey, State)>) {
    let block = Block { project_id: "p".into(), received: START, patches };
    archive.merge(block, archive.checkpoint() + 1).unwrap();
}

/// A generation of some tokens; its cost, if it is stated.
fn call(trace: &str, model: &str, tokens: i64, cost: Option<i128>) -> (RecordKey, State) {
    let version = Version { rank: Rank::Stated, time: START, step: Step::Start };
    let mut state = State::new(START);
    state.set(Field::Kind, version, Kind::Generation);
    state.set(Field::StartTime, version, START);
    state.set(Field::Model, version, model);
    state.set(Register::Usage("input".into()), version, tokens);
    if let Some(cost) = cost {
        state.set(Register::Cost("total".into()), version, Money(cost));
    }
    (RecordKey::Span { trace_id: trace.into(), span_id: "s".into() }, state)
}

/// Fills an archive with three segments of one day, each of a priced, a stated and an unknown cost.
fn fill(dir: &Path, price: i128) {
    let archive = open(dir, price);
    for n in 0..3 {
        merge(
            &archive,
            vec![
                call(&format!("priced {n}"), "m", 10 + n, None),
                call(&format!("stated {n}"), "m", 10, Some(7)),
                call(&format!("unknown {n}"), "nobody's", 10, None),
            ],
        );
        archive.seal().unwrap();
    }
}

async fn sum(archive: &Embedded, json: &str) -> Cell {
    let query = Query::from_json(json).unwrap();
    archive.query("p", &query).await.unwrap().table.rows[0][0].clone()
}

/// Spans, traces and hours say that all costs are these.
async fn check(archive: &Embedded, amount: i128) {
    for query in [
        r#"{"table":"spans","measures":[{"fn":"sum","field":"cost_total"}]}"#,
        r#"{"table":"traces","measures":[{"fn":"sum","field":"total_cost"}]}"#,
        r#"{"table":"trace_metrics_hourly","measures":[{"fn":"sum","field":"total_cost"}]}"#,
    ] {
        assert_eq!(sum(archive, query).await, Cell::from(Money(amount)), "{query}");
    }
}

/// How many spans have costs by a price of this id.
async fn priced_by(archive: &Embedded, id: &str) -> Cell {
    let query = r#"{"table":"spans","measures":[{"fn":"count"}],
        "filter":{"field":"price_id","op":"eq","value":"ID"}}"#;
    sum(archive, &query.replace("ID", id)).await
}

fn costs(model: &str, spans: u64, changed: u64, before: i128, after: i128) -> ModelCosts {
    let (before, after) = (Money(before), Money(after));
    ModelCosts { model: Some(model.into()), spans, changed, before, after }
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_computed_anew_when_they_are_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 2);
    let archive = open(dir.path(), 2);
    assert!(archive.stale_costs("p").unwrap().is_empty());
    assert!(!archive.recompute_costs("p").unwrap(), "nothing has changed");
    drop(archive);
    let archive = open(dir.path(), 3);
    check(&archive, 2 * 33 + 21).await;
    let wanted = [costs("m", 3, 3, 66, 99), costs("nobody's", 3, 0, 0, 0)];
    assert_eq!(archive.stale_costs("p").unwrap(), wanted);
    assert!(archive.stale_costs("other").unwrap().is_empty());
    // A trace that comes back from its segment has today's cost at once: of the same statement the
    // greater count stays.
    merge(&archive, vec![call("priced 1", "m", 20, None)]);
    check(&archive, 2 * 22 + 3 * 20 + 21).await;
    let wanted = [costs("m", 2, 2, 44, 66), costs("nobody's", 3, 0, 0, 0)];
    assert_eq!(archive.stale_costs("p").unwrap(), wanted);
    for _ in 0..3 {
        assert!(archive.recompute_costs("p").unwrap());
    }
    assert!(!archive.recompute_costs("p").unwrap(), "all is done");
    assert!(archive.stale_costs("p").unwrap().is_empty());
    check(&archive, 3 * 42 + 21).await;
    assert_eq!(priced_by(&archive, "per token 3").await, Cell::from(3u64));
    assert_eq!(priced_by(&archive, "per token 2").await, Cell::from(0u64));
    // Before it was sealed, and after.
    drop(archive);
    let archive = open(dir.path(), 3);
    merge(&archive, vec![call("priced 1", "m", 20, None)]);
    check(&archive, 3 * 42 + 21).await;
    archive.seal().unwrap();
    check(&archive, 3 * 42 + 21).await;
    assert!(!archive.recompute_costs("p").unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_computes_costs_anew() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 2);
    let archive = open(dir.path(), 3);
    // Segments of five more seals: eight become one, three of them by former prices.
    for n in 0..5 {
        merge(&archive, vec![call(&format!("new {n}"), "m", 1, None)]);
        merge(&archive, vec![call(&format!("newer {n}"), "m", 1, None)]);
        merge(&archive, vec![call(&format!("newest {n}"), "m", 1, None)]);
        archive.seal().unwrap();
    }
    check(&archive, 2 * 33 + 3 * 15 + 21).await;
    assert_eq!(archive.status().segments, 8);
    assert!(archive.compact(START).unwrap());
    assert_eq!(archive.status().segments, 1);
    check(&archive, 3 * 33 + 3 * 15 + 21).await;
    assert!(!archive.recompute_costs("p").unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_is_gone_leaves_no_cost() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 2);
    let archive = Embedded::open(Options::new(dir.path())).unwrap();
    for _ in 0..3 {
        assert!(archive.recompute_costs("p").unwrap());
    }
    check(&archive, 21).await;
    let none = r#"{"table":"spans","measures":[{"fn":"count"}],
        "filter":{"and":[{"field":"cost_total","op":"missing"},{"field":"price_id","op":"missing"},
                         {"field":"cost_source","op":"eq","value":"none"}]}}"#;
    assert_eq!(sum(&archive, none).await, Cell::from(6u64));
}

/// Prices that change while the archive is open.
#[derive(Debug)]
struct Changing(AtomicI64);

impl ProjectPrices for Changing {
    fn of(&self, _: &str) -> Arc<dyn Pricing> {
        Arc::new(PerToken(self.0.load(Ordering::Relaxed).into()))
    }
}

fn open_changing(dir: &Path, price: i64) -> (Embedded, Arc<Changing>) {
    let prices = Arc::new(Changing(AtomicI64::new(price)));
    let options = Options { prices: prices.clone(), ..Options::new(dir) };
    (Embedded::open(options).unwrap(), prices)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_has_a_new_price_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, prices) = open_changing(dir.path(), 2);
    merge(&archive, vec![call("t", "m", 10, None), call("stated", "m", 10, Some(7))]);
    check(&archive, 2 * 10 + 7).await;
    prices.0.store(3, Ordering::Relaxed);
    check(&archive, 3 * 10 + 7).await;
    assert_eq!(priced_by(&archive, "per token 3").await, Cell::from(1u64));
    assert!(archive.stale_costs("p").unwrap().is_empty());
    archive.seal().unwrap();
    check(&archive, 3 * 10 + 7).await;
    assert!(!archive.recompute_costs("p").unwrap());
    // What is sealed keeps its cost.
    prices.0.store(4, Ordering::Relaxed);
    check(&archive, 3 * 10 + 7).await;
    assert_eq!(archive.stale_costs("p").unwrap(), [costs("m", 1, 1, 30, 40)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_the_head_by_a_former_price_is_computed_anew_too() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, prices) = open_changing(dir.path(), 2);
    // As many as make a chunk, whose rows are built once.
    let calls = (0..4_096).map(|n| call(&format!("t{n}"), "m", 1, None)).collect();
    merge(&archive, calls);
    check(&archive, 2 * 4_096).await;
    prices.0.store(3, Ordering::Relaxed);
    merge(&archive, vec![call("new", "m", 1, None)]);
    check(&archive, 2 * 4_096 + 3).await;
    assert_eq!(archive.status().segments, 0);
    // Of one segment: its rows are of two versions, and are all computed anew.
    let wanted = costs("m", 4_097, 4_096, 2 * 4_096 + 3, 3 * 4_097);
    assert_eq!(archive.stale_costs("p").unwrap(), [wanted]);
    check(&archive, 2 * 4_096 + 3).await;
    while archive.recompute_costs("p").unwrap() {}
    check(&archive, 3 * 4_097).await;
    assert!(archive.stale_costs("p").unwrap().is_empty());
    // Without a look before.
    let calls = (0..4_096).map(|n| call(&format!("u{n}"), "m", 1, None)).collect();
    merge(&archive, calls);
    prices.0.store(5, Ordering::Relaxed);
    while archive.recompute_costs("p").unwrap() {}
    check(&archive, 5 * (4_097 + 4_096)).await;
}
