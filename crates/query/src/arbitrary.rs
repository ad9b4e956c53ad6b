//! Random queries, all of them valid, for tests of this crate and the conformance suite of the
//! archives (feature `arbitrary`).
//!
//! Values come from small pools, so that filters meet data that is made from the same pools:
//! [`WORDS`], [`TAGS`], [`KEYS`], [`NUMBERS`], [`SCORE`] and times from [`START`] on.

mod filter;
mod measure;

use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::strategy::Union;
use tracekeep_model::Micros;

use crate::{Bucket, ColumnType, Direction, Function, Measure, Order, Query, Table, TimeRange};

pub use filter::filter;

/// Texts of names, models, users and contents; some are hostile.
pub const WORDS: &[&str] = &[
    "alpha",
    "Alpha",
    "beta",
    "it's",
    "a\"b",
    "100%",
    "back\\slash",
    "ä",
    "Ä \u{1F600}",
    "null",
    "5",
];

/// Tags.
pub const TAGS: &[&str] = &["red", "round", "a\"b", "it's"];

/// Keys of JSON objects.
pub const KEYS: &[&str] = &["team", "n", "http.status", "it's", "a\"b", "ä"];

/// Counts and durations in microseconds.
pub const NUMBERS: &[i64] = &[0, 1, 5, 127, 128, 1_000, 1_500_000, 60_000_000];

/// The name of scores.
pub const SCORE: &str = "help";

/// The earliest time: 2026-01-01T00:00:00Z. Queries ask for times up to six days later.
pub const START: Micros = Micros(1_767_225_600_000_000);

/// Any query.
pub fn query() -> BoxedStrategy<Query> {
    let rows = Table::ALL.iter().map(|table| row_query(*table));
    let groups = Table::ALL.iter().map(|table| group_query(*table));
    Union::new(rows.chain(groups)).boxed()
}

/// A query of rows of this table.
pub fn row_query(table: Table) -> BoxedStrategy<Query> {
    let names = readable(table, |_| true);
    let mut sortable = readable(table, ColumnType::is_sortable);
    if table == Table::Traces {
        sortable.push("duration_ms".to_owned());
    }
    (
        subsequence(names, 0..6).prop_shuffle(),
        subsequence(sortable, 0..3).prop_shuffle(),
        prop::collection::vec(direction(), 2),
        prop::option::of(time_range()),
        prop::option::of(filter(table)),
        prop::option::of(1u64..20),
        prop::option::of(0u64..4),
    )
        .prop_map(move |(select, by, directions, time, filter, limit, offset)| {
            let order = by.into_iter().zip(directions);
            let order = order.map(|(by, direction)| Order { by, direction }).collect();
            Query { time, filter, select, order, limit, offset, ..Query::new(table) }
        })
        .boxed()
}

/// A query of groups of this table.
pub fn group_query(table: Table) -> BoxedStrategy<Query> {
    let groupable = readable(table, ColumnType::is_groupable);
    (
        subsequence(groupable, 0..3).prop_shuffle(),
        prop::option::of(select(Bucket::ALL)),
        prop::collection::vec(measure::measure(table), 0..5),
        prop::collection::vec((any::<Index>(), direction()), 0..3),
        time_range(),
        prop::option::of(filter(table)),
        prop::option::of(1u64..20),
    )
        .prop_map(move |(group_by, bucket, measures, order, time, filter, limit)| {
            let time = Some(time);
            let query =
                Query { group_by, bucket, measures, time, filter, limit, ..Query::new(table) };
            ordered(sensible(query), &order)
        })
        .boxed()
}

/// Every measure under a name of its own, and none without a meaning.
fn sensible(mut query: Query) -> Query {
    if !query.is_grouped() {
        query.measures.push(Measure::new(Function::Count));
    }
    if query.measures.iter().any(|measure| measure.function == Function::Rate)
        && query.bucket == Some(Bucket::Month)
    {
        query.bucket = Some(Bucket::Week);
    }
    for (index, measure) in query.measures.iter_mut().enumerate() {
        measure.name = Some(format!("m{index}"));
    }
    query
}

/// Ordered by some of its columns.
fn ordered(mut query: Query, by: &[(Index, Direction)]) -> Query {
    let bucket = query.bucket.map(|_| "bucket".to_owned());
    let measures = query.measures.iter().map(Measure::output);
    let columns: Vec<String> =
        bucket.into_iter().chain(query.group_by.iter().cloned()).chain(measures).collect();
    for (index, direction) in by {
        let by = columns[index.index(columns.len())].clone();
        if query.order.iter().all(|order| order.by != by) {
            query.order.push(Order { by, direction: *direction });
        }
    }
    query
}

/// Columns whose type fits, and keys of metadata where text does.
fn readable(table: Table, fits: fn(ColumnType) -> bool) -> Vec<String> {
    let columns = table.columns().iter().filter(|column| fits(column.column_type));
    let columns = columns.map(|column| column.name.to_owned());
    let keys = if fits(ColumnType::Text) { json_keys(table) } else { Vec::new() };
    columns.chain(keys).collect()
}

/// Keys of the table's metadata.
fn json_keys(table: Table) -> Vec<String> {
    match table.column("metadata") {
        Some(_) => KEYS.iter().map(|key| format!("metadata.{key}")).collect(),
        None => Vec::new(),
    }
}

fn direction() -> BoxedStrategy<Direction> {
    select(Direction::ALL).boxed()
}

fn time_range() -> BoxedStrategy<TimeRange> {
    (0i64..72, 1i64..72)
        .prop_map(|(from, hours)| {
            let from = START.plus(from * Micros::HOUR);
            TimeRange { from, to: from.plus(hours * Micros::HOUR) }
        })
        .boxed()
}

#[cfg(test)]
mod tests;
