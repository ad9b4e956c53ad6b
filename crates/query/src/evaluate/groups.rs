use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{cell, compare, measure, value};
use crate::plan::GroupPlan;
use crate::{Bucket, Cell, Row, Table};

/// One row a group, in order.
pub(super) fn answer(table: Table, plan: &GroupPlan, rows: &[&Row]) -> Vec<Vec<Cell>> {
    let mut groups: BTreeMap<Vec<Cell>, Vec<&Row>> = BTreeMap::new();
    if plan.bucket.is_none() && plan.groups.is_empty() {
        // Without groups everything is one, even nothing.
        groups.insert(Vec::new(), Vec::new());
    }
    for row in rows {
        let bucket = plan.bucket.map(|bucket| start(table, bucket, row));
        let names = plan.groups.iter().map(|(_, expr)| value(expr, row));
        groups.entry(bucket.into_iter().chain(names).collect()).or_default().push(row);
    }
    let mut answer: Vec<Vec<Cell>> = groups
        .into_iter()
        .map(|(names, rows)| {
            let measures = plan.measures.iter().map(|(_, what)| measure::measure(what, &rows));
            names.into_iter().chain(measures).collect()
        })
        .collect();
    answer.sort_by(|a, b| {
        plan.order
            .iter()
            .map(|(at, direction)| compare(&a[*at], &b[*at], *direction))
            .find(|step| step.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    answer
}

fn start(table: Table, bucket: Bucket, row: &Row) -> Cell {
    match cell(row, table.time_column().name) {
        Cell::Time(time) => Cell::Time(bucket.start(time)),
        _ => Cell::Null,
    }
}
