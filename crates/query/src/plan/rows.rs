use super::bounds::{MAX_ORDER, MAX_SELECT};
use super::field::readable;
use super::groups::at_most;
use super::{Expr, RowPlan, SortKey};
use crate::parse::{child, item};
use crate::{Column, ColumnType, Direction, Query, QueryError, cursor};

impl ColumnType {
    /// Whether rows can be sorted by such a column.
    #[must_use]
    pub fn is_sortable(self) -> bool {
        !matches!(self, Self::Json | Self::TextList)
    }
}

impl RowPlan {
    /// The answer's columns, then those of the order, from which the cursor is made.
    #[must_use]
    pub fn columns(&self) -> Vec<(String, ColumnType)> {
        let outputs = self.outputs.iter().map(|(name, expr)| (name.clone(), expr.column_type()));
        let sort = self.sort.iter().enumerate();
        let sort = sort.map(|(index, key)| (format!("__sort_{index}"), key.expr.column_type()));
        outputs.chain(sort).collect()
    }
}

/// Checks a query that asks for rows.
pub(super) fn rows(query: &Query) -> Result<RowPlan, QueryError> {
    let outputs = outputs(query)?;
    let sort = sort(query)?;
    let after = match &query.cursor {
        Some(_) if query.offset.unwrap_or(0) > 0 => {
            return Err(QueryError::new(
                "offset",
                "and `cursor` exclude each other; leave one out",
            ));
        }
        Some(text) => Some(cursor::decode(&sort, text)?),
        None => None,
    };
    Ok(RowPlan { outputs, sort, after })
}

fn outputs(query: &Query) -> Result<Vec<(String, Expr)>, QueryError> {
    at_most("select", query.select.len(), MAX_SELECT)?;
    if query.select.is_empty() {
        let all = query.table.columns().iter();
        return Ok(all.map(|column| (column.name.to_owned(), Expr::Column(column))).collect());
    }
    let mut outputs: Vec<(String, Expr)> = Vec::new();
    for (index, name) in query.select.iter().enumerate() {
        let path = item("select", index);
        if outputs.iter().any(|(other, _)| other == name) {
            return Err(QueryError::new(&path, format!("names `{name}` again")));
        }
        outputs.push((name.clone(), readable(query.table, &path, name)?));
    }
    Ok(outputs)
}

/// What was asked for, else the latest first; then the key, in the direction of the last.
fn sort(query: &Query) -> Result<Vec<SortKey>, QueryError> {
    at_most("order", query.order.len(), MAX_ORDER)?;
    let mut sort: Vec<SortKey> = Vec::new();
    for (index, order) in query.order.iter().enumerate() {
        let path = child(&item("order", index), "by");
        let expr = readable(query.table, &path, &order.by)?;
        if !expr.column_type().is_sortable() {
            let holds = expr.column_type().as_str();
            let reason = format!("names `{}`, which is {holds}; it has no order", order.by);
            return Err(QueryError::new(&path, reason));
        }
        if sort.iter().any(|key| key.expr == expr) {
            return Err(QueryError::new(&path, format!("names `{}` again", order.by)));
        }
        sort.push(SortKey { name: order.by.clone(), expr, direction: order.direction });
    }
    if sort.is_empty() {
        sort.push(sort_key(query.table.time_column(), Direction::Descending));
    }
    let last = sort.last().map_or(Direction::Descending, |key| key.direction);
    for column in query.table.key() {
        if sort.iter().all(|key| key.expr != Expr::Column(column)) {
            sort.push(sort_key(column, last));
        }
    }
    Ok(sort)
}

fn sort_key(column: &'static Column, direction: Direction) -> SortKey {
    SortKey { name: column.name.to_owned(), expr: Expr::Column(column), direction }
}
