//! Rows that may be large, some at a time.

use std::time::{Duration, Instant};

use tracekeep_archive::{Archive, ArchiveError};
use tracekeep_query::{Cell, Filter, Op, Page, Query, Row};

use crate::api::interaction::{bytes_of, rows};
use crate::error::ApiError;

/// Rows of the first part, and of the largest.
const FEW: u64 = 16;
const MANY: u64 = 256;

/// A part of fewer bytes is small: the next may have more rows.
const SMALL: u64 = 1 << 20;

/// For how long fewer rows are tried. What takes longer has waited for its turn or run out of time,
/// and would again.
const LONGEST: Duration = Duration::from_secs(9);

/// The rows of a query; where there is no memory for so many, the first of them. `query` then asks
/// for no more than that from there on.
pub(crate) async fn as_many_as_fit(
    archive: &dyn Archive,
    project: &str,
    query: &mut Query,
) -> Result<Page, ApiError> {
    let began = Instant::now();
    loop {
        let answer = archive.query(project, query).await;
        match answer {
            Ok(page) => return Ok(page),
            Err(error) => {
                if began.elapsed() > LONGEST {
                    return Err(error.into());
                }
                if let Err(error) = halve(query, error) {
                    return match query.limit {
                        Some(1) if is_too_much(&error) => first(archive, project, query).await,
                        _ => Err(error.into()),
                    };
                }
            }
        }
    }
}

fn is_too_much(error: &ArchiveError) -> bool {
    matches!(error, ArchiveError::Budget(_) | ArchiveError::Busy(_))
}

/// Half as many rows, where those may be answered; the error where not.
fn halve(query: &mut Query, error: ArchiveError) -> Result<(), ArchiveError> {
    match query.limit {
        Some(limit) if is_too_much(&error) && limit > 1 => {
            query.limit = Some(limit / 2);
            Ok(())
        }
        _ => Err(error),
    }
}

/// The first row of a query. A query reads a row more than it answers, and there may be no memory for
/// two: so the key comes first, by itself, and then the row that has it.
async fn first(archive: &dyn Archive, project: &str, query: &Query) -> Result<Page, ApiError> {
    let keys = archive.query(project, &of_keys(query)).await?;
    let Some(key) = keys.table.rows.first() else { return Ok(keys) };
    let page = archive.query(project, &of_key(query, key)).await?;
    Ok(Page { next: keys.next, ..page })
}

/// Asks for the keys of a query's rows.
fn of_keys(query: &Query) -> Query {
    let select = query.table.key().iter().map(|column| column.name.to_owned()).collect();
    Query { select, ..query.clone() }
}

/// Asks for that row of a query's which has a key. Keys of records are texts.
fn of_key(query: &Query, key: &[Cell]) -> Query {
    let columns = query.table.key();
    let is = columns.iter().zip(key).filter_map(|(column, cell)| {
        cell.as_text().map(|value| Filter::condition(column.name, Op::Eq, value))
    });
    let filter = Some(Filter::And(query.filter.iter().cloned().chain(is).collect()));
    Query { filter, offset: None, cursor: None, ..query.clone() }
}

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
        let page = as_many_as_fit(self.archive, self.project, &mut self.query).await?;
        let rows = rows(self.query.table, page.table);
        if rows.iter().map(bytes_of).sum::<u64>() < SMALL {
            self.query.limit = self.query.limit.map(|limit| (limit * 4).min(MANY));
        }
        self.is_over = page.next.is_none();
        self.query.cursor = page.next;
        Ok(Some(rows))
    }
}

#[cfg(test)]
mod tests;
