//! What is asked where nothing is, in another project, and in vain.

use tracekeep_model::Field;
use tracekeep_query::bounds::{MAX_DEPTH, MAX_LIST, MAX_NODES, MAX_SEARCH, MAX_SELECT, MAX_TEXT};
use tracekeep_query::{Cell, Filter, Function, Literal, Measure, Op, Query, Table};

use crate::ArchiveError;
use crate::conformance::patch::Patch;
use crate::conformance::run::Run;
use crate::conformance::{Disturbance, Subject};

/// An archive of nothing answers every question, with nothing; it can be sealed and opened.
///
/// # Panics
/// Where the archive says something else.
pub async fn an_empty_archive_answers(subject: &mut dyn Subject) {
    const SUMS: &str = r#"{"table":"spans","measures":[{"fn":"count"},
        {"fn":"sum","field":"duration_us"},{"fn":"avg","field":"cost_total"},
        {"fn":"max","field":"start_time"},{"fn":"count_distinct","field":"model"},
        {"fn":"p95","field":"duration_us"},{"fn":"error_rate"}]}"#;
    let mut run = Run::new(subject);
    finds_nothing(&run, "p").await;
    for how in [Disturbance::Seal, Disturbance::Compact, Disturbance::Reopen] {
        run.disturb(how).await;
        finds_nothing(&run, "p").await;
    }
    run.ask("p", &Query::from_json(SUMS).unwrap()).await;
}

/// Projects have the same ids for different records and see nothing of each other.
///
/// # Panics
/// Where the archive says something else.
pub async fn projects_are_apart(subject: &mut dyn Subject) {
    const NAMES: &str = r#"{"table":"spans","select":["name"],"order":[{"by":"span_id"}]}"#;
    let mut run = Run::new(subject);
    for project in ["one", "two"] {
        let begun = [
            Patch::begun("t", "a", 0).with(Field::Name, project),
            Patch::begun("u", "b", 0).with(Field::Name, project),
            Patch::score("s", "t", 0.5, 1).with(Field::Comment, project),
        ];
        run.merge(project, begun).await;
        finds_nothing(&run, "three").await;
    }
    run.verify_through_everything().await;
    run.merge("two", [Patch::deleted_trace("t", 5), Patch::deleted_score("s", 5)]).await;
    run.merge("one", [Patch::ended("t", "a", 9)]).await;
    run.verify_through_everything().await;
    assert_eq!(run.texts("one", NAMES).await, ["one", "one"]);
    assert_eq!(run.texts("two", NAMES).await, ["two"]);
    finds_nothing(&run, "three").await;
}

async fn finds_nothing(run: &Run<'_>, project: &str) {
    let archive = run.archive().await;
    assert!(archive.trace(project, "t").await.unwrap().is_none(), "a trace of nowhere");
    for table in Table::ALL.iter().copied() {
        let page = archive.query(project, &Query::new(table)).await.unwrap();
        assert!(page.table.rows.is_empty(), "{table} has rows of nowhere");
        assert!(page.next.is_none(), "{table} goes on after nothing");
        let count = Query { measures: vec![Measure::new(Function::Count)], ..Query::new(table) };
        let page = archive.query(project, &count).await.unwrap();
        assert_eq!(page.table.rows, [[Cell::Int(0)]], "{table} counts what is nowhere");
    }
}

/// Queries that say what makes no sense, that name what does not exist, or that ask too much.
const BAD: &[&str] = &[
    r#"{"table":"spans","select":["nope"]}"#,
    r#"{"table":"spans","select":["name","name"]}"#,
    r#"{"table":"spans","limit":0}"#,
    r#"{"table":"spans","limit":10001}"#,
    r#"{"table":"spans","offset":1000001}"#,
    r#"{"table":"spans","cursor":"x"}"#,
    r#"{"table":"spans","cursor":"x","measures":[{"fn":"count"}]}"#,
    r#"{"table":"spans","select":["name"],"measures":[{"fn":"count"}]}"#,
    r#"{"table":"spans","group_by":["metadata"]}"#,
    r#"{"table":"spans","group_by":["start_time"]}"#,
    r#"{"table":"spans","measures":[{"fn":"sum"}]}"#,
    r#"{"table":"spans","measures":[{"fn":"sum","field":"name"}]}"#,
    r#"{"table":"spans","measures":[{"fn":"count","as":"No Name"}]}"#,
    r#"{"table":"scores","measures":[{"fn":"error_rate"}]}"#,
    r#"{"table":"traces","measures":[{"fn":"rate"}]}"#,
    r#"{"table":"traces","order":[{"by":"tags"}]}"#,
    r#"{"table":"spans","time":{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}}"#,
    r#"{"table":"spans","filter":{"field":"duration_us","op":"contains","value":"x"}}"#,
    r#"{"table":"spans","filter":{"field":"duration_us","op":"eq","value":"x"}}"#,
    r#"{"table":"spans","filter":{"field":"kind","op":"eq","value":"NOPE"}}"#,
    r#"{"table":"spans","filter":{"field":"name","op":"exists","value":"x"}}"#,
    r#"{"table":"spans","filter":{"search":""}}"#,
    r#"{"table":"scores","filter":{"field":"scores.help","op":"eq","value":1}}"#,
    r#"{"table":"trace_metrics_hourly","filter":{"search":"x"}}"#,
];

/// A query that cannot be answered is refused as [`ArchiveError::Invalid`], which no retry mends; the
/// archive goes on.
///
/// # Panics
/// Where a query was not refused, or not as invalid.
pub async fn bad_queries_are_refused(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    run.merge("p", [Patch::begun("t", "a", 0)]).await;
    for json in BAD {
        is_refused(&run, &Query::from_json(json).unwrap()).await;
    }
    let mut deep = Filter::presence("name", Op::Exists);
    for _ in 0..MAX_DEPTH {
        deep = Filter::Not(Box::new(deep));
    }
    for filter in [
        deep,
        Filter::Or(vec![Filter::presence("name", Op::Exists); MAX_NODES]),
        Filter::any_of("name", Op::In, vec![Literal::from("x"); MAX_LIST + 1]),
        Filter::condition("name", Op::Eq, "x".repeat(MAX_TEXT + 1)),
        Filter::Search("x".repeat(MAX_SEARCH + 1)),
    ] {
        is_refused(&run, &Query { filter: Some(filter), ..Query::new(Table::Spans) }).await;
    }
    let select = vec!["name".to_owned(); MAX_SELECT + 1];
    is_refused(&run, &Query { select, ..Query::new(Table::Spans) }).await;
    run.verify().await;
}

async fn is_refused(run: &Run<'_>, query: &Query) {
    let error = run.archive().await.query("p", query).await.err();
    let invalid = matches!(&error, Some(error @ ArchiveError::Invalid(_)) if !error.is_retryable());
    if !invalid {
        let json: String = serde_json::to_string(query).unwrap().chars().take(400).collect();
        run.fail(&format!("{error:?} came of a query that is not valid: {json}"));
    }
}
