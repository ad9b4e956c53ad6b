use super::*;
use crate::conformance::queries::questions;
use crate::conformance::settings::seed;

#[test]
fn every_operator_measure_type_and_table_is_asked_for() {
    let queries = questions(seed(), ENOUGH);
    let missing = Coverage::of(&queries).missing();
    assert!(missing.is_empty(), "of {ENOUGH} queries none asks for {missing:?}");
}

#[test]
fn what_was_not_asked_is_missed() {
    let missing = Coverage::of(&[Query::new(Table::Spans)]).missing();
    for name in ["table traces", "operator eq", "measure p99", "bucket week", "a time", "search"] {
        assert!(missing.iter().any(|missed| missed == name), "{name} is not in {missing:?}");
    }
    assert!(missing.iter().all(|missed| missed != "table spans"));
}
