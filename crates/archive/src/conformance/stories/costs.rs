//! Costs that nobody stated.

use tracekeep_model::{CostSource, Field, Kind, Money, Register, Text, Value};
use tracekeep_query::{Cell, Query, Table};

use crate::conformance::data::{Blocks, PROJECTS};
use crate::conformance::patch::{NOON, Patch, second};
use crate::conformance::prices::{CHANGE, EARLY, FREE_OF_PRICES, LATE, PRICED};
use crate::conformance::run::Run;
use crate::conformance::settings::seed;
use crate::conformance::views::{expect, verify_views};
use crate::conformance::{Disturbance, Subject};

/// What a span's row says of its cost.
type Shown = (&'static str, CostSource, Option<i128>, Option<&'static str>);

const EARLY_ID: Option<&str> = Some("suite/m1@start");
const LATE_ID: Option<&str> = Some("suite/m1@change");

/// A stated cost stays, one that was not stated is computed by the price at the span's start, and one
/// for which there is no price is not known, which is not zero. All sums hold computed costs like
/// stated ones.
///
/// # Panics
/// Where the archive says something else.
pub async fn costs_are_computed(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let since_change = (CHANGE.0 - NOON.0) / 1_000_000;
    let cached = call("cached", 1).with(usage("input_cache_read"), 100i64);
    let given = call("given", 2).with(cost("total"), Money(5));
    let zero = call("given zero", 2).with(cost("total"), Money(0));
    let nobody = call("unknown", 3).with(Field::Model, "nobody's");
    let unused = Patch::begun("t", "unused", 4).with(usage("total"), 9i64);
    let odd = Patch::begun("t", "odd", 5).with(usage("searches"), 3i64);
    let answered =
        call("answered", 6).with(Field::Model, "other").with(Field::ResponseModel, PRICED);
    let tool = call("tool", 7).with(Field::Kind, Kind::Tool);
    let (before, after) = (call("x", since_change - 1), call("y", since_change));
    run.merge("p", [cached, given, zero, nobody, unused]).await;
    run.merge("p", [odd, answered, tool, before, after]).await;
    run.merge(FREE_OF_PRICES, [call("a", 1)]).await;
    let plain = 10 * EARLY + 4 * 4 * EARLY;
    let wanted: [Shown; 10] = [
        ("answered", CostSource::Computed, Some(plain), EARLY_ID),
        ("cached", CostSource::Computed, Some(plain + 50 * EARLY), EARLY_ID),
        ("given", CostSource::Given, Some(5), None),
        ("given zero", CostSource::Given, Some(0), None),
        ("odd", CostSource::None, None, None),
        ("tool", CostSource::Computed, Some(plain), EARLY_ID),
        ("unknown", CostSource::None, None, None),
        ("unused", CostSource::None, None, None),
        ("x", CostSource::Computed, Some(plain), EARLY_ID),
        ("y", CostSource::Computed, Some(10 * LATE + 16 * LATE), LATE_ID),
    ];
    for how in [Disturbance::Seal, Disturbance::Reopen, Disturbance::Compact] {
        check_spans(&run, "p", &wanted).await;
        check_spans(&run, FREE_OF_PRICES, &[("a", CostSource::None, None, None)]).await;
        check_sums(&run, &wanted).await;
        run.disturb(how).await;
    }
    check_spans(&run, "p", &wanted).await;
    check_sums(&run, &wanted).await;
    run.verify_through_everything().await;
}

/// Whatever comes late, wherever the span is by then: its cost is what it would be, had all come at
/// once. A computed cost never becomes a stated one.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_late_patch_computes_costs_anew(subject: &mut dyn Subject) {
    let since_change = (CHANGE.0 - NOON.0) / 1_000_000;
    let late = |at: i64| Patch::span("t", "a", at);
    let (computed, given, none) = (CostSource::Computed, CostSource::Given, CostSource::None);
    let plain = 26 * EARLY;
    let story = [
        (call("a", 1), computed, Some(plain), EARLY_ID),
        // Nothing to do with costs.
        (late(20).with(Field::Output, "more"), computed, Some(plain), EARLY_ID),
        (late(30).with(usage("input"), 20i64), computed, Some(plain + 10 * EARLY), EARLY_ID),
        (late(40).with(cost("input"), Money(7)), given, Some(7), None),
        (late(50).with(cost("total"), Money(9)), given, Some(9), None),
        (late(60).with(usage("output"), 0i64), given, Some(9), None),
        (late(70).with(cost("total"), Value::Cleared), given, Some(7), None),
        (late(80).with(cost("input"), Value::Cleared), computed, Some(20 * EARLY), EARLY_ID),
        (late(90).with(Field::ResponseModel, "nobody's"), none, None, None),
        (
            late(100).with(Field::ResponseModel, Value::Cleared),
            computed,
            Some(20 * EARLY),
            EARLY_ID,
        ),
        (
            // Of starts the earliest counts, of ranks the highest.
            late(110).with_start_edited(second(since_change)),
            computed,
            Some(20 * LATE),
            LATE_ID,
        ),
    ];
    let mut run = Run::new(subject);
    for (patch, source, amount, price_id) in story {
        run.merge("p", [patch]).await;
        for how in [Disturbance::Seal, Disturbance::Reopen] {
            check_spans(&run, "p", &[("a", source, amount, price_id)]).await;
            run.verify().await;
            run.disturb(how).await;
        }
    }
    run.verify_through_everything().await;
    check_spans(&run, "p", &[("a", computed, Some(20 * LATE), LATE_ID)]).await;
}

