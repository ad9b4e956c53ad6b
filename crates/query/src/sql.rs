//! A plan as SQL text.
//!
//! Values stand in the text as literals, written by one function of the dialect: there is one place
//! to get quoting right, and a cached plan never meets values of another query.

mod aggregate;
mod compiler;
mod datafusion;
mod dialect;
mod predicate;

use crate::plan::{GroupPlan, Plan, RowPlan, Shape, SortKey};
use crate::{ColumnType, Direction};
use compiler::Compiler;

pub use datafusion::DataFusion;
pub use dialect::Dialect;

/// A compiled query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    /// One SELECT.
    pub text: String,
    /// The answer's columns: [`Plan::columns`]. Give the answer to [`Plan::finish`].
    pub columns: Vec<(String, ColumnType)>,
}

/// Writes a plan in a dialect.
#[must_use]
pub fn compile(plan: &Plan, dialect: &dyn Dialect) -> Sql {
    let compiler = Compiler { dialect, table: plan.table, time: plan.time };
    let columns = plan.columns();
    let lists = match &plan.shape {
        Shape::Rows(shape) => of_rows(&compiler, shape, &columns),
        Shape::Groups(shape) => of_groups(&compiler, shape),
    };
    let selected = lists.selected.iter().zip(&columns);
    let selected: Vec<String> =
        selected.map(|(expr, (name, _))| compiler.named(expr, name)).collect();
    let table = dialect.name(plan.table.as_str());
    let mut clauses = vec![format!("SELECT {}", selected.join(", ")), format!("FROM {table}")];
    for (word, parts, between) in [
        ("WHERE", compiler.conditions(plan), " AND "),
        ("GROUP BY", lists.group, ", "),
        ("ORDER BY", lists.order, ", "),
    ] {
        if !parts.is_empty() {
            clauses.push(format!("{word} {}", parts.join(between)));
        }
    }
    clauses.push(format!("LIMIT {}", plan.rows_read()));
    if plan.offset > 0 {
        clauses.push(format!("OFFSET {}", plan.offset));
    }
    Sql { text: clauses.join("\n"), columns }
}

/// The lists of a SELECT.
struct Lists {
    selected: Vec<String>,
    group: Vec<String>,
    order: Vec<String>,
}

fn of_rows(compiler: &Compiler<'_>, plan: &RowPlan, columns: &[(String, ColumnType)]) -> Lists {
    let outputs = plan.outputs.iter().map(|(_, expr)| compiler.expr(expr));
    let sort = plan.sort.iter().map(|key| compiler.expr(&key.expr));
    let hidden = columns.iter().skip(plan.outputs.len()).map(|(name, _)| name);
    // What is selected anyway is sorted by its place: engines that see one column under two names may
    // lose track of which of them the rows are in order of.
    let place = |key: &SortKey| plan.outputs.iter().position(|(_, expr)| *expr == key.expr);
    let order = plan.sort.iter().zip(hidden).map(|(key, name)| {
        let by = match place(key) {
            Some(place) => (place + 1).to_string(),
            None => compiler.dialect.name(name),
        };
        sorted(&by, key.direction)
    });
    Lists { selected: outputs.chain(sort).collect(), group: Vec::new(), order: order.collect() }
}

/// Groups and order go by position: a measure may be called like a column of the table.
fn of_groups(compiler: &Compiler<'_>, plan: &GroupPlan) -> Lists {
    let bucket = plan.bucket.map(|bucket| compiler.bucket(bucket));
    let groups = plan.groups.iter().map(|(_, expr)| compiler.expr(expr));
    let dimensions: Vec<String> = bucket.into_iter().chain(groups).collect();
    let group = (1..=dimensions.len()).map(|position| position.to_string()).collect();
    let order = plan.order.iter();
    let order = order.map(|(at, direction)| sorted(&(at + 1).to_string(), *direction)).collect();
    let measures = plan.measures.iter().map(|(_, measure)| compiler.aggregate(measure));
    Lists { selected: dimensions.into_iter().chain(measures).collect(), group, order }
}

fn sorted(what: &str, direction: Direction) -> String {
    match direction {
        Direction::Ascending => format!("{what} ASC NULLS LAST"),
        Direction::Descending => format!("{what} DESC NULLS LAST"),
    }
}

#[cfg(test)]
mod tests;
