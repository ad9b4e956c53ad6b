use super::Dialect;
use crate::plan::{Expr, Plan, Shape, SortKey};
use crate::{Bucket, Cell, Direction, Table, TimeRange};

/// Writes the parts of one query.
pub(super) struct Compiler<'a> {
    /// How.
    pub(super) dialect: &'a dyn Dialect,
    /// Of which table.
    pub(super) table: Table,
    /// The time asked about.
    pub(super) time: Option<TimeRange>,
}

impl Compiler<'_> {
    /// What is read of a row.
    pub(super) fn expr(&self, expr: &Expr) -> String {
        let name = |name: &str| self.dialect.name(name);
        match expr {
            Expr::Column(column) => name(column.name),
            Expr::Millis(column) => format!("({} / 1000)", name(column.name)),
            Expr::JsonText(column, key) => self.dialect.json_text(&name(column.name), key),
            Expr::JsonNumber(column, key) => self.dialect.json_number(&name(column.name), key),
        }
    }

    /// The start of the row's bucket.
    pub(super) fn bucket(&self, bucket: Bucket) -> String {
        let time = self.dialect.name(self.table.time_column().name);
        self.dialect.bucket_start(&time, bucket)
    }

    /// An expression under a name.
    pub(super) fn named(&self, expr: &str, name: &str) -> String {
        let name = self.dialect.name(name);
        if expr == name { name } else { format!("{expr} AS {name}") }
    }

    /// What a row must fulfil; all of it.
    pub(super) fn conditions(&self, plan: &Plan) -> Vec<String> {
        let mut conditions = Vec::new();
        if let Some(TimeRange { from, to }) = plan.time {
            let time = self.dialect.name(self.table.time_column().name);
            conditions.push(format!("{time} >= {}", self.dialect.literal(&Cell::Time(from))));
            conditions.push(format!("{time} < {}", self.dialect.literal(&Cell::Time(to))));
        }
        if let Some(filter) = &plan.filter {
            conditions.push(self.predicate(filter, true));
        }
        if let Shape::Rows(rows) = &plan.shape
            && let Some(values) = &rows.after
        {
            conditions.push(self.after(&rows.sort, values));
        }
        conditions
    }

    /// Rows after these values: those whose first key is after, or equal and the second after, …
    fn after(&self, sort: &[SortKey], values: &[Cell]) -> String {
        let mut ways = Vec::new();
        let mut equal: Vec<String> = Vec::new();
        for (key, value) in sort.iter().zip(values) {
            if let Some(beyond) = self.beyond(key, value) {
                let steps: Vec<String> = equal.iter().cloned().chain([beyond]).collect();
                ways.push(format!("({})", steps.join(" AND ")));
            }
            let expr = self.expr(&key.expr);
            equal.push(if value.is_null() {
                format!("{expr} IS NULL")
            } else {
                format!("{expr} = {}", self.dialect.literal(value))
            });
        }
        if ways.is_empty() { "FALSE".to_owned() } else { format!("({})", ways.join(" OR ")) }
    }

    /// One key alone is after the value; nothing is after a missing one.
    fn beyond(&self, key: &SortKey, value: &Cell) -> Option<String> {
        if value.is_null() {
            return None;
        }
        let (expr, literal) = (self.expr(&key.expr), self.dialect.literal(value));
        let operator = match key.direction {
            Direction::Ascending => ">",
            Direction::Descending => "<",
        };
        let compared = format!("{expr} {operator} {literal}");
        Some(if key.expr.nullable() { format!("({compared} OR {expr} IS NULL)") } else { compared })
    }
}