/// Of random records, spans with stated, computed and unknown costs occur, sums and hours are exact,
/// and none of this changes with what happens to the archive.
///
/// # Panics
/// Where the archive says something else.
pub async fn random_costs_add_up(subject: &mut dyn Subject) {
    let mut run = Run::new(subject);
    let mut blocks = Blocks::new(seed().wrapping_add(3));
    for how in [Disturbance::Seal, Disturbance::Reopen, Disturbance::Compact] {
        run.merge_random(&mut blocks, 30).await;
        for _ in 0..2 {
            for project in PROJECTS {
                run.ask(project, &Query::from_json(BY_SOURCE).unwrap()).await;
                run.ask(project, &Query::from_json(BY_MODEL).unwrap()).await;
                verify_views(&run, project).await;
            }
            run.disturb(how).await;
        }
    }
    let rows = run.model.tables(PROJECTS[0]).spans;
    for source in ["given", "computed", "none"] {
        assert!(
            rows.iter().any(|row| row["cost_source"] == Cell::from(source)),
            "no cost {source}"
        );
    }
}

const BY_SOURCE: &str = r#"{"table":"spans","group_by":["cost_source"],
    "order":[{"by":"cost_source"}],
    "measures":[{"fn":"sum","field":"cost_total"},{"fn":"count"}]}"#;
const BY_MODEL: &str = r#"{"table":"traces","group_by":["model"],"order":[{"by":"model"}],
    "measures":[{"fn":"sum","field":"total_cost"},{"fn":"max","field":"input_cost"}]}"#;

/// A generation of a known model that took ten tokens of input and four of output.
fn call(span_id: &str, at: i64) -> Patch {
    Patch::begun("t", span_id, at).with(usage("input"), 10i64).with(usage("output"), 4i64)
}

fn usage(name: &str) -> Register {
    Register::Usage(Text::from(name))
}

fn cost(name: &str) -> Register {
    Register::Cost(Text::from(name))
}

/// What is said of all spans of a project.
async fn check_spans(run: &Run<'_>, project: &str, wanted: &[Shown]) {
    const SPANS: &str = r#"{"table":"spans","order":[{"by":"span_id"}],
        "select":["span_id","cost_source","cost_total","price_id"]}"#;
    let found = run.ask(project, &Query::from_json(SPANS).unwrap()).await;
    let row = |(span_id, source, amount, price_id): &Shown| {
        vec![
            Cell::from(*span_id),
            Cell::from(source.as_str()),
            Cell::from(amount.map(Money)),
            Cell::from(*price_id),
        ]
    };
    assert_eq!(found, wanted.iter().map(row).collect::<Vec<_>>());
}

/// The trace, the sum of all spans and the hours have what the spans have.
async fn check_sums(run: &Run<'_>, wanted: &[Shown]) {
    const TRACE: &str = r#"{"table":"traces","select":["total_cost"]}"#;
    const SUM: &str = r#"{"table":"spans","measures":[{"fn":"sum","field":"cost_total"}]}"#;
    const DEAR: &str = r#"{"table":"spans","measures":[{"fn":"count"}],
        "filter":{"field":"cost_total","op":"gt","value":0}}"#;
    let sum: i128 = wanted.iter().filter_map(|(_, _, amount, _)| *amount).sum();
    for query in [TRACE, SUM] {
        let found = run.ask("p", &Query::from_json(query).unwrap()).await;
        assert_eq!(found, [[Cell::from(Money(sum))]], "{query}");
    }
    let dear = wanted.iter().filter(|(_, _, amount, _)| *amount > Some(0)).count();
    let found = run.ask("p", &Query::from_json(DEAR).unwrap()).await;
    assert_eq!(found, [[Cell::from(dear as u64)]]);
    let hours = run.stored_rows("p", Table::MetricsHourly).await;
    let last = hours.last().unwrap();
    expect(run, last, &[("total_cost", Cell::from(Money(26 * LATE)))]);
    verify_views(run, "p").await;
}
