//! Rows that may be large, some at a time.

use tracekeep_archive::Archive;
use tracekeep_query::{Query, Row};

use crate::api::interaction::{bytes_of, rows};
use crate::error::ApiError;

/// Rows of the first part, and of the largest.
const FEW: u64 = 16;
const MANY: u64 = 256;

/// A part of fewer bytes is small: the next may have more rows.
const SMALL: u64 = 1 << 20;

/// The rows of a query whose sizes nobody knows beforehand. Begins with few, and takes more at a
/// time as long as they are small, so that a thousand small rows cost few queries and large ones are
/// not in memory together.
pub(crate) struct Parts<'a> {
    archive: &'a dyn Archive,
    project: &'a str,
    query: Query,
    is_over: bool,
}

impl<'a> Parts<'a> {
    /// Of a query of rows; its limit does not count.
    pub(crate) fn new(archive: &'a dyn Archive, project: &'a str, query: Query) -> Self {
        let query = Query { limit: Some(FEW), ..query };
        Self { archive, project, query, is_over: false }
    }

    /// The next rows, maybe none; `None` behind the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Row>>, ApiError> {
        if self.is_over {
            return Ok(None);
        }
        let page = self.archive.query(self.project, &self.query).await?;
        let rows = rows(self.query.table, page.table);
        if rows.iter().map(bytes_of).sum::<u64>() < SMALL {
            self.query.limit = self.query.limit.map(|limit| (limit * 4).min(MANY));
        }
        self.is_over = page.next.is_none();
        self.query.cursor = page.next;
        Ok(Some(rows))
    }
}
