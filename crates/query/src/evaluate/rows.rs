use std::cmp::Ordering;

use super::{compare, value};
use crate::plan::{RowPlan, SortKey};
use crate::{Cell, Row};

/// The rows in order, each with its outputs and then the values of its order.
pub(super) fn answer(plan: &RowPlan, rows: &[&Row]) -> Vec<Vec<Cell>> {
    let mut keyed: Vec<(Vec<Cell>, &Row)> = rows
        .iter()
        .map(|row| (plan.sort.iter().map(|key| value(&key.expr, row)).collect(), *row))
        .collect();
    keyed.sort_by(|(a, _), (b, _)| order(&plan.sort, a, b));
    if let Some(after) = &plan.after {
        keyed.retain(|(values, _)| order(&plan.sort, values, after) == Ordering::Greater);
    }
    keyed
        .into_iter()
        .map(|(values, row)| {
            let outputs = plan.outputs.iter().map(|(_, expr)| value(expr, row));
            outputs.chain(values).collect()
        })
        .collect()
}

fn order(sort: &[SortKey], a: &[Cell], b: &[Cell]) -> Ordering {
    sort.iter()
        .zip(a.iter().zip(b))
        .map(|(key, (a, b))| compare(a, b, key.direction))
        .find(|step| step.is_ne())
        .unwrap_or(Ordering::Equal)
}
