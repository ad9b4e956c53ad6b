//! The oracle: what a query's answer is, as slowly and obviously as can be.

mod groups;
mod measure;
mod predicate;
mod rows;

use std::cmp::Ordering;

pub(crate) use predicate::passes as value_passes;

use crate::plan::{Expr, Plan, Shape};
use crate::{Cell, Direction, Query, QueryError, ResultTable, Row, functions};

/// What a query may look into beside the rows of its own table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Related<'a> {
    /// All rows of `spans`.
    pub spans: &'a [Row],
    /// All rows of `scores`.
    pub scores: &'a [Row],
}

/// Answers a query from all rows of its table.
///
/// Sums of floats depend on their order; everything else is exact.
///
/// # Errors
/// As [`Query::plan`].
pub fn evaluate(
    query: &Query,
    rows: &[Row],
    related: &Related<'_>,
) -> Result<ResultTable, QueryError> {
    let plan = query.plan()?;
    Ok(plan.finish(evaluate_plan(&plan, rows, related)).table)
}

/// Answers a plan from all rows of its table, as the compiled query would: with all of
/// [`Plan::columns`], in [`Plan::rows_read`] rows.
#[must_use]
pub fn evaluate_plan(plan: &Plan, rows: &[Row], related: &Related<'_>) -> ResultTable {
    let passing: Vec<&Row> = rows.iter().filter(|row| passes(plan, row, related)).collect();
    let answer = match &plan.shape {
        Shape::Rows(shape) => rows::answer(shape, &passing),
        Shape::Groups(shape) => groups::answer(plan.table, shape, &passing),
    };
    let skipped = usize::try_from(plan.offset).unwrap_or(usize::MAX);
    let taken = usize::try_from(plan.rows_read()).unwrap_or(usize::MAX);
    let rows = answer.into_iter().skip(skipped).take(taken).collect();
    ResultTable { columns: plan.columns(), rows }
}

fn passes(plan: &Plan, row: &Row, related: &Related<'_>) -> bool {
    let in_time = plan.time.is_none_or(|range| match cell(row, plan.table.time_column().name) {
        Cell::Time(time) => range.from <= time && time < range.to,
        _ => false,
    });
    let filter = plan.filter.as_ref();
    in_time && filter.is_none_or(|filter| predicate::holds(filter, plan.table, row, related))
}

/// A column's value.
fn cell(row: &Row, name: &str) -> Cell {
    row.get(name).cloned().unwrap_or(Cell::Null)
}

/// What is read of a row.
fn value(expr: &Expr, row: &Row) -> Cell {
    let json = |name: &str| cell(row, name).as_text().map(str::to_owned);
    match expr {
        Expr::Column(column) => cell(row, column.name),
        Expr::Millis(column) => match cell(row, column.name) {
            Cell::Int(micros) => Cell::Int(micros / 1_000),
            other => other,
        },
        Expr::JsonText(column, key) => {
            let json = json(column.name).unwrap_or_default();
            Cell::from(functions::json_get_text(&json, key).map(String::from))
        }
        Expr::JsonNumber(column, key) => {
            let json = json(column.name).unwrap_or_default();
            Cell::from(functions::json_get_number(&json, key))
        }
    }
}

/// Which comes first. Missing values come last in both directions.
fn compare(a: &Cell, b: &Cell, direction: Direction) -> Ordering {
    match (a.is_null(), b.is_null(), direction) {
        (false, false, Direction::Descending) => b.cmp(a),
        _ => a.cmp(b),
    }
}

#[cfg(test)]
mod tests;
