//! The plan's views say what the tables say.

use tracekeep_model::{Field, Kind, Micros, Money, Register, Status, Text};
use tracekeep_query::{Cell, Row, Table};

use crate::conformance::data::{Blocks, PROJECTS};
use crate::conformance::patch::{NOON, Patch};
use crate::conformance::run::Run;
use crate::conformance::settings::seed;
use crate::conformance::views::{expect, verify_views};
use crate::conformance::{Disturbance, Subject};

/// `ai_interaction_traces` has one row a trace, `trace_metrics_hourly` one an hour and model, of random
/// records as of any other.
///
/// # Panics
/// Where the archive says something else.
pub async fn views_agree_with_their_tables(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let mut blocks = Blocks::new(seed().wrapping_add(2));
    for how in [Disturbance::Seal, Disturbance::Compact, Disturbance::Reopen] {
        run.merge_random(&mut blocks, 16).await;
        for project in PROJECTS {
            verify_views(&run, project).await;
        }
        run.disturb(how).await;
        for project in PROJECTS {
            verify_views(&run, project).await;
        }
    }
}

/// Generations are counted in the hour in which they began, by their model; a late end counts there
/// too.
///
/// # Panics
/// Where the archive says something else.
pub async fn hours_add_up(subject: &mut dyn Subject) {
    let usage = |name: &str| Register::Usage(Text::from(name));
    let whole = Patch::begun("t", "a", 0)
        .with(usage("input"), 10i64)
        .with(usage("input_cache_read"), 5i64)
        .with(usage("output"), 7i64)
        .with(usage("output_reasoning"), 2i64)
        .with(Register::Cost(Text::from("total")), Money(100_000_000_000));
    let failed = Patch::begun("t", "b", 60);
    let failure = Patch::span("t", "b", 61).with(Field::Status, Status::Error);
    let nameless = Patch::span("u", "b", 0).with(Field::Kind, Kind::Generation);
    let tool = Patch::span("u", "c", 0).with(Field::Kind, Kind::Tool).with(Field::Model, "m1");
    let mut run = Run::new(subject);
    run.merge("p", [whole, failed, failure]).await;
    run.merge("p", [Patch::begun("u", "a", 3_600), nameless, tool]).await;
    check_hours(&run, 0).await;
    run.disturb(Disturbance::Seal).await;
    check_hours(&run, 0).await;
    run.merge("p", [Patch::ended("t", "a", 7_200)]).await;
    check_hours(&run, 1).await;
    run.disturb(Disturbance::Reopen).await;
    check_hours(&run, 1).await;
    run.verify_through_everything().await;
    check_hours(&run, 1).await;
}

async fn check_hours(run: &Run<'_>, successes: i64) {
    let rows = run.stored_rows("p", Table::MetricsHourly).await;
    let names: Vec<(Cell, Cell)> = rows.iter().map(name).collect();
    let hour = |hours: i64| Cell::from(NOON.plus(hours * Micros::HOUR));
    let wanted =
        [(hour(0), Cell::from("")), (hour(0), Cell::from("m1")), (hour(1), Cell::from("m1"))];
    assert_eq!(names, wanted);
    let counts = [
        ("total_requests", Cell::from(2i64)),
        ("successful_requests", Cell::from(successes)),
        ("error_requests", Cell::from(1i64)),
        ("total_input_tokens", Cell::from(15i64)),
        ("total_output_tokens", Cell::from(9i64)),
        ("total_cost", Cell::from(Money(100_000_000_000))),
    ];
    expect(run, &rows[1], &counts);
    verify_views(run, "p").await;
}

fn name(row: &Row) -> (Cell, Cell) {
    (row["hour_bucket"].clone(), row["model_id"].clone())
}
