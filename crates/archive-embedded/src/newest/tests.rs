#![allow(clippy::unwrap_used)]

use datafusion::physical_plan::displayable;
use tracekeep_query::{Filter, Op, Row};

use super::*;
use crate::story::Story;

/// Segments of six days, some of which overlap, and in memory what is older than most of them.
fn days() -> Story {
    let mut story = Story::new();
    for day in [0, 1, 1, 2, 4, 5] {
        story.seal(day, 80);
    }
    story.fill_memory(2, 15);
    story.mask();
    story
}

fn filters() -> Vec<Option<Filter>> {
    let word = tracekeep_query::arbitrary::WORDS[0];
    vec![
        None,
        Some(Filter::condition("user_id", Op::Eq, word)),
        Some(Filter::condition("status", Op::Eq, "error")),
        Some(Filter::condition("user_id", Op::Eq, "nobody")),
    ]
}

fn page(filter: Option<Filter>, limit: u64) -> Query {
    Query { filter, limit: Some(limit), ..Query::new(Table::Traces) }
}

async fn ids(story: &Story, query: &Query) -> Vec<Row> {
    let mut rows = Vec::new();
    for batch in story.asking().rows(query).await.unwrap() {
        let of = |name: &str| batch.column_by_name(name).unwrap();
        let starts = of("start_time").as_primitive::<TimestampMicrosecondType>();
        for (id, start) in of("trace_id").as_string_view().iter().zip(starts.values()) {
            rows.push(Row::from_iter([
                ("start_time", Cell::Time(Micros(*start))),
                ("trace_id", Cell::Text(id.unwrap().into())),
            ]));
        }
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_those_of_a_scan() {
    let story = days();
    for filter in filters() {
        for limit in [1, 2, 7, 60] {
            for offset in [0, 1, 5, 70] {
                let query = Query { offset: Some(offset), ..page(filter.clone(), limit) };
                assert!(
                    newest(&story.asking(), &query.for_keys().unwrap()).await.unwrap().is_some()
                );
                story.check(&query).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_one_after_another_are_all_traces_once() {
    let story = days();
    for filter in filters() {
        let all = ids(&story, &page(filter.clone(), 900)).await;
        let mut query = page(filter, 7);
        let mut seen: Vec<Row> = Vec::new();
        loop {
            // One more is read than is shown.
            let shown: Vec<Row> = ids(&story, &query).await.into_iter().take(7).collect();
            let last = shown.last().cloned();
            seen.extend(shown);
            let Some(last) = last else { break };
            query.cursor = query.plan().unwrap().cursor_after(&last);
        }
        assert_eq!(seen, all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_latest_opens_the_latest_segment_only() {
    let story = days();
    let query = page(None, 5);
    let found = newest(&story.asking(), &query.for_keys().unwrap()).await.unwrap().unwrap();
    assert_eq!(found.ids.len(), 6);
    let rows = query.of_keys(found.ids, found.time);
    let asking = story.asking();
    let sql = sql(&rows).unwrap();
    let plan = asking.planned(&asking.state, &asking.snapshot, &sql).await.unwrap().plan;
    let plan = displayable(plan.as_ref()).indent(false).to_string();
    assert_eq!(plan.matches("traces.parquet").count(), 1, "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_asked_within_the_files_and_once() {
    let story = days();
    let query = page(Some(Filter::condition("status", Op::Eq, "error")), 5);
    let asking = story.asking();
    let sql = sql(&query.for_keys().unwrap()).unwrap();
    let plan = asking.planned(&asking.state, &asking.snapshot, &sql).await.unwrap().plan;
    let plan = displayable(plan.as_ref()).indent(false).to_string();
    let scans: Vec<_> = plan.lines().filter(|line| line.contains("traces.parquet")).collect();
    assert!(!scans.is_empty(), "{plan}");
    for scan in scans {
        let (_, predicate) = scan.split_once(" predicate=").expect("the scan has a predicate");
        let predicate = predicate.split(", pruning_predicate=").next().unwrap();
        assert_eq!(predicate.matches("status").count(), 1, "{scan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_scores_is_asked_once() {
    let story = days();
    let score = Filter::condition("scores.helpful", Op::Gt, 0.5);
    let keys = page(Some(score), 5).for_keys().unwrap();
    assert!(newest(&story.asking(), &keys).await.unwrap().is_none());
}
