use super::{Plan, Shape};
use crate::{ResultTable, cursor};

/// A part of an answer, and how to ask for the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The answer, with the columns that were asked for.
    pub table: ResultTable,
    /// [`Query::cursor`](crate::Query::cursor) of the next page. `None`: there is none. Where the
    /// last page is full, one more follows, which is empty.
    pub next: Option<String>,
}

impl Plan {
    /// Makes the page of what the compiled query answered (of [`Plan::columns`]): takes away the
    /// columns that it did not ask for, and makes the cursor of them.
    #[must_use]
    pub fn finish(&self, mut table: ResultTable) -> Page {
        let Shape::Rows(rows) = &self.shape else {
            return Page { table, next: None };
        };
        let shown = rows.outputs.len();
        let full = table.rows.len() as u64 >= self.limit;
        let last = table.rows.last().filter(|_| full).and_then(|row| row.get(shown..));
        let next = last.map(|values| cursor::encode(&rows.sort, values));
        table.columns.truncate(shown);
        for row in &mut table.rows {
            row.truncate(shown);
        }
        Page { table, next }
    }
}
