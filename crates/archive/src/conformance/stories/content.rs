//! Ids, texts and numbers come back as they went in.

use tracekeep_model::{Field, MAX_ID_BYTES, Money, Register, Text, Value, check_id};
use tracekeep_query::{Cell, Filter, Op, Query, Table};

use crate::conformance::patch::Patch;
use crate::conformance::run::Run;
use crate::conformance::{Disturbance, Subject};

/// Ids that are easily taken for something else, or for one another.
const IDS: &[&str] = &[
    "it's",
    "''",
    "a\"b",
    "back\\slash",
    "\\'",
    "%",
    "_%",
    "5",
    "-1",
    "true",
    "null",
    "NULL",
    " ",
    "a b",
    "A b",
    "{\"a\":1}",
    "[]",
    "$1",
    "?",
    ":a",
    "{0}",
    "../..",
    "C:\\x",
    "'; DROP TABLE spans; --",
    "ä",
    "a\u{308}",
    "\u{feff}ä",
    "\u{202e}ä",
    "\u{1F600}",
];

/// Ids are any text without control characters: they are kept, told apart and found.
///
/// # Panics
/// Where the archive says something else.
pub async fn ids_may_hold_anything(subject: &mut dyn Subject) {
    let long = "x".repeat(MAX_ID_BYTES);
    let nearly = format!("{}y", "x".repeat(MAX_ID_BYTES - 1));
    let ids: Vec<&str> = IDS.iter().copied().chain([long.as_str(), nearly.as_str()]).collect();
    let mut run = Run::new(subject);
    for id in &ids {
        assert_eq!(check_id(id), Ok(()), "{id}");
        let trace = Patch::trace(id, 0)
            .with(Field::Name, *id)
            .with(Field::UserId, *id)
            .with(Register::Tag(Text::from(*id)), true)
            .with(Register::Metadata(Text::from(*id)), "\"v\"");
        let score = Patch::score(id, id, 0.5, 0).with(Field::Comment, *id);
        run.merge("p", [trace, Patch::begun(id, id, 0), score]).await;
    }
    are_found(&run, &ids).await;
    run.verify_through_everything().await;
    run.merge("p", ids.iter().map(|id| Patch::ended(id, id, 9))).await;
    run.disturb(Disturbance::Seal).await;
    run.verify().await;
    are_found(&run, &ids).await;
}

/// Each by its id, its name, its tag, its key of metadata and its score.
async fn are_found(run: &Run<'_>, ids: &[&str]) {
    for id in ids {
        let filter = Filter::And(vec![
            Filter::condition("trace_id", Op::Eq, *id),
            Filter::condition("name", Op::EndsWith, *id),
            Filter::any_of("user_id", Op::In, vec![(*id).into(), "zzz".into()]),
            Filter::condition("tags", Op::Contains, *id),
            Filter::condition(format!("metadata.{id}"), Op::Eq, "v"),
            Filter::condition("scores.help", Op::Eq, 0.5),
        ]);
        let select = vec!["trace_id".to_owned()];
        let query = Query { select, filter: Some(filter), ..Query::new(Table::Traces) };
        let found = run.ask("p", &query).await;
        assert_eq!(found, [[Cell::from(*id)]], "found by `{id}`");
    }
}

/// Texts of a megabyte and more are kept whole, and searched to their end.
///
/// # Panics
/// Where the archive says something else.
pub async fn a_megabyte_comes_back_whole(subject: &mut dyn Subject) {
    const FOUND: &str = r#"{"table":"spans","select":["span_id"],
        "filter":{"search":"NEEDLE at the very end"}}"#;
    let line = "What does the \"quick\" brown fox \\ say?\r\n\tä \u{1F600} ";
    let input = format!("{}the needle at the very end", line.repeat((1 << 20) / line.len() + 1));
    let json = serde_json::Value::from(line.repeat(4_000)).to_string();
    let mut run = Run::new(subject);
    let span = Patch::span("t", "a", 0)
        .with(Field::Input, input.clone())
        .with(Field::Output, "x".repeat(1 << 20))
        .with(Register::Metadata(Text::from("log")), json);
    run.merge("p", [span, Patch::trace("t", 0).with(Field::Input, input.clone())]).await;
    run.merge("p", [Patch::begun("u", "b", 0)]).await;
    assert_eq!(run.texts("p", FOUND).await, ["a"]);
    run.verify_through_everything().await;
    assert_eq!(run.texts("p", FOUND).await, ["a"]);
    let query = Query::from_json(r#"{"table":"traces","select":["input"]}"#).unwrap();
    let found = run.ask("p", &query).await;
    assert!(found.contains(&vec![Cell::from(input)]), "the input is another");
}

