use std::collections::BTreeSet;

use super::aggregate::aggregate;
use super::bounds::{MAX_GROUPS, MAX_MEASURES, MAX_NAME, MAX_ORDER};
use super::field::readable;
use super::{Expr, GroupPlan};
use crate::parse::{child, item};
use crate::{ColumnType, Direction, Query, QueryError};

/// The name of the bucket's column.
pub(super) const BUCKET: &str = "bucket";

impl ColumnType {
    /// Whether rows can be grouped by such a column.
    #[must_use]
    pub fn is_groupable(self) -> bool {
        matches!(self, Self::Text | Self::Int | Self::Bool | Self::Enum(_))
    }
}

impl GroupPlan {
    /// The answer's columns.
    #[must_use]
    pub fn columns(&self) -> Vec<(String, ColumnType)> {
        let bucket = self.bucket.map(|_| (BUCKET.to_owned(), ColumnType::Time));
        let groups = self.groups.iter().map(|(name, expr)| (name.clone(), expr.column_type()));
        let measures =
            self.measures.iter().map(|(name, measure)| (name.clone(), measure.column_type()));
        bucket.into_iter().chain(groups).chain(measures).collect()
    }
}

/// Checks a query that asks for aggregates.
pub(super) fn groups(query: &Query) -> Result<GroupPlan, QueryError> {
    for (path, given) in [("select", !query.select.is_empty()), ("cursor", query.cursor.is_some())]
    {
        if given {
            let reason = "is for rows; a query with groups or measures takes none";
            return Err(QueryError::new(path, reason));
        }
    }
    at_most("group_by", query.group_by.len(), MAX_GROUPS)?;
    at_most("measures", query.measures.len(), MAX_MEASURES)?;
    let mut plan = GroupPlan {
        bucket: query.bucket,
        groups: Vec::new(),
        measures: Vec::new(),
        order: Vec::new(),
    };
    for (index, name) in query.group_by.iter().enumerate() {
        plan.groups.push((name.clone(), group(query, &item("group_by", index), name)?));
    }
    for (index, measure) in query.measures.iter().enumerate() {
        let path = item("measures", index);
        if let Some(name) = &measure.name {
            check_name(&child(&path, "as"), name)?;
        }
        plan.measures.push((measure.output(), aggregate(query, &path, measure)?));
    }
    let columns = plan.columns();
    unique(&columns)?;
    plan.order = order(query, &columns, columns.len() - plan.measures.len())?;
    Ok(plan)
}

fn group(query: &Query, path: &str, name: &str) -> Result<Expr, QueryError> {
    let expr = readable(query.table, path, name)?;
    let holds = expr.column_type();
    if holds.is_groupable() {
        return Ok(expr);
    }
    let hint = match holds {
        ColumnType::Time => "use `bucket`",
        ColumnType::Json => "name one of its keys",
        _ => "group by a text, a whole number or a flag",
    };
    Err(QueryError::new(path, format!("names `{name}`, which is {}; {hint}", holds.as_str())))
}

fn check_name(path: &str, name: &str) -> Result<(), QueryError> {
    let letter = |c: char| c.is_ascii_lowercase() || c == '_';
    let fits = name.len() <= MAX_NAME
        && name.starts_with(letter)
        && name.chars().all(|c| letter(c) || c.is_ascii_digit());
    if fits {
        return Ok(());
    }
    let reason = format!("is no name; send a-z, 0-9 and _, not a digit first, at most {MAX_NAME}");
    Err(QueryError::new(path, reason))
}

fn unique(columns: &[(String, ColumnType)]) -> Result<(), QueryError> {
    let mut seen = BTreeSet::new();
    for (name, _) in columns {
        if !seen.insert(name) {
            let reason = format!("answers with two columns called `{name}`; rename one by `as`");
            return Err(QueryError::new("", reason));
        }
    }
    Ok(())
}

/// `dimensions`: how many columns, from the first, make a group.
fn order(
    query: &Query,
    columns: &[(String, ColumnType)],
    dimensions: usize,
) -> Result<Vec<(usize, Direction)>, QueryError> {
    at_most("order", query.order.len(), MAX_ORDER)?;
    let mut sorted: Vec<(usize, Direction)> = Vec::new();
    for (index, order) in query.order.iter().enumerate() {
        let path = child(&item("order", index), "by");
        let Some(at) = columns.iter().position(|(name, _)| *name == order.by) else {
            let names = columns.iter().map(|(name, _)| name.as_str());
            return Err(QueryError::unknown(&path, &order.by, names));
        };
        if sorted.iter().any(|(other, _)| *other == at) {
            return Err(QueryError::new(&path, format!("names `{}` again", order.by)));
        }
        sorted.push((at, order.direction));
    }
    for at in 0..dimensions {
        if sorted.iter().all(|(other, _)| *other != at) {
            sorted.push((at, Direction::Ascending));
        }
    }
    Ok(sorted)
}

/// Refuses too long a list.
pub(super) fn at_most(path: &str, length: usize, most: usize) -> Result<(), QueryError> {
    if length > most {
        return Err(QueryError::new(path, format!("holds {length}; send at most {most}")));
    }
    Ok(())
}
