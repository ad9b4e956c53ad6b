//! The question, checked: every name resolved, every value of its column's type.

mod aggregate;
pub mod bounds;
mod field;
mod filter;
mod groups;
mod page;
mod planned;
mod predicate;
mod rows;
mod value;

use crate::{Bucket, ColumnType, Direction, Query, QueryError, Table, TimeRange};
use bounds::{DEFAULT_ROWS, MAX_LIMIT, MAX_OFFSET};

pub use aggregate::{Aggregate, Percentile};
pub use field::Expr;
pub use page::Page;
pub use predicate::{Check, Predicate, Test};

/// A query that can be answered. Made by [`Query::plan`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is asked about.
    pub table: Table,
    /// Only rows whose time lies in here.
    pub time: Option<TimeRange>,
    /// Only rows that pass.
    pub filter: Option<Predicate>,
    /// What the answer is made of.
    pub shape: Shape,
    /// At most this many rows. The compiled query reads [`Plan::rows_read`].
    pub limit: u64,
    /// Leaves out this many rows first.
    pub offset: u64,
}

/// What an answer is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The rows themselves.
    Rows(RowPlan),
    /// One row a group.
    Groups(GroupPlan),
}

/// How rows are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPlan {
    /// The answer's columns.
    pub outputs: Vec<(String, Expr)>,
    /// The order: what was asked for, then the table's key. Total.
    pub sort: Vec<SortKey>,
    /// Only rows that come after these values of `sort`.
    pub after: Option<Vec<crate::Cell>>,
}

/// How groups are answered. The columns are the bucket (called `bucket`), the groups, the measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPlan {
    /// Groups by a step of time.
    pub bucket: Option<Bucket>,
    /// What makes a group.
    pub groups: Vec<(String, Expr)>,
    /// What is computed of it.
    pub measures: Vec<(String, Aggregate)>,
    /// The order, by index of the answer's columns. Total.
    pub order: Vec<(usize, Direction)>,
}

/// One step of the order of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// As it was asked for.
    pub name: String,
    /// What is compared.
    pub expr: Expr,
    /// Which way.
    pub direction: Direction,
}

impl Query {
    /// Checks the query and resolves its names.
    ///
    /// # Errors
    /// What cannot be answered, with the place in the query and the near name.
    pub fn plan(&self) -> Result<Plan, QueryError> {
        let grouped = self.is_grouped();
        Ok(Plan {
            table: self.table,
            time: self.time.map(time_range).transpose()?,
            filter: self.filter.as_ref().map(|f| filter::predicate(self.table, f)).transpose()?,
            shape: if grouped {
                Shape::Groups(groups::groups(self)?)
            } else {
                Shape::Rows(rows::rows(self)?)
            },
            limit: limit(self.limit, if grouped { MAX_LIMIT } else { DEFAULT_ROWS })?,
            offset: offset(self.offset.unwrap_or(0))?,
        })
    }
}

impl Plan {
    /// The columns of the compiled query's answer, with those that [`Plan::finish`] takes away.
    #[must_use]
    pub fn columns(&self) -> Vec<(String, ColumnType)> {
        match &self.shape {
            Shape::Rows(rows) => rows.columns(),
            Shape::Groups(groups) => groups.columns(),
        }
    }
}

fn time_range(time: TimeRange) -> Result<TimeRange, QueryError> {
    if time.from >= time.to {
        let reason = format!("goes from {} to {}, which is not later", time.from, time.to);
        return Err(QueryError::new("time", reason));
    }
    Ok(time)
}

fn limit(limit: Option<u64>, default: u64) -> Result<u64, QueryError> {
    match limit {
        None => Ok(default),
        Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        Some(limit) => {
            let reason = format!("is {limit}; ask for 1 to {MAX_LIMIT} rows and go on by cursor");
            Err(QueryError::new("limit", reason))
        }
    }
}

fn offset(offset: u64) -> Result<u64, QueryError> {
    if offset > MAX_OFFSET {
        let reason = format!("is {offset}, over {MAX_OFFSET}; go on by cursor instead");
        return Err(QueryError::new("offset", reason));
    }
    Ok(offset)
}

#[cfg(test)]
mod tests;
