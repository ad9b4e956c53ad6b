#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Direction, Function, Measure, Order};

#[test]
fn a_list_of_whole_traces_is_asked_for_in_two_steps() {
    let mut query = Query::new(Table::Traces);
    query.filter = Some(Filter::condition("status", Op::Eq, "error"));
    query.order = vec![Order { by: "total_cost".into(), direction: Direction::Descending }];
    query.offset = Some(7);
    query.limit = Some(1_000);

    let keys = query.for_keys().unwrap();
    assert_eq!(keys, Query { select: vec!["trace_id".into()], ..query.clone() });

    let rows = query.of_keys(vec!["a".into(), "b".into()], None);
    let named = Filter::any_of("trace_id", Op::In, vec!["a".into(), "b".into()]);
    assert_eq!(rows.filter, Some(named));
    assert_eq!((rows.offset, rows.limit, &rows.order), (None, Some(1_000), &query.order));
    assert_eq!(rows.plan().unwrap().columns(), query.plan().unwrap().columns());
}

#[test]
fn what_is_narrow_long_grouped_or_without_a_key_is_asked_for_at_once() {
    let traces = || Query::new(Table::Traces);
    let narrow = Query { select: vec!["name".into(), "status".into()], ..traces() };
    assert_eq!(narrow.for_keys(), None);
    assert_eq!(Query { limit: Some(1_001), ..traces() }.for_keys(), None);
    let count = vec![Measure::new(Function::Count)];
    assert_eq!(Query { measures: count, ..traces() }.for_keys(), None);
    assert_eq!(Query::new(Table::Spans).for_keys(), None);
}
