//! What the filters of a scan leave of a snapshot: segments of other times are not opened, and where
//! filters name ids, rows are found by the index instead of by reading.

use std::ops::Range;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use roaring::RoaringBitmap;
use tracekeep_segment::{Index, SegmentFacts, key_hash};

use crate::mask::Mask;
use crate::provider::Part;

/// The times and the units that pass a scan's filters. The engine filters again: this may leave too
/// much.
#[derive(Debug)]
pub(crate) struct Scope {
    part: Part,
    /// Hashes of their ids; `None`: any.
    ids: Option<Vec<u64>>,
    /// The least and the greatest start.
    times: (i64, i64),
}

impl Scope {
    pub(crate) fn of(part: Part, filters: &[Expr]) -> Self {
        let key = match part {
            Part::Spans | Part::Traces => "trace_id",
            Part::Scores => "score_id",
        };
        let ids = filters.iter().flat_map(conjuncts).find_map(|filter| ids(filter, key));
        let ids = ids.map(|ids| ids.into_iter().map(key_hash).collect());
        let (from, to): (Vec<i64>, Vec<i64>) = filters.iter().map(bounds).unzip();
        let times =
            (from.into_iter().max().unwrap_or(i64::MIN), to.into_iter().min().unwrap_or(i64::MAX));
        Self { part, ids, times }
    }

    /// Whether a segment may have rows of these times.
    pub(crate) fn may_be_in(&self, facts: &SegmentFacts) -> bool {
        let latest = match self.part {
            Part::Traces => facts.max_start,
            Part::Spans => facts.max_span_start.unwrap_or(i64::MAX),
            Part::Scores => return true,
        };
        // A trace begins with its first span.
        facts.min_start <= self.times.1 && self.times.0 <= latest
    }

    /// Ascending ranges of rows of a segment that may be of these units, but for those that a mask
    /// takes away; `None`: any may be.
    pub(crate) fn rows(&self, index: &Index, mask: &Mask) -> Option<Vec<Range<usize>>> {
        let ids = self.ids.as_deref()?;
        let found = |rows: &mut dyn Iterator<Item = u32>, gone: &RoaringBitmap| {
            let mut rows: Vec<u32> = rows.filter(|row| !gone.contains(*row)).collect();
            rows.sort_unstable();
            rows.dedup();
            rows
        };
        let traces = || {
            found(&mut ids.iter().flat_map(|hash| index.traces(*hash)), &mask.traces).into_iter()
        };
        let scores = || {
            found(&mut ids.iter().flat_map(|hash| index.scores(*hash)), &mask.scores).into_iter()
        };
        let one = |row: u32| row as usize..row as usize + 1;
        Some(match self.part {
            Part::Traces => traces().map(one).collect(),
            Part::Scores => scores().map(one).collect(),
            Part::Spans => {
                traces().map(|row| index.spans(row)).filter(|rows| !rows.is_empty()).collect()
            }
        })
    }
}

fn conjuncts(filter: &Expr) -> Vec<&Expr> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            [conjuncts(left), conjuncts(right)].concat()
        }
        _ => vec![filter],
    }
}

/// The values that a filter leaves to a column of texts.
fn ids<'f>(filter: &'f Expr, column: &str) -> Option<Vec<&'f str>> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            let (id, value) = if is_column(left, column) { (left, right) } else { (right, left) };
            is_column(id, column).then_some(vec![text(value)?])
        }
        // A short list is written as alternatives.
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            Some([ids(left, column)?, ids(right, column)?].concat())
        }
        Expr::InList(list) if !list.negated && is_column(&list.expr, column) => {
            list.list.iter().map(text).collect()
        }
        _ => None,
    }
}

/// The least and the greatest start that a filter leaves; the bounds themselves may be left out by it.
fn bounds(filter: &Expr) -> (i64, i64) {
    const ANY: (i64, i64) = (i64::MIN, i64::MAX);
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return ANY };
    match op {
        Operator::And => {
            let (left, right) = (bounds(left), bounds(right));
            (left.0.max(right.0), left.1.min(right.1))
        }
        Operator::Or => {
            let (left, right) = (bounds(left), bounds(right));
            (left.0.min(right.0), left.1.max(right.1))
        }
        _ => compared(left, *op, right).unwrap_or(ANY),
    }
}

fn compared(left: &Expr, op: Operator, right: &Expr) -> Option<(i64, i64)> {
    let (op, value) = if is_column(left, "start_time") {
        (op, right)
    } else if is_column(right, "start_time") {
        (op.swap()?, left)
    } else {
        return None;
    };
    let Expr::Literal(ScalarValue::TimestampMicrosecond(Some(at), _), _) = value else {
        return None;
    };
    match op {
        Operator::Eq => Some((*at, *at)),
        Operator::Gt | Operator::GtEq => Some((*at, i64::MAX)),
        Operator::Lt | Operator::LtEq => Some((i64::MIN, *at)),
        _ => None,
    }
}

/// Filters of a scan are about its own columns only, so that the name tells.
fn is_column(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Column(column) if column.name == name)
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
