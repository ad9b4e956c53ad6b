//! What a list of random queries asks for.

use std::collections::BTreeSet;

use tracekeep_query::{Bucket, Filter, Function, Op, Query, Table};

/// Queries enough for everything to occur.
pub(super) const ENOUGH: usize = 2_000;

/// What occurred.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    tables: BTreeSet<Table>,
    operators: BTreeSet<Op>,
    functions: BTreeSet<Function>,
    buckets: BTreeSet<Bucket>,
    column_types: BTreeSet<&'static str>,
    searches: bool,
}

impl Coverage {
    pub(super) fn of(queries: &[Query]) -> Self {
        let mut coverage = Self::default();
        for query in queries {
            coverage.query(query);
        }
        coverage
    }

    fn query(&mut self, query: &Query) {
        self.tables.insert(query.table);
        self.buckets.extend(query.bucket);
        if let Some(filter) = &query.filter {
            self.filter(query.table, filter);
        }
        for measure in &query.measures {
            self.functions.insert(measure.function);
            for field in measure.field.iter().chain(&measure.over) {
                self.field(query.table, field);
            }
        }
        for field in query.select.iter().chain(&query.group_by) {
            self.field(query.table, field);
        }
        for order in &query.order {
            self.field(query.table, &order.by);
        }
    }

    fn filter(&mut self, table: Table, filter: &Filter) {
        match filter {
            Filter::And(list) | Filter::Or(list) => {
                for inner in list {
                    self.filter(table, inner);
                }
            }
            Filter::Not(inner) => self.filter(table, inner),
            Filter::Search(_) => self.searches = true,
            Filter::Condition(condition) => {
                self.operators.insert(condition.op);
                self.field(table, &condition.field);
            }
        }
    }

    fn field(&mut self, table: Table, name: &str) {
        if let Some(column) = table.column(name) {
            self.column_types.insert(column.column_type.as_str());
        }
    }

    /// What did not occur.
    pub(super) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        let tables = Table::ALL.iter().filter(|table| !self.tables.contains(*table));
        missing.extend(tables.map(|table| format!("table {table}")));
        let operators = Op::ALL.iter().filter(|op| !self.operators.contains(*op));
        missing.extend(operators.map(|op| format!("operator {op}")));
        let functions = Function::ALL.iter().filter(|function| !self.functions.contains(*function));
        missing.extend(functions.map(|function| format!("measure {function}")));
        let buckets = Bucket::ALL.iter().filter(|bucket| !self.buckets.contains(*bucket));
        missing.extend(buckets.map(|bucket| format!("bucket {bucket}")));
        for column_type in column_types() {
            if !self.column_types.contains(column_type) {
                missing.push(column_type.to_owned());
            }
        }
        if !self.searches {
            missing.push("search".to_owned());
        }
        missing
    }
}

fn column_types() -> BTreeSet<&'static str> {
    let columns = Table::ALL.iter().flat_map(|table| table.columns());
    columns.map(|column| column.column_type.as_str()).collect()
}

#[cfg(test)]
mod tests;
