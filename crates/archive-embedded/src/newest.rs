//! The newest traces are looked for in the latest times first.
//!
//! What begins in one range of time is newer than all that begins in the ranges before it. So the
//! search ends with the range in which a page is full, and most of the archive is never opened.

mod windows;

use arrow::array::{AsArray as _, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::common::{DataFusionError, internal_err};
use tracekeep_model::Micros;
use tracekeep_query::{Cell, Literal, Plan, Predicate, Query, Shape, Table, TimeRange};

use crate::asking::{Asking, sql};
use crate::provider::external;
use crate::snapshot::Snapshot;
use windows::{Rows, Windows};

/// From a moment until just before another.
type Range = (i64, i64);

/// All of time, with room for sums.
const EVER: Range = (i64::MIN / 4, i64::MAX / 4);
/// Beyond so many rows a page is not looked for in this way.
const DEEPEST: u64 = 10_000;

/// The traces on a page of a list.
pub(crate) struct Found {
    pub(crate) ids: Vec<Literal>,
    /// When they began, if that is known.
    pub(crate) time: Option<TimeRange>,
}

/// The traces on a page of a list, in its order. `query` asks for their ids; `None`: not for the
/// newest, or too deep.
pub(crate) async fn newest(
    asking: &Asking,
    query: &Query,
) -> Result<Option<Found>, DataFusionError> {
    let plan = query.plan().map_err(external)?;
    let needed = plan.offset.saturating_add(plan.rows_read());
    let is_by_score = plan.filter.as_ref().is_some_and(asks_scores);
    if query.table != Table::Traces || !query.order.is_empty() || needed > DEEPEST || is_by_score {
        return Ok(None);
    }
    let needed = usize::try_from(needed).unwrap_or(usize::MAX);
    let mut found: Vec<(i64, String)> = Vec::new();
    for (from, to) in Windows::new(rows(&asking.snapshot), times(&plan), needed) {
        let time = TimeRange { from: Micros(from), to: Micros(to) };
        let limit = (needed - found.len()) as u64;
        let part = Query { time: Some(time), offset: None, limit: Some(limit), ..query.clone() };
        for batch in asking.all(&sql(&part)?).await? {
            found.extend(starts(&batch)?);
        }
        if found.len() >= needed {
            break;
        }
    }
    found.truncate(needed);
    let skipped = usize::try_from(plan.offset).unwrap_or(usize::MAX);
    let page = found.split_off(found.len().min(skipped));
    let time = page.first().zip(page.last()).map(|((latest, _), (earliest, _))| TimeRange {
        from: Micros(*earliest),
        to: Micros(*latest).plus(1),
    });
    Ok(Some(Found { ids: page.into_iter().map(|(_, id)| Literal::Text(id)).collect(), time }))
}

/// Start and id of the rows of an answer, which has the start behind what was selected.
fn starts(batch: &RecordBatch) -> Result<Vec<(i64, String)>, DataFusionError> {
    let ids = batch.column(0).as_string_view_opt();
    let starts = batch.column(1).as_primitive_opt::<TimestampMicrosecondType>();
    let (Some(ids), Some(starts)) = (ids, starts) else {
        return internal_err!("ids and starts came as {}", batch.schema());
    };
    let ids = ids.iter().flatten().map(str::to_owned);
    Ok(starts.values().iter().copied().zip(ids).collect())
}

/// Whether a filter looks at scores: all of them, whatever range of time is asked about.
fn asks_scores(filter: &Predicate) -> bool {
    filter.leaves().into_iter().any(|leaf| matches!(leaf, Predicate::Score(..)))
}

/// The times that a page may have.
fn times(plan: &Plan) -> Range {
    let (mut from, mut to) = EVER;
    if let Some(time) = plan.time {
        (from, to) = (from.max(time.from.0), to.min(time.to.0));
    }
    if let Shape::Rows(rows) = &plan.shape
        && let Some(Cell::Time(last)) = rows.after.as_ref().and_then(|after| after.first())
    {
        to = to.min(last.0.saturating_add(1));
    }
    (from, to)
}

/// When the traces of segments begin.
fn rows(snapshot: &Snapshot) -> Vec<Rows> {
    let facts = snapshot.segments.iter().map(|masked| masked.segment.facts());
    let rows = facts.filter(|facts| facts.traces > 0).map(|facts| Rows {
        earliest: facts.min_start,
        latest: facts.max_start,
        count: facts.traces,
    });
    rows.collect()
}

#[cfg(test)]
mod tests;
