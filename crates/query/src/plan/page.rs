use super::{Expr, Plan, Shape, SortKey};
use crate::{Cell, ResultTable, Row, cursor};

/// A part of an answer, and how to ask for the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The answer, with the columns that were asked for.
    pub table: ResultTable,
    /// [`Query::cursor`](crate::Query::cursor) of the next page. `None`: there is none.
    pub next: Option<String>,
}

impl Plan {
    /// How many rows the compiled query asks for at most. Where there may be a next page it is one
    /// more than the page has: whether that one is there tells whether there is.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        match self.shape {
            Shape::Rows(_) => self.limit.saturating_add(1),
            Shape::Groups(_) => self.limit,
        }
    }

    /// Makes the page of what the compiled query answered (of [`Plan::columns`]): takes away the row
    /// and the columns that it did not ask for, and makes the cursor of them.
    #[must_use]
    pub fn finish(&self, mut table: ResultTable) -> Page {
        let Shape::Rows(rows) = &self.shape else {
            return Page { table, next: None };
        };
        let shown = rows.outputs.len();
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let goes_on = table.rows.len() > limit;
        table.rows.truncate(limit);
        let last = table.rows.last().filter(|_| goes_on).and_then(|row| row.get(shown..));
        let next = last.map(|values| cursor::encode(&rows.sort, values));
        table.columns.truncate(shown);
        for row in &mut table.rows {
            row.truncate(shown);
        }
        Page { table, next }
    }

    /// The cursor after one row of the answer: for who shows fewer rows than were answered, so that
    /// the next page begins where that one stops.
    ///
    /// `None` where the row does not hold all that the answer is ordered by, or the answer is of
    /// groups.
    #[must_use]
    pub fn cursor_after(&self, row: &Row) -> Option<String> {
        let Shape::Rows(rows) = &self.shape else { return None };
        let value = |key: &SortKey| match &key.expr {
            Expr::Column(column) => row.get(column.name).cloned(),
            Expr::Millis(column) => match row.get(column.name)? {
                Cell::Int(micros) => Some(Cell::Int(micros / 1_000)),
                other => Some(other.clone()),
            },
            Expr::JsonText(..) | Expr::JsonNumber(..) => None,
        };
        let values: Option<Vec<Cell>> = rows.sort.iter().map(value).collect();
        values.map(|values| cursor::encode(&rows.sort, &values))
    }
}