/// Numbers are compared and added to their last digit.
///
/// # Panics
/// Where the archive says something else.
pub async fn numbers_are_compared_exactly(subject: &mut dyn Subject) {
    let usage = || Register::Usage(Text::from("input"));
    let cost = || Register::Cost(Text::from("total"));
    // The whole number after the last that every float can tell from its neighbours.
    let large = 9_007_199_254_740_993_i64;
    let mut run = Run::new(subject);
    let spans = [
        Patch::span("t", "a", 0).with(usage(), large).with(cost(), Money(1)),
        Patch::span("t", "b", 0).with(usage(), large - 1).with(cost(), Money(100_000_000_000)),
        Patch::span("t", "c", 0)
            .with(usage(), 0i64)
            .with(cost(), Money(999_999_999_999_999_999_999)),
        Patch::span("t", "d", 0).with(usage(), Value::Cleared).with(cost(), Money(0)),
    ];
    run.merge("p", spans).await;
    let values = [0.1, 0.3, 0.30000000000000004, 0.9, -1.0, 1e9, 5e-324, 1.7976931348623157e308];
    for (number, value) in (0..).zip(values) {
        run.merge("p", [Patch::score(&format!("s{number}"), "t", value, 0)]).await;
    }
    for how in [Disturbance::Seal, Disturbance::Reopen] {
        compares(&run).await;
        run.disturb(how).await;
    }
    compares(&run).await;
    run.verify_through_everything().await;
}

async fn compares(run: &Run<'_>) {
    for (filter, wanted) in [
        (r#"{"field":"usage_input","op":"eq","value":9007199254740993}"#, "a"),
        (r#"{"field":"usage_input","op":"lt","value":9007199254740993}"#, "b c"),
        (r#"{"field":"usage_input","op":"missing"}"#, "d"),
        (r#"{"field":"cost_total","op":"eq","value":"0.000000000001"}"#, "a"),
        (r#"{"field":"cost_total","op":"eq","value":0.1}"#, "b"),
        (r#"{"field":"cost_total","op":"gt","value":"999999999.999999999998"}"#, "c"),
        (r#"{"field":"cost_total","op":"le","value":0}"#, "d"),
    ] {
        assert_eq!(passing(run, "spans", "span_id", filter).await, wanted, "{filter}");
    }
    for (filter, wanted) in [
        (r#"{"field":"value","op":"eq","value":0.1}"#, "s0"),
        (r#"{"field":"value","op":"eq","value":0.3}"#, "s1"),
        (r#"{"field":"value","op":"in","value":[0.30000000000000004,0.8]}"#, "s2"),
        (r#"{"field":"value","op":"lt","value":0}"#, "s4"),
        (r#"{"field":"value","op":"ge","value":1000000000}"#, "s5 s7"),
    ] {
        assert_eq!(passing(run, "scores", "score_id", filter).await, wanted, "{filter}");
    }
    let sums = r#"{"table":"spans","group_by":["trace_id"],
        "measures":[{"fn":"sum","field":"cost_total"},{"fn":"max","field":"usage_input"}]}"#;
    run.ask("p", &Query::from_json(sums).unwrap()).await;
}

/// The ids of the rows that pass a filter.
async fn passing(run: &Run<'_>, table: &str, id: &str, filter: &str) -> String {
    let json = format!(
        r#"{{"table":"{table}","select":["{id}"],"order":[{{"by":"{id}"}}],"filter":{filter}}}"#
    );
    run.texts("p", &json).await.join(" ")
}
