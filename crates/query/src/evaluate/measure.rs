use std::collections::{BTreeMap, BTreeSet};

use tracekeep_model::Money;

use super::{cell, value};
use crate::functions::bucket_percentile;
use crate::histogram::bucket_of;
use crate::plan::{Aggregate, Expr, Percentile};
use crate::{Cell, Row};

/// One number of a group's rows.
pub(super) fn measure(what: &Aggregate, rows: &[&Row]) -> Cell {
    let count = rows.len() as f64;
    match what {
        Aggregate::Count => Cell::from(rows.len() as u64),
        Aggregate::CountDistinct(expr) => {
            let different: BTreeSet<Cell> = values(expr, rows).into_iter().collect();
            Cell::from(different.len() as u64)
        }
        Aggregate::Sum(expr) => sum(&values(expr, rows)),
        Aggregate::Average(expr) => {
            let values = values(expr, rows);
            Cell::from(sum(&values).as_float().map(|sum| sum / values.len() as f64))
        }
        Aggregate::Least(expr) => Cell::from(values(expr, rows).into_iter().min()),
        Aggregate::Greatest(expr) => Cell::from(values(expr, rows).into_iter().max()),
        Aggregate::Percentile(which) => percentile(which, rows),
        Aggregate::ErrorRate(status) => {
            let errors = rows.iter().filter(|row| cell(row, status.name) == Cell::from("error"));
            let errors = errors.count() as f64;
            if rows.is_empty() { Cell::Null } else { Cell::from(errors / count) }
        }
        Aggregate::Rate(micros) => Cell::from(count / (*micros as f64 / 1e6)),
        Aggregate::Ratio(above, below) => {
            let above = sum(&values(above, rows)).as_float();
            let below = sum(&values(below, rows)).as_float().filter(|below| *below != 0.0);
            Cell::from(above.zip(below).map(|(above, below)| above / below))
        }
    }
}

/// The values that are not missing.
fn values(expr: &Expr, rows: &[&Row]) -> Vec<Cell> {
    rows.iter().map(|row| value(expr, row)).filter(|value| !value.is_null()).collect()
}

/// Missing where there is nothing to add.
fn sum(values: &[Cell]) -> Cell {
    values.iter().cloned().reduce(add).unwrap_or(Cell::Null)
}

fn add(a: Cell, b: Cell) -> Cell {
    match (a, b) {
        // As the engines do: in 64 bits.
        (Cell::Int(a), Cell::Int(b)) => Cell::Int(a.wrapping_add(b)),
        (Cell::Float(a), Cell::Float(b)) => Cell::Float(a + b),
        (Cell::Money(Money(a)), Cell::Money(Money(b))) => Cell::Money(Money(a.wrapping_add(b))),
        _ => Cell::Null,
    }
}

fn percentile(which: &Percentile, rows: &[&Row]) -> Cell {
    let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
    for row in rows {
        if let Cell::Int(int) = cell(row, which.column.name) {
            *counts.entry(bucket_of(int)).or_default() += 1;
        }
    }
    Cell::from(bucket_percentile(&counts, which.fraction()))
}
