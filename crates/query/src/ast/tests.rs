#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::arbitrary;

fn refused(json: &str) -> String {
    Query::from_json(json).unwrap_err().to_string()
}

#[test]
fn the_json_form_is_read_and_written() {
    let json = r#"{"table":"spans","time":{"from":"2026-01-01T00:00:00.000Z","to":"2026-02-01T00:00:00.000Z"},"filter":{"and":[{"field":"model","op":"eq","value":"gpt"},{"not":{"or":[{"search":"words"},{"field":"tags","op":"contains_any","value":["a","b"]}]}},{"field":"cost_total","op":"gt","value":0.5},{"field":"user_id","op":"exists"}]},"group_by":["model"],"measures":[{"fn":"count"},{"fn":"ratio","field":"usage_output","over":"usage_total","as":"share"}],"bucket":"hour","order":[{"by":"share","direction":"desc"}],"limit":10,"offset":5}"#;
    let query = Query::from_json(json).unwrap();
    assert_eq!(query.table, Table::Spans);
    assert_eq!(query.bucket, Some(Bucket::Hour));
    assert_eq!(query.measures[1], Measure::ratio("usage_output", "usage_total").named("share"));
    assert_eq!(serde_json::to_string(&query).unwrap(), json);
}

#[test]
fn names_are_read_alone() {
    assert_eq!(serde_json::from_str::<Bucket>("\"week\"").unwrap(), Bucket::Week);
    let error = serde_json::from_str::<Bucket>("\"weak\"").unwrap_err().to_string();
    assert!(error.contains("did you mean `week`?"), "{error}");
}

#[test]
fn what_is_left_out_has_a_default() {
    let query =
        Query::from_json(r#"{"table":"traces","order":[{"by":"name"}],"filter":null}"#).unwrap();
    assert_eq!(query.order[0].direction, Direction::Ascending);
    assert_eq!(Query { order: Vec::new(), ..query }, Query::new(Table::Traces));
}

#[test]
fn times_are_read_in_every_form() {
    let json = r#"{"table":"spans","time":{"from":1767225600000,"to":"2026-01-02"}}"#;
    let time = Query::from_json(json).unwrap().time.unwrap();
    assert_eq!(time.from, Micros::parse("2026-01-01T00:00:00Z").unwrap());
    assert_eq!(time.to.since(time.from), Micros::DAY);
}

#[test]
fn refusals_name_the_place_and_the_near_name() {
    for (json, wanted) in [
        ("{", "query is no JSON"),
        ("[]", "query is no object"),
        (r#"{}"#, "table is missing"),
        (r#"{"table":"span"}"#, "table names `span`, which is unknown; did you mean `spans`?"),
        (r#"{"table":"spans","filters":1}"#, "filters is unknown; did you mean `filter`?"),
        (r#"{"table":"spans","limit":-1}"#, "limit is no whole number"),
        (
            r#"{"table":"spans","bucket":"hours"}"#,
            "bucket names `hours`, which is unknown; did you mean `hour`?",
        ),
        (r#"{"table":"spans","time":{"from":"x","to":"y"}}"#, "time.from is `x`, which is no time"),
        (r#"{"table":"spans","time":{"from":"2026-01-01"}}"#, "time.to is missing"),
        (
            r#"{"table":"spans","filter":{"and":[{"field":"a","op":"equals","value":1}]}}"#,
            "filter.and[0].op names `equals`",
        ),
        (
            r#"{"table":"spans","filter":{"and":[],"or":[]}}"#,
            "filter holds `and` beside other keys",
        ),
        (
            r#"{"table":"spans","filter":{"feild":"a","op":"eq","value":1}}"#,
            "filter.feild is unknown; did you mean `field`?",
        ),
        (
            r#"{"table":"spans","filter":{"field":"a","op":"eq","value":{}}}"#,
            "filter.value is an object",
        ),
        (
            r#"{"table":"spans","measures":[{"fn":"cuont"}]}"#,
            "measures[0].fn names `cuont`, which is unknown; did you mean `count`?",
        ),
        (r#"{"table":"spans","order":["name"]}"#, "order[0] is no object"),
        (r#"{"table":"spans","select":[1]}"#, "select[0] is no text"),
    ] {
        let error = refused(json);
        assert!(error.starts_with(wanted), "{json}\n  gave: {error}\nwanted: {wanted}");
    }
}

#[test]
fn operators_are_read_as_others_spell_them() {
    for (spelling, wanted) in [
        ("=", Op::Eq),
        ("==", Op::Eq),
        ("neq", Op::Ne),
        ("!=", Op::Ne),
        ("<>", Op::Ne),
        ("<", Op::Lt),
        ("lte", Op::Le),
        ("<=", Op::Le),
        (">", Op::Gt),
        ("gte", Op::Ge),
        (">=", Op::Ge),
    ] {
        let json = format!(r#"{{"field":"name","op":"{spelling}","value":"x"}}"#);
        let read = Filter::from_json(&json).unwrap();
        assert_eq!(read, Filter::condition("name", wanted, "x"), "{spelling}");
    }
    let error = Filter::from_json(r#"{"field":"name","op":"equals","value":"x"}"#).unwrap_err();
    assert!(error.to_string().starts_with("filter.op names `equals`, which is unknown"), "{error}");
}

#[test]
fn a_filter_nested_too_deep_is_refused_unread() {
    let json = format!(
        r#"{{"table":"spans","filter":{}{{"search":"x"}}{}}}"#,
        r#"{"not":"#.repeat(40),
        "}".repeat(40)
    );
    assert!(refused(&json).contains("nested deeper than 32"));
}

proptest! {
    #[test]
    fn every_query_survives_its_json(query in arbitrary::query()) {
        let json = serde_json::to_string(&query).unwrap();
        prop_assert_eq!(Query::from_json(&json).unwrap(), query.clone());
        prop_assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query);
    }
}
