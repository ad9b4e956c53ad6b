use tracekeep_query::{
    Aggregate, DataFusion, GroupPlan, Plan, Predicate, Shape, Table, TimeRange, bounds, compile,
};

use crate::provider::Part;

/// Bytes of a statement that is remembered, at most.
const LONGEST: usize = 64 << 10;

/// What a query asks of each segment by itself: an aggregate over rows of one stored table.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The stored table.
    pub(super) part: Part,
    /// The statement without its time and its order. Names the question: others that differ from it
    /// in time only are the same.
    pub(super) timeless: String,
    pub(super) time: Option<TimeRange>,
}

impl Question {
    /// `None`: the query asks for rows, looks into another table, or is very long.
    pub(crate) fn of(plan: &Plan) -> Option<Self> {
        let Shape::Groups(groups) = &plan.shape else { return None };
        let part = match plan.table {
            Table::Spans => Part::Spans,
            Table::Traces => Part::Traces,
            // Views of several tables.
            Table::Scores | Table::Interactions | Table::MetricsHourly => return None,
        };
        if plan.filter.as_ref().is_some_and(|filter| looks_elsewhere(plan.table, filter)) {
            return None;
        }
        let timeless = Plan {
            time: None,
            shape: Shape::Groups(GroupPlan {
                measures: groups.measures.iter().map(without_time).collect(),
                order: Vec::new(),
                ..groups.clone()
            }),
            limit: bounds::MAX_LIMIT,
            offset: 0,
            ..plan.clone()
        };
        let timeless = compile(&timeless, &DataFusion).text;
        (timeless.len() <= LONGEST).then_some(Self { part, timeless, time: plan.time })
    }
}

/// A rate is a count, whatever it is divided by in the end.
fn without_time((name, measure): &(String, Aggregate)) -> (String, Aggregate) {
    let measure = match measure {
        Aggregate::Rate(_) => Aggregate::Rate(1_000_000),
        other => other.clone(),
    };
    (name.clone(), measure)
}

/// Whether a filter is about other tables too.
fn looks_elsewhere(table: Table, filter: &Predicate) -> bool {
    filter.leaves().into_iter().any(|leaf| match leaf {
        // A trace is searched with its spans.
        Predicate::Search(_) => table != Table::Spans,
        Predicate::Score(..) | Predicate::Shown(..) => true,
        _ => false,
    })
}

#[cfg(test)]
mod tests;
