#![allow(clippy::unwrap_used)]

mod memory;

use std::sync::atomic::Ordering;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use tracekeep_model::Micros;
use tracekeep_query::arbitrary::{START, group_query};
use tracekeep_query::{Filter, Function, Measure, Op, Query, Table, TimeRange};

use super::*;
use crate::story::Story;

impl Partials {
    fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }
}

fn hours(from: i64, to: i64) -> Option<TimeRange> {
    Some(TimeRange { from: START.plus(from * Micros::HOUR), to: START.plus(to * Micros::HOUR) })
}

fn count(table: Table) -> Query {
    Query { measures: vec![Measure::new(Function::Count)], ..Query::new(table) }
}

/// As the server's figures compare models.
fn figures() -> Query {
    let measures = vec![
        Measure::new(Function::Count),
        Measure::of(Function::Avg, "duration_us"),
        Measure::of(Function::P50, "duration_us"),
        Measure::of(Function::P99, "duration_us"),
        Measure::new(Function::ErrorRate),
        Measure::new(Function::Rate),
        Measure::of(Function::Sum, "total_cost"),
    ];
    let time = hours(-24, 240);
    Query { group_by: vec!["model".into()], measures, time, ..Query::new(Table::Traces) }
}

/// Four days, a segment each, and some of a fifth in memory.
fn four_days() -> Story {
    let mut story = Story::new();
    for day in 0..4 {
        story.seal(day, 40);
    }
    story.fill_memory(4, 15);
    story
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_changes_no_answer() {
    let mut runner = TestRunner::deterministic();
    let mut random = |table| group_query(table).new_tree(&mut runner).unwrap().current();
    let mut queries: Vec<Query> = Vec::new();
    for _ in 0..6 {
        for table in [Table::Traces, Table::Spans] {
            // Of times that cut segments in two, and of all.
            queries.push(random(table));
            queries.push(Query { time: hours(-24, 240), ..random(table) });
        }
    }
    let mut story = four_days();
    for change in 0..4 {
        for query in &queries {
            story.check(query).await;
            let before = story.partials().computed();
            story.check(query).await;
            assert_eq!(story.partials().computed(), before, "{query:?}");
        }
        match change {
            0 => story.mask(),
            1 => story.seal(1, 10),
            _ => story.compact(),
        }
    }
    assert!(story.partials().computed() > 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_read_once_as_long_as_it_is_the_same() {
    let mut story = four_days();
    for query in [count(Table::Traces), count(Table::Spans), figures()] {
        let before = story.partials().computed();
        for _ in 0..3 {
            story.check(&query).await;
            assert_eq!(story.partials().computed() - before, 4, "{query:?}");
        }
    }
    story.check(&Query { limit: Some(1), ..figures() }).await;
    assert_eq!(story.partials().computed(), 12);
    story.mask();
    story.check(&figures()).await;
    assert_eq!(story.partials().computed(), 16);
    story.seal(2, 10);
    story.check(&figures()).await;
    assert_eq!(story.partials().computed(), 17);
    // Two of five become one.
    story.compact();
    story.check(&figures()).await;
    assert_eq!(story.partials().computed(), 18);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_remembered_serves_all_times() {
    let story = four_days();
    // Of whole days one and two.
    for time in [hours(24, 72), hours(20, 72), hours(30, 72), hours(24, 70)] {
        story.check(&Query { time, ..figures() }).await;
    }
    assert_eq!(story.partials().computed(), 2);
    story.check(&figures()).await;
    assert_eq!(story.partials().computed(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_may_begin_long_after_its_trace() {
    let story = four_days();
    // All traces of the first day, but not all of their spans.
    let first_day = Query { time: hours(0, 24), ..count(Table::Spans) };
    story.check(&first_day).await;
    assert_eq!(story.partials().computed(), 0);
    let first_day = Query { time: hours(0, 24), ..count(Table::Traces) };
    story.check(&first_day).await;
    assert_eq!(story.partials().computed(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_groups_are_read_each_time() {
    let mut story = Story::new();
    story.seal(0, 4_200);
    story.seal(1, 10);
    let query = Query { group_by: vec!["trace_id".into()], ..count(Table::Traces) };
    for _ in 0..3 {
        story.check(&query).await;
    }
    let computed = story.partials().computed();
    assert_eq!(computed, 2);
    let key = Key::new("p", &Question::of(&query.plan().unwrap()).unwrap().timeless);
    let states = story.partials().kept.find(&key, &[(1, 0), (2, 0)].into_iter().collect());
    assert!(matches!(states[&1], State::TooLarge));
    assert!(matches!(&states[&2], State::Rows(rows) if rows.num_rows() == 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_another_plan_is_answered_by_a_scan() {
    let story = four_days();
    let none = Some(Filter::any_of("model", Op::In, Vec::new()));
    story.check(&Query { filter: none, ..count(Table::Traces) }).await;
    let words = Some(Filter::Search("alpha".into()));
    story.check(&Query { filter: words, ..count(Table::Traces) }).await;
    assert_eq!(story.partials().computed(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_before_a_failure_is_not_looked_for_again() {
    let story = four_days();
    let query = count(Table::Traces);
    let file = story.snapshot.segments[3].segment.traces_file().path;
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    assert!(story.asking().rows(&query).await.is_err());
    let computed = story.partials().computed();
    assert!((2..=3).contains(&computed), "{computed}");
    std::fs::rename(&aside, &file).unwrap();
    story.check(&query).await;
    assert_eq!(story.partials().computed(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_are_in_the_way_are_there_to_be_left_out() {
    let story = Story::new();
    let state = story.asking().state;
    let names: Vec<&str> = state.physical_optimizers().iter().map(|rule| rule.name()).collect();
    for rule in physical::IN_THE_WAY {
        assert!(names.contains(&rule), "{rule} is not one of {names:?}");
    }
}
